//! Which permission each operation needs, on the resource in the path.
//!
//! A service that holds exactly that one may; one that holds every other
//! permission that is known may not.

mod chatbots;
mod customers;
mod examples;

use attache_testkit::world::wishes::{grant, service_named};
use attache_testkit::world::{World, acme};

/// Every permission that the catalogue knows, but these.
async fn all_but(world: &World, lacking: &[&str]) -> Vec<String> {
    let state = world.state().await;
    let known = state.catalogue().unwrap().permissions.iter();
    let all: Vec<String> = known.map(|known| known.name.to_string()).collect();
    for permission in lacking {
        assert!(all.iter().any(|known| known == permission), "{permission}");
    }
    let held = all.into_iter();
    held.filter(|name| !lacking.contains(&name.as_str()))
        .collect()
}

/// A world with the services `may`, which holds exactly these on a resource,
/// and `may-not`, which holds all others there. Both see the harbor, which paths name.
async fn world_with(on: (&str, u32), needed: &[&str]) -> World {
    let mut world = World::new().await;
    let exactly: Vec<String> = needed.iter().map(|&name| name.to_owned()).collect();
    world.caller_with("may", on, &exactly).await;
    let others = all_but(&world, needed).await;
    world.caller_with("may-not", on, &others).await;
    for service in ["may", "may-not"] {
        sees_the_harbor(&world, service).await;
    }
    world
}

async fn sees_the_harbor(world: &World, service: &str) {
    let member = grant(acme::HARBOR, service_named(service), "workspace-member");
    world.operate(&[member]).await;
}

/// That what a service was refused left no trace.
async fn nothing_changed(world: &World, revision: u64) {
    assert!(world.entries_after(revision).await.is_empty());
}

const MILL: (&str, u32) = acme::MILL;
const CONCIERGE: (&str, u32) = acme::CONCIERGE;
