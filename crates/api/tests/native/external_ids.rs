//! Ids at identity providers.

use serde_json::{Value, json};

use crate::ask::{admin, done, errors, get, is};
use attache_testkit::world::World;

#[tokio::test]
async fn an_external_auth_id_is_any_text() {
    let world = World::new().await;
    let long = "é".repeat(255);
    for (number, id) in [
        "auth0|5f7c1a2b",
        "00u1abcd2EFGhijk3l4m",
        "6F9619FF-8B86-D011-B42D-00C04FC964FF",
        "user:ada",
        "#7",
        "https://sts.example/a b",
        &long,
    ]
    .into_iter()
    .enumerate()
    {
        let key = format!("u{number}");
        let body = json!({"key": key, "external_auth_id": id});
        let made = done(&world, "POST /users", body).await;
        assert_eq!(made.at("/external_auth_id"), id);
        assert_eq!(
            get(&world, &format!("/users/{key}")).await["external_auth_id"],
            id
        );
    }
    for bad in ["", "a\nb", "\u{7f}", &format!("{long}x")] {
        let answer = admin(&world, "POST /users", json!({"external_auth_id": bad})).await;
        is(&answer, 400, "invalid");
        assert!(
            errors(&answer)[0].starts_with("external_auth_id must "),
            "{}",
            answer.body
        );
    }
}

#[tokio::test]
async fn an_external_auth_id_is_one_users_only() {
    let world = World::new().await;
    let id = "6f9619ff-8b86-d011-b42d-00c04fc964ff";
    done(
        &world,
        "PATCH /users/greta",
        json!({"external_auth_id": id}),
    )
    .await;
    for (what, body) in [
        ("POST /users", json!({"external_auth_id": id})),
        // The same UUID, written otherwise.
        (
            "POST /users",
            json!({"external_auth_id": id.to_uppercase()}),
        ),
        ("PATCH /users/%232", json!({"external_auth_id": id})),
        ("PUT /users/rosa", json!({"external_auth_id": id})),
    ] {
        let answer = admin(&world, what, body).await;
        is(&answer, 409, "taken");
        assert_eq!(errors(&answer), ["external_auth_id is taken"]);
    }
    // Its own is not in its way, and what was given up is free.
    done(
        &world,
        "PATCH /users/greta",
        json!({"external_auth_id": id, "phone": "+1"}),
    )
    .await;
    done(
        &world,
        "PATCH /users/greta",
        json!({"external_auth_id": Value::Null}),
    )
    .await;
    done(&world, "PATCH /users/%232", json!({"external_auth_id": id})).await;
}
