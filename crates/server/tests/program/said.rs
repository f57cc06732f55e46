//! What the command line says of what is probably not meant, and of what is gone.

use std::path::Path;

use crate::command_line::begun;
use crate::import::folder;
use crate::process;

/// Types a line over a data folder: the exit code, standard output and standard error.
fn types(data: &Path, line: &str) -> (i32, String) {
    let words: Vec<&str> = line.split(' ').collect();
    let output = process::command(data).args(&words).output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
    (output.status.code().unwrap(), said.into_owned())
}

fn does(data: &Path, line: &str) -> String {
    let (code, said) = types(data, line);
    assert_eq!(code, 0, "{line}: {said}");
    said
}

/// A customer with a user attached.
fn begun_with_a_customer() -> tempfile::TempDir {
    let folder = begun();
    for line in [
        "resource add customer:mill --name Mill",
        "user add bo --name Bo",
        "attach bo customer:mill",
    ] {
        does(folder.path(), line);
    }
    folder
}

#[test]
fn a_mistake_is_named_with_what_was_probably_meant() {
    let folder = begun_with_a_customer();
    for (line, said) in [
        (
            "resource add custmer:x",
            "there is no kind custmer; the nearest is customer",
        ),
        ("attach nobody customer:mill", "no such user: nobody"),
        (
            "attach bo customer:mill --role ownr",
            "ownr; the nearest is owner",
        ),
        ("grant ownr bo customer:mill", "ownr; the nearest is owner"),
        (
            "token create --service s --grant membership-managr",
            "--grant membership-managr: there is no such role; the nearest is membership-manager",
        ),
        (
            "token create --service s --grant viewer",
            "the role is granted on a customer only: --grant viewer@customer:…",
        ),
        (
            "attach group:x customer:mill --role viewer",
            "only users are attached; group:x is granted roles:\n  attache grant viewer group:x customer:mill",
        ),
        ("role change owner", "say what to change"),
        ("kind change customer", "say what to change"),
        ("user change bo", "say what to change"),
        (
            "members customer:mill --at 2020-01-01",
            "--at is before the tenant began, at 20",
        ),
        (
            "members customer:mill --at revision=1",
            "No such customer at that time: it was added on 20",
        ),
        (
            "check bo customers.view customer:mill --at revision=1",
            "at that time: it was added on 20",
        ),
        (
            "members customer:mill --at 9999-01-01",
            "--at is in the future: it is 20",
        ),
        (
            "members customer:mill --at revision=999",
            "--at is after the last revision, which is ",
        ),
        (
            "export out --at revision=999",
            "--at: the last revision is ",
        ),
        (
            "user add x --at -1h",
            "this command writes: it takes no --at",
        ),
        ("history --at -1h", "use --since and --until"),
        ("config --at -1h", "this command asks about no time"),
        ("members customer:mill --at soon", "or so long ago"),
        (
            "tenant list --at revision=1",
            "this command asks about no time",
        ),
    ] {
        let (code, error) = types(folder.path(), line);
        assert_eq!(code, 2, "{line}: {error}");
        assert!(error.contains(said), "{line}: {error}");
    }
    let (code, error) = types(
        folder.path(),
        "check bo customers.view customer:mill --at -1h",
    );
    assert_eq!(code, 2, "{error}");
}

#[test]
fn a_user_without_access_is_told_where_it_is_given_something() {
    let folder = begun_with_a_customer();
    let data = folder.path();
    does(data, "user change bo --status inactive");
    for line in [
        "attach bo customer:mill",
        "grant viewer bo customer:mill",
        "can bo",
    ] {
        let said = types(data, line).1;
        assert!(said.contains("bo is inactive"), "{line}: {said}");
    }
    does(data, "user change bo --status active");
    assert!(!does(data, "attach bo customer:mill").contains("bo is"));
    let said = does(data, "user change bo --status invited");
    assert!(said.contains("bo was active, and has no access"), "{said}");
}

#[test]
fn history_finds_what_is_gone_or_renamed_by_its_former_name() {
    let folder = begun_with_a_customer();
    let data = folder.path();
    let bo: serde_json::Value = serde_json::from_str(&does(data, "user show bo --json")).unwrap();
    let bo = bo["id"].as_str().unwrap();
    for line in [
        "resource change customer:mill --key brook --on-behalf-of bo --approved-by bo",
        "user remove bo --yes",
    ] {
        does(data, line);
    }
    for command in ["history", "entries"] {
        for about in [
            "--subject user:bo",
            "--subject bo",
            "--subject user:#2",
            "--on-behalf-of bo",
            "--approved-by user:bo",
            "--resource customer:mill",
        ] {
            let said = does(data, &format!("{command} {about}"));
            assert!(
                said.contains("Nothing is named"),
                "{command} {about}: {said}"
            );
            assert!(said.lines().count() > 2, "{command} {about}: {said}");
        }
    }
    let by_id = format!("--subject {bo}");
    let in_words = format!("--on-behalf-of user:{bo}");
    for named in [
        &*by_id,
        &*in_words,
        "--subject #1",
        "--actor operator",
        "--resource tenant",
    ] {
        let said = does(data, &format!("history {named}"));
        assert!(!said.contains("Nothing is named"), "{named}: {said}");
    }
    let attached = does(data, "history --subject bo");
    assert!(attached.contains("removed the user Bo (bo)"), "{attached}");
    let (code, error) = types(data, "history --subject nobody");
    assert_eq!(code, 2);
    assert!(error.contains("is no user, group or service"), "{error}");
    assert!(error.contains("--json"), "{error}");
    let (code, error) = types(data, "history --resource workspace:mill");
    assert_eq!(code, 2, "{error}");
}

