//! Adding.

use attache_core::Change;
use serde_json::json;

use super::{USERS, add, grant, listed, remove, user};
use attache_testkit::world::acme::{self, BEN, GRETA, HUGO, LI};
use attache_testkit::world::{World, globex, ids, wishes};

#[tokio::test]
async fn who_is_attached_to_the_workspace_is_added() {
    let world = World::new().await;
    world.pass(60);
    let revision = world.revision().await;
    let answer = add(&world, "greta").await;
    insta::assert_snapshot!(answer.golden(), @r#"
    201 application/json
    {
      "added": true
    }
    "#);
    let entries = world.entries_after(revision).await;
    assert_eq!(entries.len(), 1);
    let added = Change::MemberAdded {
        resource: ids::resource("chatbot", 1),
        user: ids::user(GRETA),
        expires_at: None,
    };
    assert_eq!(entries[0].changes.list, [added]);
    assert_eq!(answer.revision(), entries[0].revision.0);
    let greta = listed(&world, "greta").await.unwrap();
    let expected = json!({
        "id": "greta",
        "name": "Greta Garbo",
        "email": "",
        "added": "2026-03-03T09:31:05.000Z",
        "roles": [],
    });
    assert_eq!(greta, expected);
}

#[tokio::test]
async fn a_user_is_named_by_its_key_or_its_uuid() {
    let world = World::new().await;
    assert_eq!(add(&world, &user(GRETA)).await.body, r#"{"added":true}"#);
    assert!(listed(&world, "greta").await.is_some());
    // Its number is no id of it.
    assert_eq!(remove(&world, "greta").await.status, 200);
    assert_eq!(add(&world, "9").await.at("/added"), false);
}

#[tokio::test]
async fn adding_twice_says_so_and_leaves_the_time_and_roles_of_the_first() {
    let world = World::new().await;
    let before = listed(&world, &user(BEN)).await.unwrap();
    let revision = world.revision().await;
    world.pass(60);
    let answer = add(&world, &user(BEN)).await;
    insta::assert_snapshot!(answer.golden(), @r#"
    201 application/json
    {
      "added": false,
      "error": "The user is already attached to the chatbot."
    }
    "#);
    assert_eq!(listed(&world, &user(BEN)).await.unwrap(), before);
    assert_eq!(before["roles"], json!(["ChatbotEditor", "ChatbotOwner"]));
    assert!(world.entries_after(revision).await.is_empty());
    assert_eq!(answer.revision(), revision);
}

#[tokio::test]
async fn who_is_not_attached_to_the_workspace_is_not_added() {
    let world = World::new().await;
    let revision = world.revision().await;
    let answer = add(&world, &user(HUGO)).await;
    insta::assert_snapshot!(answer.golden(), @r#"
    201 application/json
    {
      "added": false,
      "error": "The user is not attached to the workspace."
    }
    "#);
    assert!(world.entries_after(revision).await.is_empty());
    assert!(listed(&world, &user(HUGO)).await.is_none());
}

#[tokio::test]
async fn who_does_not_exist_or_is_another_tenants_reads_like_who_is_not_attached() {
    let world = World::new().await;
    let hugo = add(&world, &user(HUGO)).await;
    for id in [
        ids::NOTHING,
        &user(globex::USER),
        "hank",
        "nobody",
        "",
        "a/b",
    ] {
        let answer = add(&world, id).await;
        assert_eq!(answer.all_of_it(), hugo.all_of_it(), "{id:?}");
    }
}

#[tokio::test]
async fn an_admin_must_be_attached_to_the_workspace_too() {
    let world = World::new().await;
    let answer = add(&world, acme::ADA_KEY).await;
    assert_eq!(answer.at("/added"), false);
}

#[tokio::test]
async fn who_is_removed_from_the_workspace_can_not_be_added() {
    let world = World::new().await;
    let gone = attache_core::Command::RemoveMember {
        resource: wishes::at(acme::HARBOR),
        user: attache_core::Ref::Number(LI),
    };
    world.operate(&[gone]).await;
    // And is no longer on the chatbot.
    assert!(listed(&world, &user(LI)).await.is_none());
    assert_eq!(add(&world, &user(LI)).await.at("/added"), false);
}

#[tokio::test]
async fn who_comes_back_is_added_anew_without_roles() {
    let world = World::new().await;
    grant(&world, LI, "ChatbotMember", json!({})).await;
    remove(&world, &user(LI)).await;
    world.pass(60);
    assert_eq!(add(&world, &user(LI)).await.at("/added"), true);
    let li = listed(&world, &user(LI)).await.unwrap();
    assert_eq!(li["added"], "2026-03-03T09:31:05.000Z");
    assert_eq!(li["roles"], json!([]));
}

#[tokio::test]
async fn two_who_add_the_same_at_once_are_told_apart() {
    let world = World::new().await;
    let (one, other) = tokio::join!(add(&world, "greta"), add(&world, "greta"));
    let mut added = [one.at("/added"), other.at("/added")].map(|added| added.as_bool().unwrap());
    added.sort_unstable();
    assert_eq!(added, [false, true]);
}

#[tokio::test]
async fn it_is_written_who_did_it() {
    let world = World::new().await;
    let revision = world.revision().await;
    let body = json!({"userId": "greta"});
    let ask = world.post(USERS).by("keeper").json(&body);
    assert_eq!(ask.send().await.status, 201);
    let entries = world.entries_after(revision).await;
    let keeper = attache_core::Actor::Service(ids::service(1));
    assert_eq!(entries[0].actor, keeper);
}
