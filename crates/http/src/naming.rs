//! How callers name things, and how things are named to them: the one place
//! that says so for what does not fix it by itself, as a dialect's document does.

use std::borrow::Cow;
use std::fmt::Display;

use attache_core::catalogue::KindName;
use attache_core::command::SubjectRef;
use attache_core::id::{Key, Node};
use attache_core::model::{Resource, Subject};
use attache_core::{Locator, Ref, State};

/// A key or an id, or a number after `#`.
pub fn reference(text: &str) -> Ref {
    let number = text
        .strip_prefix('#')
        .and_then(|number| number.parse().ok());
    number.map_or_else(|| Ref::text(text), Ref::Number)
}

/// A resource: `kind:name`, an id, or `tenant` for the root.
pub fn locator(text: &str) -> Locator {
    match text.split_once(':') {
        Some((kind, name)) => Locator::of(kind, reference(name)),
        None if text == "tenant" || text.is_empty() => Locator::root(),
        None => Locator {
            kind: None,
            reference: reference(text),
            under: None,
        },
    }
}

/// `user:name`, `group:name`, `service:name`, or a user's name alone.
pub fn subject_ref(text: &str) -> SubjectRef {
    match text.split_once(':') {
        Some(("user", name)) => SubjectRef::User(reference(name)),
        Some(("group", name)) => SubjectRef::Group(reference(name)),
        Some(("service", name)) => SubjectRef::Service(reference(name)),
        _ => SubjectRef::User(reference(text)),
    }
}

/// What a text may name, in the order in which it is looked up: a key, then an
/// id, then, if it is all digits, a number.
pub fn any(text: &str) -> impl Iterator<Item = Ref> {
    let digits = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    let number = digits.then(|| text.parse().ok()).flatten();
    // The core looks a text up as a key and then as an id.
    [Ref::text(text)].into_iter().chain(number.map(Ref::Number))
}

/// The user, group or service of that name. None for every other type.
pub fn subject(state: &State, kind: &str, name: &str) -> Option<Subject> {
    any(name).find_map(|name| match kind {
        "user" => state.find_user(&name).map(Subject::User),
        "group" => state.find_group(&name).map(Subject::Group),
        "service" => state.find_service(&name).map(Subject::Service),
        _ => None,
    })
}

/// The resource of that kind and name, whether or not anybody may see it.
pub fn node(state: &State, kind: &str, name: &str) -> Option<Node> {
    any(name).find_map(|reference| {
        state.find(&Locator {
            kind: Some(KindName::from(kind)),
            reference,
            under: None,
        })
    })
}

/// The key where there is one, else the id.
pub fn key_or_id(key: Option<&Key>, id: impl Display) -> Cow<'_, str> {
    match key {
        Some(key) => Cow::Borrowed(key.as_str()),
        None => Cow::Owned(id.to_string()),
    }
}

/// A resource: its key where there is one, else its id.
pub fn resource(resource: &Resource) -> Cow<'_, str> {
    key_or_id(resource.key.as_ref(), resource.id)
}

/// A subject's type, and its key where there is one, else its id.
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
    fn digits_may_be_a_number_too() {
        let tries = |text: &str| any(text).collect::<Vec<_>>();
        assert_eq!(tries("7"), [Ref::text("7"), Ref::Number(7)]);
        for text in ["", "seven", "-7", "+7", "7 ", "٧", "99999999999"] {
            assert_eq!(tries(text), [Ref::text(text)], "{text}");
        }
    }
}
