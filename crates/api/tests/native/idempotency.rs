//! A write that is asked for twice is done once.

use serde_json::{Value, json};

use crate::ask::{ADMIN, ask, done, errors, is};
use crate::writes;
use attache_testkit::world::{Answer, World};

const KEY: &str = "Idempotency-Key";

fn is_replayed(answer: &Answer) -> bool {
    answer.header("idempotent-replayed") == Some("true")
}

#[tokio::test]
async fn every_write_is_done_once_and_answered_alike() {
    let (world, writes) = writes::all().await;
    for (place, write) in writes.into_iter().enumerate() {
        let before = world.revision().await;
        let key = format!("\"write {place}\"");
        let send = || write.ask(&world).by(ADMIN).header(KEY, &key).send();
        let first = send().await;
        assert_eq!(first.status, write.status, "{write:?}: {}", first.body);
        assert!(!is_replayed(&first), "{write:?}");
        let second = send().await;
        assert!(is_replayed(&second), "{write:?}");
        assert_eq!(second.status, first.status, "{write:?}: {}", second.body);
        for header in ["location", "etag", "content-type"] {
            // A token is shown with its secret, and then without.
            let has_secret = write.route.ends_with("tokens") || is_invitation(&write);
            if header != "etag" || !has_secret {
                assert_eq!(second.header(header), first.header(header), "{write:?}");
            }
        }
        if write.route.ends_with("tokens") {
            assert_eq!(second.at("/secret"), Value::Null);
            assert_eq!(second.at("/id"), first.at("/id"));
        } else if is_invitation(&write) && write.method == "POST" {
            assert_eq!(second.at("/token"), Value::Null);
            assert_eq!(second.at("/user"), first.at("/user"));
        } else {
            assert_eq!(second.body, first.body, "{write:?}");
        }
        assert_eq!(world.revision().await, before + 1, "{write:?}");
    }
}

fn is_invitation(write: &writes::Write) -> bool {
    write.route.ends_with("invitation")
}

#[tokio::test]
async fn another_request_with_the_same_key_is_refused() {
    let (world, writes) = writes::all().await;
    let first = ask(&world, "POST", "/groups").by(ADMIN).header(KEY, "one");
    let first = first.json(&json!({"name": "One"})).send().await;
    assert_eq!(first.status, 201, "{}", first.body);
    let before = world.revision().await;
    for write in writes {
        let answer = write.ask(&world).by(ADMIN).header(KEY, "one").send().await;
        is(&answer, 422, "request-differs");
    }
    let body = ask(&world, "POST", "/groups").by(ADMIN).header(KEY, "one");
    let body = body.json(&json!({"name": "Two"})).send().await;
    is(&body, 422, "request-differs");
    assert_eq!(world.revision().await, before);
}

#[tokio::test]
async fn a_key_is_its_callers_own() {
    let mut world = World::new().await;
    let may = ["tenants.groups.add".to_owned()];
    let root = attache_testkit::world::wishes::ROOT;
    world.caller_with("other", root, &may).await;
    let before = world.revision().await;
    for by in [ADMIN, "other", "globex"] {
        let send = || {
            let ask = ask(&world, "POST", "/groups")
                .by(by)
                .header(KEY, "\"mine\"");
            ask.json(&json!({"name": "Group"})).send()
        };
        assert!(!is_replayed(&send().await), "{by}");
        assert!(is_replayed(&send().await), "{by}");
    }
    assert_eq!(world.revision().await, before + 2, "one is globex's");
}

#[tokio::test]
async fn a_key_in_quotes_is_the_same_without_them() {
    let world = World::new().await;
    for (key, replayed) in [("\"a b\"", false), ("a b", true)] {
        let ask = ask(&world, "POST", "/groups").by(ADMIN).header(KEY, key);
        let answer = ask.json(&json!({"name": "Group"})).send().await;
        assert_eq!(is_replayed(&answer), replayed, "{key}");
    }
}

