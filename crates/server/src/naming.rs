//! How things are named by people and programs: on the command line, in files,
//! in attache's own API.

use attache_core::command::SubjectRef;
use attache_core::{Locator, Ref};

/// A key or an id, or a number after `#`.
#[must_use]
pub fn reference(text: &str) -> Ref {
    let number = text
        .strip_prefix('#')
        .and_then(|number| number.parse().ok());
    number.map_or_else(|| Ref::text(text), Ref::Number)
}

/// A resource: `kind:name`, an id, or `tenant` for the root.
#[must_use]
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
#[must_use]
pub fn subject(text: &str) -> SubjectRef {
    match text.split_once(':') {
        Some(("user", name)) => SubjectRef::User(reference(name)),
        Some(("group", name)) => SubjectRef::Group(reference(name)),
        Some(("service", name)) => SubjectRef::Service(reference(name)),
        _ => SubjectRef::User(reference(text)),
    }
}
