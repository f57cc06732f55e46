//! A user is added, or is exactly this.

use serde_json::{Value, json};

use crate::ask::{ADMIN, admin, ask, by, done, errors, get, is};
use attache_testkit::world::World;
use attache_testkit::world::wishes::ROOT;

#[tokio::test]
async fn a_user_is_created_by_its_key_and_then_replaced() {
    let world = World::new().await;
    let body = json!({
        "first_name": "Rosa", "last_name": "Lind", "email": "rosa@mill.example",
        "email_verified": true, "external_auth_id": "auth0|5f7c",
    });
    let made = admin(&world, "PUT /users/rosa.lind", body.clone()).await;
    assert_eq!(made.status, 201, "{}", made.body);
    let id = made.at("/id").as_str().unwrap().to_owned();
    assert_eq!(
        made.header("location"),
        Some(&*format!("/api/v1/users/{id}"))
    );
    assert_eq!(made.at("/key"), "rosa.lind");
    // The same again changes nothing.
    let before = world.revision().await;
    let again = admin(&world, "PUT /users/rosa.lind", body).await;
    assert_eq!((again.status, again.json()), (200, made.json()));
    assert_eq!(world.revision().await, before);
    // What is left out is as of a user that is added.
    done(
        &world,
        "PATCH /users/rosa.lind",
        json!({"status": "inactive", "first_login": false}),
    )
    .await;
    let now = admin(
        &world,
        "PUT /users/rosa.lind",
        json!({"phone": "+1", "key": "rosa.lind"}),
    )
    .await;
    assert_eq!(now.status, 200, "{}", now.body);
    for (field, value) in [
        ("id", json!(id)),
        ("number", made.at("/number")),
        ("key", json!("rosa.lind")),
        ("phone", json!("+1")),
        ("first_name", Value::Null),
        ("email", Value::Null),
        ("email_verified", json!(false)),
        ("external_auth_id", Value::Null),
        ("status", json!("active")),
        ("first_login", json!(true)),
    ] {
        assert_eq!(now.json()[field], value, "{field}");
    }
    // By its number, the key is a field like any other.
    let number = now.at("/number");
    let path = format!("PUT /users/%23{number}");
    let now = done(&world, &path, json!({"key": "rosa"})).await;
    assert_eq!((now.at("/id"), now.at("/key")), (json!(id), json!("rosa")));
    let now = done(&world, &path, json!({})).await;
    assert_eq!(now.at("/key"), Value::Null);
}

#[tokio::test]
async fn memberships_and_grants_of_a_replaced_user_stay() {
    let world = World::new().await;
    let path = "/users/%232/resources";
    let before = get(&world, path).await;
    done(&world, "PUT /users/%232", json!({"first_name": "Benno"})).await;
    assert_eq!(get(&world, path).await, before);
}

#[tokio::test]
async fn what_cannot_be_put_is_named() {
    let world = World::new().await;
    let before = world.revision().await;
    for (what, body, status, name, error) in [
        ("PUT /users/%2399", json!({}), 404, "not-found", None),
        (
            "PUT /users/greta",
            json!({"key": "margarete"}),
            400,
            "invalid",
            Some("key must be the key that names the user, or be left out"),
        ),
        (
            "PUT /users/new",
            json!({"key": "old"}),
            400,
            "invalid",
            Some("key must be the key that names the user, or be left out"),
        ),
        (
            "PUT /users/greta",
            json!({"number": 7}),
            400,
            "invalid",
            Some("number is not known here"),
        ),
        (
            "PUT /users/user:x",
            json!({}),
            400,
            "invalid",
            Some("user must not begin with user:"),
        ),
        (
            "PUT /users/customer:x",
            json!({}),
            400,
            "invalid",
            Some("key must not begin with customer:"),
        ),
    ] {
        let answer = admin(&world, what, body).await;
        is(&answer, status, name);
        if let Some(error) = error {
            let errors = errors(&answer);
            assert!(errors[0].starts_with(error), "{what}: {errors:?}");
        }
    }
    assert_eq!(world.revision().await, before);
}

#[tokio::test]
async fn preconditions_hold_for_what_the_name_means() {
    let world = World::new().await;
    let put = |name: &str, header: &str, value: &str| {
        let path = format!("/users/{name}");
        let ask = ask(&world, "PUT", &path).by(ADMIN).header(header, value);
        ask.json(&json!({"last_name": "X"})).send()
    };
    assert_eq!(put("greta", "If-None-Match", "*").await.status, 412);
    assert_eq!(put("rosa", "If-Match", "*").await.status, 412);
    assert_eq!(put("rosa", "If-None-Match", "*").await.status, 201);
    assert_eq!(put("rosa", "If-None-Match", "*").await.status, 412);
    let tag = ask(&world, "GET", "/users/rosa").by(ADMIN).send().await;
    let tag = tag.header("etag").unwrap().to_owned();
    assert_eq!(put("rosa", "If-Match", &tag).await.status, 200);
    let send = || {
        let ask = ask(&world, "PUT", "/users/nils").by(ADMIN);
        ask.header("Idempotency-Key", "\"nils\"")
            .json(&json!({}))
            .send()
    };
    let (first, second) = (send().await, send().await);
    assert_eq!((first.status, second.status), (201, 201));
    assert_eq!(second.header("idempotent-replayed"), Some("true"));
}

#[tokio::test]
async fn it_takes_what_adding_or_changing_takes() {
    let mut world = World::new().await;
    for what in ["add", "change"] {
        let may = [format!("tenants.users.{what}")];
        world.caller_with(what, ROOT, &may).await;
    }
    let put = |who: &'static str, name: &str, body: Value| {
        let what = format!("PUT /users/{name}");
        let world = &world;
        async move { by(world, who, &what, body).await }
    };
    assert_eq!(put("add", "rosa", json!({})).await.status, 201);
    let refused = put("add", "greta", json!({})).await;
    is(&refused, 403, "forbidden");
    assert_eq!(refused.at("/permission"), "tenants.users.change");
    let refused = put("change", "nils", json!({})).await;
    assert_eq!(refused.at("/permission"), "tenants.users.add");
    // Who may do neither is not told whether there is such a user.
    let there = put("reader", "greta", json!({})).await;
    let not_there = put("reader", "nobody-known", json!({})).await;
    is(&there, 403, "forbidden");
    assert_eq!(there.at("/permission"), not_there.at("/permission"));
    // What a credential finds the user by is guarded as with PATCH.
    let taken = put("change", "%231", json!({"external_auth_id": "auth0|1"})).await;
    is(&taken, 403, "exceeds");
}

#[tokio::test]
async fn a_bulk_puts_users_too() {
    let world = World::new().await;
    let put = |first: &str| json!({"op": "put_user", "user": "rosa", "first_name": first});
    let body = json!({"operations": [put("Rosa"), put("Rose")]});
    let answer = done(&world, "POST /bulk", body).await;
    assert_eq!(answer.at("/added").as_array().unwrap().len(), 1);
    let rosa = get(&world, "/users/rosa").await;
    assert_eq!(
        (&rosa["id"], &rosa["first_name"]),
        (&answer.at("/added/0"), &json!("Rose"))
    );
}
