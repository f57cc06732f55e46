//! `attache import` of files with faults from which others follow.

use crate::command_line::{begun, fails};
use crate::import::folder;

fn faults(files: &[(&str, &str)], flags: &[&str]) -> String {
    let data = begun();
    let data = data.path();
    let files = folder(data, "files", files);
    let arguments = [&["import", files.to_str().unwrap()], flags].concat();
    let (code, error) = fails(data, &arguments);
    assert_eq!(code, 2);
    error
}

const RESOURCES: (&str, &str) = ("resources.csv", "kind,key,name\ncustomer,mill,Mill\n");
const MEMBERS: (&str, &str) = (
    "memberships.csv",
    "resource,user\ncustomer:mill,ada\ncustomer:mill,ben\ncustomer:none,ben\n",
);
const GRANTS: (&str, &str) = (
    "grants.csv",
    "subject,role,resource\nuser:ada,owner,customer:mill\nuser:ben,Owner,customer:mill\n",
);

#[test]
fn rows_that_name_things_of_an_unreadable_file_are_summed_up() {
    let users = ("users.csv", "key,Bemerkung\nada,\nben,\n");
    let added = faults(&[RESOURCES, users, MEMBERS, GRANTS], &[]);
    insta::assert_snapshot!(added, @"
    users.csv, line 1, column bemerkung: is unknown; the nearest known one is number
    memberships.csv: 3 rows name users of users.csv, which could not be read
    memberships.csv, line 4, column resource: there is no customer:none
    grants.csv: 2 rows name users of users.csv, which could not be read
    error: 4 faults found; nothing was written
    ");
    // Taken for the truth, the files would take away those whom they seem to lack.
    let replaced = ["--replace", "memberships,grants"];
    assert_eq!(
        faults(&[RESOURCES, users, MEMBERS, GRANTS], &replaced),
        added
    );
    let copy = ("Kopie von users.csv", "key\nada\nben\n");
    insta::assert_snapshot!(faults(&[RESOURCES, copy, MEMBERS], &[]), @"
    memberships.csv: 3 rows name users of users.csv, which could not be read
    memberships.csv, line 4, column resource: there is no customer:none
    Kopie von users.csv: is none of the files that an import reads; the nearest is users.csv
    error: 3 faults found; nothing was written
    ");
}

#[test]
fn what_follows_from_a_faulty_row_is_no_fault_of_its_own() {
    let error = faults(
        &[
            (
                "resources.csv",
                "kind,key,name,parent\nreseller,r,R,customer:gone\ncustomer,mill,Mill,reseller:r\n\
                 customer,two,Two,\n",
            ),
            (
                "users.csv",
                "key,status\nada\nben,sleeping\ncleo,,x\ndan,\n",
            ),
            (
                "memberships.csv",
                "resource,user,expires_at\ncustomer:mill,dan,\ncustomer:two,ada,\n\
                 customer:two,ben,\ncustomer:two,cleo,\ncustomer:two,dan,soon\n",
            ),
            (
                "grants.csv",
                "subject,role,resource\nuser:dan,owner,customer:mill\n\
                 user:dan,viewer,customer:two\nuser:ada,viewer,customer:two\n",
            ),
        ],
        &[],
    );
    insta::assert_snapshot!(error, @"
    resources.csv, line 2, column parent: there is no customer:gone
    users.csv, line 2: has 1 cell, and the first line 2
    users.csv, line 3, column status: must be active, inactive or invited, is sleeping
    users.csv, line 4: the value x stands in column 3, which has no name in the first line
    memberships.csv, line 6, column expires_at: must be a day such as 2026-03-03, which counts through in UTC, or a time such as 2026-03-03T09:30:00Z, is soon
    error: 5 faults found; nothing was written
    ");
}

#[test]
fn what_follows_from_a_faulty_catalogue_or_membership_file_is_summed_up() {
    let error = faults(
        &[
            ("catalogue.toml", "kinds = 7\n"),
            (
                "resources.csv",
                "kind,key,name\nsite,north,North\ncustomer,mill,Mill\n",
            ),
            ("users.csv", "key\nada\n"),
            ("memberships.csv", "resource,usr\ncustomer:mill,ada\n"),
            (
                "grants.csv",
                "subject,role,resource\nuser:ada,keeper,site:north\nuser:ada,owner,customer:mill\n",
            ),
        ],
        &[],
    );
    insta::assert_snapshot!(error, @"
    catalogue.toml: TOML parse error at line 1, column 9
      |
    1 | kinds = 7
      |         ^
    invalid type: integer `7`, expected a sequence
    resources.csv: 1 row names kinds or roles of catalogue.toml, which could not be taken
    memberships.csv, line 1, column usr: is unknown; the nearest known one is user
    memberships.csv, line 1, column user: is missing
    grants.csv: 1 row names members of memberships.csv, which could not be read
    error: 5 faults found; nothing was written
    ");
}

#[test]
fn unknown_names_of_roles_and_kinds_name_the_nearest() {
    let error = faults(
        &[
            ("resources.csv", "kind,key,name\nCustomr,mill,Mill\n"),
            ("users.csv", "key\nada\n"),
            (
                "grants.csv",
                "subject,role,resource\nuser:ada,Admn,tenant\nuser:ada,zzz,tenant\n",
            ),
        ],
        &[],
    );
    insta::assert_snapshot!(error, @"
    resources.csv, line 2, column kind: Customr is no kind that can be added; the nearest is customer
    grants.csv, line 2, column role: there is no role Admn; the nearest is admin
    grants.csv, line 3, column role: there is no role zzz
    error: 3 faults found; nothing was written
    ");
}
