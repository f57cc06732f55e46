//! How each operation is asked for, with the places where it names something. Those of
//! the dialects are the examples and variants of their descriptions.

use attache_apis::dialects;
use attache_http::description::{self, Example, Name, Of};

use crate::names::{Kind, Style};

/// A request in which names are missing: `{user}` stands for one.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Row {
    pub(crate) method: &'static str,
    /// As the document has it, and perhaps a query.
    pub(crate) path: &'static str,
    /// "" for none. As JSON.
    pub(crate) body: &'static str,
    /// The places of a dialect's row. All others have those of `SLOTS`.
    names: Option<&'static [Name]>,
    /// The permissions that it takes, where a description says so.
    pub(crate) needs: &'static [&'static str],
}

impl Row {
    /// The places where it names something.
    pub(crate) fn slots(&self) -> Vec<Slot> {
        let slots: Vec<Slot> = match self.names {
            Some(names) => names.iter().map(slot_of).collect(),
            None => SLOTS.to_vec(),
        };
        let is_in = |slot: &Slot| {
            let place = format!("{{{}}}", slot.name);
            self.path.contains(&place) || self.body.contains(&place)
        };
        slots.into_iter().filter(is_in).collect()
    }

    /// What a row of a dialect names, where it is not a hidden thing.
    pub(crate) fn names(&self) -> &'static [Name] {
        self.names.unwrap_or_default()
    }
}

/// Every row: of attache's own API, of AuthZEN, of the dialects.
pub(crate) fn rows() -> Vec<Row> {
    let examples = dialects().into_iter().flat_map(|dialect| {
        let examples = dialect.examples.iter();
        examples.chain(dialect.variants)
    });
    let rows = examples.map(|example: &Example| Row {
        method: example.method,
        path: example.path,
        body: example.body,
        names: Some(example.names),
        needs: example.needs,
    });
    ROWS.iter().copied().chain(rows).collect()
}

fn slot_of(name: &Name) -> Slot {
    let is_of: fn(Kind) -> bool = match name.of {
        Of::Reseller => |it| it == Kind::Resource("reseller"),
        Of::Customer => |it| it == Kind::Resource("customer"),
        Of::Workspace => |it| it == Kind::Resource("workspace"),
        Of::Chatbot => |it| it == Kind::Resource("chatbot"),
        Of::Member(_) | Of::Stranger(_) => |it| it == Kind::User,
        Of::Role(_) => |it| it == Kind::Role,
    };
    let style = match name.style {
        description::Style::Number => Style::Number,
        description::Style::Uuid => Style::Uuid,
        description::Style::Reference => Style::Reference,
    };
    slot(name.slot, style, is_of)
}

/// A place of a name in a row: what it is called, what it may name, and how.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Slot {
    pub(crate) name: &'static str,
    pub(crate) style: Style,
    pub(crate) is_of: fn(Kind) -> bool,
}

const fn slot(name: &'static str, style: Style, is_of: fn(Kind) -> bool) -> Slot {
    Slot { name, style, is_of }
}

fn is_subject(kind: Kind) -> bool {
    matches!(kind, Kind::User | Kind::Group | Kind::Service)
}

const SLOTS: &[Slot] = &[
    slot("resource", Style::Locator, |it| {
        matches!(it, Kind::Resource(_))
    }),
    slot("user", Style::Reference, |it| it == Kind::User),
    slot("group", Style::Reference, |it| it == Kind::Group),
    slot("service", Style::Reference, |it| it == Kind::Service),
    slot("subject", Style::Subject, is_subject),
    slot("grant", Style::Reference, |it| it == Kind::Grant),
    slot("token", Style::Reference, |it| it == Kind::Token),
    slot("issuer", Style::Reference, |it| it == Kind::Issuer),
    slot("role", Style::Reference, |it| it == Kind::Role),
    slot("kind", Style::Reference, |it| it == Kind::OfResources),
    slot("revision", Style::Reference, |it| it == Kind::Revision),
    slot("tenant", Style::Reference, |it| it == Kind::Tenant),
    slot("entity", Style::Entity, |it| {
        matches!(it, Kind::Resource(_))
    }),
    slot("who", Style::Entity, is_subject),
];

