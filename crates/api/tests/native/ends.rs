//! Nobody gives anything for longer than they hold it; a credential that ends while its
//! request is under way does not write.

use serde_json::{Value, json};

use crate::ask::{ask, by, done, is};
use crate::imports::ended;
use attache_testkit::world::acme::{AN_HOUR, MILL};
use attache_testkit::world::wishes::{ROOT, grant_until, service_named};
use attache_testkit::world::{Answer, World, ids};

/// An hour after the beginning.
const THEN: &str = "2026-03-03T10:30:00.000Z";
const LATER: &str = "2026-03-03T10:30:00.001Z";

/// `nobody` is admin until then.
async fn world() -> World {
    let world = World::new().await;
    let then = Some(THEN.parse().unwrap());
    let admin = grant_until(ROOT, service_named("nobody"), "admin", then);
    world.operate(&[admin]).await;
    world
}

/// The paths and bodies of all that can be given with an end.
fn gifts(end: &Value) -> Vec<(&'static str, Value)> {
    let grant =
        |subject: &str, role: &str| json!({"subject": subject, "role": role, "expires_at": end});
    vec![
        (
            "POST /resources/tenant/grants",
            grant("service:nobody", "admin"),
        ),
        (
            "POST /resources/customer:%231/grants",
            grant("user:#2", "viewer"),
        ),
        (
            "PUT /resources/customer:%232/members/%2310",
            json!({"expires_at": end}),
        ),
        (
            "PUT /resources/customer:%232/members",
            json!({"users": ["#9", "#12"], "expires_at": end}),
        ),
        (
            "PUT /resources/customer:%232/members?dry_run=true",
            json!({"users": ["#8"], "expires_at": end}),
        ),
        ("POST /services/reader/tokens", json!({"expires_at": end})),
    ]
}

fn is_too_long(answer: &Answer, field: &str) {
    is(answer, 403, "outlasts");
    assert_eq!(answer.at("/errors/0/field"), field);
    let reason = format!("must be {THEN} at the latest");
    assert_eq!(answer.at("/errors/0/reason"), reason);
}

#[tokio::test]
async fn who_holds_for_an_hour_gives_for_an_hour() {
    let world = world().await;
    for end in [Value::Null, json!(LATER)] {
        for (what, body) in gifts(&end) {
            is_too_long(&by(&world, "nobody", what, body).await, "expires_at");
        }
    }
    for (what, body) in gifts(&json!(THEN)) {
        let answer = by(&world, "nobody", what, body).await;
        assert!(answer.status < 300, "{what}: {}", answer.body);
    }
    // What is left out is the same as null.
    let body = json!({"subject": "user:#2", "role": "manager"});
    let what = "POST /resources/customer:%231/grants";
    is_too_long(&by(&world, "nobody", what, body).await, "expires_at");
}

#[tokio::test]
async fn a_bulk_says_which_of_its_operations_gives_for_too_long() {
    let world = world().await;
    let attach = |user: &str, end| json!({"op": "add_member", "resource": "customer:#2", "user": user, "expires_at": end});
    let operations = json!([attach("#10", json!(THEN)), attach("#9", Value::Null)]);
    let before = world.revision().await;
    let answer = by(
        &world,
        "nobody",
        "POST /bulk",
        json!({"operations": operations}),
    )
    .await;
    is_too_long(&answer, "operations[1].expires_at");
    assert_eq!(answer.at("/operation"), 1);
    assert_eq!(world.revision().await, before);
}

#[tokio::test]
async fn what_has_no_end_takes_a_caller_without_one() {
    let world = world().await;
    for (what, body) in [
        ("PUT /groups/%232/users/%2310", Value::Null),
        ("PATCH /users/%231", json!({"key": "nobody"})),
        ("PATCH /users/%232", json!({"email": "nobody@mill.example"})),
        ("PATCH /users/%233", json!({"status": "active"})),
        ("PATCH /groups/%232", json!({"key": "accounts"})),
        ("PATCH /services/reader", json!({"key": "writer"})),
    ] {
        let answer = by(&world, "nobody", what, body.clone()).await;
        is(&answer, 403, "outlasts");
        let detail = answer.at("/detail");
        assert!(detail.as_str().unwrap().contains(THEN), "{what}: {detail}");
        assert!(answer.json().get("errors").is_none(), "{}", answer.body);
        done(&world, what, body).await;
    }
}

#[tokio::test]
async fn a_token_that_ends_makes_tokens_until_then() {
    let world = World::new().await;
    let made = done(
        &world,
        "POST /services/deputy/tokens",
        json!({"expires_at": THEN}),
    )
    .await;
    let bearer = format!("Bearer {}", made.at("/secret").as_str().unwrap());
    let send = async |what: &str, body: &Value| {
        let (method, path) = what.split_once(' ').unwrap();
        let ask = ask(&world, method, path).header("Authorization", &bearer);
        ask.json(body).send().await
    };
    // All else is held by the service, which may call with another token.
    for (what, body) in gifts(&Value::Null) {
        let answer = send(what, &body).await;
        match what {
            "POST /services/reader/tokens" => is_too_long(&answer, "expires_at"),
            _ => assert!(answer.status < 300, "{what}: {}", answer.body),
        }
    }
    let tokens = "POST /services/reader/tokens";
    let answer = send(tokens, &json!({"expires_at": THEN})).await;
    assert_eq!(answer.status, 201, "{}", answer.body);
}

