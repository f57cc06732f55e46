//! Worth: `/auth/api/v1/customers/{customerID}/users`

mod filters;
mod order;
mod paging;
mod record;
mod refused;
mod who_may;

use serde_json::Value;

use attache_testkit::world::{Answer, World, acme, ids};

fn path_of((kind, number): (&str, u32)) -> String {
    let id = ids::resource(kind, number);
    format!("/auth/api/v1/customers/{id}/users")
}

/// What the reader of all customers gets for a query about the mill.
async fn ask(world: &World, query: &str) -> Answer {
    let path = format!("{}?{query}", path_of(acme::MILL));
    world.get(&path).by("reader").send().await
}

/// The same, as the numbers of the users.
async fn numbers(world: &World, query: &str) -> Vec<u32> {
    let answer = ask(world, query).await;
    assert_eq!(answer.status, 200, "{query}: {}", answer.body);
    let ids = answer.each("/data/records", "id");
    ids.iter().map(number).collect()
}

/// Whose id it is.
fn number(id: &Value) -> u32 {
    let known = (1..100).find(|&number| *id == ids::user(number).to_string());
    known.unwrap_or_else(|| panic!("{id} is nobody's id"))
}
