//! Invitations: by which users accept that they are in a tenant.

use serde::{Deserialize, Serialize};

use super::TokenHash;
use crate::caller::Actor;
use crate::id::UserNumber;
use crate::time::Timestamp;

/// What attache keeps of a user's invitation: never the token itself. A user has one at most.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Invitation {
    /// Whose it is.
    pub user: UserNumber,
    /// The SHA-256 of the token.
    pub hash: TokenHash,
    /// When it was made.
    pub created_at: Timestamp,
    /// By whom.
    pub created_by: Actor,
    /// When it stops being accepted.
    pub expires_at: Timestamp,
}
