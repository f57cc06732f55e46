//! Services.

use serde_json::{Value, json};

use crate::ask::{admin, ask, done, each, errors, get, is};
use attache_testkit::world::World;

#[tokio::test]
async fn a_service_is_added_changed_and_removed() {
    let world = World::new().await;
    let new = json!({"key": "billing", "name": "Billing", "number": 40});
    let made = done(&world, "POST /services", new).await;
    assert_eq!(made.at("/number"), 40);
    let id = made.at("/id").as_str().unwrap().to_owned();
    for name in ["billing", "%2340", &id] {
        assert_eq!(get(&world, &format!("/services/{name}")).await, made.json());
    }
    let now = done(&world, "PATCH /services/billing", json!({"key": "bills"})).await;
    assert_eq!(
        (now.at("/name"), now.at("/id")),
        (json!("Billing"), json!(id))
    );
    done(&world, "DELETE /services/bills", Value::Null).await;
    is(
        &admin(&world, "GET /services/bills", Value::Null).await,
        404,
        "not-found",
    );
    let next = done(&world, "POST /services", json!({"name": "Next"})).await;
    assert_eq!(next.at("/number"), 41);
}

#[tokio::test]
async fn a_key_is_one_services_only() {
    let world = World::new().await;
    for (what, body) in [
        ("POST /services", json!({"name": "X", "key": "reader"})),
        ("PATCH /services/glance", json!({"key": "reader"})),
    ] {
        let answer = admin(&world, what, body).await;
        is(&answer, 409, "taken");
        assert_eq!(errors(&answer), ["key is taken"]);
    }
}

#[tokio::test]
async fn the_list_is_filtered_by_text() {
    let world = World::new().await;
    let all = each(&world, "/services", "/number").await;
    assert_eq!(all, [1, 2, 3, 4, 5, 6, 7, 8, 9]);
    assert_eq!(
        each(&world, "/services?text=EP", "/key").await,
        ["keeper", "deputy"]
    );
}

#[tokio::test]
async fn a_service_that_goes_is_no_longer_let_in() {
    let world = World::new().await;
    let me = || ask(&world, "GET", "/me").by("reader").send();
    assert_eq!(me().await.status, 200);
    done(&world, "DELETE /services/reader", Value::Null).await;
    is(&me().await, 401, "unauthenticated");
}
