//! How answers name the author of a change.

use attache_core::Actor;
use uuid::Uuid;

/// Returns the id of an author. `None` for the operator and for attache itself.
pub(super) fn actor(actor: Actor) -> Option<Uuid> {
    match actor {
        Actor::User(id) => Some(id.0),
        Actor::Service(id) => Some(id.0),
        Actor::Operator | Actor::Attache => None,
    }
}
