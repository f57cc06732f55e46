//! Which existing thing a row of an import describes, and which it must not.

use std::fs;
use std::path::Path;

use crate::command_line::{begun, fails};
use crate::import::folder;
use crate::process;

/// A tenant whose only user is its admin, with the number 1 and no key.
fn with_grace() -> tempfile::TempDir {
    let data = tempfile::tempdir().unwrap();
    process::run(
        data.path(),
        &[
            "init",
            "--tenant",
            "lantern",
            "--admin-email",
            "grace@lantern.example",
            "--admin-name",
            "Grace Hill",
        ],
    );
    data
}

fn import(data: &Path, name: &str, files: &[(&str, &str)], options: &[&str]) -> String {
    let files = folder(data, name, files);
    let arguments = ["import", files.to_str().unwrap(), "--tenant", "lantern"];
    process::run(data, &[&arguments, options].concat())
}

fn refused(data: &Path, name: &str, files: &[(&str, &str)], options: &[&str]) -> String {
    let before = process::run(data, &["tenant", "show"]);
    let files = folder(data, name, files);
    let arguments = ["import", files.to_str().unwrap(), "--tenant", "lantern"];
    let (code, error) = fails(data, &[&arguments, options].concat());
    assert_eq!(code, 2);
    assert_eq!(process::run(data, &["tenant", "show"]), before);
    error
}

fn exported(data: &Path, name: &str, file: &str) -> String {
    let folder = data.join(name);
    let arguments = ["export", folder.to_str().unwrap(), "--tenant", "lantern"];
    process::run(data, &arguments);
    fs::read_to_string(folder.join(file)).unwrap()
}

/// The ids of the users, by number, as an export writes them.
fn id_of(data: &Path, name: &str, file: &str, number: &str) -> String {
    let text = exported(data, name, file);
    let mut rows = text.lines().map(|line| line.split(',').collect::<Vec<_>>());
    let head = rows.next().unwrap();
    let at = |column: &str| head.iter().position(|it| *it == column).unwrap();
    let row = rows.find(|row| row[at("number")] == number).unwrap();
    row[at("id")].to_owned()
}

#[test]
fn number_of_somebody_whom_no_import_made_is_a_fault_that_names_both() {
    let data = with_grace();
    let data = data.path();
    for (name, text) in [
        (
            "with-key",
            "key,number,first_name,email\nbob,1,Bob,bob@cust.example\n",
        ),
        (
            "number-only",
            "number,first_name,email\n1,Bob,bob@cust.example\n",
        ),
    ] {
        for options in [&[][..], &["--dry-run"]] {
            let name = format!("{name}-{}", options.len());
            let error = refused(data, &name, &[("users.csv", text)], options);
            assert!(
                error.starts_with("users.csv, line 2, column number: 1 is the number of user Grace Hill (#1, grace@lantern.example), and this row is user Bob ("),
                "{error}"
            );
            assert!(error.contains("bob@cust.example"), "{error}");
        }
    }
}

#[test]
fn numbers_of_groups_services_and_resources_do_not_identify_either() {
    let data = with_grace();
    let data = data.path();
    // The service `first` is there from the beginning; the others, from the API.
    import(
        data,
        "begin",
        &[
            ("groups.csv", "key,name\nnight,Night\n"),
            ("resources.csv", "kind,key,name\ncustomer,mill,Mill\n"),
        ],
        &[],
    );
    let error = refused(
        data,
        "others",
        &[
            ("groups.csv", "key,number,name\nday,1,Day\n"),
            ("services.csv", "number,name\n1,Portal\n"),
            (
                "resources.csv",
                "kind,key,number,name\ncustomer,bakery,1,Bakery\n",
            ),
        ],
        &[],
    );
    for fault in [
        "resources.csv, line 2, column number: 1 is the number of customer Mill (key mill, #1), and this row is customer Bakery (key bakery)",
        "groups.csv, line 2, column number: 1 is the number of group Night (key night, #1), and this row is group Day (key day)",
        "services.csv, line 2, column number: 1 is the number of service first (key first, #1), and this row is service Portal",
    ] {
        assert!(error.contains(fault), "{error}");
    }
}

