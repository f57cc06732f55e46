//! The other tenant of the installation. acme's callers must never see anything of it.

use attache_core::id::TenantId;
use attache_core::{Actor, Catalogue};

use super::people::person;
use super::wishes::{ROOT, attach, grant, resource, service, service_named};
use super::{World, ids};

/// globex's web domain.
pub const DOMAIN: &str = "globex.example";
/// A customer with a number that acme does not have.
pub const CUSTOMER: (&str, u32) = ("customer", 77);
/// A workspace with a number that acme does not have.
pub const WORKSPACE: (&str, u32) = ("workspace", 77);
/// A chatbot with a number that acme does not have.
pub const CHATBOT: (&str, u32) = ("chatbot", 77);
/// A user with a number that acme does not have.
pub const USER: u32 = 77;

/// Returns globex's id.
pub const fn tenant() -> TenantId {
    ids::tenant(2)
}

pub(super) async fn build(world: &mut World) {
    let catalogue = Catalogue::starting().unwrap();
    world.create(tenant(), "globex", &[DOMAIN], catalogue).await;
    let token = world.new_token(tenant(), "globex", None);
    let commands = [
        service(77, "globex"),
        token,
        grant(ROOT, service_named("globex"), "admin"),
        resource(CUSTOMER, ROOT, None, "Reactor"),
        resource(WORKSPACE, CUSTOMER, Some("hangar"), "Hangar"),
        resource(CHATBOT, WORKSPACE, Some("pilot"), "Pilot"),
        person(USER).called("Hank", "Scorpio").key("hank").add(),
        attach(CUSTOMER, USER),
        attach(WORKSPACE, USER),
        attach(CHATBOT, USER),
    ];
    world.write(tenant(), Actor::Operator, &commands).await;
}
