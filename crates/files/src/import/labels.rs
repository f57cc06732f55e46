//! Names of things in reports and warnings.

use attache_core::id::{Key, Node, ResourceId};
use attache_core::model::{Parameters, Subject, SubjectId};
use attache_core::time::Expiry;
use attache_core::{Actor, Locator, State};

/// Returns a subject's type, key or number, and name: `user u17 Ana Sá`.
pub(super) fn subject(state: &State, id: SubjectId) -> Option<String> {
    let named = |noun: &str, key: Option<&Key>, number: u32, name: &str| {
        let key = key.map_or_else(|| format!("#{number}"), Key::to_string);
        match name.is_empty() || name == key {
            true => format!("{noun} {key}"),
            false => format!("{noun} {key} {name}"),
        }
    };
    Some(match state.subject(id)? {
        Subject::User(number) => {
            let user = state.user(number)?;
            named("user", user.key.as_ref(), number.0, &user.display_name())
        }
        Subject::Group(number) => {
            let group = &state.group_node(number)?.group;
            named("group", group.key.as_ref(), number.0, group.name.as_str())
        }
        Subject::Service(number) => {
            let service = &state.service_node(number)?.service;
            named(
                "service",
                service.key.as_ref(),
                number.0,
                service.name.as_str(),
            )
        }
    })
}

/// Returns a resource's kind, and its key or number: `customer:c3`; `tenant` for the
/// root.
pub(super) fn place(state: &State, id: ResourceId) -> Option<String> {
    state
        .find(&Locator::id(id))
        .map(|node| self::node(state, node))
}

/// Returns the name of an existing resource, as [`place`] does.
pub(super) fn node(state: &State, node: Node) -> String {
    match state.resource(node) {
        Some(_) if node == state.root() => "tenant".to_owned(),
        Some(resource) => match &resource.key {
            Some(key) => format!("{}:{key}", resource.kind),
            None => format!("{}:#{}", resource.kind, resource.number),
        },
        None => String::new(),
    }
}

/// Returns the name of an actor.
pub(super) fn actor(state: &State, actor: Actor) -> String {
    match actor {
        Actor::User(id) => {
            subject(state, SubjectId::User(id)).unwrap_or_else(|| "a user who is gone".to_owned())
        }
        Actor::Service(id) => subject(state, SubjectId::Service(id))
            .unwrap_or_else(|| "a service that is gone".to_owned()),
        Actor::Operator => "the operator".to_owned(),
        Actor::Attache => "attache".to_owned(),
    }
}

/// Returns the end of something: `without an end`, `until 2027-03-31T18:00:00.000Z`.
pub(super) fn until(end: Expiry) -> String {
    match end.instant() {
        Some(end) => format!("until {end}"),
        None => "without an end".to_owned(),
    }
}

/// Returns a role with its parameters: `InboxUser (inboxId=7)`.
pub(super) fn role(name: &str, with: &Parameters) -> String {
    match with.is_empty() {
        true => name.to_owned(),
        false => format!("{name} ({})", parameters(with)),
    }
}

/// Returns parameters as `name=value`, with commas in between.
pub(super) fn parameters(parameters: &Parameters) -> String {
    let pairs = parameters.iter();
    let pairs: Vec<String> = pairs
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    pairs.join(", ")
}
