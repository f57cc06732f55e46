//! Imports and exports over HTTP.

use serde_json::{Value, json};

use crate::ask::{ADMIN, ask, done, errors, get, is};
use attache_testkit::world::{Answer, Ask, World, unzipped, zipped};

/// A request to import files.
fn import<'a>(world: &'a World, query: &str, files: &[(&str, &str)]) -> Ask<'a> {
    ask(world, "POST", &format!("/import{query}"))
        .by(ADMIN)
        .zipped(files)
}

/// An import, once it has ended.
pub(crate) async fn ended(world: &World, begun: &Answer) -> Value {
    assert_eq!(begun.status, 202, "{}", begun.body);
    let place = begun.header("location").unwrap().to_owned();
    assert_eq!(
        place,
        format!("/api/v1/imports/{}", begun.at("/id").as_str().unwrap())
    );
    loop {
        let now = world.get(&place).by(ADMIN).send().await;
        assert_eq!(now.status, 200, "{}", now.body);
        let now = now.json();
        if now["state"] != "running" {
            return now;
        }
        assert_eq!(now["ended_at"], Value::Null);
        tokio::task::yield_now().await;
    }
}

/// Imports files and waits for the end.
pub(crate) async fn imported(world: &World, query: &str, files: &[(&str, &str)]) -> Value {
    let begun = import(world, query, files).send().await;
    ended(world, &begun).await
}

async fn exported(world: &World, query: &str) -> Vec<u8> {
    ask(world, "GET", &format!("/export{query}"))
        .by(ADMIN)
        .send_for_bytes()
        .await
}

/// What a list of objects says under a name.
fn each<'a>(list: &'a Value, name: &str) -> Vec<&'a str> {
    let items = list.as_array().unwrap().iter();
    items.map(|item| item[name].as_str().unwrap()).collect()
}

const CREW: &[(&str, &str)] = &[
    (
        "resources.csv",
        "kind,key,name\ncustomer,c3,Harbour Bakery\n",
    ),
    (
        "users.csv",
        "key,first_name,last_name\nu17,Ana,Sá\nu18,Bo,\n",
    ),
    (
        "memberships.csv",
        "resource,user\ncustomer:c3,u17\ncustomer:c3,u18\n",
    ),
    (
        "grants.csv",
        "subject,role,resource\nuser:u17,owner,customer:c3\n",
    ),
];

#[tokio::test]
async fn files_are_imported_and_the_report_says_what_they_changed() {
    let world = World::new().await;
    let import = imported(&world, "", CREW).await;
    assert_eq!(import["state"], "done", "{import}");
    assert_eq!(import["dry_run"], false);
    let report = &import["report"];
    let counts = report["counts"].as_array().unwrap();
    assert!(counts.contains(&json!({"what": "user added", "count": 2})));
    assert_eq!(report["revision"], world.revision().await);
    assert_eq!(import["progress"]["rows"], 6);
    let member = get(&world, "/resources/customer:c3/members/u17").await;
    assert_eq!(member["roles"], json!(["owner"]));
    // Who imported stands in the entry, and that it was an import.
    let entry = get(&world, &format!("/entries/{}", report["revision"])).await;
    assert!(entry["actor"].as_str().unwrap().starts_with("service:"));
    let correlation = format!("import {}", crate::ask::CORRELATION);
    assert_eq!(entry["correlation_id"], correlation);
    let again = imported(&world, "", CREW).await;
    assert_eq!(again["report"]["counts"], json!([]));
    let passed = &again["report"]["passed_over"];
    assert_eq!(
        passed[1],
        json!({"file": "users.csv", "reason": "unchanged", "rows": 2, "lines": "2-3"})
    );
}

