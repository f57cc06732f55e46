//! The API tokens of services.

use serde_json::{Value, json};

use crate::ask::{ADMIN, admin, ask, by, done, each, errors, get, is};
use attache_testkit::world::World;

async fn me(world: &World, secret: &str) -> u16 {
    let bearer = format!("Bearer {secret}");
    let ask = ask(world, "GET", "/me").header("Authorization", &bearer);
    ask.send().await.status
}

#[tokio::test]
async fn the_secret_is_shown_once_and_works() {
    let world = World::new().await;
    let send = || {
        let ask = ask(&world, "POST", "/services/nobody/tokens").by(ADMIN);
        ask.header("Idempotency-Key", "\"token\"").send()
    };
    let made = send().await;
    assert_eq!(made.status, 201, "{}", made.body);
    let secret = made.at("/secret").as_str().unwrap().to_owned();
    assert!(secret.ends_with(made.at("/hint").as_str().unwrap()));
    assert_eq!(made.at("/expires_at"), Value::Null);
    assert_eq!(me(&world, &secret).await, 200);
    let again = send().await;
    assert_eq!(again.at("/secret"), Value::Null);
    assert_eq!(again.at("/id"), made.at("/id"));
    let id = made.at("/id").as_str().unwrap().to_owned();
    for path in [
        "/services/nobody/tokens",
        "/entries",
        &format!("/services/nobody/tokens/{id}"),
    ] {
        let shown = get(&world, path).await.to_string();
        assert!(shown.contains(&id), "{path}");
        assert!(
            !shown.contains(&secret) && !shown.contains("\"hash\""),
            "{path}"
        );
    }
}

#[tokio::test]
async fn a_revoked_token_is_none() {
    let world = World::new().await;
    let made = done(&world, "POST /services/nobody/tokens", Value::Null).await;
    let secret = made.at("/secret").as_str().unwrap().to_owned();
    let id = made.at("/id").as_str().unwrap().to_owned();
    for service in ["reader", "nothing", "%2399"] {
        for method in ["GET", "DELETE"] {
            let what = format!("{method} /services/{service}/tokens/{id}");
            is(&admin(&world, &what, Value::Null).await, 404, "not-found");
        }
    }
    assert_eq!(me(&world, &secret).await, 200);
    let what = format!("DELETE /services/nobody/tokens/{id}");
    done(&world, &what, Value::Null).await;
    assert_eq!(me(&world, &secret).await, 401);
    is(&admin(&world, &what, Value::Null).await, 404, "not-found");
}

#[tokio::test]
async fn a_token_ends_at_its_time() {
    let world = World::new().await;
    let end = json!({"expires_at": "2026-03-03T10:30:00Z"});
    let made = done(&world, "POST /services/nobody/tokens", end).await;
    let secret = made.at("/secret").as_str().unwrap().to_owned();
    assert_eq!(me(&world, &secret).await, 200);
    world.pass(3_600);
    assert_eq!(me(&world, &secret).await, 401);
    let past = json!({"expires_at": "2026-03-03T10:00:00Z"});
    let answer = admin(&world, "POST /services/nobody/tokens", past).await;
    is(&answer, 400, "invalid");
    assert!(errors(&answer)[0].starts_with("expires_at "));
}

#[tokio::test]
async fn who_makes_a_token_holds_what_the_service_holds() {
    let mut world = World::new().await;
    let may = [
        "tenants.services.tokens.*".to_owned(),
        "tenants.services.list".to_owned(),
    ];
    world
        .caller_with("minter", attache_testkit::world::wishes::ROOT, &may)
        .await;
    let answer = by(
        &world,
        "minter",
        "POST /services/reader/tokens",
        Value::Null,
    )
    .await;
    is(&answer, 403, "exceeds");
    let answer = by(
        &world,
        "minter",
        "POST /services/nobody/tokens",
        Value::Null,
    )
    .await;
    assert_eq!(answer.status, 201, "{}", answer.body);
    assert_eq!(
        each(&world, "/services/nobody/tokens", "/id").await.len(),
        2
    );
}