#[test]
fn number_that_names_nothing_of_the_files_or_an_import_is_a_fault_in_memberships_and_grants() {
    let data = with_grace();
    let data = data.path();
    let error = refused(
        data,
        "files",
        &[
            (
                "resources.csv",
                "kind,key,name,parent\ncustomer,mill,Mill,\n",
            ),
            ("groups.csv", "key,name\nnight,Night\n"),
            ("group_users.csv", "group,user\nnight,#1\n"),
            ("memberships.csv", "resource,user\ncustomer:mill,#1\n"),
            (
                "grants.csv",
                "subject,role,resource\nuser:#1,owner,customer:mill\nservice:#1,auditor,tenant\n",
            ),
        ],
        &[],
    );
    let grace = "#1 is user Grace Hill (#1, grace@lantern.example), and neither these files nor an earlier import gave it that number; name it by its id ";
    for place in [
        "group_users.csv, line 2, column user: ",
        "memberships.csv, line 2, column user: ",
        "grants.csv, line 2, column subject: ",
    ] {
        assert!(error.contains(&format!("{place}{grace}")), "{error}");
    }
    assert!(
        error.contains("grants.csv, line 3, column subject: #1 is service first (key first, #1)"),
        "{error}"
    );
}

#[test]
fn what_an_import_made_is_identified_by_its_number() {
    let data = with_grace();
    let data = data.path();
    let files = [
        ("users.csv", "number,first_name\n12,Zoë\n"),
        ("resources.csv", "kind,number,name\ncustomer,7,Mill\n"),
        ("memberships.csv", "resource,user\ncustomer:#7,#12\n"),
    ];
    import(data, "first", &files, &[]);
    assert!(import(data, "again", &files, &[]).starts_with("It is all so already"));
    let changed = import(
        data,
        "changes",
        &[
            ("users.csv", "number,first_name\n12,Zoé\n"),
            (
                "grants.csv",
                "subject,role,resource\nuser:#12,owner,customer:#7\n",
            ),
        ],
        &[],
    );
    assert_eq!(changed, "Changed: 1 × role granted, 1 × user's profile set");
    // But a key that is new is somebody else's.
    let error = refused(data, "other", &[("users.csv", "key,number\nada,12\n")], &[]);
    assert!(
        error.contains("12 is the number of user Zoé (#12), and this row is user (key ada)"),
        "{error}"
    );
}

#[test]
fn a_number_that_attache_counted_identifies_nothing_that_an_import_made() {
    let data = with_grace();
    let data = data.path();
    let files = [
        ("users.csv", "key,first_name\nadam,Adam\n"),
        ("groups.csv", "key,name\nnight,Night\n"),
        ("resources.csv", "kind,key,name\ncustomer,mill,Mill\n"),
        (
            "grants.csv",
            "subject,role,resource\nuser:adam,admin,tenant\n",
        ),
    ];
    import(data, "first", &files, &[]);
    let error = refused(
        data,
        "numbers",
        &[
            (
                "users.csv",
                "number,first_name,email\n2,Bob,bob@cust.example\n",
            ),
            ("groups.csv", "number,name\n1,Day\n"),
            ("resources.csv", "kind,number,name\ncustomer,1,Other\n"),
        ],
        &[],
    );
    for fault in [
        "users.csv, line 2, column number: 2 is the number of user Adam (key adam, #2), and this row is user Bob",
        "groups.csv, line 2, column number: 1 is the number of group Night (key night, #1), and this row is group Day",
        "resources.csv, line 2, column number: 1 is the number of customer Mill (key mill, #1), and this row is customer Other",
    ] {
        assert!(error.contains(fault), "{error}");
    }
    let error = refused(
        data,
        "names",
        &[
            ("memberships.csv", "resource,user\ncustomer:#1,#2\n"),
            (
                "grants.csv",
                "subject,role,resource\nuser:#2,auditor,tenant\n",
            ),
            ("group_users.csv", "group,user\n#1,#2\n"),
        ],
        &[],
    );
    let adam = "#2 is user Adam (key adam, #2), and neither these files nor an earlier import gave it that number; name it by its key";
    assert_eq!(error.matches(adam).count(), 3, "{error}");
    // A number that a file gave beside a key is that user's from then on.
    import(
        data,
        "given",
        &[("users.csv", "key,number,first_name\neve,9,Eve\n")],
        &[],
    );
    let changed = import(
        data,
        "later",
        &[("users.csv", "number,first_name\n9,Eva\n")],
        &[],
    );
    assert_eq!(changed, "Changed: 1 × user's profile set");
}

