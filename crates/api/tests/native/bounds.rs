//! What a request may take, of memory and of an answer.

use serde_json::{Value, json};

use crate::ask::{admin, ask, done, each, errors, get, is};
use attache_testkit::world::World;

/// A body of nonsense with so many bytes.
fn nonsense(bytes: usize) -> String {
    let item = r#"{"":0}"#;
    format!("[{}]", vec![item; bytes / (item.len() + 1)].join(","))
}

/// What stands on all pages of a list, and how many pages there are.
async fn on_all_pages(world: &World, path: &str) -> (Vec<Value>, usize) {
    let (mut items, mut pages, mut cursor) = (Vec::new(), 0, String::new());
    loop {
        let page = get(world, &format!("{path}{cursor}")).await;
        items.extend(page["items"].as_array().unwrap().iter().cloned());
        pages += 1;
        match page["next"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return (items, pages),
        }
    }
}

async fn add_groups(world: &World, count: usize) -> u64 {
    let operations: Vec<Value> = (0..count)
        .map(|nth| json!({"op": "add_group", "key": format!("crew-{nth}"), "name": "Crew"}))
        .collect();
    let added = done(world, "POST /bulk", json!({"operations": operations}));
    added.await.revision()
}

#[tokio::test]
async fn pages_of_each_list_end_by_their_bytes() {
    let small = World::limited(|limits| limits.answer_bytes = 100).await;
    let large = World::new().await;
    for world in [&small, &large] {
        for audience in ["portal", "desk"] {
            let trust = json!({
                "issuer": format!("https://{audience}.acme.example"),
                "audience": audience,
                "keys": {"from": "url", "url": "https://login.acme.example/keys"},
            });
            done(world, "POST /issuers", trust).await;
        }
        for user in ["%232", "%239"] {
            done(
                world,
                &format!("PUT /groups/%231/users/{user}"),
                Value::Null,
            )
            .await;
            done(world, "POST /services/deputy/tokens", Value::Null).await;
        }
    }
    for path in [
        "/users",
        "/groups",
        "/services",
        "/resources",
        "/resources/tenant/members",
        "/resources/tenant/children",
        "/resources/tenant/grants",
        "/roles",
        "/kinds",
        "/issuers",
        "/entries",
        "/services/deputy/tokens",
        "/groups/%231/users",
        "/users/%232/resources",
        "/resources/customer:%231/members?include=effective",
        "/resources/customer:%231/grants",
        "/grants?subject=user:%232",
    ] {
        let join = if path.contains('?') { '&' } else { '?' };
        let path = format!("{path}{join}page_size=1000");
        let (all, pages) = on_all_pages(&large, &path).await;
        assert_eq!(pages, 1, "{path}");
        let (some, pages) = on_all_pages(&small, &path).await;
        assert_eq!(some.len(), all.len(), "{path}");
        assert!(pages > 1, "{path}: {} in {pages}", all.len());
    }
}

#[tokio::test]
async fn a_page_of_entries_ends_by_its_bytes() {
    let world = World::limited(|limits| limits.answer_bytes = 2_000).await;
    let now = world.revision().await;
    let (entries, pages) = on_all_pages(&world, "/entries?page_size=1000").await;
    let revisions: Vec<u64> = entries
        .iter()
        .map(|it| it["revision"].as_u64().unwrap())
        .collect();
    let expected: Vec<u64> = (1..=now).rev().collect();
    assert_eq!(revisions, expected);
    assert!(pages > 1, "{pages}");
}

