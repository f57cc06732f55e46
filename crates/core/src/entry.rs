//! Entries: what a tenant's history is made of.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::caller::Actor;
use crate::change::Change;
use crate::id::{EntryId, Revision, UserId};
use crate::model::{Profile, Reason};
use crate::origin::Origin;
use crate::record::Salt;
use crate::reference::Ref;
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
    /// How it came about, besides.
    #[serde(flatten)]
    pub head: EntryHead,
    /// What happened.
    #[serde(flatten)]
    pub changes: Changes,
}

/// How an entry came about, besides its author: recorded for those who read it later. It
/// grants nothing to anybody.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct EntryHead {
    /// Through which door it came. Unknown for entries of older versions.
    #[serde(default)]
    pub origin: Origin,
    /// The user for whom the author acted, as the author says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub on_behalf_of: Option<UserId>,
    /// The user who approved it, as the author says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub approved_by: Option<UserId>,
}

/// What is asked to stand in the head of an entry. Names of users are looked up where the
/// entry is decided: [`Draft::with_head`](crate::Draft::with_head).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HeadRequest {
    /// Through which door it comes.
    pub origin: Origin,
    /// The user for whom the caller acts.
    pub on_behalf_of: Option<Ref>,
    /// The user who approved it.
    pub approved_by: Option<Ref>,
    /// Why.
    pub reason: Option<Reason>,
}

impl HeadRequest {
    /// The head of what comes through a door, of which nothing else is said.
    #[must_use]
    pub fn through(origin: Origin) -> Self {
        Self {
            origin,
            ..Self::default()
        }
    }
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
    /// Why it was done, as its author says. It may name people, so it is a private part. `None`
    /// if it was not given, or was erased.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<Reason>,
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
