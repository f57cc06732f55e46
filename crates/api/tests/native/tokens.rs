//! The API tokens of services.

use serde_json::{Value, json};

use crate::ask::{ADMIN, admin, ask, by, done, each, errors, get, is};
use attache_testkit::world::{World, ids};

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

/// When the only token of a service was last used, as its list and the token itself show it.
async fn last_used(world: &World, service: &str) -> Value {
    let path = format!("/services/{service}/tokens");
    let listed = each(world, &path, "/last_used_at").await;
    let id = each(world, &path, "/id").await[0].clone();
    let shown = get(world, &format!("{path}/{}", id.as_str().unwrap())).await;
    assert_eq!(listed, [shown["last_used_at"].clone()]);
    shown["last_used_at"].clone()
}

#[tokio::test]
async fn a_token_shows_when_it_was_last_used() {
    let world = World::new().await;
    assert_eq!(last_used(&world, "nobody").await, Value::Null);
    let me = async || by(&world, "nobody", "GET /me", Value::Null).await.status;
    let first = json!(world.now());
    assert_eq!(me().await, 200);
    assert_eq!(last_used(&world, "nobody").await, first);
    // Until the next ten minutes begin it is not noted again; then it is, by any API.
    let left = 600 - world.now().as_millis() / 1_000 % 600;
    world.pass(left - 1);
    assert_eq!(me().await, 200);
    assert_eq!(last_used(&world, "nobody").await, first);
    world.pass(1);
    let list = world.get("/third-party/v1/customers/1/users").by("nobody");
    assert_eq!(list.send().await.status, 404);
    let second = json!("2026-03-03T09:40:00.000Z");
    assert_eq!(last_used(&world, "nobody").await, second);
    // Written or not, it is the same, here and on another server.
    world.tenants.write_token_uses().await;
    assert_eq!(last_used(&world, "nobody").await, second);
    let other = world.beside().await;
    assert_eq!(last_used(&other, "nobody").await, second);
    world.pass(600);
    let me = by(&other, "nobody", "GET /me", Value::Null).await;
    assert_eq!(me.status, 200);
    other.tenants.write_token_uses().await;
    let third = json!("2026-03-03T09:50:00.000Z");
    assert_eq!(last_used(&world, "nobody").await, third);
    // No entry was written for it.
    assert_eq!(world.revision().await, other.revision().await);
}

#[tokio::test]
async fn a_token_that_is_refused_is_not_used() {
    let world = World::new().await;
    let end = json!({"expires_at": "2026-03-03T10:30:00Z"});
    let made = done(&world, "POST /services/nobody/tokens", end).await;
    assert_eq!(made.at("/last_used_at"), Value::Null);
    let secret = made.at("/secret").as_str().unwrap().to_owned();
    let path = format!(
        "/services/nobody/tokens/{}",
        made.at("/id").as_str().unwrap()
    );
    // For another tenant, and after its end.
    let bearer = format!("Bearer {secret}");
    let elsewhere = ask(&world, "GET", "/me").header("Authorization", &bearer);
    let elsewhere = elsewhere.header("Attache-Tenant", "globex").send().await;
    assert_eq!(elsewhere.status, 403);
    world.pass(3_600);
    assert_eq!(me(&world, &secret).await, 401);
    assert_eq!(get(&world, &path).await["last_used_at"], Value::Null);
}

#[tokio::test]
async fn a_token_is_revoked_only_if_it_was_not_used_meanwhile() {
    let world = World::new().await;
    let made = done(&world, "POST /services/nobody/tokens", Value::Null).await;
    let secret = made.at("/secret").as_str().unwrap().to_owned();
    let path = format!(
        "/services/nobody/tokens/{}",
        made.at("/id").as_str().unwrap()
    );
    let tag = async || {
        let read = admin(&world, &format!("GET {path}"), Value::Null).await;
        read.header("etag").unwrap().to_owned()
    };
    let revoke = async |tag: &str| {
        let ask = ask(&world, "DELETE", &path).by(ADMIN);
        ask.header("If-Match", tag).send().await.status
    };
    let before = tag().await;
    assert_eq!(me(&world, &secret).await, 200);
    assert_eq!(revoke(&before).await, 412);
    assert_eq!(revoke(&tag().await).await, 204);
}

#[tokio::test]
async fn tokens_of_another_tenant_are_not_mixed_up() {
    let world = World::new().await;
    assert_eq!(
        by(&world, "nobody", "GET /me", Value::Null).await.status,
        200
    );
    let (acme, globex) = (ids::tenant(1), ids::tenant(2));
    let uses = async |tenant| world.tenants.token_uses(tenant).await;
    assert_eq!(uses(globex).await.unwrap().len(), 0);
    assert!(!uses(acme).await.unwrap().is_empty());
}
