//! An entry as it is shown: all of its changes, or as many as an answer may hold.

use std::collections::BTreeMap;

use attache_core::ask::Told;
use attache_core::id::UserId;
use attache_core::model::Profile;
use attache_core::{Change, Entry, Timestamp};
use serde::Serialize;
use serde_json::value::{RawValue, to_raw_value};
use utoipa::ToSchema;
use uuid::Uuid;

use attache_http::Problem;

/// One command's doing.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Entry)]
pub(super) struct EntryView<'a> {
    /// Its position in the tenant's history: 1, 2, 3…
    #[schema(example = 42)]
    revision: u64,
    id: Uuid,
    #[schema(value_type = String, format = DateTime)]
    at: Timestamp,
    /// Who caused it: `user:…`, `service:…`, `operator` or `attache`.
    #[schema(example = "user:019f91a9-38c7-7014-a46e-75b4618c9ce3")]
    actor: String,
    /// What the caller called the request that caused it.
    correlation_id: &'a str,
    /// What happened. Each has a `type`, such as `member_added`, and what it speaks of. Names
    /// and keys are left out that the caller may not read elsewhere.
    #[schema(value_type = Vec<Object>)]
    changes: Vec<Box<RawValue>>,
    /// The personal data that the changes set, by user id. What was erased is not there, and
    /// without the permission `tenants.users.list` nothing is.
    #[schema(value_type = Object)]
    profiles: BTreeMap<UserId, &'a Profile>,
    /// Only where not all changes are shown, since they have more bytes than an answer
    /// may: how many there are in all, and where the next ones begin.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    more_changes: Option<MoreChanges>,
}

/// That an entry has more changes than are shown.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
struct MoreChanges {
    /// How many changes the entry has.
    #[schema(example = 100_000)]
    total: usize,
    /// The first one that is not shown, to be passed as `from_change` to get the entry.
    #[schema(example = 25_000)]
    from_change: usize,
}

impl<'a> EntryView<'a> {
    /// An entry with its changes from one on, as far as they have no more than so many
    /// bytes. One is shown at least.
    pub(super) fn of(
        entry: &'a Entry,
        from: usize,
        most: usize,
        told: &Told<'_>,
    ) -> Result<Self, Problem> {
        let all = &entry.changes.list;
        let (mut changes, mut profiles) = (Vec::new(), BTreeMap::new());
        let mut left = most;
        for change in all.iter().skip(from) {
            let shown = shown(change, told).map_err(|error| unwritten(&error))?;
            let profile = match change {
                Change::UserProfileSet { user } if told.profiles() => {
                    entry.changes.profiles.get_key_value(user)
                }
                _ => None,
            };
            let of_profile = match profile {
                Some((_, profile)) => to_raw_value(profile)
                    .map_err(|error| unwritten(&error))?
                    .get()
                    .len(),
                None => 0,
            };
            let bytes = shown.get().len() + of_profile;
            if bytes > left && !changes.is_empty() {
                break;
            }
            left = left.saturating_sub(bytes);
            changes.push(shown);
            profiles.extend(profile.map(|(user, profile)| (*user, profile)));
        }
        let next = from.saturating_add(changes.len());
        let more = (next < all.len()).then_some(MoreChanges {
            total: all.len(),
            from_change: next,
        });
        Ok(Self {
            revision: entry.revision.0,
            id: entry.id.0,
            at: entry.at,
            actor: entry.actor.to_string(),
            correlation_id: &entry.correlation_id,
            changes,
            profiles,
            more_changes: more,
        })
    }
}

impl EntryView<'_> {
    /// The first change that is not shown, if one is not.
    pub(super) fn next_change(&self) -> Option<usize> {
        self.more_changes.map(|more| more.from_change)
    }
}

/// A change without what is nobody's business, and without what is withheld from the
/// caller.
fn shown(change: &Change, told: &Told<'_>) -> serde_json::Result<Box<RawValue>> {
    let withheld = told.withheld(change);
    let has_hash = matches!(
        change,
        Change::TokenCreated { .. } | Change::UserInvited { .. }
    );
    if withheld.is_empty() && !has_hash {
        return to_raw_value(change);
    }
    let mut change = serde_json::to_value(change)?;
    if let Some(fields) = change.as_object_mut() {
        // Of a token or an invitation. Only a hash, and still nobody's business.
        fields.remove("hash");
        for field in withheld {
            fields.remove(*field);
        }
    }
    to_raw_value(&change)
}

fn unwritten(error: &serde_json::Error) -> Problem {
    tracing::error!(%error, "an entry cannot be shown");
    Problem::Internal
}
