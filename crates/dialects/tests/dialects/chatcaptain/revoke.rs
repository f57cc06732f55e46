//! Revoking a role.

use attache_core::model::{Parameters, SubjectId};
use attache_core::{Change, Command};
use serde_json::{Value, json};

use super::{grant, listed, revoke, roles_of, user};
use attache_testkit::world::acme::{BEN, GRETA, HUGO, LI};
use attache_testkit::world::wishes::{self, user_of};
use attache_testkit::world::{Answer, World, acme, globex, ids};

const FAILED: &str =
    r#"{"success":false,"error":"The user does not hold this role with these parameters."}"#;

async fn li_with(world: &World, params: Value) {
    let granted = grant(world, LI, "InboxUser", params).await;
    assert_eq!(granted.status, 201, "{}", granted.body);
}

async fn failed(world: &World, answer: Answer, revision: u64) {
    assert_eq!((answer.status, answer.body.as_str()), (200, FAILED));
    assert_eq!(answer.revision(), revision);
    assert!(world.entries_after(revision).await.is_empty());
}

#[tokio::test]
async fn with_the_params_of_the_grant_it_is_revoked() {
    let world = World::new().await;
    li_with(&world, json!({"inboxId": "7"})).await;
    let revision = world.revision().await;
    let answer = revoke(&world, LI, "InboxUser", json!({"inboxId": "7"})).await;
    insta::assert_snapshot!(answer.golden(), @r#"
    200 application/json
    {
      "success": true
    }
    "#);
    let entries = world.entries_after(revision).await;
    let revoked = Change::RoleRevoked {
        resource: ids::resource("chatbot", 1),
        subject: SubjectId::User(ids::user(LI)),
        role: "InboxUser".into(),
        parameters: Parameters::from_iter([("inboxId", "7")]),
    };
    assert_eq!(entries.len(), 1);
    assert_eq!(entries[0].changes.list, [revoked]);
    assert_eq!(listed(&world, &user(LI)).await.unwrap()["roles"], json!([]));
}

#[tokio::test]
async fn params_are_compared_as_a_whole_map() {
    let world = World::new().await;
    for (granted, asked) in [
        (json!({"inboxId": "7"}), json!({})),
        (json!({"inboxId": "7"}), json!({"inboxId": "8"})),
        (json!({"inboxId": "7"}), json!({"inboxId": "7", "x": "y"})),
        (json!({"inboxId": "7"}), json!({"inboxid": "7"})),
    ] {
        li_with(&world, granted).await;
        let revision = world.revision().await;
        let answer = revoke(&world, LI, "InboxUser", asked).await;
        failed(&world, answer, revision).await;
    }
}

#[tokio::test]
async fn params_are_one_in_both_normal_forms() {
    let world = World::new().await;
    let (composed, decomposed) = ("Zo\u{eb}", "Zoe\u{308}");
    for (granted, asked) in [(composed, decomposed), (decomposed, composed)] {
        li_with(&world, json!({"inboxId": granted})).await;
        let revision = world.revision().await;
        li_with(&world, json!({"inboxId": asked})).await;
        assert_eq!(world.revision().await, revision, "it is granted already");
        let answer = revoke(&world, LI, "InboxUser", json!({"inboxId": asked})).await;
        assert_eq!(answer.body, r#"{"success":true}"#);
    }
    let refused = grant(&world, LI, "InboxUser", json!({"inboxId": "7\n"})).await;
    assert_eq!(refused.status, 400, "{}", refused.body);
}

#[tokio::test]
async fn a_grant_without_params_is_not_one_with_some() {
    let world = World::new().await;
    li_with(&world, json!({})).await;
    let revision = world.revision().await;
    let answer = revoke(&world, LI, "InboxUser", json!({"inboxId": "7"})).await;
    failed(&world, answer, revision).await;
    let answer = revoke(&world, LI, "InboxUser", json!({})).await;
    assert_eq!(answer.body, r#"{"success":true}"#);
}

#[tokio::test]
async fn of_two_grants_only_the_one_that_is_meant_goes() {
    let world = World::new().await;
    li_with(&world, json!({"inboxId": "7"})).await;
    li_with(&world, json!({"inboxId": "8"})).await;
    revoke(&world, LI, "InboxUser", json!({"inboxId": "7"})).await;
    let li = listed(&world, &user(LI)).await.unwrap();
    assert_eq!(li["roles"], json!(["InboxUser"]));
    let answer = revoke(&world, LI, "InboxUser", json!({"inboxId": "8"})).await;
    assert_eq!(answer.body, r#"{"success":true}"#);
}

#[tokio::test]
async fn what_is_not_held_is_not_revoked() {
    let world = World::new().await;
    let revision = world.revision().await;
    // Not held; held by another; not attached; no such user; no such role; a
    // role that is no chatbot's.
    for (number, role) in [
        (LI, "ChatbotMember"),
        (LI, "ChatbotOwner"),
        (GRETA, "ChatbotOwner"),
        (HUGO, "ChatbotOwner"),
        (globex::USER, "ChatbotOwner"),
        (999, "ChatbotOwner"),
        (BEN, "Nothing"),
        (BEN, "owner"),
        (BEN, "chatbotowner"),
    ] {
        let answer = revoke(&world, number, role, json!({})).await;
        failed(&world, answer, revision).await;
    }
}

#[tokio::test]
async fn revoking_twice_says_so() {
    let world = World::new().await;
    let first = revoke(&world, BEN, "ChatbotOwner", json!({})).await;
    assert_eq!(first.body, r#"{"success":true}"#);
    let revision = world.revision().await;
    let second = revoke(&world, BEN, "ChatbotOwner", json!({})).await;
    failed(&world, second, revision).await;
}

#[tokio::test]
async fn without_a_body_it_is_the_grant_without_params() {
    let world = World::new().await;
    let path = format!("{}/InboxUser", roles_of(LI));
    // Nothing at all, nothing that is said to be JSON, and blanks.
    for body in [None, Some(""), Some(" \n")] {
        li_with(&world, json!({})).await;
        li_with(&world, json!({"inboxId": "7"})).await;
        let mut ask = world.delete(&path).by("keeper");
        if let Some(body) = body {
            ask = ask.text(body);
        }
        let answer = ask.send().await;
        assert_eq!(answer.body, r#"{"success":true}"#, "{body:?}");
        let again = world.delete(&path).by("keeper").send().await;
        assert_eq!(again.body, FAILED, "{body:?}");
    }
    let li = listed(&world, &user(LI)).await.unwrap();
    assert_eq!(li["roles"], json!(["InboxUser"]));
}

#[tokio::test]
async fn a_role_held_through_a_group_only_is_not_the_users() {
    let world = World::new().await;
    let accounts = wishes::group_of(acme::ACCOUNTS);
    let member = wishes::grant(acme::CONCIERGE, accounts, "ChatbotMember");
    world.operate(&[member]).await;
    let revision = world.revision().await;
    let answer = revoke(&world, LI, "ChatbotMember", json!({})).await;
    failed(&world, answer, revision).await;
}

/// The tenant's catalogue may have other roles for chatbots: they are not this API's.
#[tokio::test]
async fn a_role_that_is_not_one_of_the_eight_is_not_revoked() {
    let world = World::new().await;
    let helper = wishes::role(90, "Helper", "chatbot", &["chatbots.get".to_owned()]);
    let role = Box::new(helper);
    world.operate(&[Command::SetRole { role }]).await;
    let granted = wishes::grant(acme::CONCIERGE, user_of(LI), "Helper");
    world.operate(&[granted]).await;
    let revision = world.revision().await;
    let answer = revoke(&world, LI, "Helper", json!({})).await;
    failed(&world, answer, revision).await;
}
