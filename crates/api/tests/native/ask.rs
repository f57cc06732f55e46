//! Requests, in few words.

use serde_json::Value;

use attache_testkit::world::{Answer, Ask, World};

/// A service that holds everything in acme.
pub(crate) const ADMIN: &str = "deputy";

/// What stands in a problem that has the correlation id that is sent here.
pub(crate) const CORRELATION: &str = "11111111-2222-4333-8444-555555555555";

/// A request to this API, without a credential.
pub(crate) fn ask<'a>(world: &'a World, method: &str, path: &str) -> Ask<'a> {
    let path = format!("/api/v1{path}");
    world
        .ask(method, &path)
        .header("X-Correlation-Id", CORRELATION)
}

/// What a service is answered.
pub(crate) async fn by(world: &World, service: &str, what: &str, body: Value) -> Answer {
    let (method, path) = what.split_once(' ').unwrap();
    let ask = ask(world, method, path).by(service);
    match body {
        Value::Null => ask.send().await,
        body => ask.json(&body).send().await,
    }
}

/// What the one who holds everything is answered.
pub(crate) async fn admin(world: &World, what: &str, body: Value) -> Answer {
    by(world, ADMIN, what, body).await
}

/// What it reads, which must be there.
pub(crate) async fn get(world: &World, path: &str) -> Value {
    let answer = admin(world, &format!("GET {path}"), Value::Null).await;
    assert_eq!(answer.status, 200, "{path}: {}", answer.body);
    answer.json()
}

/// What it does, which must go well.
pub(crate) async fn done(world: &World, what: &str, body: Value) -> Answer {
    let answer = admin(world, what, body).await;
    let is_good = [200, 201, 204].contains(&answer.status);
    assert!(is_good, "{what}: {} {}", answer.status, answer.body);
    answer
}

/// The status and the type of a problem, which must be told as one.
pub(crate) fn problem(answer: &Answer) -> (u16, String) {
    let kind = answer.header("content-type");
    assert_eq!(kind, Some("application/problem+json"), "{}", answer.body);
    assert_eq!(answer.at("/status"), answer.status, "{}", answer.body);
    assert_eq!(answer.at("/correlation_id"), answer.correlation_id());
    assert!(!answer.at("/title").as_str().unwrap().is_empty());
    let detail = answer.at("/detail");
    assert!(detail.as_str().unwrap().ends_with('.'), "{detail}");
    let kind = answer.at("/type");
    let name = kind.as_str().unwrap().strip_prefix("/problems/").unwrap();
    (answer.status, name.to_owned())
}

/// That it is this problem.
pub(crate) fn is(answer: &Answer, status: u16, name: &str) {
    assert_eq!(
        problem(answer),
        (status, name.to_owned()),
        "{}",
        answer.body
    );
}

/// What is wrong, as `field reason`.
pub(crate) fn errors(answer: &Answer) -> Vec<String> {
    let json = answer.json();
    let errors = json["errors"].as_array().cloned().unwrap_or_default();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    errors
        .iter()
        .map(|error| format!("{} {}", text(&error["field"]), text(&error["reason"])))
        .collect()
}

/// One field of each thing on all pages.
pub(crate) async fn each(world: &World, path: &str, field: &str) -> Vec<Value> {
    let answer = get(world, path).await;
    assert_eq!(answer["next"], Value::Null, "{path}");
    let items = answer["items"].as_array().unwrap();
    assert_eq!(answer["total"], items.len(), "{path}");
    items
        .iter()
        .map(|item| item.pointer(field).unwrap_or(&Value::Null).clone())
        .collect()
}