#[tokio::test]
async fn a_demotion_by_file_is_previewed_in_names_and_done() {
    let world = World::new().await;
    imported(&world, "", CREW).await;
    let before = world.revision().await;
    let demoted: &[(&str, &str)] = &[
        ("memberships.csv", "resource,user\ncustomer:c3,u17\n"),
        (
            "grants.csv",
            "subject,role,resource\nuser:u17,viewer,customer:c3\n",
        ),
    ];
    let expected = [
        "user u18 Bo: detached from customer:c3",
        "user u17 Ana Sá: role owner → viewer on customer:c3",
    ];
    let query = "?replace=memberships,grants&dry_run=true";
    let preview = imported(&world, query, demoted).await;
    assert_eq!(each(&preview["report"]["changes"], "text"), expected);
    assert_eq!(world.revision().await, before);
    let done = imported(&world, "?replace=memberships,grants", demoted).await;
    assert_eq!(each(&done["report"]["changes"], "text"), expected);
    let members = get(&world, "/resources/customer:c3/members").await;
    assert_eq!(members["total"], 1);
    assert_eq!(members["items"][0]["roles"], json!(["viewer"]));
    // Without a replacement, the file adds, and says what it contradicts.
    let adding = imported(&world, "", &CREW[3..]).await;
    let warnings = &adding["report"]["warnings"];
    assert_eq!(warnings[0]["file"], "grants.csv");
    assert_eq!(warnings[0]["line"], 2);
    let said = warnings[0]["reason"].as_str().unwrap();
    assert!(
        said.contains("user u17 Ana Sá keeps role viewer on customer:c3, gets owner too"),
        "{said}"
    );
}

#[tokio::test]
async fn faults_are_told_by_file_line_and_column_and_nothing_is_written() {
    let world = World::new().await;
    let before = world.revision().await;
    let files: &[(&str, &str)] = &[
        ("users.csv", "key,email_verified\nada,true\nben,WAHR\n"),
        ("user.csv", ""),
    ];
    let import = imported(&world, "", files).await;
    assert_eq!(import["state"], "failed");
    assert_eq!(import["report"], Value::Null);
    assert_eq!(
        import["faults"],
        json!([
            {"file": "users.csv", "line": 3, "column": "email_verified", "reason": "must be true or false, is WAHR"},
            {"file": "user.csv", "line": null, "column": null, "reason": "is none of the files that an import reads; the nearest is users.csv"},
        ])
    );
    assert_eq!(world.revision().await, before);
}

#[tokio::test]
async fn other_files_of_an_archive_are_named_and_one_that_was_meant_is_a_fault() {
    let world = World::new().await;
    let files: &[(&str, &str)] = &[
        ("users.csv", "key\nada\n"),
        ("notes.txt", ""),
        ("users.xlsx", ""),
    ];
    let import = imported(&world, "", files).await;
    let reason = "is passed over: an import does not read it";
    let warning =
        |file: &str| json!({"file": file, "line": null, "column": null, "reason": reason});
    assert_eq!(
        import["report"]["warnings"],
        json!([warning("notes.txt"), warning("users.xlsx")])
    );
    for name in [
        "users.tsv",
        "Users.CSV",
        ".users.csv",
        "users.csv.txt",
        "users.xlsx",
    ] {
        let import = imported(&world, "", &[(name, "key\nbo\n")]).await;
        assert_eq!(import["state"], "failed", "{name}");
        let fault = &import["faults"][0];
        assert_eq!(fault["file"], name);
        let reason = fault["reason"].as_str().unwrap();
        assert!(reason.contains("the nearest is users.csv"), "{reason}");
    }
}

