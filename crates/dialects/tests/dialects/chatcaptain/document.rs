//! What is special in the document.

use serde_json::json;

use attache_testkit::shape::resolved;
use attache_testkit::world::World;

#[tokio::test]
async fn the_eight_roles_are_in_the_document() {
    let world = World::new().await;
    let document = world.get("/openapi/chatcaptain.json").send().await.json();
    let body = &document["components"]["schemas"]["GrantChatbotRoleRequestDto"];
    let role = resolved(&document, &body["properties"]["role"]);
    let expected = json!([
        "ChatbotAdmin",
        "ChatbotOwner",
        "ChatbotEditor",
        "ChatbotMember",
        "InboxAdmin",
        "InboxUser",
        "ExternalInboxUser",
        "StatisticsViewer",
    ]);
    assert_eq!(role["enum"], expected);
}

#[tokio::test]
async fn the_own_header_of_a_credential_is_in_the_document() {
    let world = World::new().await;
    let document = world.get("/openapi/chatcaptain.json").send().await.json();
    let own = &document["components"]["securitySchemes"]["chatcaptainKey"];
    assert_eq!(own["in"], "header");
    assert_eq!(own["name"], "x-chatcaptain-key");
}
