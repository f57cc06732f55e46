//! Groups.

use serde::{Deserialize, Serialize};

use super::Name;
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
}