#[tokio::test]
async fn an_entry_that_is_larger_than_an_answer_is_shown_in_parts() {
    let world = World::limited(|limits| limits.answer_bytes = 2_000).await;
    let revision = add_groups(&world, 60).await;
    let path = format!("/entries/{revision}");
    let (mut events, mut from) = (Vec::new(), 0);
    loop {
        let part = get(&world, &format!("{path}?from_event={from}")).await;
        let some = part["events"].as_array().unwrap();
        assert!(!some.is_empty());
        events.extend(some.iter().cloned());
        let more = &part["more_events"];
        if more.is_null() {
            break;
        }
        assert_eq!(more["total"], 60);
        assert_eq!(more["from_event"], events.len());
        from = events.len();
    }
    let keys: Vec<&Value> = events.iter().map(|event| &event["key"]).collect();
    let expected: Vec<Value> = (0..60).map(|nth| json!(format!("crew-{nth}"))).collect();
    assert_eq!(keys, expected.iter().collect::<Vec<_>>());
    // In a list of entries it says that there is more too.
    let list = get(&world, "/entries?page_size=1").await;
    assert_eq!(list["items"][0]["more_events"]["total"], 60);
    let beyond = admin(&world, &format!("GET {path}?from_event=60"), Value::Null).await;
    is(&beyond, 400, "invalid");
    assert!(errors(&beyond)[0].starts_with("from_event is beyond"));
    // One that fits says nothing of parts.
    let world = World::new().await;
    let revision = add_groups(&world, 60).await;
    let whole = get(&world, &format!("/entries/{revision}")).await;
    assert!(whole.get("more_events").is_none());
    assert_eq!(whole["events"].as_array().unwrap().len(), 60);
}

#[tokio::test]
async fn personal_data_stands_with_the_events_that_are_shown() {
    let world = World::limited(|limits| limits.answer_bytes = 1_000).await;
    let operations: Vec<Value> = (0..9)
        .map(|nth| json!({"op": "add_user", "key": format!("new-{nth}"), "first_name": "Nina"}))
        .collect();
    let revision = done(&world, "POST /bulk", json!({"operations": operations}));
    let revision = revision.await.revision();
    let part = get(&world, &format!("/entries/{revision}")).await;
    let events = part["events"].as_array().unwrap();
    let set = events
        .iter()
        .filter(|it| it["type"] == "user.profile_changed");
    let set: Vec<&str> = set.map(|it| it["user"].as_str().unwrap()).collect();
    let profiles = part["profiles"].as_object().unwrap();
    assert!(!part["more_events"].is_null());
    assert_eq!(profiles.len(), set.len());
    assert!(set.iter().all(|user| profiles.contains_key(*user)));
}

#[tokio::test]
async fn a_large_body_of_who_may_do_nothing_is_not_read() {
    let mut world = World::with_bodies_of(4_000_000).await;
    world
        .caller_with("stranger", attache_testkit::world::acme::FORGE, &[])
        .await;
    let body = nonsense(1_000_000);
    // A service with a role that permits nothing holds a grant: it is read.
    let answer = ask(&world, "POST", "/bulk")
        .by("stranger")
        .text(&body)
        .send()
        .await;
    is(&answer, 400, "invalid");
    let service = done(
        &world,
        "POST /services",
        json!({"key": "new", "name": "New"}),
    )
    .await;
    assert_eq!(service.status, 201);
    let token = done(&world, "POST /services/new/tokens", json!({})).await;
    let token = token.at("/secret").as_str().unwrap().to_owned();
    let bearer = format!("Bearer {token}");
    let by_nobody = |body: &str| {
        let ask = ask(&world, "POST", "/bulk").header("authorization", &bearer);
        ask.text(body).send()
    };
    let answer = by_nobody(&body).await;
    is(&answer, 403, "forbidden");
    // A small one is read: what is wrong with it is told as to anybody else.
    let answer = by_nobody(&nonsense(1_000)).await;
    is(&answer, 400, "invalid");
}

