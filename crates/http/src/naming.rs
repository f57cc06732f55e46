//! How callers name things, and how answers name them, wherever an API's own document
//! does not decide it.

use std::borrow::Cow;
use std::fmt::Display;

use attache_core::command::SubjectRef;
use attache_core::id::{Key, Node};
use attache_core::model::{Resource, Subject};
use attache_core::{Locator, Ref, State};

/// Parses a key, an id, or `#` and a number.
pub fn reference(text: &str) -> Ref {
    Ref::text(text)
}

/// Parses the name of a resource: `kind:name`, an id, or `tenant` for the root.
pub fn locator(text: &str) -> Locator {
    let any_kind = |text| Locator {
        kind: None,
        reference: reference(text),
        under: None,
    };
    match text.split_once(':') {
        // An id as a URN (RFC 9562, 4).
        Some(("urn", rest)) if rest.starts_with("uuid:") => any_kind(text),
        Some((kind, name)) => Locator::of(kind, reference(name)),
        None if text == "tenant" => Locator::root(),
        None => any_kind(text),
    }
}

/// Parses the name of a subject: `user:name`, `group:name`, `service:name`, or a user's
/// name alone.
pub fn subject_ref(text: &str) -> SubjectRef {
    match text.split_once(':') {
        Some(("user", name)) => SubjectRef::User(reference(name)),
        Some(("group", name)) => SubjectRef::Group(reference(name)),
        Some(("service", name)) => SubjectRef::Service(reference(name)),
        _ => SubjectRef::User(reference(text)),
    }
}

/// Returns the user, group or service of a name. `None` for every other type.
pub fn subject(state: &State, kind: &str, name: &str) -> Option<Subject> {
    let name = reference(name);
    match kind {
        "user" => state.find_user(&name).map(Subject::User),
        "group" => state.find_group(&name).map(Subject::Group),
        "service" => state.find_service(&name).map(Subject::Service),
        _ => None,
    }
}

/// Returns the resource of a kind and name, visible to the caller or not.
pub fn node(state: &State, kind: &str, name: &str) -> Option<Node> {
    state.find(&Locator::of(kind, reference(name)))
}

/// Returns the key, or else the id. Keys of older versions that read as a number name
/// nothing, so these give the id too.
pub fn key_or_id(key: Option<&Key>, id: impl Display) -> Cow<'_, str> {
    match key.filter(|key| key.is_name()) {
        Some(key) => Cow::Borrowed(key.as_str()),
        None => Cow::Owned(id.to_string()),
    }
}

/// Returns the key of a resource, or else its id.
pub fn resource(resource: &Resource) -> Cow<'_, str> {
    key_or_id(resource.key.as_ref(), resource.id)
}

/// Returns a subject's type, and its key or else its id.
pub fn of_subject(state: &State, subject: Subject) -> Option<(&'static str, Cow<'_, str>)> {
    Some(match subject {
        Subject::User(number) => {
            let user = state.user(number)?;
            ("user", key_or_id(user.key.as_ref(), user.id))
        }
        Subject::Group(number) => {
            let group = &state.group_node(number)?.group;
            ("group", key_or_id(group.key.as_ref(), group.id))
        }
        Subject::Service(number) => {
            let service = &state.service_node(number)?.service;
            ("service", key_or_id(service.key.as_ref(), service.id))
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_text_names_nothing() {
        assert_ne!(locator(""), Locator::root());
        assert_eq!(locator("tenant"), Locator::root());
        assert_eq!(locator("").reference, Ref::text(""));
    }

    #[test]
    fn only_the_first_colon_ends_a_type() {
        assert_eq!(
            locator("customer:a:b"),
            Locator::of("customer", Ref::text("a:b"))
        );
        assert_eq!(
            subject_ref("group:user:ada"),
            SubjectRef::Group(Ref::text("user:ada"))
        );
        assert_eq!(
            subject_ref("auth0:ada"),
            SubjectRef::User(Ref::text("auth0:ada"))
        );
    }
}
