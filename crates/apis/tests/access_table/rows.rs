//! A row for each route: something that is there to ask it about, and the
//! permissions that it takes.

use attache_core::Catalogue;
use serde_json::{Value, json};

use attache_testkit::examples;
use attache_testkit::world::acme::{self, BEN, GRETA};
use attache_testkit::world::wishes::role;
use attache_testkit::world::{Ask, World, ids};

/// A route, asked for in a way that does something.
#[derive(Clone, Debug)]
pub(crate) struct Row {
    method: &'static str,
    /// As the document names it.
    template: &'static str,
    path: String,
    body: Option<Value>,
    /// Files in an archive, in place of it.
    files: Option<&'static [(&'static str, &'static str)]>,
    /// What a user who is a member of the tenant must hold on the root.
    pub(crate) takes: &'static [&'static str],
    headers: Vec<(&'static str, &'static str)>,
}

impl Row {
    pub(crate) fn route(&self) -> String {
        format!("{} {}", self.method, self.template)
    }

    pub(crate) fn writes(&self) -> bool {
        let asks = ["/access/", "/api/v1/explain"];
        self.method != "GET" && !asks.iter().any(|it| self.template.starts_with(it))
    }

    /// What it says, if it says something.
    pub(crate) fn sent(&self) -> Option<&Value> {
        self.body.as_ref()
    }

    /// The same with another body, as text.
    pub(crate) async fn ask_with<'a>(&self, world: &'a World, body: &str) -> Ask<'a> {
        let without = Self {
            body: None,
            ..self.clone()
        };
        without.ask(world).await.text(body)
    }

    pub(crate) async fn ask<'a>(&self, world: &'a World) -> Ask<'a> {
        let mut path = self.path.clone();
        // What has an id that only the server knows: the first of its list.
        if let Some(list) = path.strip_suffix(FIRST) {
            let list = world.get(list.trim_end_matches('/'));
            let bearer = format!("Bearer {}", world.operator_token());
            let list = list.header("Authorization", &bearer);
            let list = list.header("Attache-Tenant", "acme").send().await;
            let id = list.at("/items/0/id");
            path = path.replace(FIRST, id.as_str().unwrap());
        }
        if path.ends_with(IMPORT) {
            let bearer = format!("Bearer {}", world.operator_token());
            let begin = async || {
                let begun = world.post("/api/v1/import");
                let begun = begun.header("Authorization", &bearer);
                let begun = begun.header("Attache-Tenant", "acme");
                begun.zipped(FILES).send().await
            };
            let mut begun = begin().await;
            // The one before may still be under way.
            while begun.status == 409 {
                begun = begin().await;
            }
            path = path.replace(IMPORT, begun.at("/id").as_str().unwrap());
            // What it has come to, and not where it is.
            loop {
                let now = world.get(&path).header("Authorization", &bearer);
                let now = now.header("Attache-Tenant", "acme").send().await;
                if now.at("/state") != "running" {
                    break;
                }
                tokio::task::yield_now().await;
            }
        }
        let mut ask = world.ask(self.method, &path);
        for (name, value) in &self.headers {
            ask = ask.header(name, value);
        }
        match (&self.body, self.files) {
            (Some(body), _) => ask.json(body),
            (None, Some(files)) => ask.zipped(files),
            (None, None) => ask,
        }
    }

    /// The same with one parameter more, where the path can take it.
    pub(crate) fn with_parameter(&self, parameter: &str) -> Option<Self> {
        let separator = if self.path.contains('?') { '&' } else { '?' };
        let is_complete = !self.path.ends_with(FIRST) && !self.path.ends_with(IMPORT);
        is_complete.then(|| self.clone().query(&format!("{separator}{parameter}")))
    }

    fn query(mut self, query: &str) -> Self {
        self.path.push_str(query);
        self
    }

    fn files(mut self, files: &'static [(&'static str, &'static str)]) -> Self {
        self.files = Some(files);
        self
    }

    fn body(mut self, body: Value) -> Self {
        self.body = Some(body);
        self
    }

    pub(crate) fn is_about_an_invitation(&self) -> bool {
        self.template.ends_with("/invitation")
    }

    fn takes(mut self, takes: &'static [&'static str]) -> Self {
        self.takes = takes;
        self
    }
}

