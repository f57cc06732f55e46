//! Users, one at a time.

use serde_json::{Value, json};

use crate::ask::{ADMIN, admin, ask, by, done, errors, get, is};
use attache_testkit::world::{World, ids};

#[tokio::test]
async fn a_user_is_added_and_named_in_three_ways() {
    let world = World::new().await;
    let new = json!({
        "key": "nina", "status": "invited", "first_name": "Nina", "last_name": "Simone",
        "email": "nina@mill.example", "phone": "+1", "email_verified": true,
        "first_login": false, "external_auth_id": ids::NOTHING,
    });
    let made = done(&world, "POST /users", new).await;
    let id = made.at("/id").as_str().unwrap().to_owned();
    let place = format!("/api/v1/users/{id}");
    assert_eq!(made.header("location"), Some(place.as_str()));
    let number = made.at("/number");
    assert_eq!(number, 14, "the next one");
    for name in ["nina", &id, "%2314"] {
        assert_eq!(get(&world, &format!("/users/{name}")).await, made.json());
    }
    let mut shown = made.json();
    shown["id"] = json!("[id]");
    insta::assert_snapshot!(serde_json::to_string_pretty(&shown).unwrap());
}

#[tokio::test]
async fn a_user_of_whom_nothing_is_said_is_active_and_new() {
    let world = World::new().await;
    let made = done(&world, "POST /users", json!({})).await;
    assert_eq!(made.at("/status"), "active");
    assert_eq!(made.at("/first_login"), true);
    assert_eq!(made.at("/email_verified"), false);
    assert_eq!(made.at("/key"), Value::Null);
}

#[tokio::test]
async fn what_is_taken_or_cannot_be_is_named() {
    let world = World::new().await;
    let before = world.revision().await;
    for (body, status, name, error) in [
        (json!({"key": "greta"}), 409, "taken", "key is taken"),
        (json!({"number": 1}), 409, "taken", "number is taken"),
        (json!({"number": 0}), 400, "invalid", "number "),
        (json!({"number": -1}), 400, "invalid", "number must be"),
        (json!({"number": 1.5}), 400, "invalid", "number must be"),
        (json!({"key": ""}), 400, "invalid", "key must"),
        (
            json!({"key": 7}),
            400,
            "invalid",
            "key must be a string, and is integer `7`",
        ),
        (json!({"email": "x"}), 400, "invalid", "email must"),
        (
            json!({"status": "asleep"}),
            400,
            "invalid",
            "status must be one of active, inactive",
        ),
        (json!({"status": null}), 400, "invalid", "status must"),
        (
            json!({"first_name": "x".repeat(1_000)}),
            400,
            "invalid",
            "first_name must",
        ),
        (
            json!({"first_name": "a\u{0}b"}),
            400,
            "invalid",
            "first_name must",
        ),
        (
            json!({"external_auth_id": "a\nb"}),
            400,
            "invalid",
            "external_auth_id ",
        ),
        (
            json!({"mail": "x"}),
            400,
            "invalid",
            "mail is not known here; these are: number, key",
        ),
    ] {
        let answer = admin(&world, "POST /users", body.clone()).await;
        is(&answer, status, name);
        let errors = errors(&answer);
        assert!(errors[0].starts_with(error), "{body}: {errors:?}");
    }
    assert_eq!(world.revision().await, before);
}

#[tokio::test]
async fn a_change_is_field_by_field() {
    let world = World::new().await;
    let before = get(&world, "/users/%232").await;
    world.pass(5);
    let changes = [
        ("phone", json!("+49 30 1")),
        ("phone", Value::Null),
        ("email", Value::Null),
        ("email", json!("ben@forge.example")),
        ("key", json!("ben")),
        ("key", Value::Null),
        ("status", json!("inactive")),
        ("first_name", json!("Benedict")),
        ("email_verified", json!(false)),
        ("first_login", json!(true)),
        ("external_auth_id", json!("auth0|5f7c")),
        ("external_auth_id", Value::Null),
    ];
    let mut expected = before;
    for (field, value) in changes {
        let answer = done(&world, "PATCH /users/%232", json!({field: value})).await;
        expected[field] = value;
        let mut now = answer.json();
        for stamp in ["updated_at", "updated_by"] {
            now[stamp] = expected[stamp].clone();
        }
        // Whether an address is the user's is not known of another one.
        if field == "email" {
            expected["email_verified"] = now["email_verified"].clone();
        }
        assert_eq!(now, expected, "{field}");
    }
    let now = get(&world, "/users/%232").await;
    assert_eq!(now["updated_by"], format!("service:{}", ids::service(8)));
}

