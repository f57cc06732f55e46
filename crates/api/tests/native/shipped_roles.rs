//! Each role of the starting catalogue does what it is for, and nothing else.

use serde_json::{Value, json};

use crate::ask::by;
use attache_testkit::world::World;
use attache_testkit::world::acme::{CONCIERGE, GRETA, HARBOR, MILL, NORTH};
use attache_testkit::world::wishes::{ROOT, attach, grant, service_named};

/// Something that a caller may try at the mill or below it, and at the tenant.
enum Try {
    /// A request, which is refused with 403 or 404 if it may not.
    Request(&'static str, Value),
    /// What the catalogue names for the programs that ask attache.
    Permission(&'static str, &'static str, &'static str),
}

fn tries() -> Vec<(&'static str, Try)> {
    let request = |name, what, body| (name, Try::Request(what, body));
    let asks = |name, permission, (kind, id)| (name, Try::Permission(permission, kind, id));
    let (mill, concierge) = (("customer", "#1"), ("chatbot", "concierge"));
    let grant = |subject: &str, role: &str| json!({"subject": subject, "role": role});
    let grants_of_the_mill = "POST /resources/customer:%231/grants";
    vec![
        request("list", "GET /resources/customer:%231/members", Value::Null),
        request(
            "attach",
            "PUT /resources/customer:%231/members/greta",
            json!({}),
        ),
        request(
            "detach",
            "DELETE /resources/customer:%231/members/greta",
            Value::Null,
        ),
        request("grant", grants_of_the_mill, grant("user:#2", "viewer")),
        request("grant-owner", grants_of_the_mill, grant("user:#2", "owner")),
        request(
            "change",
            "PATCH /resources/customer:%231",
            json!({"name": "The mill"}),
        ),
        request(
            "add",
            "POST /resources",
            json!({"kind": "customer", "parent": "reseller:#1", "name": "Dock"}),
        ),
        request(
            "list-reseller",
            "GET /resources/reseller:%231/members",
            Value::Null,
        ),
        request(
            "list-workspace",
            "GET /resources/workspace:harbor/members",
            Value::Null,
        ),
        request(
            "list-chatbot",
            "GET /resources/chatbot:concierge/members",
            Value::Null,
        ),
        request(
            "grant-chatbot",
            "POST /resources/chatbot:concierge/grants",
            grant("user:#5", "ChatbotMember"),
        ),
        request("users", "GET /users", Value::Null),
        request("entries", "GET /entries", Value::Null),
        request("tokens", "POST /services/reader/tokens", Value::Null),
        request(
            "catalogue",
            "PUT /roles/helper",
            json!({"kind": "customer", "label": "Helper"}),
        ),
        request(
            "ask",
            "POST /explain",
            json!({"subject": "user:#2", "permission": "customers.view", "resource": "customer:#1"}),
        ),
        asks("revenue", "customers.revenue.view", mill),
        asks("talk", "customers.conversations.answer", mill),
        asks("versions", "chatbots.versions.publish", concierge),
        asks("api-keys", "chatbots.apikey.create", concierge),
        asks("figures", "chatbots.statistics.view", concierge),
        asks("inbox", "chatbots.conversations.answer", concierge),
    ]
}

/// Which of all tries a service may that holds one role.
async fn succeeded(role: &str, on: (&str, u32)) -> Vec<&'static str> {
    let world = World::new().await;
    let role = grant(on, service_named("nobody"), role);
    // Detaching somebody does not depend on attaching them first.
    world.operate(&[role, attach(MILL, GRETA)]).await;
    let mut succeeded = Vec::new();
    for (name, it) in tries() {
        let may = match it {
            Try::Request(what, body) => {
                let answer = by(&world, "nobody", what, body).await;
                let may = (200..300).contains(&answer.status);
                assert!(
                    may || [403, 404].contains(&answer.status),
                    "{what}: {}",
                    answer.body
                );
                may
            }
            Try::Permission(permission, kind, id) => {
                let question = json!({
                    "subject": {"type": "service", "id": "nobody"},
                    "action": {"name": permission},
                    "resource": {"type": kind, "id": id},
                });
                let ask = world.post("/access/v1/evaluation").by("nobody");
                let answer = ask.json(&question).send().await;
                assert_eq!(answer.status, 200, "{}", answer.body);
                answer.at("/decision") == true
            }
        };
        if may {
            succeeded.push(name);
        }
    }
    succeeded
}

#[tokio::test]
async fn each_shipped_role_does_its_job_and_no_more() {
    let all: Vec<&str> = tries().iter().map(|(name, _)| *name).collect();
    let keeps_customers = "list attach detach grant grant-owner change";
    let owns = format!("{keeps_customers} list-workspace revenue talk");
    let manages = format!("{keeps_customers} add list-reseller list-workspace revenue talk");
    let chatbots = "list-chatbot grant-chatbot versions api-keys figures inbox";
    let keeps_workspace = format!("list-workspace {chatbots}");
    for (role, on, may) in [
        ("admin", ROOT, all.join(" ").as_str()),
        ("customer-directory", ROOT, "list attach detach grant"),
        ("membership-manager", ROOT, &owns),
        ("customer-reader", ROOT, "list"),
        ("chatbot-directory", ROOT, chatbots),
        (
            "auditor",
            ROOT,
            "list list-reseller list-workspace list-chatbot users entries",
        ),
        ("decision-point", ROOT, "ask"),
        ("reseller-manager", NORTH, &manages),
        ("reseller-agent", NORTH, "list"),
        ("owner", MILL, &owns),
        ("cro", MILL, "list revenue"),
        ("manager", MILL, "list attach detach"),
        ("agent", MILL, "list talk"),
        ("viewer", MILL, "list"),
        ("workspace-admin", HARBOR, &keeps_workspace),
        ("workspace-member", HARBOR, "list-workspace"),
        ("ChatbotOwner", CONCIERGE, chatbots),
        (
            "ChatbotAdmin",
            CONCIERGE,
            "list-chatbot grant-chatbot versions figures inbox",
        ),
        ("ChatbotEditor", CONCIERGE, "versions figures"),
        ("ChatbotMember", CONCIERGE, "list-chatbot"),
        ("InboxAdmin", CONCIERGE, "inbox"),
        ("InboxUser", CONCIERGE, "inbox"),
        ("ExternalInboxUser", CONCIERGE, "inbox"),
        ("StatisticsViewer", CONCIERGE, "figures"),
    ] {
        assert_eq!(succeeded(role, on).await.join(" "), may, "{role}");
    }
}