#[test]
fn a_number_that_stands_in_an_export_identifies_nothing_elsewhere() {
    let (one, other) = (with_grace(), with_grace());
    exported(one.path(), "moved", "users.csv");
    let moved = one.path().join("moved");
    fs::remove_file(moved.join("services.csv")).unwrap();
    fs::remove_file(moved.join("grants.csv")).unwrap();
    let arguments = [
        "import",
        moved.to_str().unwrap(),
        "--tenant",
        "lantern",
        "--renumber",
    ];
    process::run(other.path(), &arguments);
    let error = refused(
        other.path(),
        "bob",
        &[("users.csv", "number,first_name\n1,Bob\n")],
        &[],
    );
    assert!(
        error.contains("1 is the number of user Grace Hill"),
        "{error}"
    );
}

#[test]
fn renumber_gives_another_number_and_the_files_mean_it() {
    let data = with_grace();
    let data = data.path();
    let files = [
        (
            "users.csv",
            "key,number,first_name\nbob,1,Bob\ncy,2,Cy\ndee,,Dee\n",
        ),
        (
            "resources.csv",
            "kind,key,number,name\ncustomer,mill,1,Mill\n",
        ),
        ("memberships.csv", "resource,user\ncustomer:#1,#1\n"),
        (
            "grants.csv",
            "subject,role,resource\nuser:#1,owner,customer:#1\n",
        ),
    ];
    import(data, "first", &files, &["--renumber"]);
    let again = import(data, "again", &files, &["--renumber"]);
    assert!(again.starts_with("It is all so already"), "{again}");
    let users = exported(data, "users", "users.csv");
    for row in ["bob,3,Bob,", "cy,2,Cy,", "dee,4,Dee,", ",1,Grace,Hill,"] {
        assert!(users.contains(row), "{users}");
    }
    let members = process::run(data, &["members", "customer:mill"]);
    assert!(
        members.contains("Bob") && !members.contains("Grace"),
        "{members}"
    );
    let grants = exported(data, "grants", "grants.csv");
    assert!(grants.contains("user:bob,owner,customer:mill"), "{grants}");
    // Without a key or an id, nobody would find it again.
    let error = refused(
        data,
        "alone",
        &[("users.csv", "number\n1\n")],
        &["--renumber"],
    );
    assert!(
        error.contains("give it another number or none and a key"),
        "{error}"
    );
}

#[test]
fn id_and_key_of_two_are_a_fault_and_neither_is_read_as_the_other() {
    let data = with_grace();
    let data = data.path();
    import(
        data,
        "first",
        &[("users.csv", "key,first_name\nada,Ada\n")],
        &[],
    );
    let grace = id_of(data, "ids", "users.csv", "1");
    for (name, row, fault) in [
        (
            "both",
            format!("ada,{grace}"),
            "column key: is the key of user Ada (key ada, #2), and the id is that of user Grace Hill (#1, grace@lantern.example)",
        ),
        (
            "key",
            format!("{grace},"),
            "column key: is the id of user Grace Hill (#1, grace@lantern.example); an id stands in the column id",
        ),
        (
            "id",
            "ada,6f1c0d0e-3a53-4d5e-9a55-27e1d1f0a111".to_owned(),
            "column id: is not that of user Ada (key ada, #2), which is ",
        ),
    ] {
        let text = format!("key,id\n{row}\n");
        let error = refused(data, name, &[("users.csv", &text)], &[]);
        assert!(error.contains(fault), "{error}");
    }
    // Who is meant by the id is changed by it.
    let text = format!("id,key\n{grace},grace\n");
    let said = import(data, "meant", &[("users.csv", &text)], &[]);
    assert_eq!(said, "Changed: 1 × user changed");
}

