//! Invitations: no access until they are accepted.

use attache_core::Timestamp;
use serde_json::{Value, json};

use crate::ask::{ADMIN, admin, ask, by, done, errors, get, is};
use attache_testkit::world::{Answer, World};

const INVITE: &str = "POST /users/%234/invitation";

async fn accept(world: &World, token: &str) -> Answer {
    let ask = ask(world, "POST", "/invitations/accept");
    ask.json(&json!({"token": token})).send().await
}

async fn invite(world: &World) -> String {
    let made = done(world, INVITE, Value::Null).await;
    made.at("/token").as_str().unwrap().to_owned()
}

/// The list of the customers that the invited user sees.
async fn sees(world: &World) -> Value {
    get(world, "/users/%234/resources").await["total"].clone()
}

#[tokio::test]
async fn an_invited_user_has_no_access_until_it_accepts() {
    let world = World::new().await;
    let dora = get(&world, "/users/%234").await;
    assert_eq!(
        (&dora["status"], &dora["first_login"]),
        (&json!("invited"), &json!(true))
    );
    assert_eq!(sees(&world).await, 0);
    let made = done(&world, INVITE, Value::Null).await;
    assert_eq!(
        (made.status, made.header("cache-control")),
        (201, Some("no-store"))
    );
    let now = world.now();
    let in_seven_days = Timestamp::from_millis(now.as_millis() + 7 * 24 * 3_600_000);
    assert_eq!(made.at("/created_at"), now.to_string());
    assert_eq!(made.at("/expires_at"), in_seven_days.to_string());
    let token = made.at("/token").as_str().unwrap().to_owned();
    let shown = get(&world, "/users/%234/invitation").await;
    assert_eq!(shown["user"], dora["id"]);
    assert!(!shown.to_string().contains(&token));
    let accepted = accept(&world, &token).await;
    assert_eq!(accepted.status, 200, "{}", accepted.body);
    assert_eq!(accepted.at("/user"), dora["id"]);
    let now = get(&world, "/users/%234").await;
    assert_eq!(
        (&now["status"], &now["first_login"]),
        (&json!("active"), &json!(false))
    );
    assert_ne!(sees(&world).await, 0);
    // Who invited, and that it was accepted.
    let entries = get(&world, "/entries?page_size=2").await;
    let by = |place: usize| {
        let entry = &entries["items"][place];
        (entry["actor"].clone(), entry["events"][0]["type"].clone())
    };
    let actor = format!("user:{}", dora["id"].as_str().unwrap());
    assert_eq!(by(0), (json!(actor), json!("invitation.accepted")));
    assert_eq!(
        (by(1).0, by(1).1),
        (made.at("/created_by"), json!("invitation.created"))
    );
    assert!(!entries.to_string().contains("\"hash\""));
}

#[tokio::test]
async fn a_token_that_is_not_good_is_answered_alike() {
    let world = World::new().await;
    let first = invite(&world).await;
    let second = invite(&world).await;
    let before = world.revision().await;
    let unknown = format!("attache_invitation_{}", "2".repeat(70));
    let answers = [
        accept(&world, &first).await,
        accept(&world, &unknown).await,
        accept(&world, "").await,
        accept(&world, &second.replace("invitation_", "")).await,
    ];
    for answer in &answers {
        is(answer, 404, "not-found");
        assert_eq!(answer.body, answers[0].body);
    }
    assert_eq!(world.revision().await, before);
    assert_eq!(accept(&world, &second).await.status, 200);
    let used = accept(&world, &second).await;
    assert_eq!(
        (used.status, used.body.clone()),
        (404, answers[0].body.clone())
    );
    // It is no credential either.
    let bearer = format!("Bearer {second}");
    let me = ask(&world, "GET", "/me").header("Authorization", &bearer);
    assert_eq!(me.send().await.status, 401);
}

#[tokio::test]
async fn an_invitation_ends_is_revoked_and_goes_with_the_status() {
    let world = World::new().await;
    let end = json!({"expires_at": "2026-03-03T10:30:00Z"});
    let made = done(&world, INVITE, end).await;
    let token = made.at("/token").as_str().unwrap().to_owned();
    world.pass(3_600);
    is(&accept(&world, &token).await, 404, "not-found");
    let token = invite(&world).await;
    done(&world, "DELETE /users/%234/invitation", Value::Null).await;
    is(&accept(&world, &token).await, 404, "not-found");
    let gone = admin(&world, "DELETE /users/%234/invitation", Value::Null).await;
    is(&gone, 404, "not-found");
    for status in ["inactive", "active"] {
        let token = invite(&world).await;
        done(&world, "PATCH /users/%234", json!({"status": status})).await;
        is(&accept(&world, &token).await, 404, "not-found");
        // Also when it is invited again.
        done(&world, "PATCH /users/%234", json!({"status": "invited"})).await;
        is(&accept(&world, &token).await, 404, "not-found");
    }
    let token = invite(&world).await;
    done(&world, "DELETE /users/%234", Value::Null).await;
    is(&accept(&world, &token).await, 404, "not-found");
}

#[tokio::test]
async fn only_invited_users_are_invited_by_callers_that_hold_what_they_hold() {
    let mut world = World::new().await;
    let active = admin(&world, "POST /users/greta/invitation", Value::Null).await;
    is(&active, 400, "invalid");
    assert!(errors(&active)[0].starts_with("status must be invited"));
    let past = admin(
        &world,
        INVITE,
        json!({"expires_at": "2020-01-01T00:00:00Z"}),
    )
    .await;
    assert_eq!(errors(&past), ["expires_at must be in the future"]);
    let nobody = admin(&world, "POST /users/nobody-known/invitation", Value::Null).await;
    is(&nobody, 404, "not-found");
    let may = ["tenants.users.change".to_owned()];
    world
        .caller_with("clerk", attache_testkit::world::wishes::ROOT, &may)
        .await;
    is(
        &by(&world, "clerk", INVITE, Value::Null).await,
        403,
        "exceeds",
    );
    is(
        &by(&world, "reader", INVITE, Value::Null).await,
        403,
        "forbidden",
    );
}

#[tokio::test]
async fn what_is_sent_without_a_credential_is_small_and_whole() {
    let world = World::new().await;
    let large = "x".repeat(5_000);
    assert_eq!(accept(&world, &large).await.status, 413);
    let ask = ask(&world, "POST", "/invitations/accept");
    let answer = ask.json(&json!({"token": 7})).send().await;
    is(&answer, 400, "invalid");
}

#[tokio::test]
async fn the_token_is_shown_once() {
    let world = World::new().await;
    let send = || {
        let ask = ask(&world, "POST", "/users/%234/invitation").by(ADMIN);
        ask.header("Idempotency-Key", "\"dora\"").send()
    };
    let (first, second) = (send().await, send().await);
    assert!(first.at("/token").is_string());
    assert_eq!((second.status, second.at("/token")), (201, Value::Null));
}
