//! `Cache-Control`: what is personal is the caller's own, and has to be asked for
//! each time; secrets are kept by nobody.

use crate::every_api::{BY, all};
use attache_testkit::world::World;

const PERSONAL: Option<&str> = Some("private, no-cache");

#[tokio::test]
async fn every_answer_of_every_api_is_its_callers_own() {
    let world = World::new().await;
    for request in all() {
        let without = request.ask(&world).send().await;
        let refused = request.ask(&world).by("nobody").send().await;
        let malformed = request.bare(&world).by(BY).text("{").send().await;
        let answered = request.ask(&world).by(BY).send().await;
        let method = world.ask("TRACE", &request.path).by(BY).send().await;
        let path = world
            .get(&format!("{}/x/y/z", request.path))
            .by(BY)
            .send()
            .await;
        for answer in [without, refused, malformed, answered, method, path] {
            let status = answer.status;
            assert_eq!(
                answer.header("cache-control"),
                PERSONAL,
                "{request:?} {status}"
            );
        }
    }
}

#[tokio::test]
async fn an_answer_without_content_says_so_too() {
    let world = World::new().await;
    for request in all().iter().filter(|request| request.method == "GET") {
        let tag = request.ask(&world).by(BY).send().await;
        let tag = tag.header("etag").unwrap();
        let again = request.ask(&world).by(BY).header("If-None-Match", tag);
        let again = again.send().await;
        assert_eq!(again.status, 304, "{request:?}");
        assert_eq!(again.header("cache-control"), PERSONAL, "{request:?}");
    }
}

#[tokio::test]
async fn a_secret_is_not_stored() {
    let world = World::new().await;
    let made = world.post("/api/v1/services/nobody/tokens").by(BY);
    let made = made.send().await;
    assert_eq!(made.status, 201, "{}", made.body);
    assert_eq!(made.header("cache-control"), Some("no-store"));
}

#[tokio::test]
async fn the_operators_answers_are_its_own() {
    let world = World::new().await;
    for path in ["/api/v1/tenants", "/api/v1/tenants/acme"] {
        let answer = world.get(path).by_the_operator().send().await;
        assert_eq!(answer.status, 200);
        assert_eq!(answer.header("cache-control"), PERSONAL, "{path}");
    }
}

#[tokio::test]
async fn pages_are_everybodys_and_the_state_of_the_server_is_not_stored() {
    let world = World::new().await;
    for (path, expected) in [
        ("/docs/", "public, max-age=300"),
        ("/openapi/attache.json", "public, max-age=300"),
        ("/openapi/voicebot.json", "public, max-age=300"),
        ("/problems", "public, max-age=300"),
        ("/problems/in-use", "public, max-age=300"),
        ("/healthz", "no-store"),
        ("/readyz", "no-store"),
        ("/metrics", "no-store"),
        // It names the host that was asked.
        ("/.well-known/authzen-configuration", "private, no-cache"),
        ("/nothing", "private, no-cache"),
        ("/problems/nothing", "private, no-cache"),
    ] {
        let answer = world.get(path).send().await;
        assert_eq!(answer.header("cache-control"), Some(expected), "{path}");
    }
}
