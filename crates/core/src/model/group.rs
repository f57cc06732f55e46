//! Groups.

use serde::{Deserialize, Serialize};

use super::Name;
use super::given::Giver;
use crate::id::{GroupId, GroupNumber, Key};
use crate::time::Timestamp;

/// A group of users. What is granted to it is granted to each of them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Group {
    /// Unique among the tenant's groups: an import may give two tenants the same.
    pub id: GroupId,
    /// Unique among the tenant's groups, never used again.
    pub number: GroupNumber,
    /// The id that it had in another system.
    pub key: Option<Key>,
    /// Its name.
    pub name: Name,
    /// When it was added.
    pub created_at: Timestamp,
    /// Who added it.
    pub created_by: Giver,
}

/// A user is in a group. Which user and which group is said by where this stands.
///
/// Packed, so that it takes no room between its fields or behind them.
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

    /// Since when.
    #[must_use]
    pub fn added_at(self) -> Timestamp {
        self.added_at
    }

    /// Who put the user into the group.
    #[must_use]
    pub fn added_by(self) -> Giver {
        self.added_by
    }
}
