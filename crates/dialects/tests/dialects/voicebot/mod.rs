//! Voicebot: `/third-party/v1/customers/{id}/users`

mod document;
mod list;
mod refused;
mod sync;
mod user_ids;
mod who_is_detached;

use serde_json::{Value, json};

use attache_testkit::world::{Answer, World};

const MILL: &str = "/third-party/v1/customers/1/users";

/// The users of the mill, as the keeper of all users sees them.
async fn list(world: &World) -> Answer {
    world.get(MILL).by("keeper").send().await
}

/// Let exactly these be attached to the mill.
async fn sync(world: &World, user_ids: Value) -> Answer {
    let body = json!({ "user_ids": user_ids });
    world.post(MILL).by("keeper").json(&body).send().await
}

/// A user of the mill, by its number.
async fn user(world: &World, number: u32) -> Value {
    let users = list(world).await.at("/data");
    let found = users
        .as_array()
        .unwrap()
        .iter()
        .find(|user| user["id"] == number);
    found.unwrap().clone()
}

/// Who is attached to the mill, as the log has it, shown or not.
async fn attached(world: &World) -> Vec<u32> {
    use attache_testkit::world::{acme, wishes};
    let state = world.state().await;
    let mill = state.find(&wishes::at(acme::MILL)).unwrap();
    let members = state.view(world.now()).members(mill);
    members.map(|member| member.user().number.0).collect()
}
