//! Memberships.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::User;
use super::given::{Given, Giver};
use crate::id::MembershipNumber;
use crate::time::{Expiry, Timestamp};

/// The attachment of a user to a resource. Its position in the state tells which user and
/// resource.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Membership {
    given: Given,
    /// 0 for none.
    number: u32,
}

impl Membership {
    pub(crate) fn new(
        number: Option<MembershipNumber>,
        added_at: Timestamp,
        expires_at: Expiry,
        added_by: Giver,
    ) -> Self {
        Self {
            given: Given::new(added_at, expires_at, added_by),
            number: number.map_or(0, |number| number.0),
        }
    }

    /// Returns the membership of the root, which every user has since it was added.
    pub(crate) fn of_root(user: &User) -> Self {
        Self::new(None, user.created_at, Expiry::NEVER, Giver::OF_THE_USER)
    }

    /// Returns the membership with another end.
    pub(crate) fn until(self, expires_at: Expiry) -> Self {
        Self {
            given: Given::new(self.added_at(), expires_at, self.added_by()),
            ..self
        }
    }

    /// Its number. `None` for a membership of the root, which comes with the user and has none.
    #[must_use]
    pub fn number(self) -> Option<MembershipNumber> {
        (self.number != 0).then_some(MembershipNumber(self.number))
    }

    /// Returns the start.
    #[must_use]
    pub fn added_at(self) -> Timestamp {
        self.given.at()
    }

    /// Returns the end.
    #[must_use]
    pub fn expires_at(self) -> Expiry {
        self.given.until()
    }

    /// Returns who attached the user.
    #[must_use]
    pub fn added_by(self) -> Giver {
        self.given.by()
    }
}

impl fmt::Debug for Membership {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_struct("Membership");
        shown.field("number", &self.number());
        shown.field("added_at", &self.added_at());
        shown.field("expires_at", &self.expires_at());
        shown.field("added_by", &self.added_by());
        shown.finish()
    }
}
