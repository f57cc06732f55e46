//! Every answer carries the caller's `X-Correlation-Id` or a new one.

use uuid::Uuid;

use attache_testkit::examples::{all, writing};
use attache_testkit::world::World;

const ID: &str = "6ba7b810-9dad-41d1-80b4-00c04fd430c8";

#[tokio::test]
async fn the_callers_id_comes_back_whatever_the_answer() {
    let world = World::new().await;
    for operation in all() {
        for service in [Some("keeper"), Some("glance"), Some("outsider"), None] {
            let mut ask = operation.ask(&world).header("X-Correlation-Id", ID);
            if let Some(service) = service {
                ask = ask.by(service);
            }
            let answer = ask.send().await;
            assert_eq!(answer.correlation_id(), ID, "{operation:?} {service:?}");
        }
    }
    for path in [
        "/",
        "/healthz",
        "/openapi/worth.json",
        "/v1/customer/x/y",
        "/third-party/v1",
    ] {
        let answer = world.get(path).header("X-Correlation-Id", ID).send().await;
        assert_eq!(answer.correlation_id(), ID, "{path}");
    }
}

#[tokio::test]
async fn without_one_every_answer_has_its_own() {
    let world = World::new().await;
    let mut seen = Vec::new();
    for operation in all() {
        for _ in 0..2 {
            let answer = operation.send(&world).await;
            let id = Uuid::parse_str(answer.correlation_id()).unwrap();
            assert!(!seen.contains(&id), "{operation:?}");
            seen.push(id);
        }
    }
}

#[tokio::test]
async fn any_short_word_will_do_where_the_dialect_does_not_say_uuid() {
    let world = World::new().await;
    let long = "a".repeat(128);
    for id in ["order-7", "7", "a/b:c;d=e", &long] {
        for operation in all() {
            if operation.dialect.correlation_is_uuid {
                continue;
            }
            let ask = operation.ask(&world).by("keeper");
            let answer = ask.header("X-Correlation-Id", id).send().await;
            assert_eq!(answer.correlation_id(), id, "{operation:?}");
        }
    }
}

#[tokio::test]
async fn one_that_cannot_stand_in_a_log_is_replaced() {
    let world = World::new().await;
    let long = "a".repeat(129);
    for id in ["", "a b", "a\tb", "ä", &long] {
        for operation in all() {
            let ask = operation.ask(&world).by("keeper");
            let answer = ask.header("X-Correlation-Id", id).send().await;
            assert!(Uuid::parse_str(answer.correlation_id()).is_ok(), "{id:?}");
        }
    }
}

#[tokio::test]
async fn it_is_written_in_the_entry() {
    let world = World::new().await;
    for (number, operation) in (1..).zip(writing()) {
        let revision = world.revision().await;
        let id = format!("{}{number}", &ID[..ID.len() - 1]);
        let ask = operation.ask(&world).by("keeper");
        let answer = ask.header("X-Correlation-Id", &id).send().await;
        assert_eq!(answer.status, operation.status, "{operation:?}");
        let entries = world.entries_after(revision).await;
        assert_eq!(entries.len(), 1, "{operation:?}");
        assert_eq!(&*entries[0].correlation_id, id, "{operation:?}");
    }
}

#[tokio::test]
async fn a_new_one_is_written_in_the_entry_too() {
    let world = World::new().await;
    for operation in writing() {
        let revision = world.revision().await;
        let answer = operation.send(&world).await;
        let entries = world.entries_after(revision).await;
        assert_eq!(&*entries[0].correlation_id, answer.correlation_id());
    }
}
