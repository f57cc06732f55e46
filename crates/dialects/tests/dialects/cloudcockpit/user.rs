//! How a user looks.

use serde_json::{Value, json};

use super::list;
use attache_testkit::world::acme::{
    self, ADA, BEN, DORA, EVE, FINN, IRIS, JON, KAI, LI, MILL, NAMELESS,
};
use attache_testkit::world::wishes::{
    ROOT, attach, attach_until, grant, grant_until, group_of, user_of,
};
use attache_testkit::world::{World, ids};

async fn user(world: &World, number: u32) -> Value {
    let id = ids::user(number).to_string();
    let users = list(world).await.json();
    let mut users = users.as_array().unwrap().iter();
    users.find(|user| user["id"] == id).unwrap().clone()
}

async fn role(world: &World, number: u32) -> String {
    let role = user(world, number).await["role"].clone();
    assert_eq!(role.as_object().unwrap().len(), 1);
    role["name"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_user_has_six_fields_and_no_others() {
    let world = World::new().await;
    let expected = json!({
        "id": ids::user(BEN),
        "firstName": "Ben",
        "lastName": "Okafor",
        "email": "ben@mill.example",
        "role": {"name": "Customer"},
        "groups": [],
    });
    assert_eq!(user(&world, BEN).await, expected);
}

#[tokio::test]
async fn what_is_not_known_is_null() {
    let world = World::new().await;
    let expected = json!({
        "id": ids::user(NAMELESS),
        "firstName": null,
        "lastName": null,
        "email": null,
        "role": {"name": "Customer"},
        "groups": [],
    });
    assert_eq!(user(&world, NAMELESS).await, expected);
}

#[tokio::test]
async fn who_holds_a_role_on_the_root_is_csp() {
    let world = World::new().await;
    for number in [ADA, FINN] {
        assert_eq!(role(&world, number).await, "Csp", "{number}");
    }
}

#[tokio::test]
async fn who_holds_a_role_on_the_root_through_a_group_is_csp() {
    let world = World::new().await;
    let auditors = group_of(acme::NIGHT_SHIFT);
    world.operate(&[grant(ROOT, auditors, "auditor")]).await;
    assert_eq!(role(&world, LI).await, "Csp");
}

#[tokio::test]
async fn who_holds_a_role_on_a_reseller_is_reseller() {
    let world = World::new().await;
    assert_eq!(role(&world, EVE).await, "Reseller");
}

#[tokio::test]
async fn who_is_attached_to_a_reseller_or_holds_a_role_there_through_a_group_is_reseller() {
    let world = World::new().await;
    let accounts = group_of(acme::ACCOUNTS);
    world
        .operate(&[
            attach(acme::SOUTH, DORA),
            grant(acme::NORTH, accounts, "reseller-agent"),
        ])
        .await;
    for number in [DORA, LI, IRIS] {
        assert_eq!(role(&world, number).await, "Reseller", "{number}");
    }
}

#[tokio::test]
async fn everybody_else_is_customer_whatever_its_role_there() {
    let world = World::new().await;
    for number in [BEN, DORA, NAMELESS, LI, IRIS, KAI] {
        assert_eq!(role(&world, number).await, "Customer", "{number}");
    }
}

#[tokio::test]
async fn the_highest_counts_wherever_it_stands() {
    let world = World::new().await;
    // Of another reseller than the customer's, and once more on the root.
    world.operate(&[attach(MILL, JON)]).await;
    assert_eq!(role(&world, JON).await, "Reseller");
    let reader = grant(ROOT, user_of(JON), "customer-reader");
    world.operate(&[reader]).await;
    assert_eq!(role(&world, JON).await, "Csp");
}

#[tokio::test]
async fn what_has_expired_no_longer_lifts() {
    let world = World::new().await;
    let minute = attache_core::Timestamp::from_millis(world.now().as_millis() + 60_000);
    world
        .operate(&[
            attach_until(acme::NORTH, DORA, Some(minute)),
            grant_until(ROOT, user_of(LI), "auditor", Some(minute)),
        ])
        .await;
    assert_eq!(role(&world, DORA).await, "Reseller");
    assert_eq!(role(&world, LI).await, "Csp");
    world.pass(60);
    assert_eq!(role(&world, DORA).await, "Customer");
    assert_eq!(role(&world, LI).await, "Customer");
}

#[tokio::test]
async fn groups_are_id_and_name_sorted_by_name() {
    let world = World::new().await;
    let expected = json!([
        {"id": ids::group(acme::ACCOUNTS), "name": "accounts"},
        {"id": ids::group(acme::NIGHT_SHIFT), "name": "Night shift"},
    ]);
    assert_eq!(user(&world, LI).await["groups"], expected);
}

#[tokio::test]
async fn a_user_in_no_group_has_an_empty_list_of_them() {
    let world = World::new().await;
    assert_eq!(user(&world, BEN).await["groups"], json!([]));
}

#[tokio::test]
async fn names_of_any_script_come_as_they_were_written() {
    let world = World::new().await;
    let li = user(&world, LI).await;
    assert_eq!(
        (&li["firstName"], &li["lastName"]),
        (&json!("李"), &json!("小龍"))
    );
    assert_eq!(user(&world, EVE).await["lastName"], "Ångström");
}
