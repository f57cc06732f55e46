//! Entries: what a tenant's history is made of.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::caller::Actor;
use crate::change::Change;
use crate::id::{EntryId, Revision, UserId};
use crate::model::Profile;
use crate::record::Salt;
use crate::time::Timestamp;

/// One command's doing: what happened, who caused it, when.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// Unique everywhere: how a writer recognises its own.
    pub id: EntryId,
    /// Its position in the tenant's log: 1, 2, 3…
    pub revision: Revision,
    /// When. Never earlier than the entry before it.
    pub at: Timestamp,
    /// Who caused it.
    pub actor: Actor,
    /// What the caller calls the request that caused it.
    pub correlation_id: Box<str>,
    /// What happened.
    #[serde(flatten)]
    pub changes: Changes,
}

/// What happened in one entry. Stored, it is in parts: what names a person or a company stands
/// apart, so that it can be erased without touching what the entry says about access.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Changes {
    /// The changes, in their order.
    #[serde(rename = "changes")]
    pub list: Vec<Change>,
    /// The profiles that [`Change::UserProfileSet`] speaks of. One that is not
    /// there was erased.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub profiles: BTreeMap<UserId, Profile>,
    /// The salt of each private part, by the thing that it is about: see
    /// [`record`](crate::record). Made with the entry, by [`Entry::salt`].
    #[serde(skip)]
    pub salts: BTreeMap<Uuid, Salt>,
}

impl Changes {
    /// Whether nothing happened.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }
}
