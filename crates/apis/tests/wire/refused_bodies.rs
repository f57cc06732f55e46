//! A body that is refused is read and discarded, so that the client can read why
//! (RFC 9112, 9.6): most clients send all of it before they look at the answer.

use std::time::Duration;

use attache_http::ServerLimits;

use crate::every_api::{BY, with_a_body};
use crate::server::{Client, serve};
use attache_testkit::world::{BODY_BYTES, World};

/// More than the buffers between two sockets hold.
const LARGE: usize = 16 * 1024 * 1024;

/// Requests that are refused before their body is read: a head without its end, and
/// the status.
fn refused(world: &World) -> Vec<(String, u16)> {
    let token = world.token(BY);
    let good = format!("Authorization: Bearer {token}");
    let bad = "Authorization: Bearer nothing";
    let mut all: Vec<(String, u16)> = Vec::new();
    for request in with_a_body() {
        let head = request.head();
        all.push((format!("{head}\r\nHost: a.example\r\n{bad}"), 401));
        all.push((format!("{head}\r\nHost: a.example\r\n{good}"), 413));
        all.push((format!("{head}\r\n{good}"), 400));
    }
    for (method, path, status) in [
        ("POST", "/api/v1/nothing", 404),
        ("POST", "/nothing", 404),
        ("PUT", "/api/v1/users", 405),
        ("POST", "/healthz", 405),
    ] {
        all.push((
            format!("{method} {path} HTTP/1.1\r\nHost: a.example\r\n{good}"),
            status,
        ));
    }
    let gzip = "Content-Encoding: gzip";
    let path = "/api/v1/users";
    all.push((
        format!("POST {path} HTTP/1.1\r\nHost: a.example\r\n{good}\r\n{gzip}"),
        415,
    ));
    all
}

#[tokio::test]
async fn a_client_that_sends_all_of_it_first_reads_its_answer() {
    let world = World::new().await;
    let body = vec![b' '; LARGE];
    for (head, status) in refused(&world) {
        let mut client = Client::to(world.address()).await;
        let length = body.len();
        client
            .send(format!("{head}\r\nContent-Length: {length}\r\n\r\n"))
            .await;
        client.send(&body).await;
        let (said, answer, _) = client.answer().await;
        assert_eq!(said, status, "{head}");
        assert!(answer.contains("connection: close"), "{answer}");
    }
}

#[tokio::test]
async fn a_body_in_chunks_is_discarded_too() {
    let world = World::new().await;
    let chunk = format!("{:x}\r\n{}\r\n", 1 << 20, " ".repeat(1 << 20));
    for (head, status) in refused(&world) {
        let mut client = Client::to(world.address()).await;
        client
            .send(format!("{head}\r\nTransfer-Encoding: chunked\r\n\r\n"))
            .await;
        for _ in 0..8 {
            client.send(&chunk).await;
        }
        client.send("0\r\n\r\n").await;
        assert_eq!(client.answer().await.0, status, "{head}");
    }
}

#[tokio::test]
async fn a_slowly_sent_body_is_discarded_too() {
    let world = World::new().await;
    let mut waiting = Vec::new();
    for (head, status) in refused(&world) {
        let address = world.address();
        waiting.push(async move {
            let mut client = Client::to(address).await;
            let pieces = 20;
            let length = pieces * (BODY_BYTES + 1);
            client
                .send(format!("{head}\r\nContent-Length: {length}\r\n\r\n"))
                .await;
            let mut ticks = tokio::time::interval(Duration::from_millis(50));
            for _ in 0..pieces {
                ticks.tick().await;
                client.send(vec![b' '; BODY_BYTES + 1]).await;
            }
            assert_eq!(client.answer().await.0, status, "{head}");
        });
    }
    futures_util::future::join_all(waiting).await;
}

#[tokio::test]
async fn who_asks_whether_to_send_is_answered_at_once() {
    let world = World::new().await;
    for (head, status) in refused(&world) {
        let mut client = Client::to(world.address()).await;
        let expect = "Expect: 100-continue\r\nContent-Length: 10000000";
        client.send(format!("{head}\r\n{expect}\r\n\r\n")).await;
        let (said, answer, _) = client.answer().await;
        assert_eq!(said, status, "{head}");
        assert!(answer.contains("connection: close"), "{answer}");
    }
    // Who may send is told so.
    let token = world.token(BY);
    let mut client = Client::to(world.address()).await;
    let head = format!(
        "POST /api/v1/groups HTTP/1.1\r\nHost: a.example\r\nAuthorization: Bearer {token}\r\n\
         Expect: 100-continue\r\nContent-Length: 16\r\n\r\n"
    );
    client.send(head).await;
    assert_eq!(client.answer().await.0, 100);
    client.send(r#"{"name":"Early"}"#).await;
    assert_eq!(client.answer().await.0, 201);
}

#[tokio::test]
async fn a_small_body_that_is_refused_leaves_the_connection_open() {
    let world = World::new().await;
    let mut client = Client::to(world.address()).await;
    for _ in 0..3 {
        for (split, body) in [(false, "{}"), (true, "{}")] {
            let head =
                "POST /api/v1/users HTTP/1.1\r\nHost: a.example\r\nContent-Length: 2\r\n\r\n";
            match split {
                true => {
                    client.send(head).await;
                    client.send(body).await;
                }
                false => client.send(format!("{head}{body}")).await,
            }
            let (status, head, _) = client.answer().await;
            assert_eq!(status, 401);
            assert!(!head.contains("connection: close"), "{head}");
        }
    }
}

#[tokio::test]
async fn discarding_has_bounds() {
    let world = World::new().await;
    let head =
        "POST /api/v1/users HTTP/1.1\r\nHost: a.example\r\nContent-Length: 100000000\r\n\r\n";
    let few_bytes = ServerLimits {
        discard_bytes: 1 << 20,
        ..ServerLimits::default()
    };
    let short = ServerLimits {
        discard_within: Duration::from_millis(200),
        ..ServerLimits::default()
    };
    let served = serve(&world, few_bytes).await;
    let mut client = served.connect().await;
    client.send(head).await;
    let mut sent = 0;
    while client.try_send(&[b' '; 1 << 16]).await.is_ok() && sent < LARGE * 4 {
        sent += 1 << 16;
    }
    assert!(sent < LARGE * 4, "{sent}");
    let served = serve(&world, short).await;
    let mut client = served.connect().await;
    client.send(head).await;
    assert_eq!(client.answer().await.0, 401);
    let began = std::time::Instant::now();
    let mut ticks = tokio::time::interval(Duration::from_millis(10));
    while client.try_send(b" ").await.is_ok() {
        ticks.tick().await;
        assert!(began.elapsed() < Duration::from_secs(10));
    }
}
