//! Who the caller is.

use serde_json::{Value, json};

use crate::ask::{by, done, get};
use attache_testkit::world::{World, ids};

#[tokio::test]
async fn it_says_who_asks() {
    let world = World::new().await;
    let me = get(&world, "/me").await;
    assert_eq!(me["caller"], format!("service:{}", ids::service(8)));
    assert_eq!(me["name"], "deputy");
    assert_eq!(me["tenant"], ids::tenant(1).to_string());
    assert_eq!(me["tenant_name"], "acme");
    assert_eq!(me["key"], get(&world, "/services/%238").await["key"]);
    assert_eq!(me["email"], Value::Null);
    assert_eq!(me["groups"], json!([]));
    assert_eq!(me["expires_at"], Value::Null);
}

#[tokio::test]
async fn it_says_when_the_token_ends() {
    let world = World::new().await;
    let end = json!({"expires_at": "2026-03-04T00:00:00Z"});
    let made = done(&world, "POST /services/nobody/tokens", end).await;
    let bearer = format!("Bearer {}", made.at("/secret").as_str().unwrap());
    let ask = crate::ask::ask(&world, "GET", "/me").header("Authorization", &bearer);
    let me = ask.send().await.json();
    assert_eq!(me["name"], "nobody");
    assert_eq!(me["expires_at"], "2026-03-04T00:00:00.000Z");
}

#[tokio::test]
async fn who_may_not_see_the_tenant_is_not_told_its_name() {
    let world = World::new().await;
    for service in ["nobody", "local"] {
        let me = by(&world, service, "GET /me", Value::Null).await.json();
        assert_eq!(me["name"], service);
        assert_eq!(me["tenant_name"], Value::Null, "{service}");
    }
}

#[tokio::test]
async fn the_operator_is_the_operator_of_the_tenant_that_it_names() {
    let world = World::new().await;
    for (tenant, id) in [("acme", ids::tenant(1)), ("globex", ids::tenant(2))] {
        let ask = crate::ask::ask(&world, "GET", "/me").by_the_operator();
        let me = ask.header("Attache-Tenant", tenant).send().await.json();
        assert_eq!(me["caller"], "operator");
        assert_eq!(me["tenant"], id.to_string());
        for field in ["name", "key", "email", "expires_at"] {
            assert_eq!(me[field], Value::Null, "{field}");
        }
        assert_eq!(me["groups"], json!([]));
    }
}
