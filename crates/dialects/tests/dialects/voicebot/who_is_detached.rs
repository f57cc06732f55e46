//! What goes with a membership.

use attache_core::Change;
use serde_json::json;

use super::sync;
use attache_testkit::world::acme::{BEN, IRIS};
use attache_testkit::world::{World, ids};

#[tokio::test]
async fn the_grants_of_who_is_detached_go_in_the_same_entry() {
    let world = World::new().await;
    sync(&world, json!([BEN, IRIS])).await;
    let revision = world.revision().await;
    sync(&world, json!([BEN])).await;
    let entries = world.entries_after(revision).await;
    assert_eq!(entries.len(), 1);
    let revoked: Vec<&str> = entries[0]
        .changes
        .list
        .iter()
        .filter_map(|change| match change {
            Change::RoleRevoked { role, .. } => Some(role.as_str()),
            _ => None,
        })
        .collect();
    assert_eq!(revoked.len(), 2, "{revoked:?}");
    assert!(revoked.contains(&"cro") && revoked.contains(&"agent"));
    let gone = Change::MemberRemoved {
        resource: ids::resource("customer", 1),
        user: ids::user(IRIS),
    };
    assert!(entries[0].changes.list.contains(&gone));
}

#[tokio::test]
async fn who_comes_back_does_not_hold_them_again() {
    let world = World::new().await;
    sync(&world, json!([])).await;
    sync(&world, json!([BEN])).await;
    let ben = super::user(&world, BEN).await;
    assert_eq!(ben["roles"], json!([]));
    assert_eq!(ben["permissions"], json!(["customers.view"]));
}