#[tokio::test]
async fn nothing_to_change_is_no_entry() {
    let world = World::new().await;
    let before = world.revision().await;
    for body in [json!({}), json!({"first_name": "Greta"})] {
        done(&world, "PATCH /users/greta", body).await;
    }
    assert_eq!(world.revision().await, before);
}

#[tokio::test]
async fn two_who_change_one_field_each_lose_neither() {
    let world = World::new().await;
    let patch = |body: Value| {
        let ask = ask(&world, "PATCH", "/users/greta").by(ADMIN);
        async move { ask.json(&body).send().await }
    };
    for round in 0..10 {
        let (phone, last) = (format!("+{round}"), format!("G{round}"));
        let (one, other) = tokio::join!(
            patch(json!({"phone": phone})),
            patch(json!({"last_name": last}))
        );
        assert_eq!((one.status, other.status), (200, 200));
        let now = get(&world, "/users/greta").await;
        assert_eq!(
            (&now["phone"], &now["last_name"]),
            (&json!(phone), &json!(last))
        );
    }
}

#[tokio::test]
async fn a_removed_user_is_gone_with_its_memberships() {
    let world = World::new().await;
    done(&world, "DELETE /users/%232", Value::Null).await;
    for path in ["/users/%232", "/resources/customer:%231/members/%232"] {
        let answer = admin(&world, &format!("GET {path}"), Value::Null).await;
        is(&answer, 404, "not-found");
    }
    let again = admin(&world, "DELETE /users/%232", Value::Null).await;
    is(&again, 404, "not-found");
    let next = done(&world, "POST /users", json!({})).await;
    assert_eq!(next.at("/number"), 14, "numbers are never used again");
}

#[tokio::test]
async fn the_last_admin_stays() {
    let world = World::new().await;
    let admins = "/resources/tenant/grants?role=admin";
    let of_ada = get(&world, &format!("{admins}&subject=user:%231")).await;
    let grant = of_ada["items"][0]["id"].as_str().unwrap().to_owned();
    for (what, body) in [
        ("DELETE /users/%231".to_owned(), Value::Null),
        (
            "PATCH /users/%231".to_owned(),
            json!({"status": "inactive"}),
        ),
        (
            format!("DELETE /resources/tenant/grants/{grant}"),
            Value::Null,
        ),
    ] {
        // The service that holds admin too is no user who could log in.
        let answer = admin(&world, &what, body).await;
        is(&answer, 409, "last-admin");
    }
}

#[tokio::test]
async fn each_needs_its_permission() {
    let mut world = World::new().await;
    let root = attache_testkit::world::wishes::ROOT;
    for (what, body, permission) in [
        ("GET /users", Value::Null, "tenants.users.list"),
        ("GET /users/greta", Value::Null, "tenants.users.list"),
        ("POST /users", json!({"key": "one"}), "tenants.users.add"),
        (
            "PATCH /users/greta",
            json!({"phone": "+1"}),
            "tenants.users.change",
        ),
        ("DELETE /users/%2310", Value::Null, "tenants.users.remove"),
    ] {
        let (without, with) = (format!("no {permission}"), format!("has {permission}"));
        let (without, with) = (without.replace('.', "-"), with.replace('.', "-"));
        let (without, with) = (without.replace(' ', "-"), with.replace(' ', "-"));
        // The same service name cannot be made twice.
        if !world
            .state()
            .await
            .catalogue()
            .unwrap()
            .roles
            .iter()
            .any(|it| it.name.as_str() == with)
        {
            world
                .caller_with(&without, root, &["tenants.view".to_owned()])
                .await;
            world
                .caller_with(&with, root, &[permission.to_owned()])
                .await;
        }
        let refused = by(&world, &without, what, body.clone()).await;
        is(&refused, 403, "forbidden");
        assert_eq!(refused.at("/permission"), permission);
        let answer = by(&world, &with, what, body).await;
        assert!(answer.status < 300, "{what}: {}", answer.body);
    }
}
