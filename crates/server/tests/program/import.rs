//! `attache import` and `attache export`

use std::fs;
use std::path::{Path, PathBuf};

use crate::command_line::{begun, fails};
use crate::process;

pub(crate) fn folder(data: &Path, name: &str, files: &[(&str, &str)]) -> PathBuf {
    let folder = data.join(name);
    fs::create_dir(&folder).unwrap();
    for (file, text) in files {
        fs::write(folder.join(file), text).unwrap();
    }
    folder
}

/// Everything that an import can bring, out of order where that is allowed.
const FILES: &[(&str, &str)] = &[
    (
        "resources.csv",
        "kind,key,number,name,parent\n\
         chatbot,bot,,Bot,workspace:desk\n\
         workspace,desk,,Desk,customer:mill\n\
         customer,mill,7,\"Mill, and Sons\",reseller:north\n\
         reseller,north,,North,\n\
         customer,,12,By number only,\n",
    ),
    (
        "users.csv",
        "key,number,first_name,last_name,email,status,external_auth_id\n\
         ada,40,Zoë,李,zoe@mill.example,active,\n\
         ben,,Ben,,,inactive,6f1c0d0e-3a53-4d5e-9a55-27e1d1f0a111\n\
         #odd,,Odd,Key,,invited,\n",
    ),
    ("groups.csv", "key,name\nnight,Night shift\n"),
    ("services.csv", "key,name\nportal,Portal\n"),
    ("group_users.csv", "group,user\nnight,ada\nnight,ben\n"),
    (
        "memberships.csv",
        "resource,user,expires_at\n\
         chatbot:bot,ada,\n\
         workspace:desk,ada,2999-01-01\n\
         customer:mill,ada,\n\
         customer:#12,ben,\n\
         customer:mill,ben,2001-01-01\n",
    ),
    (
        "grants.csv",
        "subject,role,resource,parameters,expires_at\n\
         user:ada,owner,customer:mill,,\n\
         user:ada,InboxUser,chatbot:bot,inboxId=7,2999-01-01T00:00:00Z\n\
         user:ada,InboxUser,chatbot:bot,\"{\"\"inboxId\"\":\"\"a;b=c\"\"}\",\n\
         group:night,reseller-agent,reseller:north,,\n\
         service:portal,customer-reader,tenant,,\n",
    ),
];

fn exported(data: &Path, tenant: &str, name: &str) -> Vec<(String, String)> {
    let folder = data.join(name);
    process::run(
        data,
        &["export", folder.to_str().unwrap(), "--tenant", tenant],
    );
    let mut files: Vec<(String, String)> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .map(|path| {
            (
                path.file_name().unwrap().to_str().unwrap().to_owned(),
                fs::read_to_string(path).unwrap(),
            )
        })
        .collect();
    files.sort();
    files
}

#[test]
fn what_is_exported_and_imported_into_an_empty_tenant_is_the_same_again() {
    let data = begun();
    let data = data.path();
    let files = folder(data, "files", FILES);
    let said = process::run(
        data,
        &["import", files.to_str().unwrap(), "--tenant", "lantern"],
    );
    assert!(
        said.contains("3 × user added")
            && said.contains("Passed over, since they have expired: 1 row ("),
        "{said}"
    );
    let first = exported(data, "lantern", "first");
    assert_eq!(first.len(), 8);
    assert!(first.iter().all(|(_, text)| text.lines().count() > 1));
    process::run(data, &["tenant", "create", "other"]);
    process::run(
        data,
        &[
            "import",
            data.join("first").to_str().unwrap(),
            "--tenant",
            "other",
        ],
    );
    assert_eq!(exported(data, "other", "second"), first);
}

#[test]
fn the_same_files_again_change_nothing() {
    let data = begun();
    let data = data.path();
    let files = folder(data, "files", FILES);
    let import = ["import", files.to_str().unwrap(), "--tenant", "lantern"];
    process::run(data, &import);
    let revision = process::run(data, &["tenant", "show"]);
    let again = process::run(data, &import);
    assert!(again.starts_with("It is all so already"), "{again}");
    assert_eq!(process::run(data, &["tenant", "show"]), revision);
}

#[test]
fn a_dry_run_says_what_would_change_and_changes_nothing() {
    let data = begun();
    let data = data.path();
    let files = folder(data, "files", FILES);
    let before = process::run(data, &["tenant", "show"]);
    let said = process::run(
        data,
        &[
            "import",
            files.to_str().unwrap(),
            "--tenant",
            "lantern",
            "--dry-run",
        ],
    );
    assert!(
        said.contains("Would change: ") && said.contains("5 × resource added"),
        "{said}"
    );
    assert_eq!(process::run(data, &["tenant", "show"]), before);
}

