//! Every answer says of which revision it is, and a caller says which it wants
//! to see.

use serde_json::json;

use crate::ask::{ADMIN, ask, done, errors, is};
use crate::{reads, writes};
use attache_testkit::world::World;

#[tokio::test]
async fn every_answer_says_its_revision() {
    let (world, reads) = reads::all().await;
    let now = world.revision().await;
    for read in reads {
        let expected = if read.of_the_operator { 0 } else { now };
        assert_eq!(read.ask(&world).send().await.revision(), expected);
        let refused = ask(&world, "GET", &read.path).send().await;
        is(&refused, 401, "unauthenticated");
        assert_eq!(refused.revision(), 0);
        assert_eq!(refused.header("www-authenticate"), Some("Bearer"));
    }
    let refused = ask(&world, "GET", "/users/nobody-known").by(ADMIN);
    assert_eq!(refused.send().await.revision(), now);
}

#[tokio::test]
async fn without_a_credential_nothing_is_written() {
    let (world, writes) = writes::all().await;
    let before = world.revision().await;
    for write in writes {
        for token in [
            "",
            "Bearer",
            "Bearer x",
            "Basic eDp5",
            "Bearer attache_operator_x",
        ] {
            let answer = write.ask(&world).header("Authorization", token).send();
            is(&answer.await, 401, "unauthenticated");
        }
        is(&write.ask(&world).send().await, 401, "unauthenticated");
    }
    assert_eq!(world.revision().await, before);
}

#[tokio::test]
async fn a_revision_that_was_reached_is_answered() {
    let world = World::new().await;
    let written = done(&world, "POST /users", json!({"key": "nina"})).await;
    for revision in [0, 1, written.revision()] {
        let ask = ask(&world, "GET", "/users/nina").by(ADMIN);
        let ask = ask.header("Attache-At-Least", &revision.to_string());
        assert_eq!(ask.send().await.status, 200, "{revision}");
    }
}

#[tokio::test]
async fn one_that_was_not_is_503_and_nothing_is_done() {
    let world = World::new().await;
    let now = world.revision().await;
    for revision in [now + 1, u64::MAX] {
        for method in ["GET", "POST"] {
            let ask = ask(&world, method, "/groups").by(ADMIN);
            let ask = ask.header("Attache-At-Least", &revision.to_string());
            let answer = ask.json(&json!({"name": "Group"})).send().await;
            is(&answer, 503, "behind");
            assert_eq!(answer.header("retry-after"), Some("1"));
        }
    }
    assert_eq!(world.revision().await, now);
}

#[tokio::test]
async fn what_is_no_revision_is_refused() {
    let world = World::new().await;
    for text in ["", "x", "-1", "1.0", "99999999999999999999", "ä"] {
        let ask = ask(&world, "GET", "/me").by(ADMIN);
        let answer = ask.header("Attache-At-Least", text).send().await;
        is(&answer, 400, "invalid");
        assert!(errors(&answer)[0].starts_with("Attache-At-Least"));
    }
    let twice = ask(&world, "GET", "/me").by(ADMIN);
    let twice = twice.header("Attache-At-Least", "1");
    let answer = twice.header("Attache-At-Least", "1").send().await;
    is(&answer, 400, "invalid");
}
