//! The document, as it is served.

use serde_json::Value;

use crate::ask::{ACTIONS, CONFIGURATION, EVALUATION, EVALUATIONS, RESOURCES, SUBJECTS, world};

#[tokio::test]
async fn it_has_every_endpoint() {
    let world = world().await;
    let document: Value = world.get("/openapi/authzen.json").send().await.json();
    assert!(document["openapi"].as_str().unwrap().starts_with("3.1"));
    let mut expected = vec![EVALUATION, EVALUATIONS, SUBJECTS, RESOURCES, ACTIONS];
    for path in &expected {
        assert!(document["paths"][path]["post"].is_object(), "{path}");
    }
    assert!(document["paths"][CONFIGURATION]["get"].is_object());
    expected.push(CONFIGURATION);
    assert_eq!(document["paths"].as_object().unwrap().len(), expected.len());
    insta::assert_snapshot!(serde_json::to_string_pretty(&document["components"]).unwrap());
}
