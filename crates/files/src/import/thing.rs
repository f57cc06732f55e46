//! The things that rows describe and name: users, groups, services, resources.

use std::borrow::Cow;

use attache_core::id::Key;
use attache_core::{Locator, Ref, State};
use uuid::Uuid;

/// A type of things. For resources, the kind is part of it, since keys and numbers are
/// unique within a kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum What<'a> {
    User,
    Group,
    Service,
    Resource(&'a str),
}

/// A thing of the tenant.
#[derive(Clone, Debug)]
pub(super) struct Thing<'s> {
    pub(super) id: Uuid,
    pub(super) number: u32,
    pub(super) key: Option<&'s Key>,
    name: String,
    email: Option<String>,
}

/// Returns the number in a name such as `#7`.
pub(super) fn number_of(name: &Ref) -> Option<u32> {
    let text = match name {
        Ref::Number(number) => return Some(*number),
        Ref::Text(text) => text.strip_prefix('#')?,
        _ => return None,
    };
    let is_plain = text.bytes().all(|it| it.is_ascii_digit()) && !text.starts_with('0');
    is_plain.then(|| text.parse().ok()).flatten()
}

impl<'a> What<'a> {
    pub(super) fn noun(self) -> &'a str {
        match self {
            Self::User => "user",
            Self::Group => "group",
            Self::Service => "service",
            Self::Resource(kind) => kind,
        }
    }

    /// Returns the name of the space in which its numbers are unique.
    pub(super) fn space(self) -> Cow<'static, str> {
        match self {
            Self::User => "user".into(),
            Self::Group => "group".into(),
            Self::Service => "service".into(),
            Self::Resource(kind) => format!("resource {kind}").into(),
        }
    }

    /// Returns the key that a row gives to the thing with an id; `None` if the thing has it already, in
    /// whichever spelling.
    pub(super) fn new_key(self, state: &State, id: Uuid, key: Option<&Key>) -> Option<Key> {
        let now = self.find(state, &Ref::Id(id)).and_then(|it| it.key);
        let is_so = |key: &&Key| now.is_some_and(|now| now.is(key.as_str()));
        key.filter(|key| !is_so(key)).cloned()
    }

    /// Returns the thing with a name.
    pub(super) fn find<'s>(self, state: &'s State, name: &Ref) -> Option<Thing<'s>> {
        match self {
            Self::User => {
                let user = state.user(state.find_user(name)?)?;
                Some(Thing {
                    id: user.id.0,
                    number: user.number.0,
                    key: user.key.as_ref(),
                    name: user.profile.full_name(),
                    email: user.profile.email.as_ref().map(ToString::to_string),
                })
            }
            Self::Group => {
                let group = &state.group_node(state.find_group(name)?)?.group;
                Some(Thing {
                    id: group.id.0,
                    number: group.number.0,
                    key: group.key.as_ref(),
                    name: group.name.to_string(),
                    email: None,
                })
            }
            Self::Service => {
                let service = &state.service_node(state.find_service(name)?)?.service;
                Some(Thing {
                    id: service.id.0,
                    number: service.number.0,
                    key: service.key.as_ref(),
                    name: service.name.to_string(),
                    email: None,
                })
            }
            Self::Resource(kind) => {
                let node = state.find(&Locator::of(kind, name.clone()))?;
                let resource = state.resource(node)?;
                Some(Thing {
                    id: resource.id.0,
                    number: resource.number.0,
                    key: resource.key.as_ref(),
                    name: resource.name.to_string(),
                    email: None,
                })
            }
        }
    }
}

impl Thing<'_> {
    /// Returns whether the thing has this display name.
    pub(super) fn is_called(&self, name: &str) -> bool {
        self.name == name
    }

    /// Describes the thing for people: a user Grace Hill (key grace, #1,
    /// grace@acme.example).
    pub(super) fn described(&self, what: What<'_>) -> String {
        let number = format!("#{}", self.number);
        let key = self.key.map(|key| format!("key {key}"));
        let details = [key, Some(number), self.email.clone()];
        described(what, &self.name, details)
    }
}

pub(super) fn described<const N: usize>(
    what: What<'_>,
    name: &str,
    details: [Option<String>; N],
) -> String {
    let details: Vec<String> = details.into_iter().flatten().collect();
    let details = details.join(", ");
    match (name.is_empty(), details.is_empty()) {
        (false, false) => format!("{} {name} ({details})", what.noun()),
        (true, false) => format!("{} ({details})", what.noun()),
        (false, true) => format!("{} {name}", what.noun()),
        (true, true) => format!("a {} without a name", what.noun()),
    }
}
