//! The command line over a server says what it says over the data folder.

use std::path::Path;
use std::process::{Command, Output};
use std::time::{Duration, Instant};

use crate::command_line::begun;
use crate::process::{self, Program};

/// How long a server may take to write what it noted.
const SOON: Duration = Duration::from_secs(30);

/// A tenant with a few things in it, a server over it, and a token that may do
/// everything.
fn served() -> (tempfile::TempDir, Program) {
    let folder = begun();
    let data = folder.path();
    let files = data.join("files");
    std::fs::create_dir(&files).unwrap();
    for (name, text) in [
        (
            "resources.csv",
            "kind,key,name,parent\ncustomer,bakery,Bakery,\n",
        ),
        (
            "users.csv",
            "key,first_name,last_name,email\nfreya,Freya,Holm,freya@bakery.example\nowen,,,\n",
        ),
        (
            "memberships.csv",
            "resource,user\ncustomer:bakery,freya\ncustomer:bakery,owen\n",
        ),
        (
            "grants.csv",
            "resource,subject,role\ncustomer:bakery,user:freya,owner\n",
        ),
    ] {
        std::fs::write(files.join(name), text).unwrap();
    }
    process::run(
        data,
        &["import", files.to_str().unwrap(), "--tenant", "lantern"],
    );
    let token = process::run(
        data,
        &["token", "create", "--service", "ops", "--grant", "admin"],
    );
    let server = Program::start(data, &token);
    (folder, server)
}

/// A command over a server, with nothing of our environment.
fn over(server: &Program, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_attache"))
        .env_clear()
        .env("ATTACHE_TOKEN", &server.token)
        .args(arguments)
        .args(["--url", &server.url])
        .output()
        .unwrap()
}

fn says(output: &Output) -> String {
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{error}");
    String::from_utf8(output.stdout.clone())
        .unwrap()
        .trim()
        .to_owned()
}

fn fails(output: &Output) -> String {
    assert_eq!(output.status.code(), Some(2));
    String::from_utf8(output.stderr.clone()).unwrap()
}

