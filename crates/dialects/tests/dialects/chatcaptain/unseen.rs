//! What is not there, must not be seen or must not be done: one answer.

use serde_json::json;

use super::user;
use attache_testkit::world::acme::{BEN, HARBOR, LI};
use attache_testkit::world::wishes::{grant, service_named};
use attache_testkit::world::{Answer, World, ids};

/// Each operation on a chatbot, as a service asks for it.
async fn every_operation(world: &World, service: &str, chatbot: &str) -> Vec<Answer> {
    let users = format!("{chatbot}/users");
    let ben = format!("{users}/{}", user(BEN));
    let roles = format!("{users}/{}/roles", user(LI));
    let member = json!({"role": "ChatbotMember", "params": {}});
    let asks = [
        world.get(&users),
        world.post(&users).json(&json!({"userId": "greta"})),
        world.delete(&ben),
        world.post(&roles).json(&member),
        world.delete(&format!("{ben}/roles/ChatbotOwner")),
    ];
    let mut answers = Vec::new();
    for ask in asks {
        answers.push(ask.by(service).send().await);
    }
    answers
}

#[tokio::test]
async fn it_is_403_in_the_same_bytes() {
    let world = World::new().await;
    let revision = world.revision().await;
    let harbor = ids::resource("workspace", 1);
    let (desk, lighthouse) = (ids::resource("chatbot", 2), ids::resource("chatbot", 3));
    let cases = [
        // Lacks the permission.
        ("glance", "harbor/chatbots/concierge".to_owned()),
        // Unknown workspace, unknown chatbot, both.
        ("keeper", "nowhere/chatbots/concierge".to_owned()),
        ("keeper", "harbor/chatbots/nothing".to_owned()),
        (
            "keeper",
            format!("{}/chatbots/{}", ids::NOTHING, ids::NOTHING),
        ),
        ("keeper", "%20/chatbots/%00".to_owned()),
        // A chatbot of another workspace.
        ("keeper", "island/chatbots/concierge".to_owned()),
        ("keeper", "harbor/chatbots/lighthouse".to_owned()),
        ("keeper", format!("{harbor}/chatbots/{lighthouse}")),
        // Numbers are no ids here.
        ("keeper", "1/chatbots/1".to_owned()),
        // Another tenant's.
        ("keeper", "hangar/chatbots/pilot".to_owned()),
        // Not to be seen.
        ("outsider", "harbor/chatbots/concierge".to_owned()),
        ("local", format!("harbor/chatbots/{desk}")),
        // It may work on the chatbot, and does not see the workspace that the path names.
        ("local", "harbor/chatbots/concierge".to_owned()),
        ("local", format!("{harbor}/chatbots/concierge")),
        ("outsider", "island/chatbots/lighthouse".to_owned()),
        ("nobody", "harbor/chatbots/concierge".to_owned()),
        ("reader", "harbor/chatbots/concierge".to_owned()),
    ];
    for (service, chatbot) in cases {
        let path = format!("/v1/workspaces/{chatbot}");
        for answer in every_operation(&world, service, &path).await {
            assert_eq!(answer.status, 403, "{service} {chatbot}");
            assert_eq!(answer.revision(), revision);
            insta::allow_duplicates! {
                insta::assert_snapshot!(answer.body, @r#"{"statusCode":403,"message":"Insufficient permissions.","error":"Forbidden"}"#);
            }
            assert_eq!(answer.header("content-type"), Some("application/json"));
        }
    }
    assert!(world.entries_after(revision).await.is_empty());
}

#[tokio::test]
async fn what_may_be_done_where_the_workspace_is_seen_is_not_403() {
    let world = World::new().await;
    let sees = grant(HARBOR, service_named("local"), "workspace-member");
    world.operate(&[sees]).await;
    let concierge = "/v1/workspaces/harbor/chatbots/concierge";
    for answer in every_operation(&world, "local", concierge).await {
        assert!([200, 201].contains(&answer.status), "{}", answer.body);
    }
}
