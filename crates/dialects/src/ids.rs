//! How who did something is shown on the wire.

use attache_core::Actor;
use uuid::Uuid;

/// Who did something. None for the operator and for attache itself.
pub(super) fn actor(actor: Actor) -> Option<Uuid> {
    match actor {
        Actor::User(id) => Some(id.0),
        Actor::Service(id) => Some(id.0),
        Actor::Operator | Actor::Attache => None,
    }
}
