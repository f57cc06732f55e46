//! The documents know no ends: a caller that has one adds and grants nothing here.

use serde_json::json;

use attache_core::{Locator, Ref};
use attache_testkit::world::acme::{AN_HOUR, BEN, KAI};
use attache_testkit::world::wishes::{ROOT, grant_until, service_named};
use attache_testkit::world::{World, ids};

const MILL: &str = "/third-party/v1/customers/1/users";
const USERS: &str = "/v1/workspaces/harbor/chatbots/concierge/users";
const THEN: &str = "2026-03-03T10:30:00.000Z";

/// `nobody` keeps the users of everything until then.
async fn world() -> World {
    let world = World::new().await;
    let then = Some(THEN.parse().unwrap());
    let keeps = |role| grant_until(ROOT, service_named("nobody"), role, then);
    let roles = ["customer-directory", "chatbot-directory"].map(keeps);
    world.operate(&roles).await;
    world
}

#[tokio::test]
async fn who_has_an_end_gives_nothing_new() {
    let world = world().await;
    let before = world.revision().await;
    let ben = ids::user(BEN);
    for (path, body) in [
        (MILL.to_owned(), json!({"user_ids": [1, 2, 10]})),
        (USERS.to_owned(), json!({"userId": "greta"})),
        (
            format!("{USERS}/{ben}/roles"),
            json!({"role": "StatisticsViewer", "params": {}}),
        ),
        (
            format!("{USERS}/{ben}/roles"),
            json!({"role": "InboxUser", "params": {"inboxId": "7"}}),
        ),
    ] {
        let answer = world.post(&path).by("nobody").json(&body).send().await;
        assert_eq!(answer.status, 403, "{path}: {}", answer.body);
        let message = answer.at("/message");
        let message = message.as_str().unwrap();
        assert!(message.contains(THEN), "{path}: {message}");
    }
    assert_eq!(world.revision().await, before);
}

#[tokio::test]
async fn who_has_an_end_keeps_and_removes() {
    let world = world().await;
    let state = world.state().await;
    let mill = state
        .find(&Locator::of("customer", Ref::Number(1)))
        .unwrap();
    // Attached for an hour, and stays so.
    let before = state.view(world.now()).member(mill, KAI.into()).unwrap();
    assert!(before.membership.expires_at().instant().is_some());
    let body = json!({"user_ids": [BEN, KAI]});
    let answer = world.post(MILL).by("nobody").json(&body).send().await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    let kept = world.state().await;
    let kai = kept.view(world.now()).member(mill, KAI.into()).unwrap();
    assert_eq!(kai.membership, before.membership);
    // What is so already is not given again.
    let ben = ids::user(BEN);
    let again = json!({"role": "ChatbotEditor", "params": {}});
    let path = format!("{USERS}/{ben}/roles");
    let answer = world.post(&path).by("nobody").json(&again).send().await;
    assert_eq!(answer.status, 201, "{}", answer.body);
    let path = format!("{USERS}/{ben}/roles/ChatbotEditor");
    let revoked = world
        .delete(&path)
        .by("nobody")
        .json(&json!({"params": {}}));
    assert_eq!(revoked.send().await.at("/success"), true);
    let removed = world.delete(&format!("{USERS}/{ben}")).by("nobody");
    assert_eq!(removed.send().await.at("/removed"), true);
}

#[tokio::test]
async fn who_stops_counting_while_the_body_is_under_way_does_not_write() {
    let world = world().await;
    let before = world.revision().await;
    let head = |path: &str| {
        let token = world.token("nobody");
        format!("POST {path} HTTP/1.1\r\nAuthorization: Bearer {token}")
    };
    let (status, body) = world
        .raw_slowly(&head(MILL), r#"{"user_ids": [2]}"#, AN_HOUR)
        .await;
    // Without its roles, the service does not see the customer.
    assert_eq!(status, 404, "{body}");
    let (status, body) = world
        .raw_slowly(&head(USERS), r#"{"userId": "greta"}"#, 0)
        .await;
    assert_eq!(status, 403, "{body}");
    assert_eq!(world.revision().await, before);
}
