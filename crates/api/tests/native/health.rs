//! What an operator who was woken asks first.

use crate::ask::get;
use attache_testkit::world::World;

#[tokio::test]
async fn it_says_how_far_behind_it_is_and_names_no_tenant() {
    let world = World::new().await;
    get(&world, "/me").await;
    let ready = world.get("/readyz").send().await;
    assert_eq!(ready.status, 200, "{}", ready.body);
    assert_eq!(ready.at("/ready"), true);
    assert_eq!(ready.at("/tenants/open"), 2);
    for none in ["behind", "entries_behind", "stopped"] {
        assert_eq!(ready.at(&format!("/tenants/{none}")), 0, "{none}");
    }
    let metrics = world.get("/metrics").send().await;
    assert_eq!(metrics.status, 200);
    for line in [
        "attache_tenants_open 2",
        "attache_tenants_behind 0",
        "attache_tenants_stopped 0",
        "attache_entries_behind 0",
        "attache_append_collisions_total 0",
        "attache_level_age_seconds ",
        "attache_database_silent_seconds ",
    ] {
        let is_there = metrics.body.lines().any(|said| said.starts_with(line));
        assert!(is_there, "{line}: {}", metrics.body);
    }
    for text in [ready.body, metrics.body] {
        assert!(!text.contains("acme"), "{text}");
    }
}
