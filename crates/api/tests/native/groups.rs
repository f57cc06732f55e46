//! Groups and who is in them.

use serde_json::{Value, json};

use crate::ask::{admin, by, done, each, errors, get, is};
use attache_testkit::world::{World, ids};

#[tokio::test]
async fn a_group_is_added_changed_and_removed() {
    let world = World::new().await;
    let made = done(
        &world,
        "POST /groups",
        json!({"key": "crew", "name": "Crew"}),
    )
    .await;
    assert_eq!(made.at("/number"), 3);
    let now = done(&world, "PATCH /groups/crew", json!({"name": "The crew"})).await;
    assert_eq!(now.at("/key"), "crew", "what is left out stays");
    let now = done(&world, "PATCH /groups/crew", json!({"key": null})).await;
    assert_eq!(now.at("/key"), Value::Null);
    assert_eq!(now.at("/id"), made.at("/id"));
    assert_eq!(get(&world, "/groups/%233").await, now.json());
    done(&world, "DELETE /groups/%233", Value::Null).await;
    let gone = admin(&world, "GET /groups/%233", Value::Null).await;
    is(&gone, 404, "not-found");
}

#[tokio::test]
async fn its_name_is_needed_and_never_null() {
    let world = World::new().await;
    for (what, body, error) in [
        ("POST /groups", json!({}), "name is required"),
        (
            "POST /groups",
            json!({"name": ""}),
            "name must not be empty",
        ),
        (
            "POST /groups",
            json!({"name": null}),
            "name must be a string, and is null",
        ),
        (
            "PATCH /groups/%231",
            json!({"name": ""}),
            "name must not be empty",
        ),
    ] {
        let answer = admin(&world, what, body).await;
        is(&answer, 400, "invalid");
        assert_eq!(errors(&answer), [error]);
    }
}

#[tokio::test]
async fn the_list_is_by_number_and_filtered() {
    let world = World::new().await;
    for (query, expected) in [
        ("", vec![1, 2]),
        ("?user=%236", vec![1, 2]),
        ("?user=%2311", vec![2]),
        ("?user=greta", vec![]),
        ("?text=NIGHT", vec![1]),
        ("?text=9b2f0d6a", vec![1]),
        ("?text=NIGHT&user=%2311", vec![]),
    ] {
        let found = each(&world, &format!("/groups{query}"), "/number").await;
        assert_eq!(found, expected, "{query}");
    }
    let answer = admin(&world, "GET /groups?user=nobody-known", Value::Null).await;
    assert_eq!(errors(&answer), ["user is no user"]);
}

#[tokio::test]
async fn users_come_and_go() {
    let world = World::new().await;
    assert_eq!(each(&world, "/groups/%232/users", "/number").await, [6, 11]);
    let before = world.revision().await;
    for status in [201, 204] {
        let put = done(&world, "PUT /groups/%232/users/greta", Value::Null).await;
        assert_eq!(put.status, status);
    }
    let found = get(&world, "/groups/%232/users/greta").await;
    assert_eq!(found["key"], "greta");
    let other = admin(&world, "GET /groups/%232/users/%231", Value::Null).await;
    is(&other, 404, "not-found");
    assert_eq!(
        each(&world, "/groups/%232/users", "/number").await,
        [6, 9, 11]
    );
    for _ in 0..2 {
        done(&world, "DELETE /groups/%232/users/greta", Value::Null).await;
    }
    assert_eq!(each(&world, "/groups/%232/users", "/number").await, [6, 11]);
    assert_eq!(
        world.revision().await,
        before + 2,
        "what is so already is no entry"
    );
    for path in [
        "/groups/%239/users/greta",
        "/groups/%232/users/nobody-known",
    ] {
        for method in ["PUT", "DELETE"] {
            let answer = admin(&world, &format!("{method} {path}"), Value::Null).await;
            is(&answer, 404, "not-found");
        }
    }
}

#[tokio::test]
async fn nobody_puts_others_where_they_hold_more_than_it_does() {
    let mut world = World::new().await;
    let may = ["tenants.groups.*".to_owned()];
    world
        .caller_with("porter", attache_testkit::world::wishes::ROOT, &may)
        .await;
    // The accounts may see the mill; the night shift may nothing.
    let answer = by(
        &world,
        "porter",
        "PUT /groups/%232/users/greta",
        Value::Null,
    )
    .await;
    is(&answer, 403, "exceeds");
    assert!(
        answer
            .at("/permission")
            .as_str()
            .unwrap()
            .starts_with("customers.")
    );
    let answer = by(
        &world,
        "porter",
        "PUT /groups/%231/users/greta",
        Value::Null,
    )
    .await;
    assert_eq!(answer.status, 201, "{}", answer.body);
}

#[tokio::test]
async fn a_group_that_goes_takes_its_grants_along() {
    let world = World::new().await;
    let path = "/resources/customer:%231/grants?subject=group:%232";
    assert_eq!(each(&world, path, "/subject").await.len(), 1);
    done(&world, "DELETE /groups/%232", Value::Null).await;
    let left = each(&world, "/resources/customer:%231/grants", "/subject").await;
    let gone = format!("group:{}", ids::group(2));
    assert!(!left.contains(&json!(gone)), "{left:?}");
}
