//! The tenant acme: resellers, customers, workspaces, chatbots, and users of every sort.

use attache_core::catalogue::Catalogue;
use attache_core::id::TenantId;
use attache_core::model::Status;
use attache_core::{Actor, Caller, Command};
use uuid::Uuid;

use super::people::person;
use super::wishes::{
    ROOT, attach, attach_until, grant, grant_until, group, group_of, into_group, resource, role,
    service, service_named, user_of,
};
use super::{World, ids};

/// The web domain at which acme's users reach its product.
pub const DOMAIN: &str = "portal.acme.example";
const DOMAINS: [&str; 2] = ["acme.example", DOMAIN];

// Resellers and their customers.
/// The reseller north.
pub const NORTH: (&str, u32) = ("reseller", 1);
/// The reseller south.
pub const SOUTH: (&str, u32) = ("reseller", 2);
/// A customer below the reseller north.
pub const MILL: (&str, u32) = ("customer", 1);
/// A customer below the reseller south.
pub const BAKERY: (&str, u32) = ("customer", 2);
/// A customer below no reseller. Its key is a UUID.
pub const FORGE: (&str, u32) = ("customer", 3);
/// The key of the forge.
pub const FORGE_KEY: &str = "7c9e6679-7425-40de-944b-e07fc1f90ae7";
/// A second customer below the reseller north.
pub const MINE: (&str, u32) = ("customer", 4);

/// A workspace of the mill.
pub const HARBOR: (&str, u32) = ("workspace", 1);
/// A workspace of the mill, without a key.
pub const ISLAND: (&str, u32) = ("workspace", 2);
/// A chatbot in the harbor, with the key `concierge`.
pub const CONCIERGE: (&str, u32) = ("chatbot", 1);
/// A chatbot in the harbor, without a key.
pub const NIGHT_DESK: (&str, u32) = ("chatbot", 2);
/// A chatbot on the island, with the key `lighthouse`.
pub const LIGHTHOUSE: (&str, u32) = ("chatbot", 3);

/// A user with the role `admin`. Its key is a UUID.
pub const ADA: u32 = 1;
/// Ada's key.
pub const ADA_KEY: &str = "3f2504e0-4f89-41d3-9a0c-0305e82c3301";
/// The owner of the mill, with all fields filled in.
pub const BEN: u32 = 2;
/// An inactive user.
pub const CLEO: u32 = 3;
/// A user invited and added by Ada.
pub const DORA: u32 = 4;
/// A user without names, e-mail address and key.
pub const NAMELESS: u32 = 5;
/// A user in two groups, added by a service.
pub const LI: u32 = 6;
/// A user of the reseller north, with a key that is not a UUID.
pub const EVE: u32 = 7;
/// A user of the tenant's own company.
pub const FINN: u32 = 8;
/// A user in the harbor, on no chatbot, with a key.
pub const GRETA: u32 = 9;
/// A user who is attached to the tenant only.
pub const HUGO: u32 = 10;
/// A user with a role that ends in an hour.
pub const IRIS: u32 = 11;
/// A user of the reseller south.
pub const JON: u32 = 12;
/// A user who is attached to the mill for an hour.
pub const KAI: u32 = 13;

// Groups whose order by name is neither that of their numbers nor that of their bytes.
/// The group night shift.
pub const NIGHT_SHIFT: u32 = 1;
/// The group accounts.
pub const ACCOUNTS: u32 = 2;

/// The service that adds Li.
pub const DEPUTY: u32 = 8;

/// The seconds until what lapses ends.
pub const AN_HOUR: i64 = 3_600;

/// Returns acme's id.
pub const fn tenant() -> TenantId {
    ids::tenant(1)
}

/// Returns a user of acme as a caller.
pub fn user_as_caller(number: u32) -> Caller {
    super::caller(tenant(), Actor::User(ids::user(number)))
}

