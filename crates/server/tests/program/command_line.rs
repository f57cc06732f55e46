//! The command line, as somebody types it.

use std::path::Path;

use crate::process;

/// A data folder with a tenant.
pub(crate) fn begun() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    process::run(
        folder.path(),
        &[
            "init",
            "--tenant",
            "lantern",
            "--domain",
            "lantern.example",
            "--admin-email",
            "ada@lantern.example",
            "--admin-name",
            "Ada Okafor",
        ],
    );
    folder
}

/// Run a command that fails: its exit code, and what it says on standard error.
pub(crate) fn fails(data: &Path, arguments: &[&str]) -> (i32, String) {
    let output = process::command(data).args(arguments).output().unwrap();
    (
        output.status.code().unwrap(),
        String::from_utf8(output.stderr).unwrap(),
    )
}

#[test]
fn init_makes_a_tenant_an_admin_and_a_token() {
    let folder = begun();
    let members = process::run(folder.path(), &["members", "tenant"]);
    assert!(
        members.contains("Ada Okafor") && members.contains("admin"),
        "{members}"
    );
    let tokens = process::run(folder.path(), &["token", "list"]);
    assert_eq!(tokens.lines().count(), 2, "{tokens}");
    let (code, error) = fails(
        folder.path(),
        &[
            "init",
            "--tenant",
            "lantern",
            "--admin-email",
            "b@lantern.example",
        ],
    );
    assert_eq!(code, 2);
    insta::assert_snapshot!(error, @"
    error: this installation has a tenant lantern already; nothing was changed
    Next: attache serve. A token more: attache token create --tenant lantern --service NAME --grant admin
    ");
    let (code, error) = fails(
        folder.path(),
        &[
            "init",
            "--tenant",
            "globex",
            "--admin-email",
            "b@globex.example",
        ],
    );
    assert_eq!(code, 2);
    insta::assert_snapshot!(error, @"
    error: this installation has the tenant lantern already; nothing was changed
    Another tenant: attache tenant create globex --admin-email b@globex.example
    ");
}

#[test]
fn a_folder_without_data_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let (code, error) = fails(folder.path(), &["members", "tenant"]);
    assert_eq!(code, 2);
    assert!(error.contains("attache init"), "{error}");
}

#[test]
fn check_says_why_and_ends_accordingly() {
    let folder = begun();
    let yes = process::run(folder.path(), &["check", "#1", "customers.view", "tenant"]);
    assert!(
        yes.starts_with("yes: #1 may customers.view on tenant"),
        "{yes}"
    );
    assert!(
        yes.contains("because: ") && yes.contains("Role admin on tenant:"),
        "{yes}"
    );
    let no = process::command(folder.path())
        .args([
            "check",
            "service:first",
            "x",
            "tenant",
            "--at",
            "2020-01-01",
        ])
        .output()
        .unwrap();
    assert_eq!(
        no.status.code(),
        Some(2),
        "there was no such service in 2020"
    );
}

#[test]
fn a_tenants_past_can_be_asked() {
    let folder = begun();
    let before = process::run(
        folder.path(),
        &["members", "tenant", "--format", "json", "--at", "0s"],
    );
    assert!(before.contains("ada@lantern.example"));
    let (code, error) = fails(folder.path(), &["members", "tenant", "--at", "2020-01-01"]);
    assert_eq!(code, 2);
    assert!(error.contains("before the tenant began"), "{error}");
}

#[test]
fn tenants_are_kept_apart_by_name() {
    let folder = begun();
    process::run(
        folder.path(),
        &["tenant", "create", "other", "--domain", "other.example"],
    );
    let (code, error) = fails(folder.path(), &["members", "tenant"]);
    assert_eq!(
        (code, error.as_str()),
        (2, "error: say which tenant with --tenant: lantern, other\n")
    );
    let (_, error) = fails(
        folder.path(),
        &["tenant", "change", "other", "--domain", "LANTERN.example"],
    );
    assert_eq!(error, "error: domain lantern.example is another tenant's\n");
    process::run(
        folder.path(),
        &["tenant", "change", "other", "--slug", "renamed"],
    );
    assert!(process::run(folder.path(), &["tenant", "show", "renamed"]).contains("other.example"));
    for slug in ["", "-a", "A", "a b"] {
        assert_eq!(
            fails(folder.path(), &["tenant", "create", "--", slug]).0,
            2,
            "{slug:?}"
        );
    }
}

#[test]
fn help_configuration_completions_and_pages_are_printed() {
    let folder = tempfile::tempdir().unwrap();
    for arguments in [
        &["--help"][..],
        &["import", "--help"],
        &["config"],
        &["completions", "bash"],
        &["man"],
    ] {
        assert!(
            process::run(folder.path(), arguments).len() > 500,
            "{arguments:?}"
        );
    }
    let pages = folder.path().join("pages");
    std::fs::create_dir(&pages).unwrap();
    process::run(folder.path(), &["man", pages.to_str().unwrap()]);
    assert!(pages.join("attache-token-create.1").is_file());
}

#[test]
fn an_unknown_key_of_the_configuration_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("attache.toml");
    std::fs::write(&file, "lisen = \"127.0.0.1:0\"").unwrap();
    let (code, error) = fails(
        folder.path(),
        &["--config", file.to_str().unwrap(), "serve"],
    );
    assert_eq!(code, 2);
    assert!(
        error.contains("unknown key lisen; the nearest known one is listen"),
        "{error}"
    );
}

#[test]
fn former_keys_of_the_configuration_are_told_with_their_new_spelling() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("attache.toml");
    std::fs::write(&file, "[limits]\nbody_bytes = 4194304\nhead_seconds = 10\n").unwrap();
    let output = process::command(folder.path())
        .env("ATTACHE_TENANTS__POLL_MILLIS", "100")
        .args(["--config", file.to_str().unwrap(), "config", "show"])
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(2));
    let error = String::from_utf8(output.stderr).unwrap();
    let error = error.replace(&file.display().to_string(), "attache.toml");
    insta::assert_snapshot!(error, @r#"
    error: 3 things are wrong with the configuration:
      attache.toml:2: limits.body_bytes is called limits.body_size now, and is written with its unit: body_size = "4MiB"
      attache.toml:3: limits.head_seconds is called limits.head_within now, and is written with its unit: head_within = "10s"
      environment variable ATTACHE_TENANTS__POLL_MILLIS is called ATTACHE_TENANTS__POLL_EVERY now, and is written with its unit: ATTACHE_TENANTS__POLL_EVERY=100ms
    "#);
}

#[test]
fn a_role_is_granted_and_revoked() {
    let folder = begun();
    let (grant, revoke) = (
        ["grant", "auditor", "service:first", "tenant"],
        ["revoke", "auditor", "service:first", "tenant"],
    );
    assert_eq!(process::run(folder.path(), &grant), "granted");
    assert_eq!(
        process::run(folder.path(), &grant),
        "it was granted already"
    );
    assert_eq!(process::run(folder.path(), &revoke), "revoked");
    let again = process::command(folder.path())
        .args(revoke)
        .output()
        .unwrap();
    assert_eq!(again.status.code(), Some(1), "there was no such grant");
    let (code, error) = fails(folder.path(), &["revoke", "admin", "#1", "tenant"]);
    assert_eq!(code, 2);
    assert!(error.contains("The last admin of a tenant"), "{error}");
}