#[tokio::test]
async fn what_is_no_archive_of_files_is_refused_at_once() {
    let world = World::limited(|limits| {
        limits.imports.bytes = 10_000;
        limits.imports.unpacked_bytes = 20_000;
        limits.imports.entries = 3;
    })
    .await;
    let large = "x".repeat(20_001);
    let send = async |bytes: Vec<u8>| {
        let ask = ask(&world, "POST", "/import").by(ADMIN);
        ask.bytes(bytes, "application/zip").send().await
    };
    for (bytes, said) in [
        (b"key\nada\n".to_vec(), "body must be a zip archive"),
        (Vec::new(), "body must be a zip archive"),
        (
            zipped(&[("readme.md", "")]),
            "body holds none of the files that an import reads",
        ),
        (
            zipped(&[("../users.csv", "key\n")]),
            "../users.csv leads out of the archive",
        ),
        (
            zipped(&[("users.csv", &large)]),
            "body must unpack to at most 20000 bytes",
        ),
        (
            zipped(&[("1", ""), ("2", ""), ("3", ""), ("users.csv", "key\n")]),
            "body must be an archive of at most 3 entries",
        ),
    ] {
        let refused = send(bytes).await;
        is(&refused, 400, "invalid");
        assert!(errors(&refused)[0].starts_with(said), "{}", refused.body);
    }
    is(&send(vec![0; 10_001]).await, 413, "body-too-large");
    for kind in ["application/json", "text/csv", "application/x-tar"] {
        let ask = ask(&world, "POST", "/import").by(ADMIN);
        let refused = ask.bytes(zipped(CREW), kind).send().await;
        is(&refused, 400, "invalid");
    }
    for (query, field) in [
        ("?replace=users", "replace"),
        ("?replace=", "replace"),
        ("?dry_run=yes", "dry_run"),
        ("?dryrun=true", "dryrun"),
        ("?allow_mass_detach=true", "allow_mass_detach"),
    ] {
        let refused = import(&world, query, CREW).send().await;
        is(&refused, 400, "invalid");
        assert!(errors(&refused)[0].starts_with(field), "{}", refused.body);
    }
    // None of them is in the way of the next.
    assert_eq!(import(&world, "", &CREW[1..2]).send().await.status, 202);
}

#[tokio::test]
async fn it_takes_everything_and_that_is_asked_before_the_body() {
    let world = World::new().await;
    for (method, path) in [("POST", "/import"), ("GET", "/export")] {
        for caller in ["brief", "local", "nobody"] {
            // What is sent is no archive at all: nobody looks at it.
            let ask = ask(&world, method, path).by(caller);
            let refused = ask.bytes(b"no archive".to_vec(), "application/zip").send();
            let refused = refused.await;
            is(&refused, 403, "forbidden");
            assert_eq!(refused.at("/permission"), "*", "{caller}");
        }
    }
    let unknown = "/imports/01980000-0000-7000-8000-000000000000";
    is(
        &ask(&world, "GET", unknown).by(ADMIN).send().await,
        404,
        "not-found",
    );
    is(
        &ask(&world, "GET", unknown).by("brief").send().await,
        403,
        "forbidden",
    );
    is(
        &ask(&world, "GET", "/imports/x").by(ADMIN).send().await,
        404,
        "not-found",
    );
    // An import is its tenant's.
    let begun = import(&world, "", CREW).send().await;
    ended(&world, &begun).await;
    let place = begun.header("location").unwrap();
    let other = world
        .get(place)
        .by("globex")
        .header("X-Correlation-Id", crate::ask::CORRELATION);
    let other = other.send().await;
    assert!([403, 404].contains(&other.status), "{}", other.body);
}

#[tokio::test]
async fn an_import_is_forgotten_an_hour_after_its_end() {
    let world = World::new().await;
    let begun = import(&world, "?dry_run=true", CREW).send().await;
    ended(&world, &begun).await;
    let place = begun.header("location").unwrap();
    world.pass(3_599);
    assert_eq!(world.get(place).by(ADMIN).send().await.status, 200);
    world.pass(1);
    assert_eq!(world.get(place).by(ADMIN).send().await.status, 404);
}