/// A role, with the resource of its grant.
type Held = ((&'static str, u32), &'static str);

/// The services, and their roles.
const SERVICES: [(&str, &[Held]); 8] = [
    // Manages all users.
    (
        "keeper",
        &[(ROOT, "customer-directory"), (ROOT, "chatbot-directory")],
    ),
    // Sees all customers and their users.
    ("reader", &[(ROOT, "customer-reader")]),
    // Sees the mill and the concierge, and not their users.
    ("glance", &[(MILL, "glance"), (CONCIERGE, "ChatbotEditor")]),
    // Manages the users of the mine and the lighthouse, and sees nothing else.
    (
        "outsider",
        &[(MINE, "manager"), (LIGHTHOUSE, "ChatbotOwner")],
    ),
    // Manages the users of the mill and the concierge, and sees nothing else.
    ("local", &[(MILL, "manager"), (CONCIERGE, "ChatbotOwner")]),
    // Holds nothing.
    ("nobody", &[]),
    // Its token ends in an hour.
    ("brief", &[(ROOT, "customer-reader")]),
    ("deputy", &[(ROOT, "admin")]),
];

pub(super) async fn build(world: &mut World) {
    let mut catalogue = Catalogue::starting().unwrap();
    let sees = ["customers.view".to_owned()];
    catalogue.roles.push(role(1, "glance", "customer", &sees));
    let all = ["*".to_owned()];
    catalogue
        .roles
        .push(role(2, "everything", "customer", &all));
    world.create(tenant(), "acme", &DOMAINS, catalogue).await;

    world.pass(1);
    world.operate(&places()).await;
    let mut commands = Vec::new();
    let soon = attache_core::Timestamp::from_millis(world.now().as_millis() + AN_HOUR * 1_000);
    for (number, (name, held)) in (1..).zip(SERVICES) {
        commands.push(service(number, name));
        let until = (name == "brief").then_some(soon);
        commands.push(world.new_token(tenant(), name, until));
        for (on, role) in held {
            commands.push(grant(*on, service_named(name), role));
        }
    }
    // Its grant ends in an hour.
    commands.push(service(9, "lapsing"));
    commands.push(world.new_token(tenant(), "lapsing", None));
    let lapsing = service_named("lapsing");
    commands.push(grant_until(ROOT, lapsing, "customer-reader", Some(soon)));
    world.operate(&commands).await;

    world.pass(1);
    let dora = person(DORA).called("Dora", "").status(Status::Invited);
    let dora = dora.email("Dora@Mill.example").add();
    let ada = Actor::User(ids::user(ADA));
    world.write(tenant(), ada, &[dora]).await;

    world.pass(1);
    let li = person(LI)
        .called("李", "小龍")
        .email("li@mill.example")
        .add();
    let deputy = Actor::Service(ids::service(DEPUTY));
    world.write(tenant(), deputy, &[li]).await;

    world.pass(1);
    world.operate(&others()).await;
    world.operate(&attached(soon)).await;

    world.pass(1);
    world.operate(&[attach(CONCIERGE, NAMELESS)]).await;
    let eve = person(EVE).called("eve", "Ångström").change();
    world.write(tenant(), ada, &[eve]).await;
}

fn places() -> Vec<Command> {
    vec![
        person(ADA)
            .called("Ada", "Lovelace")
            .email("ada@acme.example")
            .key(ADA_KEY)
            .add(),
        grant(ROOT, user_of(ADA), "admin"),
        resource(NORTH, ROOT, None, "North"),
        resource(SOUTH, ROOT, None, "South"),
        resource(MILL, NORTH, None, "Mill"),
        resource(BAKERY, SOUTH, None, "Bakery"),
        resource(FORGE, ROOT, Some(FORGE_KEY), "Forge"),
        resource(MINE, NORTH, None, "Mine"),
        resource(HARBOR, MILL, Some("harbor"), "Harbor"),
        resource(ISLAND, ROOT, None, "Island"),
        resource(CONCIERGE, HARBOR, Some("concierge"), "Concierge"),
        resource(NIGHT_DESK, HARBOR, None, "Night desk"),
        resource(LIGHTHOUSE, ISLAND, Some("lighthouse"), "Lighthouse"),
        group(ACCOUNTS, None, "accounts"),
        group(
            NIGHT_SHIFT,
            Some("9b2f0d6a-52d8-4f3c-8a2e-6d1f0c9e7b11"),
            "Night shift",
        ),
    ]
}

fn others() -> Vec<Command> {
    let provider = Uuid::from_u128(0xec46_bd5b_0fae_47e1_8e4e_d37a_5ac8_7e7e);
    vec![
        person(BEN)
            .called("Ben", "Okafor")
            .email("ben@mill.example")
            .phone("+44 20 7946 0000")
            .known_to_the_provider_as(provider)
            .add(),
        person(CLEO)
            .called("Cleo", "Adeyemi")
            .status(Status::Inactive)
            .add(),
        person(NAMELESS).add(),
        person(EVE).called("Eve", "").key("crm-7").add(),
        person(FINN).called("", "Finn").add(),
        person(GRETA).called("Greta", "Garbo").key("greta").add(),
        person(HUGO).email("hugo@acme.example").add(),
        person(IRIS).called("Iris", "Murdoch").add(),
        person(JON).called("Jon", "Snow").add(),
        person(KAI).called("Kai", "Adeyemi").add(),
    ]
}

fn attached(soon: attache_core::Timestamp) -> Vec<Command> {
    let mut commands: Vec<Command> = [ADA, BEN, CLEO, DORA, NAMELESS, LI, EVE, FINN, IRIS]
        .into_iter()
        .map(|user| attach(MILL, user))
        .collect();
    commands.extend([
        attach_until(MILL, KAI, Some(soon)),
        attach(NORTH, EVE),
        attach(SOUTH, JON),
        attach(BAKERY, JON),
        attach(FORGE, BEN),
        grant(MILL, user_of(BEN), "owner"),
        grant(MILL, user_of(CLEO), "viewer"),
        grant(NORTH, user_of(EVE), "reseller-agent"),
        grant(SOUTH, user_of(JON), "reseller-agent"),
        grant(ROOT, user_of(FINN), "auditor"),
        grant_until(MILL, user_of(IRIS), "cro", Some(soon)),
        grant(MILL, user_of(IRIS), "agent"),
        into_group(ACCOUNTS, LI),
        into_group(NIGHT_SHIFT, LI),
        into_group(ACCOUNTS, IRIS),
        grant(MILL, group_of(ACCOUNTS), "viewer"),
    ]);
    commands.extend([BEN, NAMELESS, LI, GRETA].map(|user| attach(HARBOR, user)));
    commands.extend([
        attach(CONCIERGE, LI),
        attach(CONCIERGE, BEN),
        grant(CONCIERGE, user_of(BEN), "ChatbotOwner"),
        grant(CONCIERGE, user_of(BEN), "ChatbotEditor"),
    ]);
    commands
}
