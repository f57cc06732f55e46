//! Rows that describe users, groups, services and resources.

use attache_core::id::Key;
use attache_core::{Ref, Refusal, State};
use uuid::Uuid;

use super::fault::Spot;
use super::row::Refused;
use super::thing::{What, described};

/// A row that describes a user, a group, a service or a resource.
pub(super) trait Describes {
    fn spot(&self) -> Spot;
    fn what(&self) -> What<'_>;
    fn id(&self) -> Option<Uuid>;
    fn key(&self) -> Option<&Key>;
    fn number(&self) -> Option<u32>;
    /// The name of the thing, for people.
    fn name(&self) -> String;
    fn email(&self) -> Option<String> {
        None
    }
    /// Whether the row marks cells as taken as they are.
    fn is_as_is(&self) -> bool;
    /// The cells that are no valid new values.
    fn refused(&self) -> &Refused;

    /// Returns whether a thing already has the row's value of a column.
    fn stands(&self, column: &str, state: &State, id: Uuid) -> bool {
        let thing = self.what().find(state, &Ref::Id(id));
        thing.is_some_and(|thing| match column {
            "key" => thing.key == self.key(),
            "name" => thing.is_called(&self.name()),
            _ => false,
        })
    }

    /// Returns whether the row names its thing by a number only.
    fn is_number_alone(&self) -> bool {
        self.number().is_some() && self.key().is_none() && self.id().is_none()
    }

    /// Returns why the row is refused.
    fn reason(&self, refusal: &Refusal, _state: &State) -> String {
        cause(refusal)
    }

    fn described(&self) -> String {
        let key = self.key().map(|key| format!("key {key}"));
        let id = self.id().filter(|_| key.is_none());
        let id = id.map(|id| format!("id {id}"));
        described(self.what(), &self.name(), [key, id, self.email()])
    }
}

/// Whether the thing that a row describes exists.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Match {
    /// It exists.
    There(Uuid),
    /// It is to be added, with this number if there is one.
    New(Option<u32>),
}

/// Returns why a row is refused. The column is named next to it.
pub(super) fn cause(refusal: &Refusal) -> String {
    match refusal {
        Refusal::Invalid { reason, .. } => reason.to_string(),
        Refusal::Unknown { what, .. } => format!("there is no such {what}"),
        Refusal::Taken { .. } => "is another's".to_owned(),
        other => other.to_string(),
    }
}