#[tokio::test]
async fn a_tenant_has_one_import_under_way_and_a_key_asks_for_the_same() {
    let world = World::new().await;
    // What is begun has no time to end before the next is sent: both are under way at once,
    // or one after the other.
    let (one, other) = tokio::join!(
        import(&world, "?dry_run=true", CREW).send(),
        import(&world, "?dry_run=true", CREW).send(),
    );
    let mut statuses = [one.status, other.status];
    statuses.sort_unstable();
    assert!([[202, 202], [202, 409]].contains(&statuses), "{statuses:?}");
    for answer in [&one, &other] {
        match answer.status {
            202 => drop(ended(&world, answer).await),
            _ => is(answer, 409, "import-running"),
        }
    }
    let keyed = |files| import(&world, "", files).header("Idempotency-Key", "\"first\"");
    let first = keyed(CREW).send().await;
    let end = ended(&world, &first).await;
    let revision = world.revision().await;
    let again = keyed(CREW).send().await;
    assert_eq!(again.status, 202, "{}", again.body);
    assert_eq!(again.header("idempotent-replayed"), Some("true"));
    assert_eq!(again.at("/id"), end["id"]);
    assert_eq!(world.revision().await, revision);
    is(&keyed(&CREW[1..2]).send().await, 422, "request-differs");
    let only_if = import(&world, "", CREW).header("If-Match", "\"x\"");
    is(&only_if.send().await, 412, "changed");
}

#[tokio::test]
async fn another_server_has_what_was_imported_and_does_not_know_the_import() {
    let world = World::new().await;
    let other = world.beside().await;
    let begun = import(&world, "", CREW).send().await;
    let end = ended(&world, &begun).await;
    let place = begun.header("location").unwrap();
    let unknown = other.get(place).by(ADMIN).send().await;
    assert_eq!(unknown.status, 404, "{}", unknown.body);
    let revision = end["report"]["revision"].to_string();
    let member = ask(&other, "GET", "/resources/customer:c3/members/u17").by(ADMIN);
    let member = member.header("Attache-At-Least", &revision).send().await;
    assert_eq!(member.status, 200, "{}", member.body);
}

#[tokio::test]
async fn the_report_shows_as_much_as_it_may_and_counts_the_rest() {
    let world = World::limited(|limits| limits.imports.report_lines = 2).await;
    let import = imported(&world, "?dry_run=true", CREW).await;
    let report = &import["report"];
    assert_eq!(report["changes"].as_array().unwrap().len(), 2);
    assert_eq!(report["changes_left_out"], 4);
    let wrong: &[(&str, &str)] = &[("users.csv", "key,status\na,x\nb,x\nc,x\n")];
    let import = imported(&world, "", wrong).await;
    assert_eq!(import["faults"].as_array().unwrap().len(), 2);
    assert_eq!(import["faults_left_out"], 1);
}

#[tokio::test]
async fn what_was_taken_away_by_hand_is_told_where_it_comes_back() {
    let world = World::new().await;
    imported(&world, "", CREW).await;
    done(
        &world,
        "DELETE /resources/customer:c3/members/u17",
        Value::Null,
    )
    .await;
    done(&world, "DELETE /users/u18", Value::Null).await;
    let again = imported(&world, "?dry_run=true", CREW).await;
    let warnings = each(&again["report"]["warnings"], "reason");
    let has = |text: &str| warnings.iter().any(|it| it.contains(text));
    assert!(
        has("user u17 Ana Sá was detached from customer:c3 at 2026-03-03T09:30:"),
        "{warnings:?}"
    );
    assert!(
        has("user u17 Ana Sá lost role owner on customer:c3"),
        "{warnings:?}"
    );
    assert!(has("the user with this key was removed at"), "{warnings:?}");
    assert!(warnings.iter().all(|it| it.ends_with(", and comes back")));
    // What a file took away, nobody did by hand.
    let fewer: &[(&str, &str)] = &[("memberships.csv", "resource,user\ncustomer:c3,\n")];
    imported(&world, "", CREW).await;
    imported(&world, "?replace=memberships", fewer).await;
    let again = imported(&world, "?dry_run=true", CREW).await;
    assert_eq!(again["report"]["warnings"], json!([]), "{again}");
}

