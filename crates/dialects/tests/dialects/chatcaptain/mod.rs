//! ChatCaptain: `/v1/workspaces/{workspaceId}/chatbots/{chatbotId}/users…`

mod add;
mod bad_requests;
mod credential;
mod document;
mod grant;
mod list;
mod permissions;
mod remove;
mod revoke;
mod roles;
mod unseen;

use serde_json::{Value, json};

use attache_testkit::world::{Answer, World, ids};

/// The users of the concierge.
const USERS: &str = "/v1/workspaces/harbor/chatbots/concierge/users";

/// How a user of acme who has no key is named.
fn user(number: u32) -> String {
    ids::user(number).to_string()
}

fn roles_of(number: u32) -> String {
    format!("{USERS}/{}/roles", user(number))
}

async fn list(world: &World) -> Answer {
    world.get(USERS).by("keeper").send().await
}

/// One user as the list shows it.
async fn listed(world: &World, id: &str) -> Option<Value> {
    let users = list(world).await.at("/users");
    let mut users = users.as_array().unwrap().iter();
    users.find(|user| user["id"] == id).cloned()
}

async fn add(world: &World, id: &str) -> Answer {
    let body = json!({ "userId": id });
    world.post(USERS).by("keeper").json(&body).send().await
}

async fn remove(world: &World, id: &str) -> Answer {
    let path = format!("{USERS}/{id}");
    world.delete(&path).by("keeper").send().await
}

async fn grant(world: &World, number: u32, role: &str, params: Value) -> Answer {
    let body = json!({ "role": role, "params": params });
    let ask = world.post(&roles_of(number)).by("keeper");
    ask.json(&body).send().await
}

async fn revoke(world: &World, number: u32, role: &str, params: Value) -> Answer {
    let path = format!("{}/{role}", roles_of(number));
    let body = json!({ "params": params });
    world.delete(&path).by("keeper").json(&body).send().await
}
