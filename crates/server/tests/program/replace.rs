//! `attache import --replace`: the file is the truth, and what it contradicts otherwise.

use std::fs;
use std::path::Path;

use crate::command_line::{begun, fails};
use crate::import::folder;
use crate::process;

/// Forty customers would take longer to read: three, with twelve users of the first.
fn town(data: &Path) {
    let mut users = "key,first_name,last_name\nu17,Ana,Sá\n".to_owned();
    let mut members = "resource,user\ncustomer:c3,u17\ncustomer:c1,u17\n".to_owned();
    for number in 1..12 {
        users.push_str(&format!("w{number},Worker,{number}\n"));
        members.push_str(&format!("customer:c1,w{number}\n"));
    }
    members.push_str("customer:c2,w1\n");
    let files = folder(
        data,
        "town",
        &[
            (
                "resources.csv",
                "kind,key,name\ncustomer,c1,One\ncustomer,c2,Two\ncustomer,c3,Three\n",
            ),
            ("users.csv", &users),
            ("groups.csv", "key,name\nnight,Night shift\nday,Day shift\n"),
            (
                "group_users.csv",
                "group,user\nnight,u17\nnight,w1\nday,w2\n",
            ),
            ("services.csv", "key,name\nportal,Portal\n"),
            ("memberships.csv", &members),
            (
                "grants.csv",
                "subject,role,resource\n\
                 user:u17,owner,customer:c3\n\
                 group:night,agent,customer:c3\n\
                 service:portal,viewer,customer:c3\n\
                 user:w1,manager,customer:c2\n",
            ),
        ],
    );
    process::run(data, &["import", files.to_str().unwrap()]);
}

/// Imports one file, in place of another of that name.
fn import(data: &Path, files: &[(&str, &str)], flags: &[&str]) -> String {
    let files = written(data, files);
    process::run(data, &[&["import", files.as_str()], flags].concat())
}

fn written(data: &Path, files: &[(&str, &str)]) -> String {
    let place = data.join("files");
    let _ = fs::remove_dir_all(&place);
    folder(data, "files", files).to_str().unwrap().to_owned()
}

