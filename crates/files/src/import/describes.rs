//! Rows that describe things: users, groups, services, resources.

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
    /// Whether cells of the row are taken as they are.
    fn is_as_is(&self) -> bool;
    /// The cells whose values nothing new can have.
    fn refused(&self) -> &Refused;

    /// Whether a thing has the value already that the row gives it in a column.
    fn stands(&self, column: &str, state: &State, id: Uuid) -> bool {
        let thing = self.what().find(state, &Ref::Id(id));
        thing.is_some_and(|thing| match column {
            "key" => thing.key == self.key(),
            "name" => thing.is_called(&self.name()),
            _ => false,
        })
    }

    /// Whether the row names its thing by a number and nothing else.
    fn is_number_alone(&self) -> bool {
        self.number().is_some() && self.key().is_none() && self.id().is_none()
    }

    /// Why the row is refused.
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

/// Whether the thing that a row describes is in the tenant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Match {
    /// It is there.
    There(Uuid),
    /// It is to be added, with this number if there is one.
    New(Option<u32>),
}

/// Why a row is refused. The column is named beside it.
pub(super) fn cause(refusal: &Refusal) -> String {
    match refusal {
        Refusal::Invalid { reason, .. } => reason.to_string(),
        Refusal::Unknown { what, .. } => format!("there is no such {what}"),
        Refusal::Taken { .. } => "is another's".to_owned(),
        other => other.to_string(),
    }
}
