//! Grants.

use serde::{Deserialize, Serialize};

use super::{Parameters, Subject};
use crate::state::RoleIndex;
use crate::time::{Expiry, Timestamp};

/// Which grant, on the resource where it stands. Ordered by subject, so that a
/// subject's grants stand together.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct GrantKey {
    /// To whom.
    pub subject: Subject,
    /// Which role.
    pub role: RoleIndex,
    /// With which parameters. Others make another grant.
    pub parameters: Parameters,
}

/// The rest of a grant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Grant {
    /// Since when.
    pub granted_at: Timestamp,
    /// Until when.
    pub expires_at: Expiry,
}
