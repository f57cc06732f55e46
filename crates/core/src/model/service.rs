//! Services.

use serde::{Deserialize, Serialize};

use super::Name;
use super::given::Giver;
use crate::id::{Key, ServiceId, ServiceNumber};
use crate::time::Timestamp;

/// A program that calls with an API token. It has grants, and no memberships.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Service {
    /// Unique among the tenant's services. Two tenants may have the same id through
    /// imports.
    pub id: ServiceId,
    /// Unique among the tenant's services, and never reused.
    pub number: ServiceNumber,
    /// The id of the service in another system.
    pub key: Option<Key>,
    /// Its name.
    pub name: Name,
    /// When it was added.
    pub created_at: Timestamp,
    /// Who added it.
    pub created_by: Giver,
}
