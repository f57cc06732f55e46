//! CloudCockpit: `/v1/customer/{customerId}/users`

mod correlation;
mod list;
mod refused;
mod reseller;
mod tenant_header;
mod user;

use attache_testkit::world::{Answer, World, acme, ids};

fn path_of((kind, number): (&str, u32)) -> String {
    format!("/v1/customer/{}/users", ids::resource(kind, number))
}

/// What a service gets for a path, at acme's domain.
async fn ask(world: &World, service: &str, path: &str) -> Answer {
    let ask = world.get(path).by(service);
    ask.header("X-Tenant", acme::DOMAIN).send().await
}

/// The users of the mill, as the reader of all customers sees them.
async fn list(world: &World) -> Answer {
    ask(world, "reader", &path_of(acme::MILL)).await
}

/// The same, as ids.
async fn ids_listed(world: &World) -> Vec<serde_json::Value> {
    list(world).await.each("", "id")
}