#[test]
fn rows_change_what_is_there() {
    let data = begun();
    let data = data.path();
    let files = folder(data, "files", FILES);
    process::run(
        data,
        &["import", files.to_str().unwrap(), "--tenant", "lantern"],
    );
    let changes = folder(
        data,
        "changes",
        &[
            ("users.csv", "key,email\nada,new@mill.example\n"),
            (
                "resources.csv",
                "kind,key,name,parent\ncustomer,mill,Mill,tenant\n",
            ),
            (
                "memberships.csv",
                "resource,user,expires_at\nworkspace:desk,ada,\n",
            ),
        ],
    );
    let said = process::run(
        data,
        &["import", changes.to_str().unwrap(), "--tenant", "lantern"],
    );
    assert_eq!(
        said,
        "Changed: 1 × membership changed, 1 × resource changed, 1 × resource moved, 1 × user's profile set"
    );
    let members = process::run(data, &["members", "customer:mill"]);
    assert!(
        members.contains("new@mill.example") && members.contains("Zoë 李"),
        "{members}"
    );
}

#[test]
fn all_that_is_wrong_is_told_at_once_and_nothing_is_written() {
    let data = begun();
    let data = data.path();
    let before = process::run(data, &["tenant", "show"]);
    let files = folder(
        data,
        "files",
        &[
            (
                "resources.csv",
                "kind,key,number,name,parent\n\
             customer,mill,7,Mill,reseller:none\n\
             customer,two,7,Two,\n\
             customer,three,7,Three,\n\
             chatbot,bot,,Bot,\n\
             customer,,,No name,\n\
             planet,x,,X,\n\
             customer,a,,A,customer:b\n\
             customer,b,,B,customer:a\n",
            ),
            (
                "users.csv",
                "key,email,status\nada,not an address,active\nben,,sleeping\ncleo,,\n",
            ),
            (
                "memberships.csv",
                "resource,user\ncustomer:two,ada\ncustomer:none,cleo\ncustomer:two,nobody\ncustomer:two\n",
            ),
            (
                "grants.csv",
                "subject,role,resource,parameters\nuser:cleo,king,customer:two,\nuser:cleo,owner,customer:two,\nuser:cleo,owner,customer:two,oops\n",
            ),
            ("groups.csv", "nmae\nx\n"),
        ],
    );
    let (code, error) = fails(
        data,
        &["import", files.to_str().unwrap(), "--tenant", "lantern"],
    );
    assert_eq!(code, 2);
    insta::assert_snapshot!(error, @"
    resources.csv, line 2, column parent: there is no reseller:none
    resources.csv, line 4, column number: is repeated: line 3 is customer Two (key two, #7) too
    resources.csv, line 5, column parent: is a tenant, and a chatbot cannot stand under one
    resources.csv, line 6, column key: is needed, or a number or an id
    resources.csv, line 7, column kind: planet is no kind that can be added
    resources.csv, line 8, column parent: stands below the resource itself
    resources.csv, line 9, column parent: stands below the resource itself
    users.csv, line 2, column email: must be an e-mail address, is not an address
    users.csv, line 3, column status: must be active, inactive or invited, is sleeping
    groups.csv, line 1, column nmae: is unknown; the nearest known one is name
    groups.csv, line 1, column name: is missing
    memberships.csv, line 3, column resource: there is no customer:none
    memberships.csv, line 4, column user: there is no nobody
    memberships.csv, line 5: has 1 cell, and the first line 2
    grants.csv, line 2, column role: there is no role king
    grants.csv, line 3, column subject: the user is not attached to this customer
    grants.csv, line 4, column parameters: must be name=value, with a semicolon between them, is oops
    error: 17 faults found; nothing was written
    ");
    assert_eq!(process::run(data, &["tenant", "show"]), before);
}

#[test]
fn files_that_are_there_are_not_written_over() {
    let data = begun();
    let data = data.path();
    exported(data, "lantern", "out");
    let out = data.join("out");
    let (code, error) = fails(
        data,
        &["export", out.to_str().unwrap(), "--tenant", "lantern"],
    );
    assert_eq!(code, 2);
    assert!(
        error.contains("is there already; --force writes over it"),
        "{error}"
    );
    process::run(
        data,
        &[
            "export",
            out.to_str().unwrap(),
            "--tenant",
            "lantern",
            "--force",
        ],
    );
}
