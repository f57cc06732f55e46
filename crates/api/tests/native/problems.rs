//! Problems: their form, their fields, their pages.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::ask::{ADMIN, admin, ask, by, errors, is};
use attache_testkit::world::{BODY_BYTES, World};

async fn post(world: &World, body: &str) -> attache_testkit::world::Answer {
    ask(world, "POST", "/users")
        .by(ADMIN)
        .text(body)
        .send()
        .await
}

#[tokio::test]
async fn a_body_that_is_no_json_is_told_so() {
    let world = World::new().await;
    for (body, error) in [
        ("", "body must be a JSON object, and is missing"),
        ("  \n", "body must be a JSON object, and is missing"),
        ("null", "body must be a JSON object"),
        ("[]", "body must be a JSON object"),
        ("\"x\"", "body must be a JSON object"),
        ("{", "body must be JSON: EOF while parsing"),
        (
            "{\"key\":\"a\",\"key\":\"b\"}",
            "body must be JSON: the key \"key\" is repeated",
        ),
        ("{\"key\":\"a\"} x", "body must be JSON: trailing"),
        ("key=a", "body must be JSON"),
    ] {
        let answer = post(&world, body).await;
        is(&answer, 400, "invalid");
        let errors = errors(&answer);
        assert!(errors[0].starts_with(error), "{body}: {errors:?}");
    }
}

#[tokio::test]
async fn what_a_body_is_said_to_be_does_not_matter() {
    let world = World::new().await;
    let ask = ask(&world, "POST", "/users").by(ADMIN).body("{}");
    assert_eq!(ask.send().await.status, 201);
}

#[tokio::test]
async fn a_body_that_is_too_large_is_413() {
    let world = World::new().await;
    let long = "x".repeat(BODY_BYTES);
    let answer = post(&world, &json!({"key": long}).to_string()).await;
    is(&answer, 413, "body-too-large");
}

#[tokio::test]
async fn a_path_that_is_not_served_is_404() {
    let world = World::new().await;
    for path in [
        "/",
        "",
        "/nothing",
        "/users/a/b/c",
        "/users/",
        "/tenants/acme/users",
        "/Users",
    ] {
        for method in ["GET", "POST", "DELETE"] {
            let answer = ask(&world, method, path).by(ADMIN).send().await;
            is(&answer, 404, "no-such-path");
        }
    }
}

#[tokio::test]
async fn another_method_is_405_and_told_which_are_taken() {
    let (world, reads) = crate::reads::all().await;
    let document = world.get("/openapi/attache.json").send().await.json();
    for (path, item) in document["paths"].as_object().unwrap() {
        let taken: BTreeSet<String> = item
            .as_object()
            .unwrap()
            .keys()
            .map(|it| it.to_uppercase())
            .collect();
        let filled = reads.iter().find(|read| read.route == path);
        let filled = filled.map_or_else(|| path.replace(['{', '}'], ""), |it| it.path.clone());
        for method in ["GET", "PUT", "POST", "PATCH", "DELETE", "TRACE", "BREW"] {
            if taken.contains(method) {
                continue;
            }
            let answer = ask(&world, method, &filled).by(ADMIN).send().await;
            is(&answer, 405, "method-not-allowed");
            let allow = answer.header("allow").unwrap();
            let mut allowed: BTreeSet<String> =
                allow.split(',').map(|it| it.trim().to_owned()).collect();
            allowed.remove("HEAD");
            assert_eq!(allowed, taken, "{method} {path}");
        }
    }
}

#[tokio::test]
async fn every_type_has_a_page() {
    let world = World::new().await;
    let list = world.get("/problems").send().await;
    assert_eq!(list.status, 200);
    let names: Vec<&str> = list
        .body
        .split("href=\"")
        .skip(1)
        .map(|rest| rest.split('"').next().unwrap())
        .collect();
    assert!(names.len() >= 25, "{names:?}");
    for place in &names {
        let page = world.get(place).send().await;
        assert_eq!(page.status, 200, "{place}");
        assert!(
            page.header("content-type")
                .unwrap()
                .starts_with("text/html")
        );
        assert!(
            page.body.contains("<h1>") && page.body.len() > 150,
            "{place}"
        );
    }
    is(
        &world.get("/problems/nothing").send().await,
        404,
        "no-such-path",
    );
}

#[tokio::test]
async fn the_document_names_every_problem_type() {
    let world = World::new().await;
    let document = world.get("/openapi/attache.json").send().await.json();
    let schemas = &document["components"]["schemas"];
    let types = schemas["ProblemType"]["enum"].as_array().unwrap();
    let list = world.get("/problems").send().await.body;
    assert_eq!(list.matches("href=").count(), types.len());
    for problem in types {
        let address = problem.as_str().unwrap();
        assert!(list.contains(&format!("href=\"{address}\"")), "{address}");
    }
    let reference = &schemas["Problem"]["properties"]["type"]["$ref"];
    assert_eq!(reference, "#/components/schemas/ProblemType");
}

#[tokio::test]
async fn how_they_read() {
    let world = World::new().await;
    let mut golden = String::new();
    for (service, what, body) in [
        (ADMIN, "GET /users/none", Value::Null),
        (
            "glance",
            "GET /resources/customer:%231/members",
            Value::Null,
        ),
        (ADMIN, "POST /users", json!({"mail": "x"})),
        (ADMIN, "POST /users", json!({"key": "greta"})),
        (ADMIN, "DELETE /resources/workspace:harbor", Value::Null),
        (
            ADMIN,
            "POST /bulk",
            json!({"operations": [{"op": "remove_user", "user": "none"}]}),
        ),
        (ADMIN, "DELETE /users/%231", Value::Null),
        (
            ADMIN,
            "PUT /resources/customer:%231/members",
            json!({"users": []}),
        ),
        (ADMIN, "GET /tenants", Value::Null),
    ] {
        let answer = by(&world, service, what, body).await;
        golden += &format!("{what}\n{}\n\n", answer.golden());
    }
    insta::assert_snapshot!(golden);
}

#[tokio::test]
async fn a_write_that_cannot_be_done_now_says_when_to_ask_again() {
    let world = World::new().await;
    world.tenants.close().await;
    let answer = admin(&world, "POST /users", json!({})).await;
    is(&answer, 503, "unavailable");
    assert_eq!(answer.header("retry-after"), Some("1"));
}