#[test]
fn dry_run_shows_each_field_and_sets_apart_those_with_roles_at_the_root() {
    let data = with_grace();
    let data = data.path();
    let files = [
        (
            "users.csv",
            "key,first_name,email\nada,Zoë,zoe@mill.example\n",
        ),
        ("resources.csv", "kind,key,name\ncustomer,mill,Mill\n"),
        (
            "memberships.csv",
            "resource,user,expires_at\ncustomer:mill,ada,2999-01-01\n",
        ),
    ];
    import(data, "first", &files, &[]);
    let grace = id_of(data, "ids", "users.csv", "1");
    let users = format!(
        "id,key,first_name,email\n,ada,Ada,ada@mill.example\n{grace},grace,Bob,bob@cust.example\n,new,New,\n"
    );
    let said = import(
        data,
        "changes",
        &[
            ("users.csv", &users),
            (
                "resources.csv",
                "kind,key,name\ncustomer,mill,Mill and Sons\n",
            ),
            (
                "memberships.csv",
                "resource,user,expires_at\ncustomer:mill,ada,\ncustomer:mill,grace,\n",
            ),
            (
                "grants.csv",
                "subject,role,resource\nuser:new,auditor,tenant\nuser:ada,owner,customer:mill\n",
            ),
        ],
        &["--dry-run"],
    );
    insta::assert_snapshot!(said, @r#"
    resource changed: customer:mill (Mill)
        name: Mill → Mill and Sons
    user changed: ada (Zoë)
        first_name: Zoë → Ada
        email: zoe@mill.example → ada@mill.example
    user ada Zoë: member of customer:mill
        expires_at: 2999-01-02T00:00:00.000Z → never
    user ada Zoë: gets role owner on customer:mill
    These concern people, groups and services with roles at the root:
      user changed: #1 (Grace Hill)
          key: (empty) → grace
          first_name: Grace → Bob
          email: grace@lantern.example → bob@cust.example
          email_verified: true → false
      user added: new (New): key: new, number: 3, first_name: New, status: active, email_verified: false, first_login: true
      user #1 Grace Hill: attached to customer:mill
      user new New: gets role auditor on tenant
    Would change: 1 × membership changed, 1 × resource changed, 2 × role granted, 1 × user added, 1 × user attached, 1 × user changed, 2 × user's profile set
    "#);
}

#[test]
fn grant_that_gets_another_end_is_changed_and_not_granted() {
    let data = begun();
    let data = data.path();
    let grants = |end: &str| {
        format!(
            "subject,role,resource,parameters,expires_at\n\
             user:ada,InboxUser,chatbot:bot,inboxId=Zoe\u{308},{end}\n\
             user:ada,auditor,tenant,,{end}\n"
        )
    };
    let town = [
        (
            "resources.csv",
            "kind,key,name,parent\nworkspace,desk,Desk,\nchatbot,bot,Bot,workspace:desk\n",
        ),
        ("users.csv", "key,first_name\nada,Ada\n"),
        (
            "memberships.csv",
            "resource,user\nworkspace:desk,ada\nchatbot:bot,ada\n",
        ),
    ];
    let (first, second) = (grants("2999-01-01"), grants(""));
    import(
        data,
        "town",
        &[&town[..], &[("grants.csv", &first)]].concat(),
        &[],
    );
    // In the other normalization form it is the same grant.
    let composed = first.replace("Zoe\u{308}", "Zo\u{eb}");
    let again = import(data, "composed", &[("grants.csv", &composed)], &[]);
    assert!(again.starts_with("It is all so already"), "{again}");
    let said = import(data, "dry", &[("grants.csv", &second)], &["--dry-run"]);
    assert!(said.ends_with("Would change: 2 × grant changed"), "{said}");
    for role in [
        "InboxUser (inboxId=Zo\u{eb}) on chatbot:bot",
        "auditor on tenant",
    ] {
        let change = format!(
            "user ada Ada: role {role}\n      expires_at: 2999-01-02T00:00:00.000Z → never"
        );
        assert!(said.contains(&change), "{said}");
    }
    let added = second + "user:ada,StatisticsViewer,chatbot:bot,,\n";
    let said = import(data, "more", &[("grants.csv", &added)], &[]);
    assert_eq!(said, "Changed: 2 × grant changed, 1 × role granted");
}

#[test]
fn what_only_an_older_version_took_stays_where_a_row_does_not_change_it() {
    let data = begun();
    let data = data.path();
    let users = |key: &str, name: &str, as_is: &str| {
        let id = "6f1c0d0e-3a53-4d5e-9a55-27e1d1f0a111";
        format!("id,key,first_name,phone,as_is\n{id},{key},{name},1,{as_is}\n")
    };
    let groups = |name: &str, as_is: &str| format!("key,name,as_is\nnight,{name},{as_is}\n");
    let resources = |key: &str, as_is: &str| {
        let id = "6f1c0d0e-3a53-4d5e-9a55-27e1d1f0a112";
        format!("kind,id,key,name,as_is\ncustomer,{id},{key},Mill,{as_is}\n")
    };
    let (old_key, old_name) = ("#10", "Ada\u{202e}");
    import(
        data,
        "old",
        &[
            ("users.csv", &users(old_key, old_name, "key first_name")),
            ("groups.csv", &groups(old_name, "name")),
            ("resources.csv", &resources("customer:7", "key")),
        ],
        &[],
    );
    let unchanged = [
        ("users.csv", &*users(old_key, old_name, "")),
        ("groups.csv", &groups(old_name, "")),
        ("resources.csv", &resources("customer:7", "")),
    ];
    let again = import(data, "again", &unchanged, &[]);
    assert!(again.starts_with("It is all so already"), "{again}");
    let phone = users(old_key, old_name, "").replace(",1,", ",2,");
    let changed = import(data, "phone", &[("users.csv", &phone)], &[]);
    assert_eq!(changed, "Changed: 1 × user's profile set");
    // What the row would change is refused, each cell of it.
    let other = users("#11", "Eve\u{202e}", "");
    let error = refused(data, "other", &[("users.csv", &other)], &[]);
    for fault in [
        "users.csv, line 2, column key: must not be # and a number",
        "users.csv, line 2, column first_name: must not contain invisible",
    ] {
        assert!(error.contains(fault), "{error}");
    }
    let error = refused(
        data,
        "group",
        &[("groups.csv", &groups("Eve\u{202e}", ""))],
        &[],
    );
    assert!(error.contains("groups.csv, line 2, column name"), "{error}");
}

#[test]
fn external_auth_id_of_two_rows_is_a_fault_with_both_lines() {
    let data = begun();
    let data = data.path();
    let id = "6f1c0d0e-3a53-4d5e-9a55-27e1d1f0a111";
    let users = |as_is: &str| {
        format!(
            "key,external_auth_id,as_is\nada,{id},{as_is}\nben,,\ncy,{},{as_is}\n",
            id.to_uppercase()
        )
    };
    let error = refused(data, "twice", &[("users.csv", &users(""))], &[]);
    insta::assert_snapshot!(error, @r"
    users.csv, line 4, column external_auth_id: is repeated: line 2 gives it to user (key ada, #2) too
    error: 1 fault found; nothing was written
    ");
    let shared = users("external_auth_id");
    import(data, "shared", &[("users.csv", &shared)], &[]);
    let written = exported(data, "written", "users.csv");
    assert_eq!(written.to_lowercase().matches(id).count(), 2, "{written}");
    let again = import(data, "again", &[("users.csv", &written)], &[]);
    assert_eq!(again.trim(), "It is all so already: nothing changes.");
}

#[test]
fn keys_numbers_ids_and_relations_that_stand_twice_are_faults_with_both_lines() {
    let data = begun();
    let data = data.path();
    let id = "6f1c0d0e-3a53-4d5e-9a55-27e1d1f0a111";
    let users = format!(
        "key,number,id\nada,40,\nben,41,\nada,,\n,40,\ncy,41,\ndee,,{id}\neve,,{}\n,,{id}\n",
        id.to_uppercase()
    );
    let error = refused(
        data,
        "twice",
        &[
            ("users.csv", &users),
            ("groups.csv", "key,name\nnight,Night\nnight,Night\n"),
            (
                "services.csv",
                "key,number,name\nportal,5,Portal\nother,5,Other\n",
            ),
            (
                "resources.csv",
                "kind,key,number,name\ncustomer,mill,7,Mill\ncustomer,mill,,Mill\nreseller,mill,7,Mill\n",
            ),
            ("group_users.csv", "group,user\nnight,ada\nnight,#40\n"),
            (
                "memberships.csv",
                "resource,user,expires_at\ncustomer:mill,ada,2001-01-01\ncustomer:#7,#40,\ncustomer:mill,ben,\ncustomer:mill,ben,2999-01-01\n",
            ),
            (
                "grants.csv",
                "subject,role,resource,parameters\nuser:ben,owner,customer:mill,\nuser:#41,owner,customer:#7,\n",
            ),
        ],
        &[],
    );
    insta::assert_snapshot!(error, @r#"
    resources.csv, line 3, column key: is repeated: line 2 is customer Mill (key mill, #7) too
    users.csv, line 4, column key: is repeated: line 2 is user (key ada, #40) too
    users.csv, line 5, column number: is repeated: line 2 is user (key ada, #40) too
    users.csv, line 6, column number: is repeated: line 3 is user (key ben, #41) too
    users.csv, line 8, column id: is repeated: line 7 is user (key dee, #42) too
    users.csv, line 9, column id: is repeated: line 7 is user (key dee, #42) too
    groups.csv, line 3, column key: is repeated: line 2 is group Night (key night, #1) too
    services.csv, line 3, column number: is repeated: line 2 is service Portal (key portal, #5) too
    group_users.csv, line 3, column user: is repeated: line 2 puts this user into the group too
    memberships.csv, line 3, column user: is repeated: line 2 attaches this user to the resource too
    memberships.csv, line 5, column user: is repeated: line 4 attaches this user to the resource too
    grants.csv, line 3, column subject: is repeated: line 2 is this grant too
    error: 12 faults found; nothing was written
    "#);
}

#[tokio::test(flavor = "multi_thread")]
async fn number_of_what_the_api_made_is_a_fault_whatever_the_request_was_called() {
    let data = with_grace();
    let data = data.path();
    let ops = ["token", "create", "--service", "ops", "--grant", "admin"];
    let token = process::run(data, &ops);
    let server = process::Program::start(data, &token);
    let added = reqwest::Client::new()
        .post(format!("{}/api/v1/users", server.url))
        .bearer_auth(&token)
        .header("x-correlation-id", "import-1")
        .json(&serde_json::json!({"first_name": "Eve"}))
        .send()
        .await
        .unwrap();
    assert!(added.status().is_success(), "{added:?}");
    let files = [("users.csv", "number,first_name\n2,Bob\n")];
    let error = refused(data, "files", &files, &[]);
    assert!(
        error.contains("2 is the number of user Eve (#2), and this row is user Bob:"),
        "{error}"
    );
}