#[tokio::test]
async fn a_malformed_key_is_refused_and_nothing_is_done() {
    let world = World::new().await;
    let before = world.revision().await;
    let long = "x".repeat(256);
    for key in ["", "\"\"", "\"", "a\"b", "a\\b", "ä", &long] {
        let ask = ask(&world, "POST", "/groups").by(ADMIN).header(KEY, key);
        let answer = ask.json(&json!({"name": "Group"})).send().await;
        is(&answer, 400, "invalid");
        assert!(errors(&answer)[0].starts_with(KEY), "{key}");
    }
    let twice = ask(&world, "POST", "/groups").by(ADMIN);
    let twice = twice.header(KEY, "a").header(KEY, "a");
    let answer = twice.json(&json!({"name": "Group"})).send().await;
    is(&answer, 400, "invalid");
    assert_eq!(world.revision().await, before);
    let longest = "x".repeat(255);
    let ask = ask(&world, "POST", "/groups")
        .by(ADMIN)
        .header(KEY, &longest);
    let answer = ask.json(&json!({"name": "Group"})).send().await;
    assert_eq!(answer.status, 201, "{}", answer.body);
}

#[tokio::test]
async fn a_replay_shows_nothing_to_who_may_no_longer_do_it() {
    let world = World::new().await;
    let root = "/api/v1/resources/tenant/grants";
    let may = json!({"subject": "service:#6", "role": "admin"});
    let granted = world.post(root).by("deputy").json(&may).send().await;
    let change = || {
        let ask = world.ask("PATCH", "/api/v1/users/greta").by("nobody");
        let ask = ask.header("Idempotency-Key", "\"k\"");
        ask.json(&json!({"first_name": "Gerta"})).send()
    };
    assert_eq!(change().await.status, 200);
    let again = change().await;
    assert_eq!((again.status, is_replayed(&again)), (200, true));
    let place = granted.header("location").unwrap();
    let revoked = world.delete(place).by("deputy").send().await;
    assert_eq!(revoked.status, 204, "{}", revoked.body);
    let after = change().await;
    assert!([403, 404, 410].contains(&after.status), "{}", after.body);
    assert!(!after.body.contains("Garbo"), "{}", after.body);
}

#[tokio::test]
async fn a_refused_write_is_decided_again() {
    let world = World::new().await;
    let put = || {
        let path = "/groups/%232/users/late";
        ask(&world, "PUT", path)
            .by(ADMIN)
            .header(KEY, "\"put\"")
            .send()
    };
    is(&put().await, 404, "not-found");
    done(&world, "POST /users", json!({"key": "late"})).await;
    let answer = put().await;
    assert_eq!(answer.status, 201, "{}", answer.body);
    assert!(!is_replayed(&answer));
    assert!(is_replayed(&put().await));
}

#[tokio::test]
async fn of_many_at_once_one_is_done() {
    let world = World::new().await;
    let before = world.revision().await;
    let send = || {
        let ask = ask(&world, "POST", "/groups").by(ADMIN).header(KEY, "once");
        ask.json(&json!({"name": "Group"})).send()
    };
    let answers = futures_util::future::join_all((0..20).map(|_| send())).await;
    let mut ids = std::collections::BTreeSet::new();
    for answer in answers {
        if answer.status == 409 {
            is(&answer, 409, "request-running");
        } else {
            assert_eq!(answer.status, 201, "{}", answer.body);
            ids.insert(answer.at("/id").to_string());
        }
    }
    assert_eq!(ids.len(), 1);
    assert_eq!(world.revision().await, before + 1);
}

#[tokio::test]
async fn a_replay_says_that_what_it_made_is_gone() {
    let world = World::new().await;
    let send = || {
        let ask = ask(&world, "POST", "/groups").by(ADMIN).header(KEY, "once");
        let body = json!({"name": "Group", "key": "short-lived"});
        ask.json(&body).send()
    };
    assert_eq!(send().await.status, 201);
    done(&world, "DELETE /groups/short-lived", Value::Null).await;
    let before = world.revision().await;
    is(&send().await, 410, "gone");
    assert_eq!(world.revision().await, before);
}
