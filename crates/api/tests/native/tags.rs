//! Entity tags: what a caller has is not sent again, and what it has not seen
//! it does not overwrite.

use serde_json::json;

use crate::ask::{ADMIN, ask, done, is};
use crate::{reads, writes};

const SINGLE: &[&str] = &[
    "/catalogue",
    "/tenants/{tenant}",
    "/users/{user}/invitation",
];
/// Lists that follow from the state, and may be long.
const LISTS: &[&str] = &[
    "/users",
    "/users/{user}/resources",
    "/groups/{group}/users",
    "/resources",
    "/resources/{resource}/children",
    "/resources/{resource}/ancestors",
    "/resources/{resource}/members",
];

fn is_single(route: &str) -> bool {
    route.ends_with('}') || SINGLE.contains(&route)
}

fn has_a_tag(route: &str) -> bool {
    is_single(route) || LISTS.contains(&route)
}

#[tokio::test]
async fn every_single_thing_has_a_tag_and_is_not_sent_again() {
    let (world, reads) = reads::all().await;
    let document = world.get("/openapi/attache.json").send().await.json();
    for read in reads {
        let answer = read.ask(&world).send().await;
        let tag = answer.header("etag");
        assert_eq!(tag.is_some(), has_a_tag(read.route), "{read:?}");
        let operation = &document["paths"][read.route]["get"];
        let says_so = operation["responses"]["304"].is_object();
        assert_eq!(says_so, tag.is_some(), "{read:?}");
        let Some(tag) = tag else {
            continue;
        };
        let weak = format!("\"other\", W/{tag}");
        for (sent, status) in [(tag, 304), ("*", 304), (&weak, 304), ("\"other\"", 200)] {
            let again = read.ask(&world).header("If-None-Match", sent).send().await;
            assert_eq!(again.status, status, "{read:?} {sent}");
            assert_eq!(again.header("etag"), Some(tag), "{read:?}");
            assert_eq!(again.body.is_empty(), status == 304, "{read:?}");
        }
        for (sent, status) in [(tag, 200), ("*", 200), (&weak, 412), ("\"other\"", 412)] {
            let again = read.ask(&world).header("If-Match", sent).send().await;
            assert_eq!(again.status, status, "{read:?} {sent}");
        }
        for name in ["If-Match", "If-None-Match"] {
            let wrong = read.ask(&world).header(name, "none").send();
            is(&wrong.await, 400, "invalid");
        }
    }
}

#[tokio::test]
async fn every_write_documents_its_preconditions() {
    let world = attache_testkit::world::World::new().await;
    for (what, headers) in writes::documented(&world).await {
        for name in ["If-Match", "If-None-Match"] {
            assert!(
                headers.iter().any(|header| header == name),
                "{what}: {name}"
            );
        }
    }
}

#[tokio::test]
async fn the_answer_to_a_write_carries_the_tag_that_a_read_does() {
    let world = attache_testkit::world::World::new().await;
    let change = done(&world, "PATCH /users/greta", json!({"phone": "+1"})).await;
    let read = ask(&world, "GET", "/users/greta").by(ADMIN).send().await;
    assert_eq!(change.header("etag"), read.header("etag"));
    assert_eq!(change.json(), read.json());
}
