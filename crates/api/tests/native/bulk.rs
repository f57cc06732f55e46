//! Many operations at once.

use serde_json::{Value, json};

use crate::ask::{ADMIN, admin, ask, by, done, errors, get, is};
use attache_testkit::world::World;

const BULK: &str = "POST /bulk";

#[allow(clippy::needless_pass_by_value, reason = "it reads better")]
fn of(operations: Value) -> Value {
    json!({"operations": operations})
}

#[tokio::test]
async fn later_operations_name_what_earlier_ones_add() {
    let world = World::new().await;
    let before = world.revision().await;
    let body = of(json!([
        {"op": "add_resource", "kind": "customer", "parent": "reseller:#1", "key": "dock", "name": "Dock"},
        {"op": "add_user", "key": "nina", "first_name": "Nina"},
        {"op": "add_group", "key": "crew", "name": "Crew"},
        {"op": "add_group_user", "group": "crew", "user": "nina"},
        {"op": "add_member", "resource": "customer:dock", "user": "nina"},
        {"op": "grant", "resource": "customer:dock", "subject": "user:nina", "role": "owner"},
        {"op": "grant", "resource": "customer:dock", "subject": "group:crew", "role": "viewer"},
        {"op": "revoke", "resource": "customer:dock", "subject": "group:crew", "role": "viewer"},
        {"op": "change_member", "resource": "customer:dock", "user": "nina", "expires_at": "2027-01-01T00:00:00Z"},
        {"op": "change_user", "user": "nina", "phone": "+1"},
        {"op": "add_service", "key": "billing", "name": "Billing"},
    ]));
    let done_once = done(&world, BULK, body).await;
    assert_eq!(world.revision().await, before + 1);
    let added = done_once.at("/added");
    let added: Vec<&str> = added
        .as_array()
        .unwrap()
        .iter()
        .map(|id| id.as_str().unwrap())
        .collect();
    let paths = [
        "/resources/customer:dock",
        "/users/nina",
        "/groups/crew",
        "/services/billing",
    ];
    for (path, id) in paths.into_iter().zip(added) {
        assert_eq!(get(&world, path).await["id"], id);
    }
    let member = get(&world, "/resources/customer:dock/members/nina").await;
    assert_eq!(member["roles"], json!(["owner"]));
    assert_eq!(member["user"]["phone"], "+1");
    let body = of(json!([
        {"op": "remove_member", "resource": "customer:dock", "user": "nina"},
        {"op": "remove_group_user", "group": "crew", "user": "nina"},
        {"op": "change_group", "group": "crew", "name": "The crew"},
        {"op": "change_service", "service": "billing", "name": "Bills"},
        {"op": "change_resource", "resource": "customer:dock", "name": "Docks"},
        {"op": "move_resource", "resource": "customer:dock", "parent": "reseller:#2"},
        {"op": "remove_group", "group": "crew"},
        {"op": "remove_service", "service": "billing"},
        {"op": "remove_user", "user": "nina"},
        {"op": "remove_resource", "resource": "customer:dock"},
    ]));
    let undone = done(&world, BULK, body).await;
    assert_eq!(undone.at("/added"), json!([]));
    assert_eq!(world.revision().await, before + 2);
}

#[tokio::test]
async fn all_of_it_happens_or_nothing_and_the_place_is_told() {
    let world = World::new().await;
    let before = world.revision().await;
    let nina = json!({"op": "add_user", "key": "nina"});
    for (refused, status, name, error) in [
        (
            json!({"op": "add_user", "key": "nina"}),
            409,
            "taken",
            Some("operations[1].key is taken"),
        ),
        (
            json!({"op": "add_group_user", "group": "none", "user": "nina"}),
            400,
            "unknown-reference",
            Some("operations[1].group is no group"),
        ),
        (
            json!({"op": "remove_resource", "resource": "workspace:harbor"}),
            409,
            "in-use",
            None,
        ),
        (
            json!({"op": "grant", "resource": "customer:#1", "subject": "user:nina", "role": "owner"}),
            409,
            "not-a-member",
            None,
        ),
        (
            json!({"op": "add_member", "resource": "customer:none", "user": "nina"}),
            404,
            "not-found",
            None,
        ),
    ] {
        let answer = admin(&world, BULK, of(json!([nina, refused]))).await;
        is(&answer, status, name);
        assert_eq!(answer.at("/operation"), 1, "{}", answer.body);
        assert_eq!(errors(&answer).first().map(String::as_str), error);
    }
    assert_eq!(world.revision().await, before);
    is(
        &admin(&world, "GET /users/nina", Value::Null).await,
        404,
        "not-found",
    );
}

