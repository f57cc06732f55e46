//! One word for one thing: former spellings are refused, and the error names the new one.

use serde_json::{Value, json};

use crate::ask::{admin, errors, is};
use attache_testkit::world::World;

#[tokio::test]
async fn former_spellings_are_refused_with_the_new_one() {
    let world = World::new().await;
    let before = world.revision().await;
    let bulk = |operation: Value| json!({"operations": [operation]});
    for (what, body, error) in [
        (
            "POST /resources",
            json!({"kind": "customer", "name": "X", "under": "tenant"}),
            "under is called parent now",
        ),
        (
            "POST /resources/customer:%231/move",
            json!({"to": "reseller:#2"}),
            "to is called parent now",
        ),
        (
            "POST /bulk",
            bulk(json!({"op": "add_resource", "kind": "customer", "name": "X", "under": "tenant"})),
            "operations[0].under is called parent now",
        ),
        (
            "POST /bulk",
            bulk(json!({"op": "move_resource", "resource": "customer:#1", "to": "reseller:#2"})),
            "operations[0].to is called parent now",
        ),
        (
            "POST /bulk",
            bulk(json!({"op": "change_user", "user": "greta", "change": {"phone": "+1"}})),
            "operations[0].change is gone: its fields stand in the operation itself now",
        ),
        (
            "POST /bulk",
            bulk(
                json!({"op": "grant", "resource": "customer:#1", "grant": {"subject": "user:#1", "role": "owner"}}),
            ),
            "operations[0].grant is gone: its fields stand in the operation itself now",
        ),
        (
            "GET /users?sort=-added",
            Value::Null,
            "sort -added is called -created_at now",
        ),
        (
            "GET /resources/customer:%231/members?sort=added",
            Value::Null,
            "sort added is called added_at now",
        ),
    ] {
        let answer = admin(&world, what, body).await;
        is(&answer, 400, "invalid");
        assert_eq!(errors(&answer), [error], "{what}");
    }
    assert_eq!(world.revision().await, before);
}

#[tokio::test]
async fn a_bulk_takes_the_fields_of_the_request_that_does_the_same_alone() {
    let world = World::new().await;
    for (operation, error) in [
        (
            json!({"op": "change_user", "status": "inactive"}),
            "operations[0].user is required",
        ),
        (
            json!({"op": "change_user", "user": "greta", "nickname": "G"}),
            "operations[0].nickname is not known here; these are: key, status, first_name",
        ),
        (
            json!({"op": "change_user", "user": "greta", "body": {}}),
            "operations[0].body is not known here",
        ),
        (
            json!({"op": "grant", "resource": "customer:#1", "role": "owner"}),
            "operations[0].subject is required",
        ),
        (
            json!({"op": "grant", "resource": 7, "subject": "user:greta", "role": "owner"}),
            "operations[0].resource must be a string",
        ),
    ] {
        let answer = admin(&world, "POST /bulk", json!({"operations": [operation]})).await;
        is(&answer, 400, "invalid");
        let errors = errors(&answer);
        assert!(errors[0].starts_with(error), "{errors:?}");
    }
}
