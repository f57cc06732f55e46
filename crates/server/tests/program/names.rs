//! Names on the command line and in files.

use std::path::Path;

use crate::command_line::{begun, fails};
use crate::process::{self, Program};

const UPPER: &str = "6F9619FF-8B86-D011-B42D-00C04FC964FF";
const LOWER: &str = "6f9619ff-8b86-d011-b42d-00c04fc964ff";

/// Import files, and say how that ended: its exit code and what it says.
fn import(data: &Path, files: &[(&str, &str)]) -> (i32, String) {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        std::fs::write(folder.path().join(name), text).unwrap();
    }
    let folder = folder.path().to_str().unwrap().to_owned();
    fails(data, &["import", &folder, "--tenant", "lantern"])
}

#[test]
fn a_key_that_reads_as_another_name_is_a_fault_of_its_row() {
    let folder = begun();
    for key in [
        "#10",
        "user:bo",
        "customer:bo",
        "tenant",
        "..",
        "b\u{200b}o",
    ] {
        for (file, text) in [
            ("users.csv", format!("key,first_name\n{key},Bo\n")),
            ("groups.csv", format!("key,name\n{key},Bo\n")),
            ("services.csv", format!("key,name\n{key},Bo\n")),
            (
                "resources.csv",
                format!("kind,key,name\ncustomer,{key},Bo\n"),
            ),
        ] {
            let (code, said) = import(folder.path(), &[(file, &text)]);
            assert_ne!(code, 0, "{file} {key}");
            assert!(said.contains("line 2"), "{file} {key}: {said}");
        }
        let (code, said) = fails(folder.path(), &["token", "create", "--service", key]);
        assert_ne!(code, 0, "{key}: {said}");
    }
    let slug = LOWER;
    let (code, said) = fails(folder.path(), &["tenant", "create", slug]);
    assert!(code != 0 && said.contains("UUID"), "{said}");
}

#[test]
fn rows_find_things_by_uuids_however_these_are_written() {
    let folder = begun();
    let data = folder.path();
    let (code, said) = import(
        data,
        &[
            (
                "resources.csv",
                &format!(
                    "kind,key,name,parent\nworkspace,desk,Desk,customer:{LOWER}\n\
                     customer,{UPPER},Mill,\n"
                ),
            ),
            ("users.csv", &format!("key,first_name\n{UPPER},Bo\n")),
            (
                "memberships.csv",
                &format!("resource,user\ncustomer:{LOWER},{LOWER}\n"),
            ),
        ],
    );
    assert_eq!(code, 0, "{said}");
    let members = process::run(data, &["members", &format!("customer:{LOWER}")]);
    assert!(members.contains("Bo"), "{members}");
    // Written otherwise it is the same user, not another.
    let (code, said) = import(
        data,
        &[("users.csv", &format!("key,first_name\n{LOWER},Bo\n"))],
    );
    assert_eq!(code, 0, "{said}");
    let all = process::run(data, &["members", "tenant"]);
    assert_eq!(all.matches("Bo").count(), 1, "{all}");
}

#[test]
fn a_changed_address_in_a_file_is_no_longer_verified() {
    let folder = begun();
    let data = folder.path();
    let verified = || {
        let all = process::run(data, &["export", "-h"]);
        assert!(!all.is_empty());
        let out = tempfile::tempdir().unwrap();
        let path = out.path().join("files");
        process::run(
            data,
            &["export", path.to_str().unwrap(), "--tenant", "lantern"],
        );
        let users = std::fs::read_to_string(path.join("users.csv")).unwrap();
        let row = users.lines().find(|line| line.starts_with("bo,")).unwrap();
        row.contains(",true,")
    };
    let file = |text: &str| {
        let (code, said) = import(data, &[("users.csv", text)]);
        assert_eq!(code, 0, "{said}");
    };
    file("key,email,email_verified,first_login\nbo,bo@mill.example,true,false\n");
    assert!(verified());
    file("key,email\nbo,BO@mill.example\n");
    assert!(verified(), "the same address");
    file("key,first_name\nbo,Bo\n");
    assert!(verified());
    file("key,email\nbo,bo@forge.example\n");
    assert!(!verified());
    file("key,email,email_verified\nbo,bo@tower.example,yes\n");
    assert!(verified(), "the file says so");
}

#[test]
fn a_number_is_named_alike_over_a_server_and_over_the_data() {
    let folder = begun();
    let data = folder.path();
    let (code, said) = import(data, &[("users.csv", "key,first_name\n1,Bo\n")]);
    assert_eq!(code, 0, "{said}");
    let token = ["token", "create", "--service", "ops", "--grant", "admin"];
    let token = process::run(data, &token);
    let server = Program::start(data, &token);
    let over = |arguments: &[&str]| {
        let output = std::process::Command::new(env!("CARGO_BIN_EXE_attache"))
            .env_clear()
            .env("ATTACHE_TOKEN", &server.token)
            .args(arguments)
            .args(["--url", &server.url])
            .output()
            .unwrap();
        output.status.code().unwrap()
    };
    for (user, expected) in [
        ("#1", 0),
        ("user:#1", 0),
        // The key of somebody else, and nobody's.
        ("1", 1),
        ("user:1", 1),
        ("2", 2),
        ("#01", 2),
        ("group:1", 2),
    ] {
        for resource in ["tenant", "tenant:#1"] {
            let check = ["check", user, "customers.add", resource];
            let (local, said) = fails(data, &check);
            assert_eq!((local, over(&check)), (expected, expected), "{user} {said}");
        }
        let check = ["check", user, "customers.add", "tenant:1"];
        assert_eq!((fails(data, &check).0, over(&check)), (2, 2), "{user}");
    }
}