fn row(method: &'static str, template: &'static str, values: &[&str]) -> Row {
    let mut path = String::new();
    let mut values = values.iter();
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('{') {
        let (_, after) = after.split_once('}').unwrap();
        path.push_str(before);
        path.push_str(values.next().expect("a value for each name in the path"));
        rest = after;
    }
    path.push_str(rest);
    assert!(values.next().is_none(), "{template}");
    Row {
        method,
        template,
        path,
        body: None,
        files: None,
        takes: &[],
        headers: Vec::new(),
    }
}

const MILL: &str = "customer:%231";
/// The first thing of the list that the path is of.
const FIRST: &str = "@first";
/// An import that the operator has begun.
const IMPORT: &str = "@import";
/// What is imported.
const FILES: &[(&str, &str)] = &[("users.csv", "key,first_name\nira,Ira\n")];

/// All of them.
pub(crate) fn rows() -> Vec<Row> {
    let mut rows = dialects();
    rows.extend(authzen());
    rows.extend(subjects());
    rows.extend(places());
    rows.extend(tenant());
    rows
}

/// The examples of the dialects.
fn dialects() -> Vec<Row> {
    let rows = examples::all().into_iter().map(|operation| Row {
        method: operation.method,
        template: operation.example.path,
        path: operation.path,
        body: operation.body,
        files: None,
        takes: [operation.example.sees, operation.example.needs]
            .concat()
            .leak(),
        headers: examples::headers(operation.dialect, acme::DOMAIN),
    });
    rows.collect()
}

fn authzen() -> Vec<Row> {
    let ben = json!({"type": "user", "id": "#2"});
    let mill = json!({"type": "customer", "id": "#1"});
    let list = json!({"name": "customers.users.list"});
    vec![
        row("GET", "/.well-known/authzen-configuration", &[]),
        row("POST", "/access/v1/evaluation", &[])
            .body(json!({"subject": ben, "resource": mill, "action": list}))
            .takes(&["tenants.access.check"]),
        row("POST", "/access/v1/evaluations", &[])
            .body(json!({"subject": ben, "resource": mill, "evaluations": [{"action": list}]}))
            .takes(&["tenants.access.check"]),
        row("POST", "/access/v1/search/subject", &[])
            .body(json!({"subject": {"type": "user"}, "resource": mill, "action": list}))
            .takes(&["tenants.access.search"]),
        row("POST", "/access/v1/search/resource", &[])
            .body(json!({"subject": ben, "resource": {"type": "customer"}, "action": list}))
            .takes(&["tenants.access.search"]),
        row("POST", "/access/v1/search/action", &[])
            .body(json!({"subject": ben, "resource": mill}))
            .takes(&["tenants.access.search"]),
    ]
}

