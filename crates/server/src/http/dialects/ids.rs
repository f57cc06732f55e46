//! How ids are shown and read on the wire.

use std::fmt::Display;

use attache_core::id::Key;
use attache_core::model::{Resource, User};
use attache_core::{Actor, State};
use uuid::Uuid;

/// The key where there is one, else the id.
pub(super) fn key_or_id(key: Option<&Key>, id: impl Display) -> String {
    key.map_or_else(|| id.to_string(), Key::to_string)
}

/// For a wire that wants UUIDs: the key where it is one, since then another
/// system knows the thing by it, else the id.
pub(super) fn uuid(key: Option<&Key>, id: Uuid) -> Uuid {
    key.and_then(|key| Uuid::parse_str(key.as_str()).ok())
        .unwrap_or(id)
}

/// A user, as a UUID.
pub(super) fn user_uuid(user: &User) -> Uuid {
    uuid(user.key.as_ref(), user.id.0)
}

/// A resource: its key where there is one, else its id.
pub(super) fn resource(resource: &Resource) -> String {
    key_or_id(resource.key.as_ref(), resource.id)
}

/// Who did something, as a UUID. None for the operator and for attache itself.
pub(super) fn actor_uuid(state: &State, actor: Actor) -> Option<Uuid> {
    use attache_core::reference::Ref;
    match actor {
        Actor::User(id) => {
            let known = state
                .find_user(&Ref::Id(id.0))
                .and_then(|number| state.user(number));
            Some(known.map_or(id.0, user_uuid))
        }
        Actor::Service(id) => Some(id.0),
        Actor::Operator | Actor::Attache => None,
    }
}

/// The id of the user that a wire shows as this UUID; the UUID itself if it
/// shows none.
pub(super) fn user_id(state: &State, shown: Uuid) -> Uuid {
    let text = attache_core::Ref::text(&shown.hyphenated().to_string());
    let known = state.find_user(&text).and_then(|number| state.user(number));
    known.map_or(shown, |user| user.id.0)
}
