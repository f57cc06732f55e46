//! An unknown path under a dialect's prefix: 404 in that dialect's words.

use super::golden::golden;
use attache_apis::dialects;
use attache_http::description::Description;
use attache_testkit::examples::{all, speaks};
use attache_testkit::world::{Answer, World};

fn is_no_such_path(dialect: &Description, answer: &Answer, path: &str) {
    assert_eq!(answer.status, 404, "{path}: {}", answer.body);
    let kind = answer.header("content-type");
    assert_eq!(kind, Some("application/json"), "{path}");
    speaks(dialect, answer);
    assert!(!answer.correlation_id().is_empty());
    assert_eq!(answer.revision(), 0, "{path}");
}

#[tokio::test]
async fn an_unknown_path_is_404_in_the_dialects_words() {
    let world = World::new().await;
    for dialect in dialects() {
        let prefix = dialect.prefix;
        for rest in [
            "",
            "/",
            "/x",
            "/x/",
            "/x/y/z",
            "/customers",
            "/customers/1",
            "/customers/1/users/2",
            "//customers/1/users",
            "/Customers/1/users",
        ] {
            let path = format!("{prefix}{rest}");
            for method in ["GET", "POST", "DELETE", "PUT"] {
                let answer = world.ask(method, &path).send().await;
                is_no_such_path(dialect, &answer, &path);
                let with = world.ask(method, &path).by("keeper").send().await;
                is_no_such_path(dialect, &with, &path);
            }
        }
    }
}

#[tokio::test]
async fn a_slash_at_the_end_is_another_path() {
    let world = World::new().await;
    for operation in all() {
        let mut other = operation.clone();
        other.path.push('/');
        let answer = other.send(&world).await;
        is_no_such_path(operation.dialect, &answer, &other.path);
    }
}

#[tokio::test]
async fn how_404_reads() {
    let world = World::new().await;
    let id = "11111111-2222-4333-8444-555555555555";
    for dialect in dialects() {
        let ask = world.get(&format!("{}/x", dialect.prefix));
        let answer = ask.header("X-Correlation-Id", id).send().await;
        golden(dialect, "404", &answer.golden());
    }
}

/// No client sends these: they go over the wire byte by byte.
#[tokio::test]
async fn an_id_that_is_no_text_names_nothing() {
    let world = World::new().await;
    let token = world.token("keeper").to_owned();
    for operation in all() {
        for bytes in ["%FF", "%C3%28", "%ED%A0%80", "%80abc"] {
            let Some(path) = operation.path_with_first(bytes) else {
                continue;
            };
            let body = operation.body.as_ref().map(ToString::to_string);
            let body = body.unwrap_or_default();
            let head = format!(
                "{} {path} HTTP/1.1\r\nAuthorization: Bearer {token}{}\r\nContent-Length: {}",
                operation.method,
                operation.lines(),
                body.len()
            );
            let (status, head, body) = world.raw_text(&head, body.as_bytes()).await;
            assert_eq!(status, 404, "{path}: {body}");
            assert!(head.contains("attache-revision:"), "{head}");
            assert!(head.contains("application/json"), "{head}");
            assert!(body.starts_with('{'), "{body}");
        }
    }
}

/// Clients resolve dots themselves; here they come as they are.
#[tokio::test]
async fn dots_lead_nowhere_else() {
    let world = World::new().await;
    for dialect in dialects() {
        let prefix = dialect.prefix;
        for rest in ["/..", "/../../healthz", "/%2e%2e/%2e%2e/healthz", "/./x"] {
            let head = format!("GET {prefix}{rest} HTTP/1.1");
            let (status, head, body) = world.raw_text(&head, b"").await;
            assert_eq!(status, 404, "{prefix}{rest}: {body}");
            assert!(head.contains("application/json"), "{prefix}{rest}");
        }
    }
}

#[tokio::test]
async fn a_percent_that_encodes_nothing_is_an_id_of_nothing() {
    let world = World::new().await;
    let token = world.token("keeper").to_owned();
    for (path, expected) in [
        ("/third-party/v1/customers/%/users", 404),
        ("/third-party/v1/customers/%zz/users", 404),
        ("/third-party/v1/customers/%0/users", 404),
        ("/auth/api/v1/customers/%zz/users", 400),
        ("/v1/customer/%/users", 400),
        ("/v1/workspaces/%/chatbots/%zz/users", 403),
        ("/v1/workspaces/harbor%00/chatbots/concierge/users", 403),
    ] {
        let head = format!(
            "GET {path} HTTP/1.1\r\nAuthorization: Bearer {token}\r\nX-Tenant: acme.example"
        );
        let (status, _, body) = world.raw_text(&head, b"").await;
        assert_eq!(status, expected, "{path}: {body}");
        assert!(body.starts_with('{'), "{body}");
    }
}

#[tokio::test]
async fn no_dialect_speaks_where_none_is_served() {
    let world = World::new().await;
    for path in [
        "/",
        "/x",
        "/v1",
        "/v1/x",
        "/third-party",
        "/v1/customers/1",
        "/auth/api",
    ] {
        let answer = world.get(path).by("keeper").send().await;
        assert_eq!(answer.status, 404, "{path}");
        assert_eq!(answer.body, "Nothing is served at this path.\n");
        assert_eq!(answer.revision(), 0);
        assert!(!answer.correlation_id().is_empty());
    }
}