#[tokio::test]
async fn the_first_bad_operation_of_a_large_bulk_is_named() {
    let world = World::with_bodies_of(4_000_000).await;
    for (body, error) in [
        (
            format!(r#"{{"operations": {}}}"#, nonsense(60_000)),
            "operations[0].op is required",
        ),
        (
            format!(r#"{{"operations": {}}}"#, nonsense(1_000_000)),
            "operations must be at most 10000",
        ),
        (
            format!(r#"{{"operations": [{}]}}"#, nonsense(1_000_000)),
            "operations[0] must have at most 4096 values",
        ),
        (nonsense(1_000_000), "body must be a JSON object"),
        (
            r#"{"operations": [7]}"#.to_owned(),
            "operations[0] must be an object",
        ),
    ] {
        let answer = ask(&world, "POST", "/bulk")
            .by("deputy")
            .text(&body)
            .send()
            .await;
        is(&answer, 400, "invalid");
        let errors = errors(&answer);
        assert!(errors[0].starts_with(error), "{errors:?}");
    }
}

#[tokio::test]
async fn bodies_beyond_the_share_of_a_tenant_are_answered_503() {
    let world = World::limited(|limits| {
        limits.body_bytes = 1_000_000;
        limits.bodies_bytes_of_one = 200_000;
    })
    .await;
    let body = nonsense(300_000);
    let answer = ask(&world, "POST", "/bulk")
        .by("deputy")
        .text(&body)
        .send()
        .await;
    is(&answer, 503, "unavailable");
    assert_eq!(answer.header("retry-after"), Some("1"));
    // What it took is given back.
    for _ in 0..3 {
        let body = nonsense(150_000);
        let answer = ask(&world, "POST", "/bulk")
            .by("deputy")
            .text(&body)
            .send()
            .await;
        is(&answer, 400, "invalid");
    }
}

#[tokio::test]
async fn bodies_beyond_the_budget_of_all_are_answered_503() {
    let world = World::limited(|limits| limits.bodies_bytes = 1_000).await;
    let body = nonsense(3_000);
    let answer = ask(&world, "POST", "/bulk")
        .by("deputy")
        .text(&body)
        .send()
        .await;
    is(&answer, 503, "unavailable");
    assert_eq!(each(&world, "/kinds", "/name").await.len(), 5);
}

#[tokio::test]
async fn an_error_names_no_more_faults_than_fit_and_how_many_there_are() {
    let world = World::limited(|limits| limits.error_bytes = 200).await;
    let users: Vec<String> = (0..40).map(|nth| format!("nobody-{nth}")).collect();
    let path = "PUT /resources/customer:%231/members";
    let answer = admin(&world, path, json!({"users": users})).await;
    assert_eq!(answer.status, 400);
    let named = errors(&answer);
    assert_eq!(named[0], "users[0] is no user");
    assert!(named.len() < 15, "{named:?}");
    let rest = 40 - (named.len() - 1);
    assert_eq!(
        named.last().unwrap(),
        &format!("users has {rest} more faults")
    );
    // The same in the words of a dialect.
    let ids: Vec<String> = (0..40).map(|nth| format!("x-{nth}")).collect();
    let sync = world.post("/third-party/v1/customers/1/users").by("keeper");
    let answer = sync.json(&json!({"user_ids": ids})).send().await;
    assert_eq!(answer.status, 422);
    let errors = answer.at("/errors");
    assert!(errors.as_object().unwrap().len() < 15, "{errors}");
    assert!(!errors["user_ids"].is_null(), "{errors}");
}

#[tokio::test]
async fn a_bulk_that_takes_long_is_done_in_turns_and_is_whole() {
    let world = World::with_bodies_of(4_000_000).await;
    let before = world.revision().await;
    let revision = add_groups(&world, 2_000).await;
    assert_eq!(revision, before + 1);
    let groups = get(&world, "/groups?text=crew-1999").await;
    assert_eq!(groups["total"], 1);
    // One that is refused changes nothing, and names the operation.
    let mut operations: Vec<Value> = (0..999)
        .map(|nth| json!({"op": "add_group", "key": format!("other-{nth}"), "name": "Crew"}))
        .collect();
    operations.push(json!({"op": "add_group", "key": "crew-0", "name": "Crew"}));
    let answer = admin(&world, "POST /bulk", json!({"operations": operations})).await;
    is(&answer, 409, "taken");
    assert_eq!(answer.at("/operation"), 999);
    assert_eq!(world.revision().await, revision);
}

#[tokio::test]
async fn pasted_keys_are_refused_by_their_length_before_they_are_read() {
    let world = World::with_bodies_of(4_000_000).await;
    let body = |jwks: &str| {
        let keys = format!(r#"{{"from":"jwks","jwks":{jwks}}}"#);
        format!(r#"{{"issuer":"https://x.example","audience":"attache","keys":{keys}}}"#)
    };
    let spaces = " ".repeat(70_000);
    for (body, error) in [
        (
            body(&nonsense(3_900_000)),
            "keys.jwks must have at most 65536 bytes",
        ),
        // Not even where it is white space.
        (
            body(&format!(r#"{{"keys":[{{"kty":"EC"}}]{spaces}}}"#)),
            "keys.jwks must have at most 65536 bytes",
        ),
        (
            body(&format!(r#"{{"keys":{}}}"#, nonsense(60_000))),
            "keys.jwks must have at most 4096 values",
        ),
        (
            format!(r#"{{"keys":{{"jwks":{}}}}}"#, nonsense(60_000)),
            "keys.jwks must have at most 4096 values",
        ),
        (
            format!(r#"{{"keys":{{"more":{}}}}}"#, nonsense(1_000_000)),
            "keys.more is not known here",
        ),
        (format!(r#"{{"keys":{}}}"#, nonsense(1_000_000)), "keys"),
    ] {
        for (method, path) in [
            ("POST", "/issuers".to_owned()),
            ("PUT", format!("/issuers/{}", uuid::Uuid::nil())),
        ] {
            let ask = ask(&world, method, &path).by("deputy").text(&body);
            let answer = ask.send().await;
            is(&answer, 400, "invalid");
            let errors = errors(&answer);
            assert!(errors[0].starts_with(error), "{errors:?}");
        }
    }
}

#[tokio::test]
async fn a_large_body_of_who_may_not_do_that_is_not_read() {
    let mut world = World::with_bodies_of(4_000_000).await;
    let sees = ["tenants.view".to_owned()];
    let root = attache_testkit::world::wishes::ROOT;
    world.caller_with("glancer", root, &sees).await;
    let (small, large) = (nonsense(1_000), nonsense(1_000_000));
    for (what, permission) in [
        ("POST /issuers", "*"),
        ("PUT /issuers/0195e000-0000-7000-8000-002000000001", "*"),
        ("PUT /catalogue", "*"),
        ("PUT /roles/owner", "*"),
        ("PUT /kinds/customer", "*"),
        ("POST /users", "tenants.users.add"),
        ("PATCH /users/greta", "tenants.users.change"),
        ("POST /groups", "tenants.groups.add"),
        ("PATCH /groups/night", "tenants.groups.change"),
        ("POST /services", "tenants.services.add"),
        ("PATCH /services/deputy", "tenants.services.change"),
        ("PATCH /resources/tenant", "tenants.change"),
    ] {
        let (method, path) = what.split_once(' ').unwrap();
        let by = |caller: &'static str, body: &str| {
            let ask = ask(&world, method, path).by(caller);
            ask.text(body).send()
        };
        let answer = by("glancer", &large).await;
        is(&answer, 403, "forbidden");
        assert_eq!(answer.at("/permission"), permission, "{what}");
        // A small body is read, and a large one of a caller that may.
        is(&by("glancer", &small).await, 400, "invalid");
        is(&by("deputy", &large).await, 400, "invalid");
    }
    // What the caller does not see is not there.
    let members = ask(&world, "PUT", "/resources/customer:%231/members").by("glancer");
    is(&members.text(&large).send().await, 404, "not-found");
}
