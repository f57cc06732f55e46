//! Operations on customers.

use serde_json::json;

use super::{MILL, all_but, nothing_changed, world_with};
use attache_testkit::world::{Answer, World, acme, ids};

const VOICEBOT: &str = "/third-party/v1/customers/1/users";

async fn voicebot(world: &World, service: &str) -> Answer {
    world.get(VOICEBOT).by(service).send().await
}

async fn worth(world: &World, service: &str) -> Answer {
    let mill = ids::resource("customer", 1);
    let path = format!("/auth/api/v1/customers/{mill}/users");
    world.get(&path).by(service).send().await
}

async fn cloudcockpit(world: &World, service: &str) -> Answer {
    let mill = ids::resource("customer", 1);
    let ask = world.get(&format!("/v1/customer/{mill}/users"));
    let ask = ask.header("X-Tenant", acme::DOMAIN);
    ask.by(service).send().await
}

async fn sync(world: &World, service: &str) -> Answer {
    let ask = world.post(VOICEBOT).by(service);
    ask.json(&json!({"user_ids": [acme::BEN]})).send().await
}

const LIST: [&str; 1] = ["customers.users.list"];

#[tokio::test]
async fn list_in_voicebot_needs_customers_users_list() {
    let world = world_with(MILL, &LIST).await;
    assert_eq!(voicebot(&world, "may").await.status, 200);
    assert_eq!(voicebot(&world, "may-not").await.status, 403);
}

#[tokio::test]
async fn list_in_worth_needs_customers_users_list() {
    let world = world_with(MILL, &LIST).await;
    assert_eq!(worth(&world, "may").await.status, 200);
    assert_eq!(worth(&world, "may-not").await.status, 403);
}

#[tokio::test]
async fn list_in_cloudcockpit_needs_customers_users_list() {
    let world = world_with(MILL, &LIST).await;
    assert_eq!(cloudcockpit(&world, "may").await.status, 200);
    assert_eq!(cloudcockpit(&world, "may-not").await.status, 403);
}

#[tokio::test]
async fn list_needs_it_on_the_customer_in_the_path_or_above() {
    for (on, allowed) in [
        (acme::NORTH, true),
        (("tenant", 1), true),
        (acme::SOUTH, false),
        (acme::MINE, false),
        (acme::HARBOR, false),
    ] {
        let world = world_with(on, &LIST).await;
        assert_eq!(
            voicebot(&world, "may").await.status,
            if allowed { 200 } else { 404 }
        );
        assert_eq!(
            worth(&world, "may").await.status,
            if allowed { 200 } else { 403 }
        );
        let status = cloudcockpit(&world, "may").await.status;
        assert_eq!(status, if allowed { 200 } else { 404 }, "{on:?}");
    }
}

#[tokio::test]
async fn sync_needs_customers_users_add_and_customers_users_remove() {
    let needed = ["customers.users.add", "customers.users.remove"];
    let world = world_with(MILL, &needed).await;
    let revision = world.revision().await;
    assert_eq!(sync(&world, "may-not").await.status, 403);
    nothing_changed(&world, revision).await;
    let answer = sync(&world, "may").await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.each("/data", "id"), [json!(acme::BEN)]);
}

#[tokio::test]
async fn sync_with_one_of_the_two_is_refused_even_where_only_that_one_is_used() {
    let mut world = World::new().await;
    for lacking in ["customers.users.add", "customers.users.remove"] {
        let held = all_but(&world, &[lacking]).await;
        world
            .caller_with(lacking.rsplit('.').next().unwrap(), MILL, &held)
            .await;
    }
    let revision = world.revision().await;
    // Who lacks `add` only detaches, who lacks `remove` changes nothing or adds.
    for (lacking, user_ids) in [
        ("add", json!([])),
        ("remove", json!([1, 2, 3, 4, 5, 6, 7, 8, 11, 13])),
        ("remove", json!([1, 2, 3, 4, 5, 6, 7, 8, 10, 11, 13])),
    ] {
        let ask = world.post(VOICEBOT).by(lacking);
        let answer = ask.json(&json!({ "user_ids": user_ids })).send().await;
        assert_eq!(answer.status, 403, "{lacking}");
        let needed = format!("customers.users.{lacking}");
        assert!(answer.body.contains(&needed), "{}", answer.body);
    }
    nothing_changed(&world, revision).await;
}
