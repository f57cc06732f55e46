//! The eight roles of the starting catalogue: each gives what its name says,
//! from families that the vendor publishes.

use serde_json::json;

use super::{grant, revoke};
use attache_testkit::world::World;
use attache_testkit::world::acme::NAMELESS;

const ROLES: [&str; 8] = [
    "ChatbotAdmin",
    "ChatbotOwner",
    "ChatbotEditor",
    "ChatbotMember",
    "InboxAdmin",
    "InboxUser",
    "ExternalInboxUser",
    "StatisticsViewer",
];

/// What a permission can begin with, or be.
const FAMILIES: [&str; 13] = [
    "chatbots.get",
    "chatbots.users.",
    "chatbots.contacts.",
    "chatbots.organizations.",
    "chatbots.conversations.",
    "chatbots.teams.",
    "chatbots.inbox.agents.",
    "chatbots.inbox.views.",
    "chatbots.inbox.answers.",
    "chatbots.versions.",
    "chatbots.knowledge-source.",
    "chatbots.apikey.",
    "chatbots.statistics.view",
];

/// What somebody who holds nothing else may do with a role.
async fn names(world: &World, role: &str) -> Vec<String> {
    let answer = grant(world, NAMELESS, role, json!({})).await;
    let revoked = revoke(world, NAMELESS, role, json!({})).await;
    assert_eq!(revoked.at("/success"), true);
    let names = answer.each("/permissions", "name");
    let names = names.iter().map(|name| name.as_str().unwrap().to_owned());
    names.collect()
}

#[tokio::test]
async fn each_gives_what_its_name_says() {
    let world = World::new().await;
    let mut golden = String::new();
    for role in ROLES {
        let names = names(&world, role).await.join(" ");
        golden.push_str(&format!("{role}: {names}\n"));
    }
    insta::assert_snapshot!(golden);
}

#[tokio::test]
async fn all_they_give_is_from_the_published_families() {
    let world = World::new().await;
    for role in ROLES {
        for name in names(&world, role).await {
            let known = FAMILIES
                .iter()
                .any(|family| match family.strip_suffix('.') {
                    Some(_) => name.starts_with(family),
                    None => name == *family,
                });
            assert!(known, "{role}: {name}");
        }
    }
}

#[tokio::test]
async fn only_inbox_users_take_an_inbox_and_may_do_without() {
    let world = World::new().await;
    for role in ROLES {
        let takes = role.ends_with("InboxUser");
        let inbox = grant(&world, NAMELESS, role, json!({"inboxId": "7"})).await;
        assert_eq!(inbox.status, if takes { 201 } else { 400 }, "{role}");
        let without = grant(&world, NAMELESS, role, json!({})).await;
        assert_eq!(without.status, 201, "{role}");
    }
}

#[tokio::test]
async fn an_inbox_scopes_inbox_and_conversation_permissions_and_no_others() {
    let world = World::new().await;
    for role in ["InboxUser", "ExternalInboxUser"] {
        let params = json!({"inboxId": "7"});
        let answer = grant(&world, NAMELESS, role, params.clone()).await;
        let permissions = answer.at("/permissions");
        for permission in permissions.as_array().unwrap() {
            let name = permission["name"].as_str().unwrap();
            let scoped = name.contains(".inbox.") || name.contains(".conversations.");
            let expected = scoped.then_some("chatbots/concierge/inboxes/7");
            assert_eq!(permission["resource"].as_str(), expected, "{role}: {name}");
        }
        revoke(&world, NAMELESS, role, params).await;
    }
}
