//! What is answered with 400.

use serde_json::{Value, json};

use super::{USERS, grant, roles_of};
use attache_testkit::world::acme::LI;
use attache_testkit::world::wishes;
use attache_testkit::world::{Answer, World};

fn is_bad_request(answer: &Answer) {
    assert_eq!(answer.status, 400, "{}", answer.body);
    let body = answer.json();
    let fields: Vec<_> = body.as_object().unwrap().keys().collect();
    assert_eq!(fields, ["error", "message", "statusCode"]);
    assert_eq!(body["statusCode"], 400);
    assert_eq!(body["error"], "Bad Request");
    assert!(!body["message"].as_str().unwrap().is_empty());
}

/// Ask for a grant with this body, which must be refused and change nothing.
async fn refused(world: &World, body: &Value) -> Answer {
    let revision = world.revision().await;
    let ask = world.post(&roles_of(LI)).by("keeper").json(body);
    let answer = ask.send().await;
    is_bad_request(&answer);
    assert!(world.entries_after(revision).await.is_empty(), "{body}");
    answer
}

#[tokio::test]
async fn a_role_that_is_not_one_of_the_eight() {
    let world = World::new().await;
    for role in [
        json!("Owner"),
        json!("chatbotowner"),
        json!("ChatbotOwner "),
        // Roles of the tenant, and none of this API's.
        json!("admin"),
        json!("chatbot-directory"),
        json!(""),
        json!(null),
        json!(7),
        json!(["ChatbotOwner"]),
    ] {
        refused(&world, &json!({"role": role, "params": {}})).await;
    }
    refused(&world, &json!({"params": {}})).await;
    let answer = refused(&world, &json!({"role": "Owner", "params": {}})).await;
    insta::assert_snapshot!(answer.golden());
}

#[tokio::test]
async fn params_that_are_missing() {
    let world = World::new().await;
    let answer = refused(&world, &json!({"role": "ChatbotMember"})).await;
    insta::assert_snapshot!(answer.golden(), @r#"
    400 application/json
    {
      "error": "Bad Request",
      "message": "params is required, if only as {}.",
      "statusCode": 400
    }
    "#);
}

#[tokio::test]
async fn params_that_are_no_map_of_strings() {
    let world = World::new().await;
    for params in [
        json!(null),
        json!([]),
        json!("inboxId"),
        json!(7),
        json!({"inboxId": 7}),
        json!({"inboxId": null}),
        json!({"inboxId": ["7"]}),
        json!({"inboxId": {}}),
    ] {
        refused(&world, &json!({"role": "InboxUser", "params": params})).await;
    }
}

#[tokio::test]
async fn a_parameter_that_the_role_does_not_take() {
    let world = World::new().await;
    for (role, params) in [
        ("ChatbotMember", json!({"inboxId": "7"})),
        ("InboxUser", json!({"inboxid": "7"})),
        ("InboxUser", json!({"inboxId": "7", "teamId": "1"})),
    ] {
        refused(&world, &json!({"role": role, "params": params})).await;
    }
    let body = json!({"role": "ChatbotMember", "params": {"inboxId": "7"}});
    let answer = refused(&world, &body).await;
    insta::assert_snapshot!(answer.golden(), @r#"
    400 application/json
    {
      "error": "Bad Request",
      "message": "params.inboxId is no parameter of the role ChatbotMember.",
      "statusCode": 400
    }
    "#);
}

#[tokio::test]
async fn a_parameter_that_the_role_needs_and_lacks() {
    let world = World::new().await;
    let state = world.state().await;
    let mut catalogue = state.catalogue().unwrap().clone();
    let roles = catalogue.roles.iter_mut();
    for role in roles.filter(|role| role.name.as_str() == "ExternalInboxUser") {
        role.parameters[0].required = true;
    }
    world.operate(&[wishes::catalogue(catalogue)]).await;
    let body = json!({"role": "ExternalInboxUser", "params": {}});
    let answer = refused(&world, &body).await;
    insta::assert_snapshot!(answer.golden(), @r#"
    400 application/json
    {
      "error": "Bad Request",
      "message": "params.inboxId is needed by the role ExternalInboxUser.",
      "statusCode": 400
    }
    "#);
    let given = grant(&world, LI, "ExternalInboxUser", json!({"inboxId": "7"})).await;
    assert_eq!(given.status, 201);
}

#[tokio::test]
async fn a_parameter_whose_value_cannot_be() {
    let world = World::new().await;
    for value in ["", "a/b", "a\nb", &"a".repeat(256)] {
        let params = json!({ "inboxId": value });
        refused(&world, &json!({"role": "InboxUser", "params": params})).await;
    }
}

#[tokio::test]
async fn a_grant_without_an_object_as_its_body() {
    let world = World::new().await;
    for body in ["", " ", "[]", "null", "7", r#""x""#] {
        let ask = world.post(&roles_of(LI)).by("keeper").text(body);
        is_bad_request(&ask.send().await);
    }
    is_bad_request(&world.post(&roles_of(LI)).by("keeper").send().await);
}

#[tokio::test]
async fn adding_nobody() {
    let world = World::new().await;
    let revision = world.revision().await;
    for body in [
        "",
        "{}",
        "[]",
        "null",
        r#""greta""#,
        r#"{"userId":9}"#,
        r#"{"userId":null}"#,
        r#"{"userid":"greta"}"#,
        r#"{"userId":["greta"]}"#,
    ] {
        let ask = world.post(USERS).by("keeper").text(body);
        is_bad_request(&ask.send().await);
    }
    is_bad_request(&world.post(USERS).by("keeper").send().await);
    assert!(world.entries_after(revision).await.is_empty());
    let ask = world.post(USERS).by("keeper").text("{}");
    insta::assert_snapshot!(ask.send().await.golden());
}

#[tokio::test]
async fn revoking_with_a_body_that_is_none() {
    let world = World::new().await;
    let path = format!(
        "{}/ChatbotOwner",
        roles_of(attache_testkit::world::acme::BEN)
    );
    let revision = world.revision().await;
    for body in [
        "{}",
        "[]",
        "null",
        r#"{"params":null}"#,
        r#"{"params":[]}"#,
        r#"{"params":{"inboxId":7}}"#,
    ] {
        let ask = world.delete(&path).by("keeper").text(body);
        is_bad_request(&ask.send().await);
    }
    assert!(world.entries_after(revision).await.is_empty());
}

#[tokio::test]
async fn a_key_that_stands_twice_deep_in_the_body_is_refused() {
    let world = World::new().await;
    let path = roles_of(LI);
    for body in [
        r#"{"role":"InboxUser","params":{"inboxId":"7","inboxId":"8"}}"#,
        r#"{"x":[{"a":1,"a":2}],"role":"ChatbotMember","params":{}}"#,
    ] {
        let answer = world.post(&path).by("keeper").text(body).send().await;
        assert_eq!(answer.status, 400, "{}", answer.body);
        assert!(answer.body.contains("is repeated"), "{}", answer.body);
    }
}
