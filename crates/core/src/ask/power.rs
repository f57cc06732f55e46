//! What a caller can do in a state, before any question of where.

use crate::caller::{Actor, Caller};
use crate::model::{Subject, SubjectId};
use crate::state::State;

/// What a caller can do in a state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Power {
    /// Everything that leaves the tenant sound.
    All,
    /// What this subject may.
    Of(Subject),
    /// Nothing: the caller is nobody here.
    Nothing,
}

impl State {
    pub(crate) fn power(&self, by: &Caller) -> Power {
        if by.tenant != self.tenant() {
            return Power::Nothing;
        }
        let id = match by.actor {
            Actor::Operator | Actor::Attache => return Power::All,
            Actor::User(id) => SubjectId::User(id),
            Actor::Service(id) => SubjectId::Service(id),
        };
        match self.subject(id) {
            Some(subject) if self.has_access(subject) => Power::Of(subject),
            _ => Power::Nothing,
        }
    }
}
