//! Memberships.

use serde::{Deserialize, Serialize};

use super::User;
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

impl Membership {
    /// The root's: every user is attached to it, since it was added.
    pub(crate) fn of_root(user: &User) -> Self {
        Self {
            added_at: user.created_at,
            expires_at: Expiry::NEVER,
        }
    }
}
