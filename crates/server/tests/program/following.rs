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
    insta::assert_snapshot!(faults(&[RESOURCES, users, MEMBERS, GRANTS], &[]), @"");
    // Taken for the truth, the files would take away those whom they seem to lack.
    let replaced = ["--replace", "memberships,grants"];
    insta::assert_snapshot!(faults(&[RESOURCES, users, MEMBERS, GRANTS], &replaced), @"");
    let copy = ("Kopie von users.csv", "key\nada\nben\n");
    insta::assert_snapshot!(faults(&[RESOURCES, copy, MEMBERS], &[]), @"");
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
    insta::assert_snapshot!(error, @"");
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
    insta::assert_snapshot!(error, @"");
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
    insta::assert_snapshot!(error, @"");
}
