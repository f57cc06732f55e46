//! Removing.

use attache_core::Change;
use serde_json::json;

use super::{grant, listed, remove, user};
use attache_testkit::world::acme::{BEN, GRETA, HUGO, NAMELESS};
use attache_testkit::world::{World, globex, ids};

#[tokio::test]
async fn who_is_attached_is_removed() {
    let world = World::new().await;
    let answer = remove(&world, &user(NAMELESS)).await;
    insta::assert_snapshot!(answer.golden(), @r#"
    200 application/json
    {
      "removed": true
    }
    "#);
    assert!(listed(&world, &user(NAMELESS)).await.is_none());
}

#[tokio::test]
async fn the_users_grants_on_the_chatbot_go_in_the_same_entry() {
    let world = World::new().await;
    grant(&world, BEN, "InboxUser", json!({"inboxId": "7"})).await;
    let revision = world.revision().await;
    remove(&world, &user(BEN)).await;
    let entries = world.entries_after(revision).await;
    assert_eq!(entries.len(), 1);
    let (revoked, gone): (Vec<_>, Vec<_>) = entries[0]
        .changes
        .list
        .iter()
        .partition(|change| matches!(change, Change::RoleRevoked { .. }));
    assert_eq!(revoked.len(), 3);
    let expected = Change::MemberRemoved {
        resource: ids::resource("chatbot", 1),
        user: ids::user(BEN),
    };
    assert_eq!(gone, [&expected]);
}

#[tokio::test]
async fn its_grants_elsewhere_stay() {
    let world = World::new().await;
    remove(&world, &user(BEN)).await;
    let path = "/third-party/v1/customers/1/users";
    let users = world.get(path).by("keeper").send().await.at("/data");
    let mut users = users.as_array().unwrap().iter();
    let ben = users.find(|user| user["id"] == BEN).unwrap();
    assert_eq!(ben["roles"], json!(["owner"]));
}

#[tokio::test]
async fn who_is_not_attached_is_not_removed() {
    let world = World::new().await;
    let revision = world.revision().await;
    let answer = remove(&world, "greta").await;
    insta::assert_snapshot!(answer.golden(), @r#"
    200 application/json
    {
      "error": "The user is not attached to the chatbot.",
      "removed": false
    }
    "#);
    assert!(world.entries_after(revision).await.is_empty());
    assert_eq!(answer.revision(), revision);
}

#[tokio::test]
async fn who_does_not_exist_or_is_another_tenants_reads_like_who_is_not_attached() {
    let world = World::new().await;
    let hugo = remove(&world, &user(HUGO)).await;
    for id in [
        ids::NOTHING,
        &user(globex::USER),
        "hank",
        "2",
        "%20",
        "a%2Fb",
    ] {
        let answer = remove(&world, id).await;
        assert_eq!(answer.all_of_it(), hugo.all_of_it(), "{id:?}");
    }
}

#[tokio::test]
async fn removing_twice_says_so() {
    let world = World::new().await;
    assert_eq!(remove(&world, &user(BEN)).await.at("/removed"), true);
    assert_eq!(remove(&world, &user(BEN)).await.at("/removed"), false);
}

#[tokio::test]
async fn a_body_does_not_matter() {
    let world = World::new().await;
    let path = format!("{}/{}", super::USERS, user(BEN));
    for (body, removed) in [("", true), ("{not json", false)] {
        let ask = world.delete(&path).by("keeper").text(body);
        let answer = ask.send().await;
        assert_eq!(answer.status, 200, "{body}");
        assert_eq!(answer.at("/removed"), removed, "{body}");
    }
}

#[tokio::test]
async fn a_user_is_named_by_its_key_or_its_uuid() {
    let world = World::new().await;
    for id in ["greta".to_owned(), user(GRETA)] {
        super::add(&world, "greta").await;
        assert_eq!(remove(&world, &id).await.at("/removed"), true, "{id}");
    }
}
