//! Bodies that are broken, too large, compressed, or begin with a byte order mark.

use std::time::Duration;

use attache_http::{App, Limits, ServerLimits};

use crate::every_api::{BY, with_a_body};
use crate::server::{Client, serve_app};
use attache_testkit::world::{BODY_BYTES, World};

/// The head of a request by somebody who may, with more in it.
fn head(world: &World, request: &crate::every_api::Request, more: &str) -> String {
    let token = world.token(BY);
    let head = request.head();
    format!("{head}\r\nHost: a.example\r\nAuthorization: Bearer {token}\r\n{more}\r\n\r\n")
}

#[tokio::test]
async fn a_broken_body_is_never_called_too_large() {
    let world = World::new().await;
    let revision = world.revision().await;
    for request in with_a_body() {
        let body = request.text();
        let short = format!("Content-Length: {}", body.len() + 5);
        let chunk = format!("{:x}\r\n{body}\r\n", body.len());
        for (more, sent) in [
            (short.as_str(), body.clone()),
            ("Transfer-Encoding: chunked", chunk.clone()),
            ("Transfer-Encoding: chunked", format!("{chunk}x\r\n")),
            ("Transfer-Encoding: chunked", format!("{chunk}-1\r\n\r\n")),
            ("Transfer-Encoding: chunked", "zz\r\n".to_owned()),
        ] {
            let mut client = Client::to(world.address()).await;
            client.send(head(&world, &request, more)).await;
            client.send(&sent).await;
            client.end().await;
            let (status, _, said) = client.answer().await;
            assert_eq!(status, 400, "{request:?} {more} {sent}: {said}");
            assert!(said.contains("did not arrive completely"), "{said}");
        }
    }
    assert!(world.entries_after(revision).await.is_empty());
}

#[tokio::test]
async fn a_body_that_does_not_arrive_in_time_is_408() {
    let world = World::new().await;
    let revision = world.revision().await;
    let limits = Limits {
        answer_within: Duration::from_millis(300),
        ..world.app.limits().clone()
    };
    let app = App::new(world.tenants.clone(), limits);
    let served = serve_app(app, ServerLimits::default()).await;
    for request in with_a_body() {
        let body = request.text();
        let announced = format!("Content-Length: {}", body.len() + 5);
        for (more, sent) in [
            (announced.as_str(), String::new()),
            (announced.as_str(), body.clone()),
            ("Transfer-Encoding: chunked", String::new()),
            (
                "Transfer-Encoding: chunked",
                format!("{:x}\r\n{body}\r\n", body.len()),
            ),
        ] {
            let mut client = served.connect().await;
            client.send(head(&world, &request, more)).await;
            client.send(&sent).await;
            let (status, head, said) = client.answer().await;
            assert_eq!(status, 408, "{request:?} {more} {sent}: {said}");
            assert!(said.contains("did not arrive in time"), "{said}");
            assert!(head.contains("connection: close"), "{head}");
        }
    }
    assert!(world.entries_after(revision).await.is_empty());
}

#[tokio::test]
async fn a_body_that_is_too_large_is_never_called_broken() {
    let world = World::new().await;
    let large = "x".repeat(BODY_BYTES + 1);
    for request in with_a_body() {
        for (more, sent) in [
            (format!("Content-Length: {}", large.len()), large.clone()),
            // It announces more than comes.
            ("Content-Length: 100000000000".to_owned(), large.clone()),
            (
                "Transfer-Encoding: chunked".to_owned(),
                format!("{:x}\r\n{large}\r\nzz\r\n", large.len()),
            ),
        ] {
            let mut client = Client::to(world.address()).await;
            client.send(head(&world, &request, &more)).await;
            client.send(&sent).await;
            client.end().await;
            let (status, _, said) = client.answer().await;
            assert_eq!(status, 413, "{request:?} {more}: {said}");
        }
    }
}

#[tokio::test]
async fn a_compressed_body_is_415_and_told_what_is_taken() {
    let world = World::new().await;
    let revision = world.revision().await;
    for request in with_a_body() {
        for coding in ["gzip", "br", "deflate", "identity, gzip", "x-own", "GZIP"] {
            let ask = request
                .ask(&world)
                .by(BY)
                .header("Content-Encoding", coding);
            let answer = ask.send().await;
            assert_eq!(answer.status, 415, "{request:?} {coding}: {}", answer.body);
            assert_eq!(answer.header("accept-encoding"), Some("identity"));
            let is_text = request.api == "authzen";
            assert_eq!(answer.body.starts_with('{'), !is_text, "{}", answer.body);
        }
        // Whoever may not ask is told that first.
        let ask = request.ask(&world).header("Content-Encoding", "gzip");
        assert_eq!(ask.send().await.status, 401, "{request:?}");
    }
    assert!(world.entries_after(revision).await.is_empty());
}

#[tokio::test]
async fn a_body_that_is_compressed_on_its_way_is_415_too() {
    let world = World::new().await;
    let revision = world.revision().await;
    for request in with_a_body() {
        let body = request.text();
        let chunks = format!("{:x}\r\n{body}\r\n0\r\n\r\n", body.len());
        for coding in ["gzip, chunked", "GZIP , chunked", "x-own,chunked"] {
            let mut client = Client::to(world.address()).await;
            let more = format!("Transfer-Encoding: {coding}");
            client.send(head(&world, &request, &more)).await;
            client.send(&chunks).await;
            client.end().await;
            let (status, _, said) = client.answer().await;
            assert_eq!(status, 415, "{request:?} {coding}: {said}");
        }
    }
    assert!(world.entries_after(revision).await.is_empty());
}

#[tokio::test]
async fn the_identity_coding_is_none() {
    let world = World::new().await;
    for request in with_a_body() {
        let ask = request
            .ask(&world)
            .by(BY)
            .header("Content-Encoding", "identity");
        let answer = ask.send().await;
        assert_eq!(
            answer.status, request.status,
            "{request:?}: {}",
            answer.body
        );
    }
}

#[tokio::test]
async fn a_byte_order_mark_before_a_body_is_passed_over() {
    let world = World::new().await;
    for request in with_a_body() {
        let text = format!("\u{feff}{}", request.text());
        let answer = request.bare(&world).by(BY).text(&text).send().await;
        assert_eq!(
            answer.status, request.status,
            "{request:?}: {}",
            answer.body
        );
    }
}

#[tokio::test]
async fn only_one_mark_and_only_before_the_body() {
    let world = World::new().await;
    let revision = world.revision().await;
    for request in with_a_body() {
        let text = request.text();
        for text in [
            format!("\u{feff}\u{feff}{text}"),
            format!(" \u{feff}{text}"),
            format!("{text}\u{feff}"),
        ] {
            let answer = request.bare(&world).by(BY).text(&text).send().await;
            assert_eq!(answer.status, 400, "{request:?}: {}", answer.body);
        }
    }
    assert!(world.entries_after(revision).await.is_empty());
}
