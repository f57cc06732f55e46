//! What a grant answers: all that the user may do, sorted, and for which part
//! of the chatbot.

use serde_json::{Value, json};

use super::{grant, user};
use attache_testkit::world::acme::{self, LI, NAMELESS};
use attache_testkit::world::{Answer, World, ids, wishes};

/// Name and resource of each permission.
fn told(answer: &Answer) -> Vec<(String, Option<String>)> {
    let permissions = answer.at("/permissions");
    let text = |value: &Value| value.as_str().map(str::to_owned);
    permissions
        .as_array()
        .unwrap()
        .iter()
        .map(|told| (text(&told["name"]).unwrap(), text(&told["resource"])))
        .collect()
}

#[tokio::test]
async fn a_role_that_is_scoped_by_a_parameter_names_the_part() {
    let world = World::new().await;
    let answer = grant(&world, NAMELESS, "InboxUser", json!({"inboxId": "7"})).await;
    insta::assert_snapshot!(answer.golden());
}

#[tokio::test]
async fn a_role_that_is_scoped_and_given_no_parameter_names_the_whole_chatbot() {
    let world = World::new().await;
    let answer = grant(&world, NAMELESS, "ExternalInboxUser", json!({})).await;
    insta::assert_snapshot!(answer.golden());
}

#[tokio::test]
async fn a_chatbot_without_a_key_is_named_by_its_uuid() {
    let world = World::new().await;
    let attached = wishes::attach(acme::NIGHT_DESK, NAMELESS);
    world.operate(&[attached]).await;
    let desk = ids::resource("chatbot", 2);
    let path = format!(
        "/v1/workspaces/harbor/chatbots/{desk}/users/{}/roles",
        user(NAMELESS)
    );
    for (params, resource) in [
        (
            json!({"inboxId": "ä b"}),
            format!("chatbots/{desk}/inboxes/ä b"),
        ),
        (json!({}), format!("chatbots/{desk}")),
    ] {
        let body = json!({"role": "ExternalInboxUser", "params": params});
        let answer = world.post(&path).by("keeper").json(&body).send().await;
        let resources = told(&answer).into_iter().filter_map(|told| told.1);
        assert!(resources.into_iter().any(|named| named == resource));
    }
}

#[tokio::test]
async fn they_are_sorted_by_name_then_by_part() {
    let world = World::new().await;
    for inbox in ["9", "10", "7"] {
        grant(&world, NAMELESS, "InboxUser", json!({ "inboxId": inbox })).await;
    }
    let answer = grant(&world, NAMELESS, "StatisticsViewer", json!({})).await;
    let told = told(&answer);
    let mut sorted = told.clone();
    sorted.sort();
    assert_eq!(told, sorted);
    // Three families for each of three inboxes, and what is not scoped.
    assert_eq!(told.len(), 12, "{told:?}");
}

#[tokio::test]
async fn what_another_covers_is_left_out() {
    let world = World::new().await;
    grant(&world, NAMELESS, "InboxUser", json!({"inboxId": "7"})).await;
    let answer = grant(&world, NAMELESS, "InboxAdmin", json!({})).await;
    let scoped = told(&answer).into_iter().filter(|told| told.1.is_some());
    assert_eq!(scoped.count(), 0, "{}", answer.body);
}

#[tokio::test]
async fn what_is_held_from_above_and_through_groups_counts() {
    let world = World::new().await;
    let accounts = wishes::group_of(acme::ACCOUNTS);
    world
        .operate(&[
            wishes::grant(acme::HARBOR, wishes::user_of(LI), "workspace-member"),
            wishes::grant(acme::CONCIERGE, accounts, "StatisticsViewer"),
        ])
        .await;
    let told = told(&grant(&world, LI, "ChatbotMember", json!({})).await);
    let names: Vec<&str> = told.iter().map(|(name, _)| name.as_str()).collect();
    let expected = [
        "chatbots.get",
        "chatbots.statistics.view",
        "chatbots.users.list",
        // A role of the group on the customer, two floors above.
        "customers.users.list",
        "customers.view",
        "workspaces.users.list",
        "workspaces.view",
    ];
    assert_eq!(names, expected);
}

#[tokio::test]
async fn who_is_inactive_may_do_nothing_whatever_it_is_granted() {
    let world = World::new().await;
    let cleo = [acme::HARBOR, acme::CONCIERGE].map(|on| wishes::attach(on, acme::CLEO));
    world.operate(&cleo).await;
    let answer = grant(&world, acme::CLEO, "ChatbotOwner", json!({})).await;
    assert_eq!(
        (answer.status, &*answer.body),
        (201, r#"{"permissions":[]}"#)
    );
}

#[tokio::test]
async fn what_has_expired_no_longer_counts() {
    let world = World::new().await;
    let minute = attache_core::Timestamp::from_millis(world.now().as_millis() + 60_000);
    let editor = wishes::grant_until(
        acme::CONCIERGE,
        wishes::user_of(NAMELESS),
        "ChatbotEditor",
        Some(minute),
    );
    world.operate(&[editor]).await;
    let versions = ("chatbots.versions.*".to_owned(), None);
    let before = told(&grant(&world, NAMELESS, "ChatbotMember", json!({})).await);
    assert!(before.contains(&versions), "{before:?}");
    world.pass(60);
    let after = told(&grant(&world, NAMELESS, "ChatbotMember", json!({})).await);
    assert!(!after.contains(&versions), "{after:?}");
}
