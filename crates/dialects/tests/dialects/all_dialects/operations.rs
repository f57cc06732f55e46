//! Every operation of every dialect, on things that are there.

use attache_testkit::examples::all;
use attache_testkit::world::World;

#[tokio::test]
async fn each_does_what_it_should() {
    let world = World::new().await;
    for operation in all() {
        let revision = world.revision().await;
        let answer = operation.send(&world).await;
        assert_eq!(answer.status, operation.status, "{operation:?}");
        let written = world.entries_after(revision).await.len();
        assert_eq!(written, usize::from(operation.writes()), "{operation:?}");
    }
}
