//! Granting a role.

use attache_core::Change;
use attache_core::model::{Parameters, SubjectId};
use serde_json::json;

use super::{USERS, grant, listed, user};
use attache_testkit::world::acme::{GRETA, HUGO, LI, NAMELESS};
use attache_testkit::world::{World, globex, ids};

fn granted(role: &str, parameters: Parameters) -> Change {
    Change::RoleGranted {
        resource: ids::resource("chatbot", 1),
        subject: SubjectId::User(ids::user(LI)),
        role: role.into(),
        parameters,
        expires_at: None,
    }
}

#[tokio::test]
async fn the_answer_is_all_that_the_user_may_now_do() {
    let world = World::new().await;
    let answer = grant(&world, NAMELESS, "ChatbotMember", json!({})).await;
    insta::assert_snapshot!(answer.golden(), @r#"
    201 application/json
    {
      "permissions": [
        {
          "name": "chatbots.get"
        },
        {
          "name": "chatbots.users.list"
        }
      ]
    }
    "#);
    let nameless = listed(&world, &user(NAMELESS)).await.unwrap();
    assert_eq!(nameless["roles"], json!(["ChatbotMember"]));
}

#[tokio::test]
async fn it_is_one_entry() {
    let world = World::new().await;
    let revision = world.revision().await;
    let answer = grant(&world, LI, "InboxUser", json!({"inboxId": "7"})).await;
    let entries = world.entries_after(revision).await;
    assert_eq!(entries.len(), 1);
    let seven = Parameters::from_iter([("inboxId", "7")]);
    assert_eq!(entries[0].changes.list, [granted("InboxUser", seven)]);
    assert_eq!(answer.revision(), entries[0].revision.0);
}

#[tokio::test]
async fn granting_twice_with_the_same_params_answers_the_same_and_writes_nothing() {
    let world = World::new().await;
    for params in [json!({}), json!({"inboxId": "7"})] {
        let first = grant(&world, LI, "InboxUser", params.clone()).await;
        let revision = world.revision().await;
        let second = grant(&world, LI, "InboxUser", params).await;
        assert_eq!(second.all_of_it(), first.all_of_it());
        assert!(world.entries_after(revision).await.is_empty());
    }
}

#[tokio::test]
async fn granting_with_other_params_is_a_second_grant() {
    let world = World::new().await;
    grant(&world, LI, "InboxUser", json!({"inboxId": "7"})).await;
    let revision = world.revision().await;
    let answer = grant(&world, LI, "InboxUser", json!({"inboxId": "8"})).await;
    assert_eq!(world.entries_after(revision).await.len(), 1);
    let resources = answer.each("/permissions", "resource");
    for inbox in ["7", "8"] {
        let path = json!(format!("chatbots/concierge/inboxes/{inbox}"));
        assert!(resources.contains(&path), "{}", answer.body);
    }
}

#[tokio::test]
async fn who_is_not_attached_is_granted_nothing() {
    let world = World::new().await;
    let revision = world.revision().await;
    // Greta is attached to the workspace, Hugo to nothing.
    let answer = grant(&world, GRETA, "ChatbotMember", json!({})).await;
    insta::assert_snapshot!(answer.golden(), @r#"
    201 application/json
    {
      "error": "The user is not attached to the chatbot.",
      "permissions": []
    }
    "#);
    let hugo = grant(&world, HUGO, "ChatbotMember", json!({})).await;
    assert_eq!(hugo.all_of_it(), answer.all_of_it());
    assert!(world.entries_after(revision).await.is_empty());
}

#[tokio::test]
async fn who_does_not_exist_or_is_another_tenants_reads_like_who_is_not_attached() {
    let world = World::new().await;
    let hugo = grant(&world, HUGO, "ChatbotMember", json!({})).await;
    let body = json!({"role": "ChatbotMember", "params": {}});
    for id in [ids::NOTHING, &user(globex::USER), "hank", "6", "%20"] {
        let path = format!("{USERS}/{id}/roles");
        let answer = world.post(&path).by("keeper").json(&body).send().await;
        assert_eq!(answer.all_of_it(), hugo.all_of_it(), "{id:?}");
    }
}

#[tokio::test]
async fn each_of_the_eight_roles_can_be_granted() {
    let world = World::new().await;
    let mut held = Vec::new();
    for role in [
        "ChatbotAdmin",
        "ChatbotEditor",
        "ChatbotMember",
        "ChatbotOwner",
        "ExternalInboxUser",
        "InboxAdmin",
        "InboxUser",
        "StatisticsViewer",
    ] {
        let answer = grant(&world, LI, role, json!({})).await;
        assert_eq!(answer.status, 201, "{role}: {}", answer.body);
        held.push(role);
        let li = listed(&world, &user(LI)).await.unwrap();
        assert_eq!(li["roles"], json!(held));
    }
}

#[tokio::test]
async fn nobody_grants_what_it_does_not_hold() {
    let mut world = World::new().await;
    let may = ["chatbots.get", "chatbots.users.roles.grant"].map(str::to_owned);
    world
        .caller_with("granter", attache_testkit::world::acme::CONCIERGE, &may)
        .await;
    let revision = world.revision().await;
    let body = json!({"role": "ChatbotMember", "params": {}});
    let ask = world.post(&super::roles_of(LI)).by("granter").json(&body);
    let answer = ask.send().await;
    let unknown = "/v1/workspaces/harbor/chatbots/nothing/users/x/roles";
    let unknown = world.post(unknown).by("granter").json(&body).send().await;
    assert_eq!(answer.status, 403);
    assert_eq!(answer.all_of_it(), unknown.all_of_it());
    assert!(world.entries_after(revision).await.is_empty());
}

#[tokio::test]
async fn a_user_is_named_by_its_key_or_its_uuid() {
    let world = World::new().await;
    super::add(&world, "greta").await;
    let body = json!({"role": "ChatbotMember", "params": {}});
    let path = format!("{USERS}/greta/roles");
    let by_key = world.post(&path).by("keeper").json(&body).send().await;
    assert_eq!(by_key.at("/permissions").as_array().unwrap().len(), 2);
    let by_id = grant(&world, GRETA, "ChatbotMember", json!({})).await;
    assert_eq!(by_id.all_of_it(), by_key.all_of_it());
}
