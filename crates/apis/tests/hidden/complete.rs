//! Whether the table has every operation and every place where one names something: the
//! documents say which there are.

use std::collections::BTreeSet;

use attache_testkit::shape;
use attache_testkit::world::World;
use serde_json::Value;

use crate::table::{NAMELESS, OPERATIONS, Row, rows};

/// Parameters of a query that name things.
const NAMES_IN_QUERY: &[&str] = &[
    "actor",
    "group",
    "kind",
    "resource",
    "resellerId",
    "role",
    "subject",
    "user",
];
/// All others. `permission` is a pattern.
const OTHERS_IN_QUERY: &[&str] = &[
    "allow_mass_detach",
    "any_address",
    "at",
    "correlation_id",
    "cursor",
    "dry_run",
    "email",
    "expired",
    "external_auth_id",
    "fields",
    "for_spreadsheets",
    "from",
    "from_event",
    "inactive",
    "include",
    "key",
    "origin",
    "page_size",
    "permission",
    "query",
    "renumber",
    "replace",
    "sort",
    "strict",
    "status",
    "text",
    "to",
    "revision",
];
/// Properties of bodies that name things.
const NAMES_IN_BODIES: &[&str] = &[
    "group", "parent", "resource", "role", "service", "subject", "user", "userId", "user_ids",
    "users",
];
/// All others. Only those who hold everything send what describes the catalogue.
#[rustfmt::skip]
const OTHERS_IN_BODIES: &[&str] = &[
    "accepts_invitations", "action", "admin_email", "audience", "context", "description", "domains", "email",
    "email_verified", "evaluations", "evaluations_semantic", "expires_at", "external_auth_id",
    "finds_by", "first_login", "first_name", "from", "id", "issuer", "jwks", "key",
    "keys", "kind", "kinds", "label", "last_name", "limit", "members_from_parent", "members_may",
    "name", "number", "op", "operations", "options", "page", "parameters", "params", "parents",
    "permission", "permissions", "phone", "properties", "required", "roles", "scope", "scoped", "slug",
    "status", "subject_claim", "tenant_claim", "token", "token_type", "type", "url", "value",
];

/// An operation of a document.
struct Operation {
    name: String,
    in_query: BTreeSet<String>,
    in_body: BTreeSet<String>,
}

async fn operations(world: &World) -> Vec<Operation> {
    let mut all = Vec::new();
    for api in attache_apis::all() {
        let path = format!("/openapi/{}.json", api.name());
        let document = world.get(&path).send().await.json();
        let server = document["servers"][0]["url"].as_str().unwrap();
        for (path, item) in document["paths"].as_object().unwrap() {
            for (method, operation) in item.as_object().unwrap() {
                let method = method.to_uppercase();
                let front = server.trim_end_matches('/');
                let parameters = shape::parameters(operation).into_iter();
                let in_query = parameters.filter_map(|it| Some(it.strip_prefix("query ")?.into()));
                let schema = &operation["requestBody"]["content"]["application/json"]["schema"];
                let leaf = |path: String| path.rsplit('.').next().map(leaf_name);
                let properties = shape::properties(&document, schema).into_iter();
                all.push(Operation {
                    name: format!("{method} {front}{path}"),
                    in_query: in_query.collect(),
                    in_body: properties.filter_map(leaf).collect(),
                });
            }
        }
    }
    all
}

fn leaf_name(text: &str) -> String {
    text.trim_end_matches("[]").to_owned()
}

/// The parameters and properties of which a dialect says that they name nothing.
fn described(operation: &str) -> Vec<&'static str> {
    let dialects = attache_apis::dialects().into_iter();
    let own = dialects.filter(|it| operation.contains(&format!(" {}/", it.prefix)));
    own.flat_map(|it| it.nameless.iter().copied()).collect()
}

/// Whether a property of a body holds a place of a name.
fn names_something(body: &str, property: &str) -> bool {
    let begin = format!("\"{property}\": ");
    let value = body.split_once(&begin).map(|(_, value)| value);
    value.is_some_and(|value| {
        value.trim_start_matches(['"', '[']).starts_with('{') && !value.starts_with("{\"")
    })
}

fn rows_of(operation: &Operation) -> Vec<Row> {
    let is_its = |row: &Row| {
        let path = row.path.split('?').next().unwrap();
        operation.name == format!("{} {path}", row.method)
    };
    rows().into_iter().filter(is_its).collect()
}

#[tokio::test]
async fn every_operation_has_a_row_for_everything_that_it_names() {
    let world = World::new().await;
    let operations = operations(&world).await;
    assert!(operations.len() > 60, "{}", operations.len());
    for operation in &operations {
        let (rows, name) = (rows_of(operation), &operation.name);
        let is_nameless = NAMELESS.contains(&name.as_str());
        assert_ne!(
            rows.is_empty(),
            !is_nameless,
            "{name}: a row, or among the nameless"
        );
        let described = described(name);
        for parameter in &operation.in_query {
            let is_named = rows
                .iter()
                .any(|row| row.path.contains(&format!("{parameter}={{")));
            let names = is_named || NAMES_IN_QUERY.contains(&parameter.as_str());
            let others = [OTHERS_IN_QUERY, &described].concat();
            let known = names || others.contains(&parameter.as_str());
            assert!(known, "{name}: does {parameter} name something?");
            let has = |row: &Row| {
                let (_, query) = row.path.split_once('?').unwrap_or_default();
                let mut parts = query.split('&');
                parts.any(|it| it.starts_with(&format!("{parameter}={{")))
            };
            let is_required = names && !is_nameless;
            assert!(!is_required || rows.iter().any(has), "{name}: {parameter}");
        }
        for property in &operation.in_body {
            let is_named = rows.iter().any(|row| names_something(row.body, property));
            let names = is_named || NAMES_IN_BODIES.contains(&property.as_str());
            let others = [OTHERS_IN_BODIES, &described].concat();
            let known = names || others.contains(&property.as_str());
            assert!(known, "{name}: does {property} name something?");
            let has = |row: &Row| row.body.contains(&format!("\"{property}\": "));
            let is_required = names && !is_nameless;
            assert!(!is_required || rows.iter().any(has), "{name}: {property}");
        }
    }
    // No row is of an operation that is gone.
    let names: BTreeSet<&str> = operations.iter().map(|it| it.name.as_str()).collect();
    for name in NAMELESS {
        assert!(names.contains(name), "{name}");
    }
}

#[tokio::test]
async fn every_operation_of_a_bulk_has_a_row() {
    let world = World::new().await;
    let document = world.get("/openapi/attache.json").send().await.json();
    let operations = document["components"]["schemas"]["Operation"]["oneOf"].clone();
    let operations: Vec<Value> = operations.as_array().unwrap().clone();
    assert!(operations.len() >= 20);
    for operation in &operations {
        let operation = shape::resolved(&document, operation);
        let name = operation["properties"]["op"]["enum"][0].as_str().unwrap();
        let is_its = |row: &&&str| row.contains(&format!("\"op\": \"{name}\""));
        let rows: Vec<_> = OPERATIONS.iter().filter(is_its).collect();
        assert!(!rows.is_empty(), "{name}");
        let properties = shape::properties(&document, operation);
        for property in properties.iter().filter_map(|it| it.rsplit('.').next()) {
            let names = NAMES_IN_BODIES.contains(&property);
            let has = |row: &&&str| row.contains(&format!("\"{property}\": "));
            assert!(!names || rows.iter().any(has), "{name}: {property}");
        }
    }
}
