//! Invitations of users.

use serde::{Deserialize, Serialize};

use super::TokenHash;
use crate::caller::Actor;
use crate::id::UserNumber;
use crate::time::Timestamp;

/// A user's invitation, without its token. A user has at most one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Invitation {
    /// The invited user.
    pub user: UserNumber,
    /// The SHA-256 of the token.
    pub hash: TokenHash,
    /// The time when it was created.
    pub created_at: Timestamp,
    /// The actor who created it.
    pub created_by: Actor,
    /// The end of the invitation.
    pub expires_at: Timestamp,
}