/// Names that are awkward in a file, an archive or a spreadsheet.
const AWKWARD: &[(&str, &str)] = &[
    (
        "resources.csv",
        "kind,key,name,parent\n\
         customer,\"c,1\",\"Bäckerei \"\"Zum Löwen\"\"; GmbH & Co\",\n\
         customer,../c2,=1+1,\n\
         customer,c 3,李記,\n",
    ),
    (
        "users.csv",
        "key,first_name,last_name,phone\n\
         auth0|5f,Ana Sofía,\"O'Hara, Jr.\",+49 30 1\n\
         a@b.example,'=x,Ðorđe,\n",
    ),
    (
        "memberships.csv",
        "resource,user,expires_at\n\
         \"customer:c,1\",auth0|5f,2999-01-01\n\
         customer:../c2,a@b.example,\n",
    ),
    (
        "grants.csv",
        "subject,role,resource\nuser:auth0|5f,owner,\"customer:c,1\"\n",
    ),
];

#[tokio::test]
async fn an_export_is_imported_again_with_nothing_to_change() {
    let world = World::with_bodies_of(1_000_000).await;
    let import = imported(&world, "", AWKWARD).await;
    assert_eq!(import["state"], "done", "{import}");
    for query in ["", "?for_spreadsheets=true"] {
        let bytes = exported(&world, query).await;
        let files = unzipped(bytes.clone());
        let names: Vec<&str> = files.keys().map(String::as_str).collect();
        let mut expected = [
            "catalogue.toml",
            "grants.csv",
            "group_users.csv",
            "groups.csv",
            "memberships.csv",
            "resources.csv",
            "services.csv",
            "users.csv",
        ];
        expected.sort_unstable();
        assert_eq!(names, expected);
        assert!(files["users.csv"].contains("O'Hara, Jr."));
        let guarded = files["resources.csv"].contains("'=1+1");
        assert_eq!(guarded, !query.is_empty(), "{}", files["resources.csv"]);
        for query in ["", "?replace=memberships,grants,group_users"] {
            let ask = ask(&world, "POST", &format!("/import{query}")).by(ADMIN);
            let begun = ask.bytes(bytes.clone(), "application/zip").send().await;
            let again = ended(&world, &begun).await;
            assert_eq!(again["state"], "done", "{again}");
            assert_eq!(again["report"]["counts"], json!([]), "{query}: {again}");
        }
    }
}

#[tokio::test]
async fn numbers_that_others_have_are_faults_or_given_anew() {
    let world = World::new().await;
    let before = get(&world, "/users/%231").await;
    let revision = world.revision().await;
    // The number of somebody whom no import made.
    let files: &[(&str, &str)] = &[(
        "users.csv",
        "key,number,first_name,email\nbob,1,Bob,bob@cust.example\n",
    )];
    let refused = imported(&world, "", files).await;
    assert_eq!(refused["state"], "failed", "{refused}");
    assert_eq!(refused["faults"][0]["file"], "users.csv");
    assert_eq!(refused["faults"][0]["line"], 2);
    assert_eq!(world.revision().await, revision);
    let done = imported(&world, "?renumber=true", files).await;
    assert_eq!(done["state"], "done", "{done}");
    assert_ne!(get(&world, "/users/bob").await["number"], 1);
    assert_eq!(get(&world, "/users/%231").await, before);
    let again = imported(&world, "?renumber=true", files).await;
    assert_eq!(again["report"]["counts"], json!([]), "{again}");
}

#[tokio::test]
async fn addresses_outside_the_grammar_are_faults_or_taken_with_a_warning() {
    let world = World::new().await;
    let files: &[(&str, &str)] = &[("users.csv", "key,email\ntaro,taro..y@docomo.example\n")];
    let refused = imported(&world, "", files).await;
    assert_eq!(refused["state"], "failed", "{refused}");
    assert_eq!(refused["faults"][0]["column"], "email");
    let done = imported(&world, "?any_address=true", files).await;
    assert_eq!(done["state"], "done", "{done}");
    let warnings = done["report"]["warnings"].to_string();
    assert!(warnings.contains("taro..y@docomo.example"), "{done}");
    let taro = get(&world, "/users/taro").await;
    assert_eq!(taro["email"], "taro..y@docomo.example");
}