#[test]
fn what_is_read_is_the_same_both_ways() {
    let (folder, server) = served();
    let file = folder.path().join("keys.json");
    std::fs::write(&file, r#"{"keys":[{"kty":"OKP","kid":"one"}]}"#).unwrap();
    let add = [
        "issuer",
        "add",
        "https://login.lantern.example",
        "--audience",
        "attache",
        "--jwks-file",
        file.to_str().unwrap(),
    ];
    let issuer = says(&over(&server, &add));
    let id = issuer.lines().next().unwrap().to_owned();
    for command in [
        &["members", "customer:bakery"][..],
        &[
            "members",
            "customer:bakery",
            "--sort",
            "email",
            "--format",
            "json",
        ],
        &["members", "tenant", "--format", "json"],
        &["token", "list"],
        &["issuer", "list"],
        &["issuer", "show", &id],
        &["issuer", "keys", &id],
        &["entries"],
        &["entries", "--subject", "user:freya", "--json"],
        &["entries", "--limit", "1"],
    ] {
        let there = says(&over(&server, command));
        let mut here = process::run(folder.path(), command);
        // That a token was used is written some seconds later.
        let began = Instant::now();
        while here != there && command[0] == "token" && began.elapsed() < SOON {
            here = process::run(folder.path(), command);
        }
        assert_eq!(there, here, "{command:?}");
    }
}

#[test]
fn what_is_written_over_a_server_is_written() {
    let (folder, server) = served();
    let data = folder.path();
    let grant = ["grant", "manager", "owen", "customer:bakery"];
    assert_eq!(says(&over(&server, &grant)), "granted");
    assert_eq!(says(&over(&server, &grant)), "it was granted already");
    assert_eq!(process::run(data, &grant), "it was granted already");
    let revoke = ["revoke", "manager", "owen", "customer:bakery"];
    assert_eq!(says(&over(&server, &revoke)), "revoked");
    let again = over(&server, &revoke);
    assert_eq!(again.status.code(), Some(1), "there was no such grant");
    let create = [
        "token",
        "create",
        "--service",
        "portal",
        "--grant",
        "customer-reader",
    ];
    let token = says(&over(&server, &create));
    assert!(token.starts_with("attache_"), "{token}");
    let list = says(&over(&server, &["token", "list"]));
    let line = list.lines().find(|line| line.contains("portal")).unwrap();
    let id = line.split_whitespace().next().unwrap();
    says(&over(&server, &["token", "revoke", id]));
    assert!(!says(&over(&server, &["token", "list"])).contains("portal"));
}

#[test]
fn a_check_says_yes_or_no_and_why() {
    let (_folder, server) = served();
    let check = |user, permission| over(&server, &["check", user, permission, "customer:bakery"]);
    let yes = check("freya", "customers.users.list");
    assert_eq!(yes.status.code(), Some(0));
    assert!(
        says(&yes).contains("Role owner on customer:bakery"),
        "{yes:?}"
    );
    let no = check("owen", "customers.users.list");
    assert_eq!(no.status.code(), Some(1));
    let said = String::from_utf8(no.stdout).unwrap();
    assert!(
        said.starts_with("no: owen may not customers.users.list"),
        "{said}"
    );
    let malformed = check("owen", "Customers..list");
    assert_eq!(malformed.status.code(), Some(2), "{malformed:?}");
    let nobody = fails(&check("nobody", "customers.users.list"));
    assert!(nobody.starts_with("error: "), "{nobody}");
}

#[test]
fn what_cannot_be_is_said_in_a_line() {
    let (folder, server) = served();
    let there = ["members", "customer:mill"];
    assert_eq!(fails(&over(&server, &there)), "error: No such customer\n");
    let tenants = fails(&over(&server, &["tenant", "list"]));
    assert!(
        tenants.contains("needs the operator's credential"),
        "{tenants}"
    );
    let serve = fails(&over(&server, &["serve"]));
    assert!(serve.contains("takes no --url"), "{serve}");
    let at = fails(&over(&server, &["members", "tenant", "--at", "2020-03-03"]));
    assert!(at.contains("--at is before the tenant began"), "{at}");
    let other = fails(&over(&server, &["members", "tenant", "--tenant", "globex"]));
    assert!(other.contains("another tenant"), "{other}");
    let both = fails(&over(
        &server,
        &[
            "members",
            "tenant",
            "--data",
            folder.path().to_str().unwrap(),
        ],
    ));
    assert!(both.contains("two different places"), "{both}");
    let without = |arguments: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_attache"));
        command.env_clear().args(arguments).output().unwrap()
    };
    let no_token = fails(&without(&["members", "tenant", "--url", &server.url]));
    assert!(no_token.contains("a server wants a token"), "{no_token}");
    let wrong = [
        "members",
        "tenant",
        "--url",
        &server.url,
        "--token",
        "attache_2",
    ];
    assert_eq!(
        fails(&without(&wrong)),
        "error: A valid credential is needed\n"
    );
    let nowhere = [
        "members",
        "tenant",
        "--url",
        "http://127.0.0.1:1",
        "--token",
        "x",
    ];
    let nowhere = fails(&without(&nowhere));
    assert!(
        nowhere.contains("http://127.0.0.1:1/ does not answer"),
        "{nowhere}"
    );
}

#[test]
fn the_operator_keeps_tenants_over_a_server() {
    let folder = begun();
    let made = process::run(folder.path(), &["operator-token"]);
    let (token, line) = made.split_once('\n').unwrap();
    let server = Program::start_with(folder.path(), token, line);
    let created = says(&over(
        &server,
        &["tenant", "create", "globex", "--domain", "globex.example"],
    ));
    assert!(created.starts_with("globex "), "{created}");
    says(&over(
        &server,
        &["tenant", "change", "globex", "--slug", "globex-eu"],
    ));
    let list = says(&over(&server, &["tenant", "list"]));
    assert_eq!(list, process::run(folder.path(), &["tenant", "list"]));
    assert!(list.contains("globex-eu"), "{list}");
    let members = ["members", "tenant", "--tenant", "lantern"];
    assert_eq!(
        says(&over(&server, &members)),
        process::run(folder.path(), &members)
    );
    let none = fails(&over(&server, &["members", "tenant"]));
    assert!(none.contains("Attache-Tenant"), "{none}");
    read_from_a_file(folder.path(), &server);
}

/// A token that others on the machine do not see.
fn read_from_a_file(folder: &Path, server: &Program) {
    let file = folder.join("token");
    std::fs::write(&file, format!("{}\n", server.token)).unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_attache"));
    command
        .env_clear()
        .args(["tenant", "list", "--url", &server.url, "--token-file"]);
    says(&command.arg(&file).output().unwrap());
}
