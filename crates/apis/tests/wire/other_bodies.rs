//! The requests whose bodies or credentials are unlike all others: an archive to import,
//! and the token of an invitation, which is its own credential.

use std::time::Duration;

use attache_http::{App, Limits, ServerLimits};
use serde_json::{Value, json};

use crate::every_api::BY;
use crate::server::{Client, serve_app};
use attache_testkit::world::{World, zipped};

/// The most bytes of an archive here.
const ARCHIVE_BYTES: usize = 64 * 1024;

/// A request with a body.
struct Other {
    path: &'static str,
    /// Its head without its end and a host, with a credential where it takes one.
    head: String,
    body: Vec<u8>,
    status: u16,
}

async fn world() -> World {
    World::limited(|limits| limits.imports.bytes = ARCHIVE_BYTES).await
}

async fn others(world: &World) -> [Other; 2] {
    let bearer = format!("Authorization: Bearer {}", world.token(BY));
    let ask = world.ask("POST", "/api/v1/users/%234/invitation").by(BY);
    let invited = ask.send().await;
    assert_eq!(invited.status, 201, "{}", invited.body);
    let token = json!({"token": invited.at("/token")}).to_string();
    let files = [("users.csv", "key,first_name\nu17,Ana\n")];
    let (import, accept) = ("/api/v1/import", "/api/v1/invitations/accept");
    [
        Other {
            path: import,
            head: format!("POST {import} HTTP/1.1\r\nContent-Type: application/zip\r\n{bearer}"),
            body: zipped(&files),
            status: 202,
        },
        Other {
            path: accept,
            head: format!("POST {accept} HTTP/1.1\r\nContent-Type: application/json"),
            body: token.into_bytes(),
            status: 200,
        },
    ]
}

/// Sends a head with more lines, and bytes after it.
async fn sent(client: &mut Client, head: &str, more: &str, bytes: &[u8]) {
    let head = format!("{head}\r\nHost: a.example\r\n{more}\r\n\r\n");
    client.send(head).await;
    client.send(bytes).await;
}

/// The status of an answer, and what it says of why.
async fn status(client: &mut Client) -> (u16, String) {
    let (status, _, said) = client.answer().await;
    let problem: Value = serde_json::from_str(&said).unwrap_or_default();
    (status, problem["detail"].to_string())
}

#[tokio::test]
async fn a_body_that_ends_early_is_400_and_does_nothing() {
    let world = world().await;
    let others = others(&world).await;
    let revision = world.revision().await;
    for other in others {
        let length = other.body.len();
        let mut chunk = format!("{length:x}\r\n").into_bytes();
        chunk.extend(&other.body);
        chunk.extend(b"\r\n");
        for (more, bytes) in [
            (format!("Content-Length: {}", length + 5), &other.body),
            ("Transfer-Encoding: chunked".to_owned(), &chunk),
        ] {
            let mut client = Client::to(world.address()).await;
            sent(&mut client, &other.head, &more, bytes).await;
            client.end().await;
            let (status, said) = status(&mut client).await;
            assert_eq!(status, 400, "{} {more}: {said}", other.path);
            assert!(said.contains("did not arrive completely"), "{said}");
        }
    }
    assert!(world.entries_after(revision).await.is_empty());
}

#[tokio::test]
async fn a_body_that_does_not_come_in_time_is_408() {
    let world = world().await;
    let others = others(&world).await;
    let limits = Limits {
        answer_within: Duration::from_millis(300),
        ..world.app.limits().clone()
    };
    let app = App::new(world.tenants.clone(), limits);
    let served = serve_app(app, ServerLimits::default()).await;
    for other in others {
        let more = format!("Content-Length: {}", other.body.len() + 5);
        let mut client = served.connect().await;
        sent(&mut client, &other.head, &more, &other.body).await;
        let (status, said) = status(&mut client).await;
        assert_eq!(status, 408, "{}: {said}", other.path);
    }
}

#[tokio::test]
async fn a_body_that_is_too_large_is_413_once_it_was_sent() {
    let world = world().await;
    let others = others(&world).await;
    let revision = world.revision().await;
    let large = vec![b' '; 16 * 1024 * 1024];
    for other in others {
        let mut client = Client::to(world.address()).await;
        let more = format!("Content-Length: {}", large.len());
        sent(&mut client, &other.head, &more, &large).await;
        assert_eq!(status(&mut client).await.0, 413, "{}", other.path);
    }
    assert!(world.entries_after(revision).await.is_empty());
}