#[tokio::test]
async fn to_let_something_end_earlier_takes_the_permission_to_remove() {
    let mut world = World::new().await;
    let all = |what: [&str; 2]| what.map(|it| format!("customers.users.{it}"));
    world
        .caller_with("adder", MILL, &all(["add", "roles.grant"]))
        .await;
    world
        .caller_with("remover", MILL, &all(["remove", "roles.revoke"]))
        .await;
    let member = |end: &str| {
        (
            "PUT /resources/customer:%231/members/%235",
            json!({"expires_at": end}),
        )
    };
    let lacks = |answer: &Answer, permission: &str| {
        is(answer, 403, "forbidden");
        assert_eq!(answer.at("/permission"), permission);
    };
    let send =
        async |service: &str, (what, body): (&str, Value)| by(&world, service, what, body).await;
    lacks(&send("adder", member(THEN)).await, "customers.users.remove");
    assert_eq!(send("remover", member(LATER)).await.status, 200);
    lacks(&send("adder", member(THEN)).await, "customers.users.remove");
    let never = ("PUT /resources/customer:%231/members/%235", Value::Null);
    lacks(&send("remover", never.clone()).await, "customers.users.add");
    assert_eq!(send("adder", never).await.status, 200);
    // Who may only remove attaches nobody.
    let new = (
        "PUT /resources/customer:%231/members/%2310",
        json!({"expires_at": THEN}),
    );
    lacks(&send("remover", new).await, "customers.users.add");
    let grant = |end: &str| {
        let body = json!({"subject": "user:#11", "role": "agent", "expires_at": end});
        ("POST /resources/customer:%231/grants", body)
    };
    lacks(
        &send("adder", grant(THEN)).await,
        "customers.users.roles.revoke",
    );
    assert_eq!(send("remover", grant(LATER)).await.status, 201);
    lacks(
        &send("remover", grant("2026-03-03T11:30:00Z")).await,
        "customers.users.roles.grant",
    );
}

#[tokio::test]
async fn who_stops_counting_while_the_body_is_under_way_does_not_write() {
    let world = world().await;
    let made = done(
        &world,
        "POST /services/deputy/tokens",
        json!({"expires_at": THEN}),
    )
    .await;
    let token = made.at("/secret").as_str().unwrap().to_owned();
    let body = json!({"users": ["#1"]}).to_string();
    // The token ends in one of the requests, the grant in the other.
    for (bearer, seconds, status) in [
        (token.as_str(), AN_HOUR, 401),
        // Without its role it does not see the customer.
        (world.token("nobody"), 0, 404),
    ] {
        let before = world.revision().await;
        let head = format!(
            "PUT /api/v1/resources/customer:%232/members HTTP/1.1\r\nAuthorization: Bearer {bearer}"
        );
        let (said, text) = world.raw_slowly(&head, &body, seconds).await;
        assert_eq!(said, status, "{text}");
        assert_eq!(world.revision().await, before);
    }
}

#[tokio::test]
async fn an_import_gives_for_no_longer_than_its_caller_holds() {
    let world = world().await;
    let mill = ids::resource(MILL.0, MILL.1).0;
    let before = world.revision().await;
    // Without an end, with one that is later than the caller's, and with the caller's.
    for (membership, grant, state) in [
        ("", "", "failed"),
        (THEN, "", "failed"),
        (THEN, LATER, "failed"),
        (LATER, THEN, "failed"),
        (THEN, THEN, "done"),
    ] {
        let memberships = format!("resource,user,expires_at\n{mill},greta,{membership}\n");
        let grants =
            format!("subject,role,resource,expires_at\nuser:greta,viewer,{mill},{grant}\n");
        let files = [("memberships.csv", &*memberships), ("grants.csv", &*grants)];
        let begun = ask(&world, "POST", "/import").by("nobody").zipped(&files);
        let import = ended(&world, &begun.send().await).await;
        assert_eq!(import["state"], state, "{import}");
        if state == "failed" {
            let reason = import["faults"][0]["reason"].as_str();
            assert!(reason.is_some_and(|it| it.contains(THEN)), "{import}");
            assert_eq!(world.revision().await, before, "nothing was written");
        }
    }
}

#[tokio::test]
async fn an_invitation_gives_for_no_longer_than_its_caller_holds() {
    let world = world().await;
    let before = world.revision().await;
    let what = "POST /users/%234/invitation";
    for end in [Value::Null, json!(THEN)] {
        let answer = by(&world, "nobody", what, json!({"expires_at": end})).await;
        is(&answer, 403, "outlasts");
    }
    assert_eq!(world.revision().await, before);
}
