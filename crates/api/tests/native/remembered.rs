//! How long a request is remembered.

use attache_core::{Actor, Caller};
use attache_log::Request;
use attache_tenants::Write;
use serde_json::{Value, json};

use crate::ask::{ADMIN, ask};
use attache_testkit::world::{World, acme, wishes};

const A_DAY: i64 = 24 * 60 * 60;

async fn send(world: &World) -> (Option<String>, Value) {
    let ask = ask(world, "POST", "/groups").by(ADMIN);
    let ask = ask.header("Idempotency-Key", "\"daily\"");
    let answer = ask.json(&json!({"name": "Group"})).send().await;
    assert_eq!(answer.status, 201, "{}", answer.body);
    let replayed = answer.header("idempotent-replayed").map(str::to_owned);
    (replayed, answer.at("/id"))
}

#[tokio::test]
async fn after_a_day_it_is_done_anew() {
    let world = World::new().await;
    let (replayed, first) = send(&world).await;
    assert_eq!(replayed, None);
    world.pass(A_DAY);
    assert_eq!(send(&world).await, (Some("true".to_owned()), first.clone()));
    world.pass_millis(1);
    let (replayed, second) = send(&world).await;
    assert_eq!(replayed, None);
    assert_ne!(second, first);
    assert_eq!(send(&world).await, (Some("true".to_owned()), second));
}

#[tokio::test]
async fn what_nobody_waits_for_is_not_begun_and_can_be_asked_for_again() {
    let world = World::new().await;
    let write = |named: bool, group: u32| Write {
        request: named.then(|| Request::new("somebody", "name", &[b"group"])),
        ..Write::new(
            Caller {
                tenant: acme::tenant(),
                actor: Actor::Operator,
            },
            "test",
            vec![wishes::group(group, None, "Group")],
        )
    };
    let before = world.revision().await;
    let first = write(true, 50);
    {
        // Handed over, and given up before the writer came to it.
        let mut asked = std::pin::pin!(world.tenants.write_on(&first));
        assert!(futures_util::poll!(&mut asked).is_pending());
    }
    let (again, other) = (write(true, 51), write(false, 52));
    let (again, other) = tokio::join!(
        world.tenants.write_on(&again),
        world.tenants.write_on(&other)
    );
    assert!(again.unwrap().done_before.is_none());
    other.unwrap();
    assert_eq!(world.revision().await, before + 2);
    let replayed = world.tenants.write_on(&write(true, 51)).await.unwrap();
    assert!(replayed.done_before.is_some());
}
