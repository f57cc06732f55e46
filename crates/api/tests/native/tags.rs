//! Entity tags: what a caller has is not sent again, and what it has not seen
//! it does not overwrite.

use serde_json::json;

use crate::ask::{ADMIN, ask, done, is};
use crate::{reads, writes};

const SINGLE: &[&str] = &["/catalogue", "/tenants/{tenant}"];
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
        let wrong = read.ask(&world).header("If-None-Match", "none").send();
        is(&wrong.await, 400, "invalid");
    }
}

#[tokio::test]
async fn a_write_to_what_has_changed_is_not_done() {
    let (world, writes) = writes::all().await;
    let documented = writes::documented(&world).await;
    for write in writes {
        let what = format!("{} {}", write.method, write.route);
        let (_, headers) = documented.iter().find(|(it, _)| *it == what).unwrap();
        let takes = headers.iter().any(|header| header == "If-Match");
        if takes {
            let before = world.revision().await;
            let send = |by| {
                write
                    .ask(&world)
                    .by(by)
                    .header("If-Match", "\"old\"")
                    .send()
            };
            is(&send(ADMIN).await, 412, "changed");
            // Only who may do it is told whether what it saw is still so.
            let status = send("nobody").await.status;
            assert!([403, 404].contains(&status), "{what}: {status}");
            let malformed = write.ask(&world).by(ADMIN).header("If-Match", "old").send();
            is(&malformed.await, 400, "invalid");
            assert_eq!(world.revision().await, before, "{what}");
        }
        let answer = write.ask(&world).by(ADMIN).send().await;
        assert_eq!(answer.status, write.status, "{what}: {}", answer.body);
    }
}

#[tokio::test]
async fn a_write_to_what_is_as_it_was_seen_is_done_once() {
    let (world, writes) = writes::all().await;
    for write in writes {
        let seen = ask(&world, "GET", &write.path).by(ADMIN).send().await;
        let tag = seen.header("etag").filter(|_| is_single(write.route));
        let Some(tag) = tag.filter(|_| seen.status == 200) else {
            // What the table makes, or a list.
            write.ask(&world).by(ADMIN).send().await;
            continue;
        };
        if write.route.contains("{token}") {
            continue;
        }
        let send = || write.ask(&world).by(ADMIN).header("If-Match", tag).send();
        let first = send().await;
        assert_eq!(first.status, write.status, "{write:?}: {}", first.body);
        let second = send().await.status;
        assert!([404, 412].contains(&second), "{write:?}: {second}");
    }
}

#[tokio::test]
async fn a_star_wants_something_to_be_there() {
    let world = attache_testkit::world::World::new().await;
    let role = json!({"kind": "customer", "label": "Helper"});
    let put = |name: &str| {
        let ask = ask(&world, "PUT", &format!("/roles/{name}")).by(ADMIN);
        ask.header("If-Match", "*").json(&role).send()
    };
    is(&put("helper").await, 412, "changed");
    assert_eq!(put("glance").await.status, 200);
}

#[tokio::test]
async fn the_answer_to_a_write_carries_the_tag_that_a_read_does() {
    let world = attache_testkit::world::World::new().await;
    let change = done(&world, "PATCH /users/greta", json!({"phone": "+1"})).await;
    let read = ask(&world, "GET", "/users/greta").by(ADMIN).send().await;
    assert_eq!(change.header("etag"), read.header("etag"));
    assert_eq!(change.json(), read.json());
}
