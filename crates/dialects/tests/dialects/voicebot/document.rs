//! What is special in the document.

use serde_json::json;

use attache_testkit::world::World;

#[tokio::test]
async fn the_documents_email_is_a_string_or_null_and_not_an_integer() {
    let world = World::new().await;
    let document = world.get("/openapi/voicebot.json").send().await.json();
    let email = &document["components"]["schemas"]["User"]["properties"]["email"];
    assert_eq!(email["type"], json!(["string", "null"]));
}