fn subjects() -> Vec<Row> {
    let greta = ids::user(GRETA).to_string();
    let greta = greta.as_str();
    let (group, service) = (ids::group(1).to_string(), ids::service(3).to_string());
    let (group, service) = (group.as_str(), service.as_str());
    let named = || json!({"name": "New"});
    let invitation = "/api/v1/users/{user}/invitation";
    vec![
        row("GET", "/api/v1/me", &[]),
        row("POST", "/api/v1/explain", &[])
            .body(json!({
                "subject": "user:#2", "permission": "customers.users.list", "resource": "customer:#1",
            }))
            .takes(&["tenants.access.check"]),
        row("GET", "/api/v1/users", &[]).takes(&["tenants.users.list"]),
        row("POST", "/api/v1/users", &[])
            .body(json!({"key": "new"}))
            .takes(&["tenants.users.add"]),
        row("GET", "/api/v1/users/{user}", &[greta]).takes(&["tenants.users.list"]),
        row("PATCH", "/api/v1/users/{user}", &[greta])
            .body(json!({"last_name": "Gustafsson"}))
            .takes(&["tenants.users.change"]),
        row("PUT", "/api/v1/users/{user}", &["new"])
            .body(json!({"last_name": "Gustafsson"}))
            .takes(&["tenants.users.add"]),
        row("GET", invitation, &["%234"]).takes(&["tenants.users.list"]),
        row("POST", invitation, &["%234"]).takes(&["*"]),
        row("DELETE", invitation, &["%234"]).takes(&["tenants.users.change"]),
        row("POST", "/api/v1/invitations/accept", &[])
            .body(json!({"token": "attache_invitation_2"})),
        row("DELETE", "/api/v1/users/{user}", &[greta]).takes(&["tenants.users.remove"]),
        row("GET", "/api/v1/users/{user}/resources", &[greta]).takes(&["tenants.users.list"]),
        row("GET", "/api/v1/groups", &[]).takes(&["tenants.groups.list"]),
        row("POST", "/api/v1/groups", &[])
            .body(named())
            .takes(&["tenants.groups.add"]),
        row("GET", "/api/v1/groups/{group}", &[group]).takes(&["tenants.groups.list"]),
        row("PATCH", "/api/v1/groups/{group}", &[group])
            .body(named())
            .takes(&["tenants.groups.change"]),
        row("DELETE", "/api/v1/groups/{group}", &[group]).takes(&["tenants.groups.remove"]),
        row("GET", "/api/v1/groups/{group}/users", &[group]).takes(&["tenants.groups.list"]),
        row(
            "GET",
            "/api/v1/groups/{group}/users/{user}",
            &[group, "%236"],
        )
        .takes(&["tenants.groups.list"]),
        row(
            "PUT",
            "/api/v1/groups/{group}/users/{user}",
            &[group, greta],
        )
        .takes(&["tenants.groups.users.add"]),
        row(
            "DELETE",
            "/api/v1/groups/{group}/users/{user}",
            &[group, greta],
        )
        .takes(&["tenants.groups.users.remove"]),
        row("GET", "/api/v1/services", &[]).takes(&["tenants.services.list"]),
        row("POST", "/api/v1/services", &[])
            .body(named())
            .takes(&["tenants.services.add"]),
        row("GET", "/api/v1/services/{service}", &[service]).takes(&["tenants.services.list"]),
        row("PATCH", "/api/v1/services/{service}", &[service])
            .body(named())
            .takes(&["tenants.services.change"]),
        row("DELETE", "/api/v1/services/{service}", &[service]).takes(&["tenants.services.remove"]),
        row("GET", "/api/v1/services/{service}/tokens", &[service])
            .takes(&["tenants.services.list"]),
        row(
            "POST",
            "/api/v1/services/{service}/tokens",
            &[&ids::service(6).to_string()],
        )
        .takes(&["tenants.services.tokens.create"]),
        row(
            "GET",
            "/api/v1/services/{service}/tokens/{token}",
            &[service, FIRST],
        )
        .takes(&["tenants.services.list"]),
        row(
            "DELETE",
            "/api/v1/services/{service}/tokens/{token}",
            &[service, FIRST],
        )
        .takes(&["tenants.services.tokens.revoke"]),
    ]
}

fn places() -> Vec<Row> {
    let ben = ids::user(BEN).to_string();
    let ben = ben.as_str();
    vec![
        row("GET", "/api/v1/resources", &[]),
        row("POST", "/api/v1/resources", &[])
            .body(json!({"kind": "customer", "name": "New"}))
            .takes(&["customers.add"]),
        row("GET", "/api/v1/resources/{resource}", &[MILL]).takes(&["customers.view"]),
        row("PATCH", "/api/v1/resources/{resource}", &[MILL])
            .body(json!({"name": "New"}))
            .takes(&["customers.change"]),
        row("DELETE", "/api/v1/resources/{resource}", &["customer:%234"])
            .takes(&["customers.remove"]),
        row("GET", "/api/v1/resources/{resource}/children", &[MILL]).takes(&["customers.view"]),
        row("GET", "/api/v1/resources/{resource}/ancestors", &[MILL]).takes(&["customers.view"]),
        row("POST", "/api/v1/resources/{resource}/move", &[MILL])
            .body(json!({"parent": "tenant"}))
            .takes(&["customers.move"]),
        row("GET", "/api/v1/resources/{resource}/members", &[MILL])
            .takes(&["customers.users.list"]),
        row("PUT", "/api/v1/resources/{resource}/members", &[MILL])
            .body(json!({"users": ["#1", "#2", "#3", "#4", "#5", "#6", "#7", "#8", "#10"]}))
            .takes(&["customers.users.add", "customers.users.remove"]),
        row("GET", "/api/v1/resources/{resource}/members/{user}", &[MILL, ben])
            .takes(&["customers.users.list"]),
        row("PUT", "/api/v1/resources/{resource}/members/{user}", &[MILL, "greta"])
            .takes(&["customers.users.add"]),
        row("DELETE", "/api/v1/resources/{resource}/members/{user}", &[MILL, ben])
            .takes(&["customers.users.remove"]),
        row("GET", "/api/v1/grants", &[]).query("?subject=user:%232").takes(&["customers.users.list"]),
        row("GET", "/api/v1/resources/{resource}/grants", &[MILL])
            .takes(&["customers.users.list"]),
        row("POST", "/api/v1/resources/{resource}/grants", &[MILL])
            .body(json!({"subject": "user:#2", "role": "viewer"}))
            .takes(&["customers.users.roles.grant", "customers.view", "customers.users.list"]),
        row(
            "GET",
            "/api/v1/resources/{resource}/grants/{grant}",
            &[MILL, FIRST],
        )
        .takes(&["customers.users.list"]),
        row(
            "DELETE",
            "/api/v1/resources/{resource}/grants/{grant}",
            &[MILL, FIRST],
        )
        .takes(&["customers.users.roles.revoke"]),
        row("POST", "/api/v1/bulk", &[])
            .body(json!({"operations": [{"op": "add_member", "resource": "customer:#1", "user": "greta"}]}))
            .takes(&["customers.users.add"]),
    ]
}

