//! Groups.

use serde::{Deserialize, Serialize};

use super::Name;
use super::given::Giver;
use crate::id::{GroupId, GroupNumber, Key};
use crate::time::Timestamp;

/// A group of users. Its grants are grants of each of its users.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Group {
    /// Unique among the tenant's groups. Two tenants may have the same id through
    /// imports.
    pub id: GroupId,
    /// Unique among the tenant's groups, and never reused.
    pub number: GroupNumber,
    /// The id of the group in another system.
    pub key: Option<Key>,
    /// Its name.
    pub name: Name,
    /// When it was added.
    pub created_at: Timestamp,
    /// Who added it.
    pub created_by: Giver,
}

/// A user's place in a group. Its position in the state tells which user and group.
///
/// Packed, so that it has no padding.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[repr(Rust, packed(4))]
pub struct GroupUser {
    added_at: Timestamp,
    added_by: Giver,
}

impl GroupUser {
    pub(crate) fn new(added_at: Timestamp, added_by: Giver) -> Self {
        Self { added_at, added_by }
    }

    /// Returns the time when the user was added.
    #[must_use]
    pub fn added_at(self) -> Timestamp {
        self.added_at
    }

    /// Returns who added the user to the group.
    #[must_use]
    pub fn added_by(self) -> Giver {
        self.added_by
    }
}
