//! Callers, what is hidden from each, and what each can name without harm.

use attache_core::Command;
use attache_core::model::KeySource;
use attache_http::description::{Name, Of, Style};
use attache_testkit::scene::{issuer_id, trust};
use attache_testkit::world::acme::{BAKERY, FORGE_KEY, JON};
use attache_testkit::world::wishes::{ROOT, attach, resource};
use attache_testkit::world::{World, ids};

use crate::names::{Kind, Thing};
use crate::table::Row;

/// A workspace of the bakery, and a chatbot in it.
const YARD: (&str, u32) = ("workspace", 50);
const YARD_BOT: (&str, u32) = ("chatbot", 50);

/// A service, and what is hidden from it.
pub(crate) struct Caller {
    pub(crate) name: &'static str,
    pub(crate) hidden: Vec<Thing>,
    /// What it can name, by the place in a row.
    pub(crate) names: Vec<(&'static str, String)>,
}

impl Caller {
    /// What it can name in a row, by the place.
    pub(crate) fn names_in(&self, row: &Row) -> Vec<(&'static str, String)> {
        let own = row.names().iter().map(|name| (name.slot, own_of(name)));
        own.chain(self.names.iter().cloned()).collect()
    }
}

/// What a caller can name in a place of a dialect.
fn own_of(name: &Name) -> String {
    let ((kind, number), key) = match name.of {
        Of::Role(role) => return role.to_owned(),
        Of::Member(_) | Of::Stranger(_) => {
            return match name.style {
                Style::Number => JON.to_string(),
                Style::Uuid => ids::user(JON).to_string(),
                Style::Reference => format!("#{JON}"),
            };
        }
        Of::Reseller => (("reseller", 999), ids::NOTHING),
        Of::Customer => (BAKERY, ""),
        Of::Workspace => (YARD, "yard"),
        Of::Chatbot => (YARD_BOT, "yard-bot"),
    };
    match name.style {
        Style::Number => number.to_string(),
        Style::Reference if !key.is_empty() => key.to_owned(),
        Style::Uuid if name.of == Of::Reseller => ids::NOTHING.to_owned(),
        Style::Uuid | Style::Reference => ids::resource(kind, number).to_string(),
    }
}

/// Who holds what, and where.
const CALLERS: &[(&str, (&str, u32), &[&str])] = &[
    // Does everything with the bakery and what is below it.
    (
        "outside",
        BAKERY,
        &["customers.*", "workspaces.*", "chatbots.*"],
    ),
    (
        "remover",
        BAKERY,
        &["customers.users.list", "customers.users.remove"],
    ),
    (
        "granter",
        BAKERY,
        &[
            "customers.view",
            "customers.users.list",
            "customers.users.roles.*",
        ],
    ),
    // Sees a workspace, and not the bakery that it stands under.
    ("below", BAKERY, &["workspaces.*"]),
    ("botkeeper", YARD_BOT, &["chatbots.*"]),
    ("clerk", ROOT, &["tenants.entries.list"]),
    (
        "grouper",
        ROOT,
        &[
            "tenants.groups.list",
            "tenants.groups.users.add",
            "tenants.groups.users.remove",
        ],
    ),
    ("nothing", BAKERY, &[]),
];

/// A world with these callers.
pub(crate) async fn all() -> (World, Vec<Caller>) {
    let mut world = World::with_bodies_of(100_000).await;
    world
        .operate(&[
            resource(YARD, BAKERY, Some("yard"), "Yard"),
            resource(YARD_BOT, YARD, Some("yard-bot"), "Yard bot"),
            attach(YARD, JON),
            attach(YARD_BOT, JON),
            Command::AddIssuer {
                id: issuer_id(1),
                trust: Box::new(trust(
                    "https://one.example",
                    KeySource::Pasted(r#"{"keys": [{"kty": "OKP", "kid": "one"}]}"#.into()),
                )),
            },
        ])
        .await;
    for (name, on, permissions) in CALLERS {
        let permissions: Vec<String> = permissions.iter().map(|&it| it.to_owned()).collect();
        world.caller_with(name, *on, &permissions).await;
    }
    // A grant on the mill, of which nobody of these may know.
    let hidden_grant = first(&world, "/api/v1/resources/customer:%231/grants").await;
    let token = first(&world, "/api/v1/services/reader/tokens").await;
    let callers = CALLERS.iter().map(|(name, _, _)| Caller {
        name,
        hidden: hidden(name, &hidden_grant, &token),
        names: names(name),
    });
    let callers = callers.collect();
    (world, callers)
}

async fn first(world: &World, path: &str) -> String {
    let list = world.get(path).by("deputy").send().await;
    list.at("/items/0/id").as_str().unwrap().to_owned()
}

fn hidden(caller: &str, grant: &str, token: &str) -> Vec<Thing> {
    // The first of each kind is named in every way.
    let mut hidden = vec![
        Thing::resource("customer", 3, Some(FORGE_KEY)),
        Thing::resource("customer", 1, None),
        Thing::resource("reseller", 1, None),
        Thing::resource("workspace", 1, Some("harbor")),
        Thing::resource("chatbot", 1, Some("concierge")),
        // In no group, on nothing that these callers see.
        Thing::user(9, Some("greta")),
        Thing::user(10, None),
        Thing::service(2, "reader"),
        Thing::only(Kind::Grant, grant),
        Thing::only(Kind::Token, token),
        Thing::only(Kind::Issuer, &issuer_id(1).to_string()),
        Thing::only(Kind::Tenant, &ids::tenant(2).to_string()),
    ];
    if caller == "below" || caller == "botkeeper" {
        hidden.push(Thing::resource("customer", 2, None));
    }
    if caller == "botkeeper" {
        hidden.push(Thing::resource("workspace", 50, Some("yard")));
    }
    if caller != "grouper" {
        hidden.push(Thing::group(
            1,
            Some("9b2f0d6a-52d8-4f3c-8a2e-6d1f0c9e7b11"),
        ));
    }
    if caller != "clerk" {
        hidden.push(Thing::only(Kind::Revision, "3"));
    }
    // Who holds something on the tenant reads its catalogue.
    if !["clerk", "grouper"].contains(&caller) {
        hidden.push(Thing::only(Kind::Role, "auditor"));
        hidden.push(Thing::only(Kind::OfResources, "reseller"));
    }
    hidden
}

fn names(caller: &str) -> Vec<(&'static str, String)> {
    let resource = match caller {
        "below" => "workspace:#50",
        "botkeeper" => "chatbot:#50",
        _ => "customer:#2",
    };
    let role = match caller {
        "botkeeper" => "ChatbotMember",
        "below" => "workspace-member",
        _ => "viewer",
    };
    let own = format!(r#"{{"type": "service", "id": "{caller}"}}"#);
    let me = format!("service:{caller}");
    [
        ("resource", resource),
        ("user", "#12"),
        ("group", "#2"),
        ("service", "glance"),
        ("subject", "user:#12"),
        ("grant", "no-such-grant"),
        ("token", ids::NOTHING),
        ("issuer", ids::NOTHING),
        ("role", role),
        ("a_role", role),
        ("kind", "workspace"),
        ("revision", "2"),
        ("tenant", "acme"),
        ("entity", r##"{"type": "customer", "id": "#2"}"##),
        ("who", &own),
        ("self", &own),
        ("me", &me),
    ]
    .map(|(name, text)| (name, text.to_owned()))
    .to_vec()
}

/// Prove that what is said to be hidden is.
#[tokio::test]
async fn what_is_hidden_is_refused_to_its_callers() {
    let (world, callers) = all().await;
    for caller in &callers {
        for thing in &caller.hidden {
            let (path, expected) = match thing.kind {
                Kind::Resource(_) => (format!("resources/{}", thing.id), 404),
                Kind::User => (format!("users/{}", thing.id), 403),
                Kind::Group => (format!("groups/{}", thing.id), 403),
                Kind::Service => (format!("services/{}", thing.id), 403),
                Kind::Role => (format!("roles/{}", thing.id), 404),
                Kind::OfResources => (format!("kinds/{}", thing.id), 404),
                _ => continue,
            };
            let get = |by: &str| world.get(&format!("/api/v1/{path}")).by(by).send();
            assert_eq!(get("deputy").await.status, 200, "{path}");
            assert_eq!(
                get(caller.name).await.status,
                expected,
                "{}: {path}",
                caller.name
            );
        }
    }
}
