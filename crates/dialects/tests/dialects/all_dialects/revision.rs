//! Every answer carries `Attache-Revision`.

use attache_testkit::examples::{all, writing};
use attache_testkit::world::{World, wishes};

#[tokio::test]
async fn a_read_says_which_revision_answered() {
    let world = World::new().await;
    for operation in all().into_iter().filter(|operation| !operation.writes()) {
        let revision = world.revision().await;
        assert_eq!(operation.send(&world).await.revision(), revision);
        world
            .operate(&[wishes::group(revision as u32, None, "g")])
            .await;
        assert_eq!(operation.send(&world).await.revision(), revision + 1);
    }
}

#[tokio::test]
async fn a_write_says_which_revision_holds_it() {
    let world = World::new().await;
    for operation in writing() {
        let revision = world.revision().await;
        let answer = operation.send(&world).await;
        assert_eq!(answer.revision(), revision + 1, "{operation:?}");
        let entries = world.entries_after(revision).await;
        assert_eq!(entries[0].revision.0, answer.revision(), "{operation:?}");
    }
}

#[tokio::test]
async fn a_refusal_says_which_revision_refused() {
    let world = World::new().await;
    let revision = world.revision().await;
    for operation in all() {
        for service in ["glance", "outsider", "nobody"] {
            let answer = operation.ask(&world).by(service).send().await;
            assert_eq!(answer.revision(), revision, "{operation:?}");
        }
    }
}

#[tokio::test]
async fn where_no_tenant_answers_it_is_zero() {
    let world = World::new().await;
    for operation in all() {
        let answer = operation.ask(&world).send().await;
        assert_eq!(answer.revision(), 0, "{operation:?}");
    }
    for path in [
        "/",
        "/healthz",
        "/readyz",
        "/openapi/voicebot.json",
        "/v1/workspaces",
    ] {
        assert_eq!(world.get(path).send().await.revision(), 0, "{path}");
    }
}

#[tokio::test]
async fn each_tenant_counts_its_own() {
    let world = World::new().await;
    let path = "/third-party/v1/customers/77/users";
    let before = world.get(path).by("globex").send().await;
    assert_eq!(before.status, 200);
    for operation in writing() {
        operation.send(&world).await;
    }
    let after = world.get(path).by("globex").send().await;
    assert_eq!(after.all_of_it(), before.all_of_it());
}
