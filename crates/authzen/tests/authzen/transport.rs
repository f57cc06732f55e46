//! What comes before any question: methods, bodies, headers.

use crate::ask::{
    ACTIONS, CONFIGURATION, EVALUATION, EVALUATIONS, POINT, RESOURCES, SUBJECTS, question, world,
};

const PATHS: [&str; 5] = [EVALUATION, EVALUATIONS, SUBJECTS, RESOURCES, ACTIONS];

fn good() -> String {
    question(("user", "#2"), "customers.view", ("customer", "#1")).to_string()
}

#[tokio::test]
async fn only_post_is_taken() {
    let world = world().await;
    for path in PATHS {
        for method in ["GET", "PUT", "PATCH", "DELETE"] {
            let answer = world.ask(method, path).by(POINT).text(&good()).send().await;
            assert_eq!(answer.status, 405, "{method} {path}");
            assert_eq!(answer.header("allow"), Some("POST"));
        }
    }
}

#[tokio::test]
async fn nothing_else_is_served_there() {
    let world = world().await;
    for path in [
        "",
        "/",
        "/x",
        "/evaluation/",
        "/search",
        "/search/user",
        "/Evaluation",
    ] {
        let path = format!("/access/v1{path}");
        let answer = world.post(&path).by(POINT).text(&good()).send().await;
        assert_eq!(answer.status, 404, "{path}");
        assert_eq!(answer.body, "Nothing is served at this path.", "{path}");
    }
}

#[tokio::test]
async fn a_body_is_json_that_says_so() {
    let world = world().await;
    for path in PATHS {
        for (kind, status) in [
            ("application/json", 200),
            ("application/json; charset=utf-8", 200),
            ("text/plain", 400),
            ("application/x-www-form-urlencoded", 400),
        ] {
            let ask = world
                .ask("POST", path)
                .by(POINT)
                .header("Content-Type", kind);
            let answer = ask.body(&good()).send().await;
            assert_eq!(answer.status, status, "{path}: {kind}");
        }
        let answer = world.post(path).by(POINT).body(&good()).send().await;
        assert_eq!(answer.status, 400, "{path} without a type");
    }
}

#[tokio::test]
async fn what_is_no_object_is_400() {
    let world = world().await;
    let nested = format!(r#"{{"subject":{}"#, r#"{"a":"#.repeat(200));
    let array = format!("[{}]", good());
    let bodies = [
        "",
        " ",
        "{",
        "null",
        "1",
        "\"x\"",
        r#"{"action":{},"action":{}}"#,
        &array,
        &nested,
    ];
    for path in PATHS {
        for body in bodies {
            let answer = world.post(path).by(POINT).text(body).send().await;
            assert_eq!(answer.status, 400, "{path}: {body}");
            let kind = answer.header("content-type");
            assert_eq!(kind, Some("text/plain; charset=utf-8"));
            assert!(!answer.body.is_empty());
        }
    }
}

#[tokio::test]
async fn a_body_has_a_limit() {
    let world = world().await;
    let large = format!(
        "{}{}",
        good(),
        " ".repeat(attache_testkit::world::BODY_BYTES)
    );
    for path in PATHS {
        let answer = world.post(path).by(POINT).text(&large).send().await;
        assert_eq!(answer.status, 413, "{path}");
    }
}

#[tokio::test]
async fn without_a_good_credential_it_is_401() {
    let world = world().await;
    for path in PATHS {
        let none = world.post(path).text(&good());
        let bad = world
            .post(path)
            .text(&good())
            .header("Authorization", "Bearer x");
        let not_good = "Bearer error=\"invalid_token\"";
        for (ask, challenge) in [(none, "Bearer"), (bad, not_good)] {
            let answer = ask.send().await;
            assert_eq!(answer.status, 401, "{path}");
            assert_eq!(answer.header("www-authenticate"), Some(challenge));
            assert_eq!(answer.body, "A valid credential is needed.");
        }
    }
}

#[tokio::test]
async fn a_request_id_comes_back_with_every_answer() {
    let world = world().await;
    let id = "Req 1/ü é, with: all sorts";
    for path in PATHS {
        for (method, by, body, status) in [
            ("POST", POINT, good(), 200),
            ("POST", POINT, String::new(), 400),
            ("POST", "nobody", good(), 403),
            ("PUT", POINT, good(), 405),
        ] {
            let ask = world.ask(method, path).by(by).text(&body);
            let answer = ask.header("X-Request-ID", id).send().await;
            assert_eq!(answer.status, status, "{method} {path}");
            assert_eq!(answer.headers["x-request-id"].as_bytes(), id.as_bytes());
        }
        let ask = world.post(path).text(&good());
        let answer = ask.header("X-Request-ID", "1").send().await;
        assert_eq!(
            (answer.status, answer.header("x-request-id")),
            (401, Some("1"))
        );
        let answer = world.post(path).by(POINT).text(&good()).send().await;
        assert_eq!(answer.header("x-request-id"), None);
    }
    for (path, status) in [
        (CONFIGURATION, 200),
        ("/access/v1/x", 404),
        ("/access/v1/", 404),
    ] {
        let answer = world.get(path).header("X-Request-ID", "2").send().await;
        assert_eq!(
            (answer.status, answer.header("x-request-id")),
            (status, Some("2"))
        );
    }
    // It is this API's header.
    let answer = world
        .get("/healthz")
        .header("X-Request-ID", "3")
        .send()
        .await;
    assert_eq!(answer.header("x-request-id"), None);
}
