//! What goes wrong inside is told in the dialect's words, and says nothing of
//! the inside.

use attache_core::id::TenantId;
use attache_http::api_token::ApiToken;

use super::golden::golden;
use attache_testkit::examples::{all, speaks, writing};
use attache_testkit::world::World;

const CORRELATION: &str = "11111111-2222-4333-8444-555555555555";

fn tells_nothing(body: &str) {
    for word in ["panic", "broke", "sqlite", "database", "log", "src/", ".rs"] {
        assert!(!body.contains(word), "{word}: {body}");
    }
}

#[tokio::test]
async fn a_defect_is_500_in_the_dialects_words() {
    let world = World::new().await;
    // Of a tenant that must be looked for, which makes the endpoint panic.
    let nowhere = TenantId(uuid::Uuid::from_u128(7));
    let token = ApiToken::new(nowhere, world.tenants.ambient());
    let bearer = format!("Bearer {}", token.reveal());
    world.break_the_log();
    let mut seen = Vec::new();
    for operation in all() {
        let ask = operation.ask(&world).header("Authorization", &bearer);
        let answer = ask.header("X-Correlation-Id", CORRELATION).send().await;
        assert_eq!(answer.status, 500, "{operation:?}");
        speaks(operation.dialect, &answer);
        tells_nothing(&answer.body);
        assert_eq!(answer.correlation_id(), CORRELATION);
        if !seen.contains(&operation.dialect.name) {
            seen.push(operation.dialect.name);
            golden(operation.dialect, "500", &answer.golden());
        }
    }
}

#[tokio::test]
async fn the_server_goes_on_after_a_defect() {
    let world = World::new().await;
    let nowhere = TenantId(uuid::Uuid::from_u128(7));
    let token = ApiToken::new(nowhere, world.tenants.ambient());
    world.break_the_log();
    for operation in all() {
        let bearer = format!("Bearer {}", token.reveal());
        let ask = operation.ask(&world).header("Authorization", &bearer);
        assert_eq!(ask.send().await.status, 500, "{operation:?}");
        // Who is known already is answered from memory.
        let answer = operation.send(&world).await;
        assert_eq!(answer.status, operation.status, "{operation:?}");
    }
}

#[tokio::test]
async fn a_write_that_can_not_be_done_now_is_503() {
    let world = World::new().await;
    world.tenants.close().await;
    let mut seen = Vec::new();
    for operation in writing() {
        let answer = operation.send(&world).await;
        assert_eq!(answer.status, 503, "{operation:?}");
        speaks(operation.dialect, &answer);
        tells_nothing(&answer.body);
        assert!(answer.body.contains("Nothing was changed"));
        assert_eq!(answer.header("retry-after"), Some("1"));
        if !seen.contains(&operation.dialect.name) {
            seen.push(operation.dialect.name);
            golden(operation.dialect, "503", &answer.golden());
        }
    }
}
