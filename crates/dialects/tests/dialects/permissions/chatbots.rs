//! Operations on chatbots.

use serde_json::{Value, json};

use super::{CONCIERGE, nothing_changed, sees_the_harbor, world_with};
use attache_testkit::world::acme::{BEN, NAMELESS};
use attache_testkit::world::{Answer, World, acme, ids, wishes};

const USERS: &str = "/v1/workspaces/harbor/chatbots/concierge/users";

/// That the service `may` is answered like this, and `may-not` with 403.
async fn only_who_may(needed: &str, method: &str, path: &str, body: Option<Value>) -> Answer {
    let world = world_with(CONCIERGE, &[needed]).await;
    asked(&world, method, path, body).await
}

async fn asked(world: &World, method: &str, path: &str, body: Option<Value>) -> Answer {
    let ask = |service: &str| {
        let ask = world.ask(method, path).by(service);
        match &body {
            Some(body) => ask.json(body),
            None => ask,
        }
    };
    let revision = world.revision().await;
    let refused = ask("may-not").send().await;
    assert_eq!(refused.status, 403, "{}", refused.body);
    nothing_changed(world, revision).await;
    ask("may").send().await
}

#[tokio::test]
async fn list_needs_chatbots_users_list() {
    let answer = only_who_may("chatbots.users.list", "GET", USERS, None).await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.each("/users", "id").len(), 3);
}

#[tokio::test]
async fn add_needs_chatbots_users_add() {
    let body = json!({"userId": "greta"});
    let answer = only_who_may("chatbots.users.add", "POST", USERS, Some(body)).await;
    assert_eq!((answer.status, &*answer.body), (201, r#"{"added":true}"#));
}

#[tokio::test]
async fn remove_needs_chatbots_users_remove() {
    let path = format!("{USERS}/{}", ids::user(BEN));
    let answer = only_who_may("chatbots.users.remove", "DELETE", &path, None).await;
    assert_eq!((answer.status, &*answer.body), (200, r#"{"removed":true}"#));
}

#[tokio::test]
async fn grant_role_needs_chatbots_users_roles_grant() {
    let world = world_with(CONCIERGE, &["chatbots.users.roles.grant"]).await;
    // Nobody grants what it does not hold: only a role that gives nothing can
    // be granted with this permission alone.
    let state = world.state().await;
    let mut catalogue = state.catalogue().unwrap().clone();
    let roles = catalogue.roles.iter_mut();
    for role in roles.filter(|role| role.name.as_str() == "StatisticsViewer") {
        role.permissions.clear();
    }
    world.operate(&[wishes::catalogue(catalogue)]).await;
    let path = format!("{USERS}/{}/roles", ids::user(NAMELESS));
    let body = json!({"role": "StatisticsViewer", "params": {}});
    let answer = asked(&world, "POST", &path, Some(body)).await;
    assert_eq!(answer.status, 201);
    assert_eq!(answer.each("/permissions", "name"), [json!("chatbots.get")]);
    assert!(answer.json().get("error").is_none());
}

#[tokio::test]
async fn revoke_role_needs_chatbots_users_roles_revoke() {
    let path = format!("{USERS}/{}/roles/ChatbotOwner", ids::user(BEN));
    let needed = "chatbots.users.roles.revoke";
    let answer = only_who_may(needed, "DELETE", &path, None).await;
    assert_eq!((answer.status, &*answer.body), (200, r#"{"success":true}"#));
}

#[tokio::test]
async fn it_is_needed_on_the_chatbot_in_the_path_or_above() {
    for (on, expected) in [
        (acme::HARBOR, 200),
        (acme::MILL, 200),
        (acme::NORTH, 200),
        (("tenant", 1), 200),
        (acme::NIGHT_DESK, 403),
        (acme::ISLAND, 403),
        (acme::BAKERY, 403),
    ] {
        let world = world_with(on, &["chatbots.users.list"]).await;
        let answer = world.get(USERS).by("may").send().await;
        assert_eq!(answer.status, expected, "{on:?}");
    }
}

#[tokio::test]
async fn what_is_held_for_an_inbox_only_is_not_held_on_the_chatbot() {
    let mut world = World::new().await;
    let state = world.state().await;
    let mut catalogue = state.catalogue().unwrap().clone();
    let roles = catalogue.roles.iter_mut();
    for role in roles.filter(|role| role.name.as_str() == "InboxUser") {
        for scoped in &mut role.scoped {
            let all = attache_core::catalogue::Pattern::new("chatbots.users.*");
            scoped.permissions.push(all.unwrap());
        }
    }
    world.operate(&[wishes::catalogue(catalogue)]).await;
    world.caller_with("inbox", CONCIERGE, &[]).await;
    sees_the_harbor(&world, "inbox").await;
    for (inbox, expected) in [(Some("7"), 403), (None, 200)] {
        let parameters = inbox.map(|inbox| ("inboxId", inbox));
        let grant = attache_core::command::GrantRef {
            resource: wishes::at(CONCIERGE),
            subject: wishes::service_named("inbox"),
            role: "InboxUser".into(),
            parameters: parameters.into_iter().collect(),
        };
        let grant = attache_core::Command::Grant {
            grant,
            expires_at: None,
        };
        world.operate(&[grant]).await;
        let answer = world.get(USERS).by("inbox").send().await;
        assert_eq!(answer.status, expected, "{inbox:?}");
    }
}
