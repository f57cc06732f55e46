//! Users.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{Email, Name};
use crate::caller::Actor;
use crate::id::{Key, UserId, UserNumber};
use crate::time::Timestamp;

/// Somebody who works with the tenant's product. Attached to the root as long
/// as it exists.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct User {
    /// Unique everywhere.
    pub id: UserId,
    /// Unique among the tenant's users, never used again.
    pub number: UserNumber,
    /// The id that it had in another system.
    pub key: Option<Key>,
    /// Who that is.
    pub profile: Profile,
    /// Whether it may act.
    pub status: Status,
    /// What else is known.
    pub facts: UserFacts,
    /// When it was added to the tenant.
    pub created_at: Timestamp,
    /// By whom.
    pub created_by: Actor,
    /// When anything that stands here last changed.
    pub updated_at: Timestamp,
    /// By whom.
    pub updated_by: Actor,
}

impl User {
    /// First and last name; where there is neither, the e-mail address, the
    /// key, or nothing.
    #[must_use]
    pub fn display_name(&self) -> String {
        let full = self.profile.full_name();
        if !full.is_empty() {
            return full;
        }
        let email = self.profile.email.as_ref().map(Email::as_str);
        let key = self.key.as_ref().map(Key::as_str);
        email.or(key).unwrap_or_default().to_owned()
    }
}

/// The personal data of a user: the only place where it stands.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Profile {
    /// Given name.
    #[serde(default)]
    pub first_name: Option<Name>,
    /// Family name.
    #[serde(default)]
    pub last_name: Option<Name>,
    /// E-mail address. Not unique.
    #[serde(default)]
    pub email: Option<Email>,
    /// Phone number, as it was written.
    #[serde(default)]
    pub phone: Option<Name>,
}

impl Profile {
    /// First and last name with a space between them; what is missing is left out.
    #[must_use]
    pub fn full_name(&self) -> String {
        match (&self.first_name, &self.last_name) {
            (Some(first), Some(last)) => format!("{first} {last}"),
            (Some(one), None) | (None, Some(one)) => one.to_string(),
            (None, None) => String::new(),
        }
    }
}

/// Whether a user may act.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// It may.
    #[default]
    Active,
    /// It has no access, and keeps its memberships and grants.
    Inactive,
    /// It may, and has not been seen yet.
    Invited,
}

impl Status {
    /// Whether a user of this status has any access at all.
    #[must_use]
    pub fn has_access(self) -> bool {
        self != Self::Inactive
    }
}

/// What is known of a user besides who it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UserFacts {
    /// Whether somebody proved that the e-mail address is the user's.
    #[serde(default)]
    pub email_verified: bool,
    /// Whether the user has yet to log in to the product for the first time.
    #[serde(default = "yes")]
    pub first_login: bool,
    /// The user's id at the identity provider.
    #[serde(default)]
    pub external_auth_id: Option<Uuid>,
}

fn yes() -> bool {
    true
}

impl Default for UserFacts {
    fn default() -> Self {
        Self {
            email_verified: false,
            first_login: true,
            external_auth_id: None,
        }
    }
}
