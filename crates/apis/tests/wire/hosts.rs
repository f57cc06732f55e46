//! `Host` (RFC 9112, 3.2).

use crate::every_api::{BY, all};
use crate::server::Client;
use attache_testkit::world::World;

async fn answer(world: &World, head: &str) -> (u16, String, String) {
    let mut client = Client::to(world.address()).await;
    client.send(format!("{head}\r\n\r\n")).await;
    client.answer().await
}

#[tokio::test]
async fn a_request_without_one_good_host_is_400_in_every_apis_words() {
    let world = World::new().await;
    let token = world.token(BY).to_owned();
    for request in all() {
        let head = format!("{}\r\nAuthorization: Bearer {token}", request.head());
        for hosts in [
            "",
            "\r\nHost: a.example\r\nHost: a.example",
            "\r\nHost: a.example\r\nHost: b.example",
            "\r\nHost: a b",
            "\r\nHost: me@a.example",
            "\r\nHost: a.example:port",
            "\r\nHost: a/b",
            "\r\nHost:",
        ] {
            let (status, head, body) = answer(&world, &format!("{head}{hosts}")).await;
            assert_eq!(status, 400, "{request:?} {hosts:?}: {body}");
            assert!(head.contains("x-correlation-id: "), "{head}");
            let is_text = request.api == "authzen";
            assert_eq!(body.starts_with('{'), !is_text, "{request:?}: {body}");
            assert!(body.contains("Host "), "{request:?}: {body}");
        }
    }
}

#[tokio::test]
async fn pages_and_unknown_paths_want_a_host_too() {
    let world = World::new().await;
    for path in [
        "/healthz",
        "/",
        "/nothing",
        "/docs/",
        "/problems",
        "/api/v1/nothing",
    ] {
        let (status, ..) = answer(&world, &format!("GET {path} HTTP/1.1")).await;
        assert_eq!(status, 400, "{path}");
    }
}

#[tokio::test]
async fn an_older_request_needs_no_host() {
    let world = World::new().await;
    for (head, status) in [
        ("GET /healthz HTTP/1.0", 200),
        ("GET /healthz HTTP/1.0\r\nHost: a.example", 200),
        ("GET /healthz HTTP/1.0\r\nHost: a\r\nHost: a", 400),
        ("GET /healthz HTTP/1.1\r\nHost: a.example:8080", 200),
        ("GET /healthz HTTP/1.1\r\nHost: [::1]", 200),
        (
            "GET http://b.example/healthz HTTP/1.1\r\nHost: a.example",
            200,
        ),
        ("GET http://b.example/healthz HTTP/1.1", 400),
    ] {
        assert_eq!(answer(&world, head).await.0, status, "{head}");
    }
}

#[tokio::test]
async fn the_host_of_an_absolute_address_counts() {
    let world = World::new().await;
    let path = "/.well-known/authzen-configuration";
    let head = format!("GET http://b.example:81{path} HTTP/1.1\r\nHost: a.example");
    let (status, _, body) = answer(&world, &head).await;
    assert_eq!(status, 200);
    assert!(
        body.contains("http://b.example:81/access/v1/evaluation"),
        "{body}"
    );
}

/// hyper answers these by itself.
#[tokio::test]
async fn a_head_that_cannot_be_read_is_refused_and_the_connection_ends() {
    let world = World::new().await;
    let long = format!("GET /{} HTTP/1.1\r\nHost: a.example", "x".repeat(70_000));
    let fields = "A: b\r\n".repeat(200);
    let many = format!("GET /healthz HTTP/1.1\r\n{fields}Host: a.example");
    for (head, expected) in [
        ("GET /healthz\r\nHost: a.example", 400),
        ("GET /healthz HTTP/1.1\r\nHost a.example", 400),
        (&*long, 414),
        (&*many, 431),
    ] {
        let mut client = Client::to(world.address()).await;
        client.send(format!("{head}\r\n\r\n")).await;
        let (status, _, body) = client.answer().await;
        assert_eq!((status, &*body), (expected, ""));
        assert_eq!(client.rest().await.0, "");
    }
}
