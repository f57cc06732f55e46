//! What an operator who was woken asks first.

use std::time::Duration;

use serde_json::json;

use crate::ask::get;
use attache_ambient::ClockState;
use attache_tenants::OpeningBudget;
use attache_testkit::lines::Lines;
use attache_testkit::world::World;

#[tokio::test]
async fn it_says_how_far_behind_it_is_and_names_no_tenant() {
    let world = World::new().await;
    get(&world, "/me").await;
    let ready = world.get("/readyz").send().await;
    assert_eq!(ready.status, 200, "{}", ready.body);
    assert_eq!(ready.at("/ready"), true);
    assert_eq!(ready.at("/tenants/open"), 2);
    for none in ["stale", "entries_missing", "stopped"] {
        assert_eq!(ready.at(&format!("/tenants/{none}")), 0, "{none}");
    }
    let opening = serde_json::json!({"done": true, "opened": 0, "of": 0, "failed": 0});
    assert_eq!(ready.at("/opening"), opening, "nothing was opened ahead");
    let metrics = world.get("/metrics").send().await;
    assert_eq!(metrics.status, 200);
    for line in [
        "attache_tenants_open 2",
        "attache_opening_tenants{became=\"opened\"} 0",
        "attache_tenants_stale 0",
        "attache_tenants_stopped 0",
        "attache_entries_missing 0",
        "attache_append_collisions_total 0",
        "attache_staleness_seconds ",
        "attache_database_silent_seconds ",
    ] {
        let is_there = metrics.body.lines().any(|said| said.starts_with(line));
        assert!(is_there, "{line}: {}", metrics.body);
    }
    for text in [ready.body, metrics.body] {
        assert!(!text.contains("acme"), "{text}");
    }
}

#[tokio::test]
async fn it_is_ready_once_its_tenants_are_open() {
    let world = World::new().await.beside().await;
    let ask = async || world.get("/readyz").send().await;
    assert_eq!(ask().await.at("/tenants/open"), 0);
    let held = world.hold_openings().await;
    world.tenants.open_ahead(OpeningBudget {
        within: Duration::from_secs(600),
        memory: u64::MAX,
    });
    let (lines, _reading) = Lines::read();
    // Until it knows how many there are.
    let opening = loop {
        let answer = ask().await;
        assert_eq!(answer.status, 503, "{}", answer.body);
        assert_eq!(answer.at("/ready"), false);
        match answer.at("/opening") {
            opening if opening["of"] == 0 => {}
            opening => break opening,
        }
    };
    let none = serde_json::json!({"done": false, "opened": 0, "of": 2, "failed": 0});
    assert_eq!(opening, none);
    let said = lines.take();
    let last = said.lines().rfind(|line| line.contains("not answered"));
    let last = last.unwrap();
    for part in [" WARN ", "/readyz", "0 of 2 tenants were opened"] {
        assert!(last.contains(part), "{part}: {last}");
    }
    drop(held);
    world.tenants.ahead_is_done().await;
    let ready = ask().await;
    assert_eq!(ready.status, 200, "{}", ready.body);
    let opening = serde_json::json!({"done": true, "opened": 2, "of": 2, "failed": 0});
    assert_eq!(ready.at("/opening"), opening);
    assert_eq!(ready.at("/tenants/open"), 2);
    let metrics = world.get("/metrics").send().await.body;
    assert!(
        metrics.contains("attache_opening_tenants{became=\"opened\"} 2"),
        "{metrics}"
    );
}

#[tokio::test]
async fn a_clock_that_is_not_believed_is_told_and_requests_are_served() {
    let world = World::new().await;
    let metric = |metrics: &str, name: &str| -> f64 {
        let line = metrics.lines().find_map(|line| line.strip_prefix(name));
        line.unwrap().trim().parse().unwrap()
    };
    let leapt = ClockState {
        is_sound: false,
        is_confirmed: false,
        wall_ahead: 5_184_000.0,
        database_ahead: Some(-30.0),
        leaps: 1,
    };
    for (clock, shown) in [
        (
            ClockState::SOUND,
            json!({"ok": true, "ahead_seconds": 0.0, "database_ahead_seconds": null}),
        ),
        (
            leapt,
            json!({"ok": false, "ahead_seconds": 5_184_000.0, "database_ahead_seconds": -30.0}),
        ),
    ] {
        world.clock_stands(clock);
        for path in ["/readyz", "/readyz/reads"] {
            let ready = world.get(path).send().await;
            assert_eq!(ready.status, 200, "{}", ready.body);
            assert_eq!(ready.at("/clock"), shown);
        }
        let metrics = world.get("/metrics").send().await.body;
        let unsound = metric(&metrics, "attache_clock_unsound ");
        assert_eq!(unsound > 0.0, !clock.is_sound, "{metrics}");
        let ahead = metric(&metrics, "attache_clock_ahead_seconds ");
        assert_eq!(ahead.to_bits(), clock.wall_ahead.to_bits());
    }
    let metrics = world.get("/metrics").send().await.body;
    assert!(metric(&metrics, "attache_clock_leaps_total ") >= 1.0);
}
