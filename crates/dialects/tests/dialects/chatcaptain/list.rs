//! Listing.

use serde_json::json;

use super::{USERS, grant, list, listed, user};
use attache_testkit::world::acme::{self, BEN, CONCIERGE, GRETA, LI, NAMELESS};
use attache_testkit::world::wishes::{self, attach, attach_until, group_of};
use attache_testkit::world::{World, ids, person};

#[tokio::test]
async fn the_answer_is_a_list_of_users() {
    let world = World::new().await;
    insta::assert_snapshot!(list(&world).await.golden());
    let path = format!(
        "/v1/workspaces/harbor/chatbots/{}/users",
        ids::resource("chatbot", 2)
    );
    let none = world.get(&path).by("keeper").send().await;
    assert_eq!((none.status, none.body.as_str()), (200, r#"{"users":[]}"#));
}

#[tokio::test]
async fn users_stand_by_when_they_were_added_then_by_id() {
    let world = World::new().await;
    world.pass(60);
    let late = [GRETA, BEN].map(|user| attach(acme::NIGHT_DESK, user));
    world.operate(&late).await;
    let added = list(&world).await.each("/users", "id");
    // Li was named before Ben in the one entry that added both.
    assert_eq!(added, [BEN, LI, NAMELESS].map(|user_| json!(user(user_))));
    let times = list(&world).await.each("/users", "added");
    let expected = ["04", "04", "05"].map(|s| json!(format!("2026-03-03T09:30:{s}.000Z")));
    assert_eq!(times, expected);
}

#[tokio::test]
async fn roles_are_by_name_without_repeats() {
    let world = World::new().await;
    for params in [json!({}), json!({"inboxId": "7"}), json!({"inboxId": "8"})] {
        grant(&world, LI, "InboxUser", params).await;
    }
    grant(&world, LI, "ChatbotMember", json!({})).await;
    // Once more, through a group.
    let accounts = group_of(acme::ACCOUNTS);
    let member = wishes::grant(CONCIERGE, accounts, "ChatbotMember");
    world.operate(&[member]).await;
    let li = listed(&world, &user(LI)).await.unwrap();
    assert_eq!(li["roles"], json!(["ChatbotMember", "InboxUser"]));
    // A role of the workspace is none of the chatbot.
    let above = wishes::grant(acme::HARBOR, wishes::user_of(LI), "workspace-admin");
    world.operate(&[above]).await;
    let li = listed(&world, &user(LI)).await.unwrap();
    assert_eq!(li["roles"], json!(["ChatbotMember", "InboxUser"]));
}

#[tokio::test]
async fn a_user_is_shown_by_its_key_where_it_has_one_else_by_its_uuid() {
    let world = World::new().await;
    world.operate(&[attach(CONCIERGE, GRETA)]).await;
    let ids = list(&world).await.each("/users", "id");
    assert!(ids.contains(&json!("greta")));
    assert!(ids.contains(&json!(ids::user(BEN))));
}

#[tokio::test]
async fn name_and_email_are_always_texts() {
    let world = World::new().await;
    let nameless = listed(&world, &user(NAMELESS)).await.unwrap();
    assert_eq!(
        (&nameless["name"], &nameless["email"]),
        (&json!(""), &json!(""))
    );
    let ben = listed(&world, &user(BEN)).await.unwrap();
    assert_eq!(ben["name"], "Ben Okafor");
    assert_eq!(ben["email"], "ben@mill.example");
}

#[tokio::test]
async fn a_chatbot_is_found_by_its_key_and_by_its_uuid() {
    let world = World::new().await;
    let shown = list(&world).await;
    let workspaces = [
        "harbor".to_owned(),
        ids::resource("workspace", 1).to_string(),
    ];
    let chatbots = [
        "concierge".to_owned(),
        ids::resource("chatbot", 1).to_string(),
    ];
    for workspace in &workspaces {
        for chatbot in &chatbots {
            let path = format!("/v1/workspaces/{workspace}/chatbots/{chatbot}/users");
            let answer = world.get(&path).by("keeper").send().await;
            assert_eq!(answer.all_of_it(), shown.all_of_it(), "{path}");
        }
    }
}

#[tokio::test]
async fn keys_of_any_script_are_found_percent_encoded() {
    let world = World::new().await;
    let desk = ("chatbot", 9);
    let commands = [wishes::resource(
        desk,
        acme::HARBOR,
        Some("büro 1/2"),
        "Büro",
    )];
    world.operate(&commands).await;
    let path = "/v1/workspaces/harbor/chatbots/b%C3%BCro%201%2F2/users";
    let answer = world.get(path).by("keeper").send().await;
    assert_eq!(
        (answer.status, answer.body.as_str()),
        (200, r#"{"users":[]}"#)
    );
}

#[tokio::test]
async fn a_membership_that_has_expired_no_longer_counts() {
    let world = World::new().await;
    let minute = attache_core::Timestamp::from_millis(world.now().as_millis() + 60_000);
    world
        .operate(&[
            attach_until(CONCIERGE, GRETA, Some(minute)),
            // Attached to the workspace for a minute, to its chatbot for ever.
            person(80).add(),
            attach_until(acme::HARBOR, 80, Some(minute)),
            attach(CONCIERGE, 80),
        ])
        .await;
    let listed = |users: Vec<serde_json::Value>| users.len();
    assert_eq!(listed(list(&world).await.each("/users", "id")), 5);
    world.pass(60);
    assert_eq!(listed(list(&world).await.each("/users", "id")), 3);
}

#[tokio::test]
async fn it_is_complete_whatever_the_query_says() {
    let world = World::new().await;
    let many: Vec<_> = (200..500)
        .flat_map(|number| {
            let [workspace, chatbot] = [acme::HARBOR, CONCIERGE];
            [
                person(number).add(),
                attach(workspace, number),
                attach(chatbot, number),
            ]
        })
        .collect();
    world.operate(&many).await;
    let path = format!("{USERS}?limit=10&page=2");
    let answer = world.get(&path).by("keeper").send().await;
    assert_eq!(answer.each("/users", "id").len(), 303);
}