#[tokio::test]
async fn a_compressed_body_is_415() {
    let world = world().await;
    let others = others(&world).await;
    let revision = world.revision().await;
    for other in others {
        let length = format!("Content-Length: {}", other.body.len());
        let gzip = format!("{length}\r\nContent-Encoding: gzip");
        let mut client = Client::to(world.address()).await;
        sent(&mut client, &other.head, &gzip, &other.body).await;
        let (is, head, said) = client.answer().await;
        assert_eq!(is, 415, "{}: {said}", other.path);
        assert!(head.contains("accept-encoding: identity"), "{head}");
    }
    assert!(world.entries_after(revision).await.is_empty());
}

#[tokio::test]
async fn without_a_host_nothing_is_done() {
    let world = world().await;
    let others = others(&world).await;
    let revision = world.revision().await;
    for other in others {
        let mut client = Client::to(world.address()).await;
        let length = other.body.len();
        let head = format!("{}\r\nContent-Length: {length}\r\n\r\n", other.head);
        client.send(head).await;
        client.send(&other.body).await;
        assert_eq!(status(&mut client).await.0, 400, "{}", other.path);
    }
    assert!(world.entries_after(revision).await.is_empty());
}

#[tokio::test]
async fn preconditions_hold_for_them_too() {
    let world = world().await;
    let others = others(&world).await;
    let revision = world.revision().await;
    for other in &others {
        let length = format!("Content-Length: {}", other.body.len());
        // Nothing stands at these paths, so none of these holds.
        for (condition, refused) in [
            ("If-Match: *", 412),
            ("If-Match: \"1\"", 412),
            ("If-Match: old", 400),
            ("If-None-Match: 1", 400),
        ] {
            let mut client = Client::to(world.address()).await;
            let more = format!("{length}\r\n{condition}");
            sent(&mut client, &other.head, &more, &other.body).await;
            let (status, said) = status(&mut client).await;
            assert_eq!(status, refused, "{} {condition}: {said}", other.path);
        }
    }
    assert!(world.entries_after(revision).await.is_empty());
    for other in &others {
        let mut client = Client::to(world.address()).await;
        let more = format!("Content-Length: {}\r\nIf-None-Match: *", other.body.len());
        sent(&mut client, &other.head, &more, &other.body).await;
        let (status, said) = status(&mut client).await;
        assert_eq!(status, other.status, "{}: {said}", other.path);
    }
}

#[tokio::test]
async fn an_export_is_for_its_caller_alone() {
    let world = world().await;
    let mut client = Client::to(world.address()).await;
    client
        .send("GET /api/v1/export HTTP/1.1\r\nHost: a.example\r\n\r\n")
        .await;
    assert_eq!(status(&mut client).await.0, 401);
    let bearer = format!("Authorization: Bearer {}", world.token(BY));
    let mut client = Client::to(world.address()).await;
    client
        .send(format!("GET /api/v1/export HTTP/1.1\r\n{bearer}\r\n\r\n"))
        .await;
    assert_eq!(status(&mut client).await.0, 400);
    let mut client = Client::to(world.address()).await;
    let more = format!("Host: a.example\r\n{bearer}\r\nConnection: close");
    client
        .send(format!("GET /api/v1/export HTTP/1.1\r\n{more}\r\n\r\n"))
        .await;
    let (answer, _) = client.rest().await;
    assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
    assert!(answer.contains("cache-control: private, no-cache\r\n"));
}

#[tokio::test]
async fn an_archive_is_said_to_be_one() {
    let world = world().await;
    let [import, _] = others(&world).await;
    let revision = world.revision().await;
    for other in ["text/plain", "application/json", "application/x-tar"] {
        let head = import.head.replace("application/zip", other);
        let length = format!("Content-Length: {}", import.body.len());
        let mut client = Client::to(world.address()).await;
        sent(&mut client, &head, &length, &import.body).await;
        let (status, said) = status(&mut client).await;
        assert_eq!(status, 400, "{other}: {said}");
    }
    assert!(world.entries_after(revision).await.is_empty());
}
