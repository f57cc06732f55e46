//! Grants.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::given::{Given, Giver};
use super::{Parameters, Subject};
use crate::id::RoleIndex;
use crate::time::{Expiry, Timestamp};

/// The identity of a grant on its resource. Sorted by subject, so that a subject's grants
/// are adjacent.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct GrantKey {
    /// To whom.
    pub subject: Subject,
    /// Which role.
    pub role: RoleIndex,
    /// The parameters. Another set of parameters makes another grant.
    pub parameters: Parameters,
}

/// The start, end and giver of a grant.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Grant(Given);

impl Grant {
    pub(crate) fn new(granted_at: Timestamp, expires_at: Expiry, granted_by: Giver) -> Self {
        Self(Given::new(granted_at, expires_at, granted_by))
    }

    /// Returns the grant with another end.
    pub(crate) fn until(self, expires_at: Expiry) -> Self {
        Self::new(self.granted_at(), expires_at, self.granted_by())
    }

    /// Returns the start.
    #[must_use]
    pub fn granted_at(self) -> Timestamp {
        self.0.at()
    }

    /// Returns the end.
    #[must_use]
    pub fn expires_at(self) -> Expiry {
        self.0.until()
    }

    /// Returns the giver.
    #[must_use]
    pub fn granted_by(self) -> Giver {
        self.0.by()
    }
}

impl fmt::Debug for Grant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_struct("Grant");
        shown.field("granted_at", &self.granted_at());
        shown.field("expires_at", &self.expires_at());
        shown.field("granted_by", &self.granted_by());
        shown.finish()
    }
}