pub(crate) const fn row(method: &'static str, path: &'static str, body: &'static str) -> Row {
    Row {
        method,
        path,
        body,
        names: None,
        needs: &[],
    }
}

const TRUST: &str = r#"{"issuer": "https://four.example", "audience": "attache"}"#;
const TIME: &str = r#"{"expires_at": "2030-01-01T00:00:00Z"}"#;
const PAST: &str = r#"{"expires_at": "2020-01-01T00:00:00Z"}"#;

#[rustfmt::skip]
const ROWS: &[Row] = &[
    row("GET", "/api/v1/users/{user}", ""),
    row("PATCH", "/api/v1/users/{user}", r#"{"first_name": "X"}"#),
    row("PUT", "/api/v1/users/{user}", r#"{"first_name": "X"}"#),
    row("DELETE", "/api/v1/users/{user}", ""),
    row("GET", "/api/v1/users/{user}/invitation", ""),
    row("POST", "/api/v1/users/{user}/invitation", ""),
    row("POST", "/api/v1/users/{user}/invitation", PAST),
    row("DELETE", "/api/v1/users/{user}/invitation", ""),
    row("GET", "/api/v1/users/{user}/resources", ""),
    row("GET", "/api/v1/users/{user}/resources?kind={kind}", ""),
    row("GET", "/api/v1/groups?user={user}", ""),
    row("GET", "/api/v1/groups/{group}", ""),
    row("PATCH", "/api/v1/groups/{group}", r#"{"name": "X"}"#),
    row("DELETE", "/api/v1/groups/{group}", ""),
    row("GET", "/api/v1/groups/{group}/users", ""),
    row("GET", "/api/v1/groups/{group}/users/{user}", ""),
    row("PUT", "/api/v1/groups/{group}/users/{user}", ""),
    row("DELETE", "/api/v1/groups/{group}/users/{user}", ""),
    row("GET", "/api/v1/services/{service}", ""),
    row("PATCH", "/api/v1/services/{service}", r#"{"name": "X"}"#),
    row("DELETE", "/api/v1/services/{service}", ""),
    row("GET", "/api/v1/services/{service}/tokens", ""),
    row("POST", "/api/v1/services/{service}/tokens", "{}"),
    row("POST", "/api/v1/services/{service}/tokens", PAST),
    row("GET", "/api/v1/services/{service}/tokens/{token}", ""),
    row("DELETE", "/api/v1/services/{service}/tokens/{token}", ""),
    row("GET", "/api/v1/resources?kind={kind}", ""),
    row("POST", "/api/v1/resources", r#"{"kind": "workspace", "parent": "{resource}", "name": "X"}"#),
    row("POST", "/api/v1/resources", r#"{"kind": "{kind}", "parent": "{resource}", "name": "X"}"#),
    row("GET", "/api/v1/resources/{resource}", ""),
    row("PATCH", "/api/v1/resources/{resource}", r#"{"name": "X"}"#),
    row("DELETE", "/api/v1/resources/{resource}", ""),
    row("GET", "/api/v1/resources/{resource}/children", ""),
    row("GET", "/api/v1/resources/{resource}/children?kind={kind}", ""),
    row("GET", "/api/v1/resources/{resource}/ancestors", ""),
    row("POST", "/api/v1/resources/{resource}/move", r#"{"parent": "tenant"}"#),
    row("POST", "/api/v1/resources/workspace:%2350/move", r#"{"parent": "{resource}"}"#),
    row("GET", "/api/v1/resources/{resource}/members", ""),
    row("GET", "/api/v1/resources/{resource}/members?include=effective", ""),
    row("GET", "/api/v1/resources/{resource}/members?role={role}", ""),
    row("GET", "/api/v1/resources/{resource}/members?group={group}", ""),
    row("PUT", "/api/v1/resources/{resource}/members", r#"{"users": ["{user}"]}"#),
    row("PUT", "/api/v1/resources/{resource}/members?dry_run=true", r#"{"users": ["{user}"]}"#),
    row("PUT", "/api/v1/resources/{resource}/members?dry_run=true", r#"{"users": ["nobody-1", "{user}", "nobody-2"]}"#),
    row("GET", "/api/v1/resources/{resource}/members/{user}", ""),
    row("PUT", "/api/v1/resources/{resource}/members/{user}", TIME),
    row("PUT", "/api/v1/resources/{resource}/members/{user}", PAST),
    row("DELETE", "/api/v1/resources/{resource}/members/{user}", ""),
    row("GET", "/api/v1/resources/{resource}/grants", ""),
    row("GET", "/api/v1/resources/{resource}/grants?subject={subject}", ""),
    row("GET", "/api/v1/resources/{resource}/grants?role={role}", ""),
    row("POST", "/api/v1/resources/{resource}/grants", r#"{"subject": "{subject}", "role": "{a_role}"}"#),
    row("POST", "/api/v1/resources/{resource}/grants", r#"{"subject": "user:#12", "role": "{role}"}"#),
    row("GET", "/api/v1/resources/{resource}/grants/{grant}", ""),
    row("DELETE", "/api/v1/resources/{resource}/grants/{grant}", ""),
    row("GET", "/api/v1/grants?subject={subject}", ""),
    row("GET", "/api/v1/grants?subject={subject}&role={role}", ""),
    row("GET", "/api/v1/roles?kind={kind}", ""),
    row("GET", "/api/v1/roles/{role}", ""),
    row("PUT", "/api/v1/roles/{role}", r#"{"kind": "customer", "label": "X"}"#),
    row("DELETE", "/api/v1/roles/{role}", ""),
    row("GET", "/api/v1/kinds/{kind}", ""),
    row("PUT", "/api/v1/kinds/{kind}", r#"{"parents": ["tenant"]}"#),
    row("DELETE", "/api/v1/kinds/{kind}", ""),
    row("GET", "/api/v1/issuers/{issuer}", ""),
    row("PUT", "/api/v1/issuers/{issuer}", TRUST),
    row("DELETE", "/api/v1/issuers/{issuer}", ""),
    row("GET", "/api/v1/issuers/{issuer}/keys", ""),
    row("GET", "/api/v1/entries?resource={resource}", ""),
    row("GET", "/api/v1/entries?subject={subject}", ""),
    row("GET", "/api/v1/entries?actor={subject}", ""),
    row("GET", "/api/v1/entries?on_behalf_of={user}", ""),
    row("GET", "/api/v1/entries?approved_by={user}", ""),
    row("GET", "/api/v1/entries/{revision}", ""),
    row("GET", "/api/v1/tenants/{tenant}", ""),
    row("PATCH", "/api/v1/tenants/{tenant}", r#"{"slug": "x"}"#),

    row("POST", "/access/v1/evaluation", r#"{"subject": {self}, "action": {"name": "customers.view"}, "resource": {entity}}"#),
    row("POST", "/access/v1/evaluation", r#"{"subject": {who}, "action": {"name": "customers.view"}, "resource": {entity}}"#),
    row("POST", "/access/v1/evaluations", r#"{"subject": {self}, "action": {"name": "customers.view"}, "resource": {entity}}"#),
    row("POST", "/access/v1/evaluations", r#"{"subject": {self}, "action": {"name": "a.b"}, "evaluations": [{"resource": {entity}}, {"resource": {"type": "customer", "id": "x"}}]}"#),
    row("POST", "/access/v1/evaluations", r#"{"action": {"name": "a.b"}, "evaluations": [{"subject": {who}, "resource": {entity}}], "options": {"evaluations_semantic": "permit_on_first_permit"}}"#),
    row("POST", "/api/v1/explain", r#"{"subject": "{me}", "permission": "customers.view", "resource": "{resource}"}"#),
    row("POST", "/api/v1/explain", r#"{"subject": "{subject}", "permission": "customers.view", "resource": "{resource}"}"#),
    row("POST", "/access/v1/search/subject", r#"{"subject": {"type": "user"}, "action": {"name": "customers.view"}, "resource": {entity}}"#),
    row("POST", "/access/v1/search/resource", r#"{"subject": {who}, "action": {"name": "customers.view"}, "resource": {"type": "customer"}}"#),
    row("POST", "/access/v1/search/action", r#"{"subject": {self}, "resource": {entity}}"#),
    row("POST", "/access/v1/search/action", r#"{"subject": {who}, "resource": {entity}}"#),
];

/// The operations of a bulk, each as it stands in one.
#[rustfmt::skip]
pub(crate) const OPERATIONS: &[&str] = &[
    r#"{"op": "change_user", "user": "{user}", "first_name": "X"}"#,
    r#"{"op": "put_user", "user": "{user}", "first_name": "X"}"#,
    r#"{"op": "remove_user", "user": "{user}"}"#,
    r#"{"op": "change_group", "group": "{group}", "name": "X"}"#,
    r#"{"op": "remove_group", "group": "{group}"}"#,
    r#"{"op": "add_group_user", "group": "{group}", "user": "{user}"}"#,
    r#"{"op": "remove_group_user", "group": "{group}", "user": "{user}"}"#,
    r#"{"op": "change_service", "service": "{service}", "name": "X"}"#,
    r#"{"op": "remove_service", "service": "{service}"}"#,
    r#"{"op": "add_resource", "kind": "workspace", "parent": "{resource}", "name": "X"}"#,
    r#"{"op": "change_resource", "resource": "{resource}", "name": "X"}"#,
    r#"{"op": "move_resource", "resource": "{resource}", "parent": "tenant"}"#,
    r##"{"op": "move_resource", "resource": "workspace:#50", "parent": "{resource}"}"##,
    r#"{"op": "remove_resource", "resource": "{resource}"}"#,
    r#"{"op": "add_member", "resource": "{resource}", "user": "{user}"}"#,
    r#"{"op": "add_member", "resource": "{resource}", "user": "{user}", "expires_at": "2020-01-01T00:00:00Z"}"#,
    r#"{"op": "change_member", "resource": "{resource}", "user": "{user}", "expires_at": "2030-01-01T00:00:00Z"}"#,
    r#"{"op": "change_member", "resource": "{resource}", "user": "{user}", "expires_at": "2020-01-01T00:00:00Z"}"#,
    r#"{"op": "remove_member", "resource": "{resource}", "user": "{user}"}"#,
    r#"{"op": "grant", "resource": "{resource}", "subject": "{subject}", "role": "{a_role}"}"#,
    r##"{"op": "grant", "resource": "{resource}", "subject": "user:#12", "role": "{role}"}"##,
    r#"{"op": "revoke", "resource": "{resource}", "subject": "{subject}", "role": "{a_role}"}"#,
    r##"{"op": "revoke", "resource": "{resource}", "subject": "user:#12", "role": "{role}"}"##,
    r#"{"op": "add_user", "first_name": "X"}"#,
    r#"{"op": "add_group", "name": "X"}"#,
    r#"{"op": "add_service", "name": "X"}"#,
];

/// Operations that name nothing that is there.
pub(crate) const NAMELESS: &[&str] = &[
    "GET /api/v1/me",
    "GET /api/v1/users",
    "POST /api/v1/users",
    "POST /api/v1/groups",
    "GET /api/v1/services",
    "POST /api/v1/services",
    "GET /api/v1/catalogue",
    "PUT /api/v1/catalogue",
    "GET /api/v1/kinds",
    "GET /api/v1/issuers",
    "POST /api/v1/issuers",
    "GET /api/v1/tenants",
    "POST /api/v1/tenants",
    // Its token names an invitation, and is no name of a thing.
    "POST /api/v1/invitations/accept",
    // Its operations have rows of their own.
    "POST /api/v1/bulk",
    // For callers that hold everything. An import is shown to its own caller too.
    "POST /api/v1/import",
    "GET /api/v1/imports/{import}",
    "GET /api/v1/export",
    "GET /.well-known/authzen-configuration",
];
