//! The fields of things in the report of a dry run.

use std::collections::BTreeMap;

use attache_core::catalogue::Catalogue;
use attache_core::id::Node;
use attache_core::model::{Email, Group, Name, Service, Subject, SubjectId, User};
use attache_core::state::ResourceNode;
use attache_core::{State, Timestamp};
use serde::Serialize;
use serde_json::Value;

use super::Change;
use crate::import::labels;

/// The names and values of a thing's fields. An empty field has an empty value.
pub(super) type Fields = Vec<(&'static str, String)>;

fn text(value: Option<impl ToString>) -> String {
    value.map(|value| value.to_string()).unwrap_or_default()
}

pub(super) fn of_user(user: &User) -> Fields {
    let name = |name: &Option<Name>| text(name.as_ref());
    vec![
        ("key", text(user.key.as_ref())),
        ("number", user.number.to_string()),
        ("first_name", name(&user.profile.first_name)),
        ("last_name", name(&user.profile.last_name)),
        (
            "email",
            text(user.profile.email.as_ref().map(Email::as_str)),
        ),
        ("phone", name(&user.profile.phone)),
        ("status", format!("{:?}", user.status).to_lowercase()),
        ("email_verified", user.facts.email_verified.to_string()),
        ("first_login", user.facts.first_login.to_string()),
        (
            "external_auth_id",
            text(user.facts.external_auth_id.as_ref()),
        ),
    ]
}

pub(super) fn of_group(group: &Group) -> Fields {
    vec![
        ("key", text(group.key.as_ref())),
        ("number", group.number.to_string()),
        ("name", group.name.to_string()),
    ]
}

pub(super) fn of_service(service: &Service) -> Fields {
    vec![
        ("key", text(service.key.as_ref())),
        ("number", service.number.to_string()),
        ("name", service.name.to_string()),
    ]
}

pub(super) fn of_resource(state: &State, node: &ResourceNode) -> Fields {
    vec![
        ("key", text(node.resource.key.as_ref())),
        ("number", node.resource.number.to_string()),
        ("name", node.resource.name.to_string()),
        (
            "parent",
            text(node.parent.map(|parent| resource_name(state, parent))),
        ),
    ]
}

/// Returns the fields of a new thing, on one line.
pub(super) fn listed(fields: &Fields) -> String {
    let filled = fields.iter().filter(|(_, value)| !value.is_empty());
    let shown: Vec<String> = filled
        .map(|(name, value)| format!("{name}: {value}"))
        .collect();
    shown.join(", ")
}

/// Returns the fields that differ, one line each.
pub(super) fn changed(old: &Fields, new: &Fields) -> Vec<String> {
    let pairs = old.iter().zip(new);
    let changed = pairs.filter(|((_, old), (_, new))| old != new);
    changed
        .map(|((name, old), (_, new))| change(name, old, new))
        .collect()
}

pub(super) fn change(name: &str, old: &str, new: &str) -> String {
    let shown = |value: &str| match value {
        "" => "(empty)".to_owned(),
        value => value.to_owned(),
    };
    format!("{name}: {} → {}", shown(old), shown(new))
}

/// Returns a resource, with its name in brackets.
pub(super) fn resource_name(state: &State, node: Node) -> String {
    match state.resource(node) {
        Some(_) if node == state.root() => "tenant".to_owned(),
        Some(resource) => format!("{} ({})", labels::node(state, node), resource.name),
        None => String::new(),
    }
}

/// Returns the key or number of a subject, with its name in brackets.
pub(super) fn known_as(state: &State, id: SubjectId) -> Option<String> {
    let named = |key: Option<String>, number: u32, name: &str| {
        let key = key.unwrap_or_else(|| format!("#{number}"));
        match name.is_empty() || name == key {
            true => key,
            false => format!("{key} ({name})"),
        }
    };
    Some(match state.subject(id)? {
        Subject::User(number) => {
            let user = state.user(number)?;
            let key = user.key.as_ref().map(ToString::to_string);
            named(key, number.0, &user.display_name())
        }
        Subject::Group(number) => {
            let group = &state.group_node(number)?.group;
            let key = group.key.as_ref().map(ToString::to_string);
            format!("group {}", named(key, number.0, group.name.as_str()))
        }
        Subject::Service(number) => {
            let service = &state.service_node(number)?.service;
            let key = service.key.as_ref().map(ToString::to_string);
            format!("service {}", named(key, number.0, service.name.as_str()))
        }
    })
}

pub(super) fn end(expires_at: Option<Timestamp>) -> String {
    expires_at.map_or_else(|| "never".to_owned(), |end| end.to_string())
}

pub(super) fn until(expires_at: Option<Timestamp>) -> String {
    expires_at
        .map(|end| format!(", until {end}"))
        .unwrap_or_default()
}

/// Returns the differences between two catalogues. Roles of the root's kind concern the
/// root.
pub(super) fn of_catalogues(old: &Catalogue, new: &Catalogue) -> Vec<Change> {
    let is_root = |name: &str| {
        let of_root = |catalogue: &Catalogue| {
            let role = catalogue.role(name);
            role.is_some_and(|role| role.kind.as_str() == attache_core::catalogue::ROOT_KIND)
        };
        of_root(old) || of_root(new)
    };
    let named = |what: &str, old: BTreeMap<String, Value>, new: BTreeMap<String, Value>| {
        let mut lines = Vec::new();
        for (name, was) in &old {
            match new.get(name) {
                None => lines.push((name.clone(), format!("{what} removed: {name}"), Vec::new())),
                Some(is) if is != was => {
                    let text = format!("{what} changed: {name}");
                    lines.push((name.clone(), text, of_values(was, is)));
                }
                Some(_) => {}
            }
        }
        for name in new.keys().filter(|name| !old.contains_key(*name)) {
            lines.push((name.clone(), format!("{what} added: {name}"), Vec::new()));
        }
        lines
    };
    let kinds = |catalogue: &Catalogue| by_name(&catalogue.kinds);
    let roles = |catalogue: &Catalogue| by_name(&catalogue.roles);
    let permissions = |catalogue: &Catalogue| by_name(&catalogue.permissions);
    let change = |concerns_root, text, details| Change {
        text,
        details,
        concerns_root,
    };
    let roles = named("role", roles(old), roles(new)).into_iter();
    let roles = roles.map(|(name, text, details)| change(is_root(&name), text, details));
    let others = named("kind", kinds(old), kinds(new))
        .into_iter()
        .chain(named("permission", permissions(old), permissions(new)));
    let others = others.map(|(_, text, details)| change(false, text, details));
    roles.chain(others).collect()
}

fn by_name(things: &[impl Serialize]) -> BTreeMap<String, Value> {
    let values = things
        .iter()
        .filter_map(|thing| serde_json::to_value(thing).ok());
    values.map(|value| (plain(&value["name"]), value)).collect()
}

fn of_values(old: &Value, new: &Value) -> Vec<String> {
    let (Some(old), Some(new)) = (old.as_object(), new.as_object()) else {
        return Vec::new();
    };
    let names = old
        .keys()
        .chain(new.keys().filter(|name| !old.contains_key(*name)));
    let value = |of: Option<&Value>| of.map(plain).unwrap_or_default();
    let pairs = names.map(|name| (name, value(old.get(name)), value(new.get(name))));
    pairs
        .filter(|(_, old, new)| old != new)
        .map(|(name, old, new)| change(name, &old, &new))
        .collect()
}

fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(values) => values.iter().map(plain).collect::<Vec<_>>().join(", "),
        other => other.to_string(),
    }
}