#[test]
fn what_ended_by_itself_is_nobodys_deed_and_has_its_own_time() {
    let folder = begun_with_a_customer();
    let data = folder.path();
    let now: serde_json::Value =
        serde_json::from_str(&does(data, "entries --limit 1 --json")).unwrap();
    let at: attache_core::Timestamp = now[0]["at"].as_str().unwrap().parse().unwrap();
    let soon = attache_core::Timestamp::from_millis(at.as_millis() + 3_000).to_string();
    does(
        data,
        &format!("attach bo customer:mill --role viewer --until {soon}"),
    );
    let began = std::time::Instant::now();
    while types(data, "can bo customers.view customer:mill --output csv")
        .1
        .contains("true")
    {
        assert!(began.elapsed().as_secs() < 60);
    }
    does(data, "attach bo customer:mill");
    let said = does(data, "history --subject bo");
    for noted in [
        format!("the membership of Bo (bo) in Mill (customer:mill) ended at {soon}"),
        format!("the role viewer of Bo (bo) on Mill (customer:mill) ended at {soon}"),
    ] {
        let line = said.lines().find(|line| line.contains(&noted));
        let line = line.unwrap_or_else(|| panic!("{noted}: {said}"));
        assert!(line.contains("  attache  "), "{line}");
    }
    let own = does(data, "history --actor attache");
    assert_eq!(own.matches(" ended at ").count(), 2, "{own}");
    assert!(!own.contains("  operator  "), "{own}");
    assert!(!does(data, "history --actor operator").is_empty());
}

#[test]
fn history_says_what_changed_in_the_catalogue_and_which_trust() {
    let folder = begun();
    let data = folder.path();
    for line in [
        "role change viewer --add-permission sites.view",
        "role add guard --kind customer --permission sites.*",
        "role remove guard --yes",
    ] {
        does(data, line);
    }
    let said = does(data, "history");
    for part in [
        "role viewer (it is now customers.view, customers.users.list, sites.view)",
        "new role guard (it is now sites.*)",
        "removed role guard",
    ] {
        assert!(said.contains(part), "{part}: {said}");
    }
}

#[test]
fn all_faults_of_a_row_are_told_at_once() {
    let data = begun();
    let files = folder(
        data.path(),
        "files",
        &[
            (
                "users.csv",
                "key,first_name,email,email_verified,status\na,A,x..y@z.example,WAHR,aktiv\n",
            ),
            (
                "resources.csv",
                "kind,key,number,id,name\ncustomer,,0,no-id,\n",
            ),
            (
                "memberships.csv",
                "resource,user,expires_at\ncustomer:none,nobody,31.12.2026\n",
            ),
            (
                "grants.csv",
                "subject,role,resource,expires_at\nada,ownr,customer:none,morgen\n",
            ),
        ],
    );
    let (code, said) = types(
        data.path(),
        &format!("import {} --tenant lantern --dry-run", files.display()),
    );
    assert_eq!(code, 2);
    for fault in [
        "users.csv, line 2, column email: must be an e-mail address",
        "users.csv, line 2, column email_verified: must be true or false, is WAHR",
        "users.csv, line 2, column status: must be active, inactive or invited, is aktiv",
        "resources.csv, line 2, column id: must be a UUID",
        "resources.csv, line 2, column number: must be a whole number",
        "resources.csv, line 2, column name: must not be empty",
        "memberships.csv, line 2, column expires_at:",
        "memberships.csv, line 2, column resource: there is no customer:none",
        "memberships.csv, line 2, column user: there is no nobody",
        "grants.csv, line 2, column subject: must be user:",
        "grants.csv, line 2, column role: there is no role ownr; the nearest is owner",
        "grants.csv, line 2, column resource: there is no customer:none",
        "grants.csv, line 2, column expires_at:",
    ] {
        assert!(said.contains(fault), "{fault}: {said}");
    }
    assert!(said.contains("13 faults found"), "{said}");
}

#[test]
fn a_row_that_has_expired_warns_where_access_goes_on() {
    let data = begun_with_a_customer();
    does(data.path(), "grant viewer bo customer:mill");
    let files = folder(
        data.path(),
        "files",
        &[
            (
                "memberships.csv",
                "resource,user,expires_at\ncustomer:mill,bo,2026-01-01\n",
            ),
            (
                "grants.csv",
                "subject,role,resource,expires_at\nuser:bo,viewer,customer:mill,2026-01-01\n",
            ),
        ],
    );
    let import = format!("import {} --tenant lantern", files.display());
    for line in [format!("{import} --dry-run"), import.clone()] {
        let said = does(data.path(), &line);
        for warning in [
            "user bo Bo stays attached to customer:mill without an end, though the row has expired",
            "user bo Bo keeps role viewer on customer:mill without an end, though the row has expired",
        ] {
            assert!(said.contains(warning), "{warning}: {said}");
        }
    }
    let said = does(
        data.path(),
        &format!("{import} --replace memberships,grants"),
    );
    assert!(!said.contains("though the row"), "{said}");
}

#[test]
fn a_first_line_that_names_no_column_is_told_with_the_columns() {
    let data = begun();
    let files = folder(
        data.path(),
        "files",
        &[(
            "users.csv",
            "Kundennummer;Vorname;E-Mail\n1;A;a@b.example\n",
        )],
    );
    let line = format!("import {} --tenant lantern", files.display());
    let (code, said) = types(data.path(), &line);
    assert_eq!(code, 2);
    let fault = "users.csv, line 1: names no column of this file: kundennummer, vorname, e-mail; \
                 the columns are key, number,";
    assert!(said.contains(fault), "{said}");
    assert!(said.contains("1 fault found"), "{said}");
}
