//! Every example of every dialect: the permissions of its description are enough, and
//! all others are not.

use attache_testkit::examples::all;

use super::{nothing_changed, world_with};

#[tokio::test]
async fn every_operation_needs_what_its_description_says() {
    for operation in all() {
        let needs = operation.example.needs;
        assert!(!needs.is_empty(), "{operation:?}");
        let world = world_with(operation.resource(), needs).await;
        let revision = world.revision().await;
        let refused = operation.ask(&world).by("may-not").send().await;
        assert_eq!(refused.status, 403, "{operation:?}: {}", refused.body);
        nothing_changed(&world, revision).await;
        let done = operation.ask(&world).by("may").send().await;
        assert_eq!(
            done.status, operation.status,
            "{operation:?}: {}",
            done.body
        );
        let written = world.revision().await - revision;
        assert_eq!(written, u64::from(operation.writes()), "{operation:?}");
    }
}
