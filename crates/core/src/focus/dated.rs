//! A change with what its entry says of it.

use uuid::Uuid;

use super::home;
use crate::caller::Actor;
use crate::change::Change;
use crate::entry::Entry;
use crate::id::{MembershipNumber, Revision};
use crate::model::Profile;
use crate::origin::Origin;
use crate::time::Timestamp;

/// A change, with its place in the log and what its entry says of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DatedChange {
    /// The entry.
    pub revision: Revision,
    /// Its place among the changes of the entry, from 0.
    pub place: u32,
    /// When.
    pub at: Timestamp,
    /// Who caused it.
    pub actor: Actor,
    /// Through which door.
    pub origin: Origin,
    /// The number that a new membership got. `None` for every other change.
    pub membership: Option<MembershipNumber>,
    /// What happened.
    pub change: Change,
    /// The profile that [`Change::UserProfileSet`] speaks of, if it was not erased.
    pub profile: Option<Profile>,
}

/// The changes of an entry, each with its [home], without those that have none.
/// `memberships` is how many memberships there had ever been before it, and is counted on.
pub fn dated(entry: Entry, memberships: &mut u32) -> Vec<(Uuid, DatedChange)> {
    let Entry {
        revision,
        at,
        actor,
        head,
        changes,
        ..
    } = entry;
    let mut profiles = changes.profiles;
    let mut found = Vec::with_capacity(changes.list.len());
    for (place, change) in (0..).zip(changes.list) {
        let membership = matches!(change, Change::MemberAdded { .. }).then(|| {
            *memberships = memberships.saturating_add(1);
            MembershipNumber(*memberships)
        });
        let Some(home) = home(&change) else {
            continue;
        };
        let profile = match &change {
            Change::UserProfileSet { user } => profiles.remove(user),
            _ => None,
        };
        let dated = DatedChange {
            revision,
            place,
            at,
            actor,
            origin: head.origin,
            membership,
            change,
            profile,
        };
        found.push((home, dated));
    }
    found
}
