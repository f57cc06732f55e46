//! Resources.

use serde::{Deserialize, Serialize};

use super::Name;
use super::given::Giver;
use crate::catalogue::KindName;
use crate::id::{Key, ResourceId, ResourceNumber};
use crate::time::Timestamp;

/// A node of the tenant's tree.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Resource {
    /// Unique among the tenant's resources. Two tenants may have the same id through
    /// imports.
    pub id: ResourceId,
    /// Its kind.
    pub kind: KindName,
    /// Unique among the tenant's resources of this kind, and never reused.
    pub number: ResourceNumber,
    /// The id of the resource in another system.
    pub key: Option<Key>,
    /// Its name.
    pub name: Name,
    /// When it was added.
    pub created_at: Timestamp,
    /// Who added it.
    pub created_by: Giver,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_creator_of_a_resource_takes_no_memory_of_its_own() {
        // Beside the number, where 4 bytes were empty.
        assert_eq!(size_of::<Resource>(), 80);
    }
}
