//! A write that changes nothing writes no entry; a read never does.

use attache_testkit::examples::{all, writing};
use attache_testkit::world::World;

#[tokio::test]
async fn a_write_that_changes_nothing_writes_no_entry() {
    let world = World::new().await;
    for operation in writing() {
        let first = operation.send(&world).await;
        let revision = world.revision().await;
        assert_eq!(first.revision(), revision, "{operation:?}");
        let second = operation.send(&world).await;
        assert_eq!(second.status, operation.example.again, "{operation:?}");
        assert_eq!(second.revision(), revision, "{operation:?}");
        assert!(
            world.entries_after(revision).await.is_empty(),
            "{operation:?}"
        );
    }
}

#[tokio::test]
async fn a_read_writes_no_entry() {
    let world = World::new().await;
    let revision = world.revision().await;
    for operation in all().iter().filter(|operation| !operation.writes()) {
        operation.send(&world).await;
        let mut head = operation.clone();
        head.method = "HEAD";
        head.send(&world).await;
    }
    assert!(world.entries_after(revision).await.is_empty());
}

#[tokio::test]
async fn an_entry_says_who_did_it_and_when() {
    let world = World::new().await;
    for operation in writing() {
        world.pass(1);
        let revision = world.revision().await;
        operation.send(&world).await;
        let entries = world.entries_after(revision).await;
        let keeper = attache_core::Actor::Service(attache_testkit::world::ids::service(1));
        assert_eq!(entries[0].actor, keeper, "{operation:?}");
        assert_eq!(entries[0].at, world.now(), "{operation:?}");
    }
}
