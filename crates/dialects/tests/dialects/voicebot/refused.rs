//! Who is refused, and how that reads.

use serde_json::json;

use super::MILL;
use attache_testkit::world::World;

#[tokio::test]
async fn no_or_a_bad_token_is_401() {
    let world = World::new().await;
    for method in ["GET", "POST"] {
        let none = world.ask(method, MILL).send().await;
        let bad = world.ask(method, MILL);
        let bad = bad.header("Authorization", "Bearer attache_x").send().await;
        assert_eq!(none.without_challenge(), bad.without_challenge());
        insta::allow_duplicates! {
            insta::assert_snapshot!(none.golden(), @r#"
            401 application/json
            {
              "message": "A valid credential is needed."
            }
            "#);
        }
    }
}

#[tokio::test]
async fn who_sees_the_customer_and_lacks_the_permission_is_told_403() {
    let world = World::new().await;
    let list = world.get(MILL).by("glance").send().await;
    insta::assert_snapshot!(list.golden(), @r#"
    403 application/json
    {
      "message": "This needs the permission customers.users.list."
    }
    "#);
    let sync = world.post(MILL).by("glance");
    let sync = sync.json(&json!({"user_ids": []})).send().await;
    insta::assert_snapshot!(sync.golden(), @r#"
    403 application/json
    {
      "message": "This needs the permission customers.users.add."
    }
    "#);
}

#[tokio::test]
async fn a_customer_that_is_unknown_or_not_to_be_seen_is_404() {
    let world = World::new().await;
    for path in [MILL, "/third-party/v1/customers/99/users"] {
        let list = world.get(path).by("outsider").send().await;
        let sync = world.post(path).by("outsider");
        let sync = sync.json(&json!({"user_ids": []})).send().await;
        assert_eq!(list.all_of_it(), sync.all_of_it());
        insta::allow_duplicates! {
            insta::assert_snapshot!(list.golden(), @r#"
            404 application/json
            {
              "message": "No such customer."
            }
            "#);
        }
    }
}

#[tokio::test]
async fn what_is_no_number_is_no_customers() {
    let world = World::new().await;
    let unknown = "/third-party/v1/customers/99/users";
    let unknown = world.get(unknown).by("keeper").send().await;
    assert_eq!(unknown.status, 404);
    for id in ["mill", "-1", "+1", "1.0", "0", "4294967297", "1%202", "%20"] {
        let path = format!("/third-party/v1/customers/{id}/users");
        let answer = world.get(&path).by("keeper").send().await;
        assert_eq!(answer.all_of_it(), unknown.all_of_it(), "{id}");
    }
}

#[tokio::test]
async fn a_refused_sync_changes_nothing() {
    let world = World::new().await;
    let revision = world.revision().await;
    for service in ["glance", "outsider", "reader", "nobody", "globex"] {
        let sync = world.post(MILL).by(service);
        let sync = sync.json(&json!({"user_ids": []})).send().await;
        assert!([403, 404].contains(&sync.status), "{service}");
    }
    assert!(world.entries_after(revision).await.is_empty());
}

#[tokio::test]
async fn a_key_that_stands_twice_deep_in_the_body_is_refused() {
    let world = World::new().await;
    let body = r#"{"user_ids":[],"x":[{"a":1,"a":2}]}"#;
    let ask = world.post("/third-party/v1/customers/1/users").by("keeper");
    assert_eq!(ask.text(body).send().await.status, 400);
}

/// Only what is wrong with fields of the body is 422.
#[tokio::test]
async fn a_bad_header_is_400() {
    let world = World::new().await;
    for method in ["GET", "POST"] {
        let ask = world.ask(method, MILL).by("keeper");
        let ask = ask.header("Attache-At-Least", "soon");
        let answer = ask.json(&json!({"user_ids": [2]})).send().await;
        assert_eq!(answer.status, 400, "{method}: {}", answer.body);
        let expected = json!({"message": "Attache-At-Least must be a revision, once."});
        assert_eq!(answer.json(), expected);
    }
}
