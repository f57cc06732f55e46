//! The role of most integrations, as it ships.

use serde_json::{Value, json};

use crate::ask::{by, is};
use attache_testkit::world::wishes::{ROOT, grant, service_named};
use attache_testkit::world::{Answer, World};

async fn world() -> World {
    let world = World::new().await;
    let role = grant(ROOT, service_named("nobody"), "membership-manager");
    world.operate(&[role]).await;
    world
}

async fn portal(world: &World, what: &str, body: Value) -> Answer {
    by(world, "nobody", what, body).await
}

#[tokio::test]
async fn a_membership_manager_attaches_grants_revokes_and_detaches() {
    let world = world().await;
    let member = "/resources/customer:%231/members/greta";
    let attached = portal(&world, &format!("PUT {member}"), json!({})).await;
    assert_eq!(attached.status, 201, "{}", attached.body);
    for role in ["viewer", "agent", "manager", "cro", "owner"] {
        let new = json!({"subject": "user:greta", "role": role});
        let granted = portal(&world, "POST /resources/customer:%231/grants", new).await;
        assert_eq!(granted.status, 201, "{role}: {}", granted.body);
        let id = granted.at("/id");
        let path = format!("/resources/customer:%231/grants/{}", id.as_str().unwrap());
        let revoked = portal(&world, &format!("DELETE {path}"), Value::Null).await;
        assert_eq!(revoked.status, 204, "{role}: {}", revoked.body);
    }
    let shown = portal(&world, &format!("GET {member}"), Value::Null).await;
    assert_eq!(shown.at("/user/key"), "greta");
    let list = "GET /resources/customer:%231/members?include=effective";
    assert_eq!(portal(&world, list, Value::Null).await.status, 200);
    let users = json!({"users": ["greta", "#1", "#2", "#3", "#4", "#5", "#6"]});
    let sync = "PUT /resources/customer:%231/members?dry_run=true";
    assert_eq!(portal(&world, sync, users).await.status, 200);
    let detached = portal(&world, &format!("DELETE {member}"), Value::Null).await;
    assert_eq!(detached.status, 204, "{}", detached.body);
}

#[tokio::test]
async fn a_membership_manager_does_nothing_at_the_root_and_sees_no_other_family() {
    let world = world().await;
    let kinds = portal(&world, "GET /resources?page_size=1000", Value::Null).await;
    let items = kinds.json()["items"].as_array().unwrap().clone();
    let kinds: std::collections::BTreeSet<&str> = items
        .iter()
        .map(|it| it["kind"].as_str().unwrap())
        .collect();
    assert_eq!(kinds, ["customer", "workspace"].into());
    for what in [
        "GET /resources/tenant",
        "GET /resources/tenant/members",
        "GET /resources/reseller:%231",
        "GET /resources/reseller:%231/members",
        "GET /resources/chatbot:concierge",
        "GET /resources/chatbot:concierge/members",
    ] {
        is(&portal(&world, what, Value::Null).await, 404, "not-found");
    }
    for (what, body) in [
        ("GET /users", Value::Null),
        ("POST /users", json!({"key": "nina"})),
        ("PATCH /users/greta", json!({"phone": "+1"})),
        ("GET /services", Value::Null),
        ("POST /services/nobody/tokens", Value::Null),
        ("GET /entries", Value::Null),
        (
            "PUT /roles/helper",
            json!({"kind": "customer", "label": "X"}),
        ),
    ] {
        is(&portal(&world, what, body).await, 403, "forbidden");
    }
    for (what, body) in [
        (
            "POST /resources/tenant/grants",
            json!({"subject": "service:nobody", "role": "admin"}),
        ),
        (
            "POST /resources",
            json!({"kind": "customer", "name": "Dock"}),
        ),
        (
            "POST /resources/chatbot:concierge/grants",
            json!({"subject": "user:greta", "role": "ChatbotOwner"}),
        ),
    ] {
        is(&portal(&world, what, body).await, 404, "not-found");
    }
    // It gives what it holds, and nothing else.
    let new = json!({"subject": "service:nobody", "role": "workspace-admin"});
    let answer = portal(&world, "POST /resources/workspace:harbor/grants", new).await;
    is(&answer, 403, "exceeds");
}