#[tokio::test]
async fn what_cannot_be_read_is_named() {
    let world = World::new().await;
    for (body, error) in [
        (json!({}), "operations is required"),
        (of(json!({})), "operations must be a list"),
        (of(json!([{}])), "operations[0].op is required"),
        (of(json!([{"op": "add_planet"}])), "operations[0]"),
        (
            of(json!([{"op": "add_group", "nam": "X"}])),
            "operations[0].nam is not known here",
        ),
        (
            of(json!([{"op": "add_group"}])),
            "operations[0].name is required",
        ),
        (
            of(json!([{"op": "add_group", "name": ""}])),
            "operations[0].name must not be empty",
        ),
        (
            of(json!([{"op": "add_group", "name": 7}])),
            "operations[0].name must be a string",
        ),
        (
            of(json!([{"op": "change_user", "user": "greta", "email": "x"}])),
            "operations[0].email ",
        ),
        (
            of(json!([{"op": "remove_user", "user": "greta", "force": true}])),
            "operations[0].force is not known here",
        ),
        // A typo that would let a membership last for ever.
        (
            of(
                json!([{"op": "add_member", "resource": "customer:#1", "user": "greta", "expiresAt": "2027-01-01T00:00:00Z"}]),
            ),
            "operations[0].expiresAt is not known here",
        ),
        (of(json!([7])), "operations[0]"),
        (of(json!([{"op": 7}])), "operations[0]"),
    ] {
        let answer = admin(&world, BULK, body.clone()).await;
        is(&answer, 400, "invalid");
        let errors = errors(&answer);
        assert!(errors[0].starts_with(error), "{body}: {errors:?}");
    }
}

#[tokio::test]
async fn each_needs_what_it_needs_alone() {
    let mut world = World::new().await;
    let may = ["tenants.groups.add".to_owned()];
    world
        .caller_with("founder", attache_testkit::world::wishes::ROOT, &may)
        .await;
    let group = json!({"op": "add_group", "name": "Crew"});
    let user = json!({"op": "add_user"});
    let answer = by(&world, "founder", BULK, of(json!([group, user]))).await;
    is(&answer, 403, "forbidden");
    assert_eq!(answer.at("/operation"), 1);
    assert_eq!(answer.at("/permission"), "tenants.users.add");
    let answer = by(&world, "founder", BULK, of(json!([group]))).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
}

#[tokio::test]
async fn ten_thousand_become_one_entry_and_no_more_are_taken() {
    let world = World::with_bodies_of(10_000_000).await;
    let before = world.revision().await;
    let users = |count: usize| {
        let user =
            |place| json!({"op": "add_user", "key": format!("u{place}"), "last_name": "Many"});
        of((0..count).map(user).collect())
    };
    let answer = admin(&world, BULK, users(10_001)).await;
    is(&answer, 400, "invalid");
    assert!(errors(&answer)[0].starts_with("operations must be at most 10000"));
    let answer = done(&world, BULK, users(10_000)).await;
    assert_eq!(answer.at("/added").as_array().unwrap().len(), 10_000);
    assert_eq!(world.revision().await, before + 1);
    let page = get(&world, "/users?text=many&page_size=1").await;
    assert_eq!(page["total"], 10_000);
}

#[tokio::test]
async fn nothing_is_nothing() {
    let world = World::new().await;
    let before = world.revision().await;
    let send = || {
        let ask = ask(&world, "POST", "/bulk").by(ADMIN);
        ask.json(&of(json!([]))).send()
    };
    let answer = send().await;
    assert_eq!(answer.json(), json!({"changes": 0, "added": []}));
    assert_eq!(world.revision().await, before);
}
