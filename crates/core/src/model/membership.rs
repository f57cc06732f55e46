//! Memberships.

use serde::{Deserialize, Serialize};

use crate::time::{Expiry, Timestamp};

/// A user is attached to a resource. Which user and which resource is said by
/// where this stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Membership {
    /// Since when.
    pub added_at: Timestamp,
    /// Until when.
    pub expires_at: Expiry,
}
