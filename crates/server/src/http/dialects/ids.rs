//! How ids are shown on the wire.

use std::fmt::Display;

use attache_core::Actor;
use attache_core::id::Key;
use attache_core::model::Resource;
use uuid::Uuid;

/// The key where there is one, else the id.
pub(super) fn key_or_id(key: Option<&Key>, id: impl Display) -> String {
    key.map_or_else(|| id.to_string(), Key::to_string)
}

/// A resource: its key where there is one, else its id.
pub(super) fn resource(resource: &Resource) -> String {
    key_or_id(resource.key.as_ref(), resource.id)
}

/// Who did something. None for the operator and for attache itself.
pub(super) fn actor(actor: Actor) -> Option<Uuid> {
    match actor {
        Actor::User(id) => Some(id.0),
        Actor::Service(id) => Some(id.0),
        Actor::Operator | Actor::Attache => None,
    }
}
