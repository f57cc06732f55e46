//! `attache import` of files that are older than what happened to their users.

use std::path::Path;

use crate::command_line::{begun, fails};
use crate::import::folder;
use crate::process;

const FIRST: &str = "key,first_name,email,status,email_verified,first_login\n\
     ada,Ada,ada@mill.example,active,false,true\n\
     ben,Ben,,invited,,true\n\
     cleo,Cleo,,inactive,,\n\
     dan,Dan,,active,,\n";

fn import(data: &Path, name: &str, users: &str, flags: &[&str]) -> (String, Vec<String>) {
    let files = folder(data, name, &[("users.csv", users)]);
    let files = files.to_str().unwrap().to_owned();
    let arguments = [
        vec!["import".to_owned(), files],
        flags.iter().map(ToString::to_string).collect(),
    ]
    .concat();
    let texts: Vec<&str> = arguments.iter().map(String::as_str).collect();
    (process::run(data, &texts), arguments)
}

/// A tenant in which much happened since its first import.
fn lived_in(data: &Path) {
    import(data, "first", FIRST, &[]);
    for change in [
        ["ada", "--first-login", "false"],
        ["ada", "--email-verified", "true"],
        ["ada", "--status", "inactive"],
        ["ben", "--status", "active"],
        ["ben", "--first-login", "false"],
        ["cleo", "--status", "active"],
    ] {
        process::run(data, &[&["user", "change"][..], &change].concat());
    }
}

#[test]
fn a_row_that_contradicts_the_standing_of_a_user_is_warned_of() {
    let data = begun();
    let data = data.path();
    lived_in(data);
    let (preview, arguments) = import(data, "again", FIRST, &["--dry-run"]);
    insta::assert_snapshot!(preview, @"
    warning: users.csv, line 2, column status: user ada Ada: inactive → active gives access back; an empty cell keeps what is there
    warning: users.csv, line 2, column first_login: user ada Ada: false → true undoes the first login; an empty cell keeps what is there
    warning: users.csv, line 2, column email_verified: user ada Ada: true → false: no token finds the user by this address any more; an empty cell keeps what is there
    warning: users.csv, line 3, column status: user ben Ben: active → invited is passed over: who is active is not invited again; an empty cell keeps what is there
    warning: users.csv, line 4, column status: user cleo Cleo: active → inactive takes access away; an empty cell keeps what is there
    user changed: ada (Ada)
        status: inactive → active
        email_verified: true → false
        first_login: false → true
    user changed: cleo (Cleo)
        status: active → inactive
    Would change: 1 × user changed, 2 × user's status changed
    Passed over, since they say what is so already: 2 rows (users.csv, lines 3, 5)
    ");
    let strict: Vec<&str> = arguments
        .iter()
        .map(String::as_str)
        .chain(["--strict"])
        .collect();
    let (code, error) = fails(data, &strict);
    assert_eq!(code, 2);
    assert!(
        error.ends_with("error: 5 faults found; nothing was written\n"),
        "{error}"
    );
    import(data, "really", FIRST, &[]);
    let users = process::run(data, &["user", "list", "--json"]);
    let users: serde_json::Value = serde_json::from_str(&users).unwrap();
    let found = users
        .as_array()
        .unwrap()
        .iter()
        .find(|user| user["key"] == "ben");
    // Ben accepted, and nothing of it is taken back.
    assert_eq!(found.unwrap()["status"], "active");
    assert_eq!(found.unwrap()["first_login"], false);
}

#[test]
fn an_empty_cell_keeps_the_standing_of_a_user() {
    let data = begun();
    let data = data.path();
    lived_in(data);
    let empty = "key,first_name,status,email_verified,first_login\nada,Ada,,,\nben,Ben,,,\ncleo,Cleo,,,\ndan,Dan,,,\n";
    let (preview, _) = import(data, "empty", empty, &["--dry-run", "--strict"]);
    assert!(preview.starts_with("It is all so already"), "{preview}");
}

#[test]
fn a_new_address_may_be_unverified_without_a_warning() {
    let data = begun();
    let data = data.path();
    lived_in(data);
    let moved = "key,email,email_verified\nada,ada@new.example,no\n";
    let (preview, _) = import(data, "moved", moved, &["--dry-run", "--strict"]);
    assert!(!preview.contains("warning"), "{preview}");
}
