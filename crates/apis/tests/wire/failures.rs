//! Every answer that is the server's failure has its reason in the log.

use attache_core::id::TenantId;
use attache_http::api_token::ApiToken;

use crate::every_api::{BY, Request, all, with_a_body};
use attache_testkit::lines::Lines;
use attache_testkit::world::{Answer, World};

/// Prove that an answer is a failure, and that the line about it says why.
fn has_its_reason(lines: &Lines, answer: &Answer, status: u16, reason: &str) {
    let said = lines.take();
    assert_eq!(answer.status, status, "{said}: {}", answer.body);
    let line = said.lines().find(|line| line.contains("not answered"));
    let line = line.unwrap_or_else(|| panic!("{said}"));
    for part in [" WARN ", &format!("status={status}"), "reason=", reason] {
        assert!(line.contains(part), "{part}: {line}");
    }
    assert!(!line.contains("gave no reason"), "{line}");
}

#[tokio::test]
async fn a_defect_has_the_place_or_the_panic_before_its_line() {
    let world = World::new().await;
    // Of a tenant that must be looked for, which makes the endpoint panic.
    let nowhere = TenantId(uuid::Uuid::from_u128(7));
    let token = ApiToken::new(nowhere, world.tenants.ambient());
    let bearer = format!("Bearer {}", token.reveal());
    world.break_the_log();
    let (lines, _reading) = Lines::read();
    for request in all() {
        let answer = request.ask(&world).header("Authorization", &bearer);
        let answer = answer.send().await;
        let said = lines.take();
        let before = said
            .lines()
            .find(|line| line.contains("an endpoint panicked"));
        let before = before.unwrap_or_else(|| panic!("{request:?}: {said}"));
        assert!(before.contains("ERROR"), "{before}");
        assert!(before.contains("the log broke down"), "{before}");
        let line = said.lines().find(|line| line.contains("not answered"));
        assert!(line.is_some_and(|it| it.contains("a defect")), "{said}");
        assert_eq!(answer.status, 500, "{request:?}");
    }
}

#[tokio::test]
async fn a_write_to_a_server_that_stops_has_its_reason() {
    let world = World::new().await;
    world.tenants.close().await;
    let (lines, _reading) = Lines::read();
    let is_write = |request: &Request| request.body.is_some() && request.api != "authzen";
    for request in all().into_iter().filter(is_write) {
        let answer = request.ask(&world).by(BY).send().await;
        has_its_reason(&lines, &answer, 503, "");
    }
}

#[tokio::test]
async fn a_revision_that_was_not_reached_is_named() {
    let world = World::new().await;
    let (lines, _reading) = Lines::read();
    for request in all() {
        let ask = request.ask(&world).by(BY);
        let answer = ask.header("Attache-At-Least", "1000000").send().await;
        has_its_reason(&lines, &answer, 503, "revision 1000000");
    }
}

#[tokio::test]
async fn a_body_beyond_a_budget_has_its_reason() {
    let world = World::limited(|limits| limits.bodies_bytes = 1_000).await;
    let (lines, _reading) = Lines::read();
    for request in with_a_body() {
        let large = format!("{}{}", request.text(), " ".repeat(3_000));
        let answer = request.bare(&world).by(BY).text(&large).send().await;
        has_its_reason(&lines, &answer, 503, "");
    }
}

#[tokio::test]
async fn a_tenant_that_is_being_opened_is_the_reason() {
    let world = World::limited(|limits| {
        limits.answer_within = std::time::Duration::from_millis(300);
    });
    let world = world.await.beside().await;
    let held = world.hold_openings().await;
    let (lines, _reading) = Lines::read();
    let request = all().remove(0);
    let answer = request.ask(&world).by(BY).send().await;
    has_its_reason(&lines, &answer, 503, "");
    drop(held);
}