#[test]
fn a_demotion_by_file_replaces_the_role() {
    let data = begun();
    let data = data.path();
    town(data);
    let demoted = [(
        "grants.csv",
        "subject,role,resource\n\
         user:u17,viewer,customer:c3\n\
         group:night,agent,customer:c3\n\
         service:portal,viewer,customer:c3\n",
    )];
    let before = process::run(data, &["tenant", "show"]);
    let preview = import(data, &demoted, &["--replace", "grants", "--dry-run"]);
    insta::assert_snapshot!(preview, @"
    user u17 Ana Sá: role owner → viewer on customer:c3
    Would change: 1 × role granted, 1 × role revoked
    Passed over, since they say what is so already: 2 rows (grants.csv, lines 3-4)
    grants.csv does not name 2 resources with grants: they stay as they are
    ");
    assert_eq!(process::run(data, &["tenant", "show"]), before);
    let done = import(data, &demoted, &["--replace", "grants"]);
    assert!(
        done.starts_with("user u17 Ana Sá: role owner → viewer on customer:c3\nChanged: "),
        "{done}"
    );
    let members = process::run(data, &["members", "customer:c3", "--csv"]);
    assert!(
        members.contains("viewer") && !members.contains("owner"),
        "{members}"
    );
    // What the file does not name is untouched.
    let other = process::run(data, &["members", "customer:c2", "--csv"]);
    assert!(other.contains("manager"), "{other}");
    let again = import(data, &demoted, &["--replace", "grants"]);
    assert!(again.starts_with("It is all so already"), "{again}");
}

#[test]
fn without_a_replacement_rows_that_contradict_what_is_there_are_warned_of() {
    let data = begun();
    let data = data.path();
    town(data);
    let demoted = [(
        "grants.csv",
        "subject,role,resource\nuser:u17,viewer,customer:c3\n",
    )];
    let preview = import(data, &demoted, &["--dry-run"]);
    insta::assert_snapshot!(preview, @"
    warning: grants.csv, line 2, column role: user u17 Ana Sá keeps role owner on customer:c3, gets viewer too; --replace grants makes the file the truth
    user u17 Ana Sá: gets role viewer on customer:c3
    Would change: 1 × role granted
    ");
    import(data, &demoted, &[]);
    // Imported once more, it still does not say all.
    let again = import(data, &demoted, &["--dry-run"]);
    assert!(
        again.contains("keeps role owner on customer:c3, which this file does not give"),
        "{again}"
    );
    // A file that gives both contradicts nothing.
    let both = [(
        "grants.csv",
        "subject,role,resource\nuser:u17,viewer,customer:c3\nuser:u17,owner,customer:c3\n",
    )];
    let both = import(data, &both, &["--dry-run"]);
    assert!(!both.contains("warning"), "{both}");
}

#[test]
fn members_of_named_resources_are_replaced_and_lose_their_roles() {
    let data = begun();
    let data = data.path();
    town(data);
    let fewer = [(
        "memberships.csv",
        "resource,user,expires_at\ncustomer:c2,u17,2999-01-01\ncustomer:c3,,\ncustomer:c1,w1,2001-01-01\n",
    )];
    let flags = [
        "--replace",
        "memberships",
        "--dry-run",
        "--allow-mass-detach",
    ];
    let preview = import(data, &fewer, &flags);
    assert!(
        preview.starts_with("user u17 Ana Sá: detached from customer:c1\nuser w1 Worker 1: detached from customer:c1\n"),
        "{preview}"
    );
    for line in [
        "user w1 Worker 1: detached from customer:c2, with role manager",
        "user u17 Ana Sá: detached from customer:c3, with role owner",
        "user u17 Ana Sá: attached to customer:c2, until 2999-01-02T00:00:00.000Z",
        "Passed over, since they have expired: 1 row (memberships.csv, line 4)",
    ] {
        assert!(preview.lines().any(|it| it == line), "{line}: {preview}");
    }
    import(
        data,
        &fewer,
        &["--replace", "memberships", "--allow-mass-detach"],
    );
    let members = process::run(data, &["members", "customer:c3", "--csv"]);
    assert_eq!(members.lines().count(), 1, "{members}");
    let members = process::run(data, &["members", "customer:c2", "--csv"]);
    assert!(
        members.contains("u17") && !members.contains("w1"),
        "{members}"
    );
    // A cell that is empty by mistake is a fault where the file only adds.
    let files = written(data, &fewer);
    let (_, error) = fails(data, &["import", &files]);
    assert!(
        error.contains("memberships.csv, line 3, column user: must not be empty"),
        "{error}"
    );
}

#[test]
fn users_of_named_groups_are_replaced() {
    let data = begun();
    let data = data.path();
    town(data);
    let night = [("group_users.csv", "group,user\nnight,w3\nnight,w1\n")];
    let said = import(data, &night, &["--replace", "group_users"]);
    insta::assert_snapshot!(said, @"
    user w3 Worker 3: put into group night Night shift
    user u17 Ana Sá: taken out of group night Night shift
    Changed: 1 × user put into a group, 1 × user taken out of a group
    ");
}

#[test]
fn more_than_half_of_ten_or_more_at_once_must_be_allowed() {
    let data = begun();
    let data = data.path();
    town(data);
    let before = process::run(data, &["tenant", "show"]);
    let few = [("memberships.csv", "resource,user\ncustomer:c1,u17\n")];
    let files = written(data, &few);
    let (code, error) = fails(data, &["import", &files, "--replace", "memberships"]);
    assert_eq!(code, 2);
    assert!(
        error.starts_with(
            "memberships.csv, line 2, column user: would take away 11 of 12 members of customer:c1: \
             more than half of ten or more; --allow-mass-detach allows it"
        ),
        "{error}"
    );
    assert_eq!(process::run(data, &["tenant", "show"]), before);
    import(
        data,
        &few,
        &["--replace", "memberships", "--allow-mass-detach"],
    );
    let members = process::run(data, &["members", "customer:c1", "--csv"]);
    assert_eq!(members.lines().count(), 2, "{members}");
    let (_, error) = fails(data, &["import", &files, "--allow-mass-detach"]);
    assert!(error.contains("--replace"), "{error}");
    let (_, error) = fails(data, &["import", &files, "--replace", "users"]);
    assert!(
        error.contains("must be memberships, grants or group_users"),
        "{error}"
    );
}

#[test]
fn the_last_admin_stays_whatever_a_file_says() {
    let data = begun();
    let data = data.path();
    town(data);
    let files = written(
        data,
        &[(
            "grants.csv",
            "subject,role,resource\nservice:portal,auditor,tenant\n",
        )],
    );
    let before = process::run(data, &["tenant", "show"]);
    let (_, error) = fails(data, &["import", &files, "--replace", "grants"]);
    assert!(
        error.starts_with("grants.csv, line 2, column role: ") && error.contains("admin"),
        "{error}"
    );
    assert_eq!(process::run(data, &["tenant", "show"]), before);
    // Another one takes over in the same file.
    let handed_over = [(
        "grants.csv",
        "subject,role,resource\nuser:u17,admin,tenant\n",
    )];
    let said = import(data, &handed_over, &["--replace", "grants"]);
    assert!(
        said.contains("\n  user u17 Ana Sá: gets role admin on tenant"),
        "{said}"
    );
}

#[test]
fn who_was_detached_by_hand_and_comes_back_is_told() {
    let data = begun();
    let data = data.path();
    town(data);
    process::run(data, &["detach", "u17", "customer:c3"]);
    let files = data.join("town");
    let preview = process::run(data, &["import", files.to_str().unwrap(), "--dry-run"]);
    let warned = |text: &str| {
        preview
            .lines()
            .any(|line| line.starts_with("warning: ") && line.contains(text))
    };
    assert!(
        warned(
            "memberships.csv, line 2, column user: user u17 Ana Sá was detached from customer:c3 at "
        ),
        "{preview}"
    );
    assert!(warned("by the operator, and comes back"), "{preview}");
    assert!(warned("lost role owner on customer:c3"), "{preview}");
}
