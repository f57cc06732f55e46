//! The rows of each file.

use std::borrow::Cow;
use std::collections::HashMap;

use attache_core::id::{Key, Node};
use attache_core::model::{Email, Grant, GrantKey, Name, Parameters, Subject};
use attache_core::state::ResourceNode;
use attache_core::{State, Timestamp};

use super::Target;
use crate::cli::CliError;
use crate::cli::import::{AS_IS, EXTERNAL_AUTH_ID};

type Cell<'a> = Cow<'a, str>;

/// A name by which `attache import` finds a thing again: its key, or its id
/// where it has none or one that reads like a number.
fn named(key: Option<&Key>, id: uuid::Uuid) -> String {
    match key {
        Some(key) if key.is_name() => key.to_string(),
        _ => id.to_string(),
    }
}

fn key(key: Option<&Key>) -> Cell<'_> {
    key.map(Key::as_str).unwrap_or_default().into()
}

fn name(name: Option<&Name>) -> Cell<'_> {
    name.map(Name::as_str).unwrap_or_default().into()
}

fn time(time: Option<Timestamp>) -> Cell<'static> {
    time.map(|time| time.to_string()).unwrap_or_default().into()
}

/// The names of those columns of a row whose cells could not be new values.
#[derive(Default)]
struct Odd(Vec<&'static str>);

impl Odd {
    fn key(mut self, state: &State, key: Option<&Key>) -> Self {
        let is_new = |key: &&Key| state.check_new_key(key).is_ok();
        if key.is_some_and(|key| !is_new(&key)) {
            self.0.push("key");
        }
        self
    }

    fn name(mut self, column: &'static str, name: Option<&Name>) -> Self {
        let is_new = |name: &&Name| Name::new(name.as_str()).as_ref() == Ok(*name);
        if name.is_some_and(|name| !is_new(&name)) {
            self.0.push(column);
        }
        self
    }

    fn email(mut self, email: Option<&Email>) -> Self {
        let is_new = |email: &&Email| Email::new(email.as_str()).as_ref() == Ok(*email);
        if email.is_some_and(|email| !is_new(&email)) {
            self.0.push("email");
        }
        self
    }

    fn external_auth_id(mut self, is_shared: bool) -> Self {
        if is_shared {
            self.0.push(EXTERNAL_AUTH_ID);
        }
        self
    }
}

/// Writes rows with a column for what could not be new, where there is any.
fn write<'r>(
    target: Target,
    head: &[&str],
    rows: impl Iterator<Item = (Vec<Cell<'r>>, Odd)> + Clone,
) -> Result<usize, CliError> {
    if rows.clone().all(|(_, odd)| odd.0.is_empty()) {
        return target.write(head, rows.map(|(row, _)| row));
    }
    let head: Vec<&str> = head.iter().copied().chain([AS_IS]).collect();
    let rows = rows.map(|(mut row, odd)| {
        row.push(odd.0.join(" ").into());
        row
    });
    target.write(&head, rows)
}

fn resource(state: &State, node: Node) -> String {
    match state.resource(node) {
        Some(_) if node == state.root() => "tenant".to_owned(),
        Some(found) => {
            let name = named(found.key.as_ref(), found.id.0);
            format!("{}:{name}", found.kind)
        }
        None => String::new(),
    }
}

/// All resources, by kind and number: in the same order wherever they are.
fn places(state: &State) -> Vec<(Node, &ResourceNode)> {
    let kinds = state
        .catalogue()
        .map(|catalogue| catalogue.kinds.as_slice());
    let position = |found: &ResourceNode| {
        let kinds = kinds.unwrap_or_default().iter();
        let mut names = kinds.map(|kind| &kind.name);
        names.position(|name| *name == found.resource.kind)
    };
    let mut places: Vec<_> = state.resources().collect();
    places.sort_by_cached_key(|(_, found)| (position(found), found.resource.number));
    places
}

pub(super) fn resources(state: &State, target: Target) -> Result<usize, CliError> {
    let mut nodes = places(state);
    nodes.retain(|(node, _)| *node != state.root());
    let rows = nodes.iter().map(|(_, found)| {
        let facts = &found.resource;
        let parent = found.parent.map(|parent| resource(state, parent));
        let row = vec![
            facts.kind.as_str().into(),
            key(facts.key.as_ref()),
            facts.number.to_string().into(),
            facts.name.as_str().into(),
            parent.unwrap_or_default().into(),
            facts.id.to_string().into(),
        ];
        let odd = Odd::default().key(state, facts.key.as_ref());
        (row, odd.name("name", Some(&facts.name)))
    });
    let head = ["kind", "key", "number", "name", "parent", "id"];
    write(target, &head, rows)
}

pub(super) fn users(state: &State, target: Target) -> Result<usize, CliError> {
    let users: Vec<_> = state.users().map(|row| &row.user).collect();
    let mut shared: HashMap<uuid::Uuid, bool> = HashMap::new();
    for id in users.iter().filter_map(|user| user.facts.external_auth_id) {
        let is_shared = shared.contains_key(&id);
        shared.insert(id, is_shared);
    }
    let rows = users.iter().map(|user| {
        let profile = &user.profile;
        let external = user.facts.external_auth_id;
        let is_shared = external.is_some_and(|id| shared.get(&id) == Some(&true));
        let email = profile.email.as_ref();
        let row = vec![
            key(user.key.as_ref()),
            user.number.to_string().into(),
            name(profile.first_name.as_ref()),
            name(profile.last_name.as_ref()),
            email.map(Email::as_str).unwrap_or_default().into(),
            name(profile.phone.as_ref()),
            format!("{:?}", user.status).to_lowercase().into(),
            user.facts.email_verified.to_string().into(),
            user.facts.first_login.to_string().into(),
            external.map(|id| id.to_string()).unwrap_or_default().into(),
            user.id.to_string().into(),
        ];
        let odd = Odd::default()
            .key(state, user.key.as_ref())
            .name("first_name", profile.first_name.as_ref())
            .name("last_name", profile.last_name.as_ref())
            .email(email)
            .name("phone", profile.phone.as_ref())
            .external_auth_id(is_shared);
        (row, odd)
    });
    let head = [
        "key",
        "number",
        "first_name",
        "last_name",
        "email",
        "phone",
        "status",
        "email_verified",
        "first_login",
        EXTERNAL_AUTH_ID,
        "id",
    ];
    write(target, &head, rows)
}

const NAMED: [&str; 4] = ["key", "number", "name", "id"];

pub(super) fn groups(state: &State, target: Target) -> Result<usize, CliError> {
    let groups: Vec<_> = state.groups().map(|row| &row.group).collect();
    let rows = groups.iter().map(|group| {
        let row = vec![
            key(group.key.as_ref()),
            group.number.to_string().into(),
            group.name.as_str().into(),
            group.id.to_string().into(),
        ];
        let odd = Odd::default().key(state, group.key.as_ref());
        (row, odd.name("name", Some(&group.name)))
    });
    write(target, &NAMED, rows)
}

pub(super) fn services(state: &State, target: Target) -> Result<usize, CliError> {
    let services: Vec<_> = state.services().map(|row| &row.service).collect();
    let rows = services.iter().map(|service| {
        let row = vec![
            key(service.key.as_ref()),
            service.number.to_string().into(),
            service.name.as_str().into(),
            service.id.to_string().into(),
        ];
        let odd = Odd::default().key(state, service.key.as_ref());
        (row, odd.name("name", Some(&service.name)))
    });
    write(target, &NAMED, rows)
}

pub(super) fn group_users(state: &State, target: Target) -> Result<usize, CliError> {
    let rows = state.groups().flat_map(|row| {
        let group = named(row.group.key.as_ref(), row.group.id.0);
        let users = row.users.keys().filter_map(|number| state.user(*number));
        users.map(move |user| {
            let user = named(user.key.as_ref(), user.id.0);
            vec![group.clone().into(), user.into()]
        })
    });
    target.write(&["group", "user"], rows)
}

pub(super) fn memberships(state: &State, at: Timestamp, target: Target) -> Result<usize, CliError> {
    let places = places(state).into_iter();
    let rows = places
        .filter(|(node, _)| *node != state.root())
        .flat_map(|(node, _)| {
            let place = resource(state, node);
            state.members(node, at).map(move |member| {
                let user = named(member.user().key.as_ref(), member.user().id.0);
                let expires_at = member.membership.expires_at().instant();
                vec![place.clone().into(), user.into(), time(expires_at)]
            })
        });
    target.write(&["resource", "user", "expires_at"], rows)
}

pub(super) fn grants(state: &State, at: Timestamp, target: Target) -> Result<usize, CliError> {
    let rows = places(state).into_iter().flat_map(|(node, found)| {
        let place = resource(state, node);
        let counts = |key: &GrantKey, grant: &Grant| {
            grant.expires_at().is_live(at)
                && match key.subject {
                    Subject::User(user) => state.is_member(node, user, at),
                    Subject::Group(_) | Subject::Service(_) => true,
                }
        };
        let grants = found
            .grants
            .iter()
            .filter(|(key, grant)| counts(key, grant));
        let mut grants: Vec<_> = grants
            .filter_map(|(key, grant)| Some((key, state.role(key.role)?.name.as_str(), grant)))
            .collect();
        grants.sort_by_key(|(key, role, _)| (key.subject, *role, &key.parameters));
        grants.into_iter().filter_map(move |(key, role, grant)| {
            Some(vec![
                subject(state, key.subject)?.into(),
                role.into(),
                place.clone().into(),
                parameters(&key.parameters).into(),
                time(grant.expires_at().instant()),
            ])
        })
    });
    target.write(
        &["subject", "role", "resource", "parameters", "expires_at"],
        rows,
    )
}

/// `name=value`, or JSON where that would be read otherwise.
fn parameters(parameters: &Parameters) -> String {
    let plain = |text: &str| !text.contains([';', '=', '{']) && text.trim() == text;
    let is_plain = parameters
        .iter()
        .all(|(name, value)| plain(name) && !name.is_empty() && plain(value));
    if is_plain {
        let all: Vec<String> = parameters
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        return all.join(";");
    }
    // Fails only for a map whose keys are not texts.
    serde_json::to_string(parameters).unwrap_or_default()
}

fn subject(state: &State, subject: Subject) -> Option<String> {
    Some(match subject {
        Subject::User(number) => {
            let user = state.user(number)?;
            format!("user:{}", named(user.key.as_ref(), user.id.0))
        }
        Subject::Group(number) => {
            let group = &state.group_node(number)?.group;
            format!("group:{}", named(group.key.as_ref(), group.id.0))
        }
        Subject::Service(number) => {
            let service = &state.service_node(number)?.service;
            format!("service:{}", named(service.key.as_ref(), service.id.0))
        }
    })
}