fn tenant() -> Vec<Row> {
    let issuer = attache_testkit::scene::issuer_id(1).to_string();
    let issuer = issuer.as_str();
    let terms = || json!({"issuer": "https://login.acme.example", "audience": "attache"});
    let role = json!({"kind": "customer", "label": "New"});
    vec![
        row("GET", "/api/v1/catalogue", &[]),
        row("PUT", "/api/v1/catalogue", &[])
            .body(catalogue())
            .takes(&["*"]),
        row("GET", "/api/v1/roles", &[]),
        row("GET", "/api/v1/roles/{role}", &["owner"]),
        row("PUT", "/api/v1/roles/{role}", &["new"])
            .body(role)
            .takes(&["*"]),
        row("DELETE", "/api/v1/roles/{role}", &["unused"]).takes(&["*"]),
        row("GET", "/api/v1/kinds", &[]),
        row("GET", "/api/v1/kinds/{kind}", &["customer"]),
        row("PUT", "/api/v1/kinds/{kind}", &["room"])
            .body(json!({"parents": ["customer"]}))
            .takes(&["*"]),
        row("DELETE", "/api/v1/kinds/{kind}", &["shed"]).takes(&["*"]),
        row("GET", "/api/v1/issuers", &[]).takes(&["tenants.issuers.list"]),
        row("POST", "/api/v1/issuers", &[])
            .body(terms())
            .takes(&["*"]),
        row("GET", "/api/v1/issuers/{issuer}", &[issuer]).takes(&["tenants.issuers.list"]),
        row("PUT", "/api/v1/issuers/{issuer}", &[issuer])
            .body(terms())
            .takes(&["*"]),
        row("DELETE", "/api/v1/issuers/{issuer}", &[issuer]).takes(&["*"]),
        row("GET", "/api/v1/issuers/{issuer}/keys", &[issuer]).takes(&["tenants.issuers.list"]),
        row("GET", "/api/v1/entries", &[]).takes(&["tenants.entries.list"]),
        row("GET", "/api/v1/entries/{revision}", &["1"]).takes(&["tenants.entries.list"]),
        row("POST", "/api/v1/import", &[])
            .files(FILES)
            .takes(&["*"]),
        row("GET", "/api/v1/imports/{import}", &[IMPORT]).takes(&["*"]),
        row("GET", "/api/v1/export", &[]).takes(&["*"]),
        // For the operator alone: no permission of a tenant's suffices.
        row("GET", "/api/v1/tenants", &[]).takes(&["*"]),
        row("POST", "/api/v1/tenants", &[])
            .body(json!({"slug": "initech"}))
            .takes(&["*"]),
        row("GET", "/api/v1/tenants/{tenant}", &["acme"]).takes(&["*"]),
        row("PATCH", "/api/v1/tenants/{tenant}", &["acme"])
            .body(json!({"slug": "acme-eu"}))
            .takes(&["*"]),
    ]
}

/// A catalogue that keeps all that is in use, as short as can be.
fn catalogue() -> Value {
    let mut catalogue = Catalogue::starting().unwrap();
    let in_use = [
        "admin",
        "customer-directory",
        "customer-reader",
        "chatbot-directory",
        "auditor",
        "reseller-agent",
        "owner",
        "cro",
        "manager",
        "agent",
        "viewer",
        "ChatbotOwner",
        "ChatbotEditor",
    ];
    catalogue
        .roles
        .retain(|role| in_use.contains(&role.name.as_str()));
    for role in &mut catalogue.roles {
        role.description.clear();
        role.permissions.truncate(1);
    }
    catalogue.permissions.clear();
    let own = [("glance", "customer"), ("exactly", "tenant")];
    for (number, (name, kind)) in (700..).zip(own) {
        let all = ["*".to_owned()];
        catalogue.roles.push(role(number, name, kind, &all));
    }
    serde_json::to_value(catalogue).unwrap()
}
