//! Users.

use serde::{Deserialize, Serialize};

use super::{Email, ExternalId, Name};
use crate::caller::Actor;
use crate::id::{Key, UserId, UserNumber};
use crate::time::Timestamp;

/// A person who works with the tenant's product. Attached to the root as long as the user
/// exists.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct User {
    /// Unique among the tenant's users. Two tenants may have the same id through imports.
    pub id: UserId,
    /// Unique among the tenant's users, and never reused.
    pub number: UserNumber,
    /// The id of the user in another system.
    pub key: Option<Key>,
    /// The personal data.
    pub profile: Profile,
    /// Whether it may act.
    pub status: Status,
    /// Further facts.
    pub facts: UserFacts,
    /// When it was added to the tenant.
    pub created_at: Timestamp,
    /// The actor who added it.
    pub created_by: Actor,
    /// When any of these fields last changed.
    pub updated_at: Timestamp,
    /// The actor who last changed it.
    pub updated_by: Actor,
}

impl User {
    /// Returns the first and last name; without these, the e-mail address, the key, or
    /// nothing.
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

/// The personal data of a user. It stands nowhere else.
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
    /// Phone number, as it is written.
    #[serde(default)]
    pub phone: Option<Name>,
}

impl Profile {
    /// Returns the first and last name with a space in between. Missing parts are left
    /// out.
    #[must_use]
    pub fn full_name(&self) -> String {
        match (&self.first_name, &self.last_name) {
            (Some(first), Some(last)) => format!("{first} {last}"),
            (Some(one), None) | (None, Some(one)) => one.to_string(),
            (None, None) => String::new(),
        }
    }
}

/// A change of a profile. `None` leaves a value.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ProfileChange {
    /// Given name.
    pub first_name: Option<Option<Name>>,
    /// Family name.
    pub last_name: Option<Option<Name>>,
    /// E-mail address.
    pub email: Option<Option<Email>>,
    /// Phone number.
    pub phone: Option<Option<Name>>,
}

impl ProfileChange {
    /// Applies the change to a profile.
    #[must_use]
    pub fn on(&self, old: &Profile) -> Profile {
        fn new<T: Clone>(change: &Option<Option<T>>, old: &Option<T>) -> Option<T> {
            change.clone().unwrap_or_else(|| old.clone())
        }
        Profile {
            first_name: new(&self.first_name, &old.first_name),
            last_name: new(&self.last_name, &old.last_name),
            email: new(&self.email, &old.email),
            phone: new(&self.phone, &old.phone),
        }
    }
}

/// A change to exactly this profile.
impl From<Profile> for ProfileChange {
    fn from(profile: Profile) -> Self {
        Self {
            first_name: Some(profile.first_name),
            last_name: Some(profile.last_name),
            email: Some(profile.email),
            phone: Some(profile.phone),
        }
    }
}

/// Whether a user may act.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// The user may act.
    #[default]
    Active,
    /// The user has no access, and keeps its memberships and grants.
    Inactive,
    /// The user has no access until it accepts, and keeps its memberships and grants.
    Invited,
}

impl Status {
    /// Returns whether users of this status can have access.
    #[must_use]
    pub fn has_access(self) -> bool {
        self == Self::Active
    }
}

/// Facts about a user besides its personal data.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UserFacts {
    /// Whether the e-mail address was verified to be the user's.
    #[serde(default)]
    pub email_verified: bool,
    /// Whether the user has yet to log in to the product for the first time.
    #[serde(default = "yes")]
    pub first_login: bool,
    /// The user's id at the identity provider.
    #[serde(default)]
    pub external_auth_id: Option<ExternalId>,
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

/// A change of a user's facts. `None` leaves a value.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FactsChange {
    /// Whether the e-mail address is verified.
    pub email_verified: Option<bool>,
    /// Whether the user has yet to log in for the first time.
    pub first_login: Option<bool>,
    /// The user's id at the identity provider.
    pub external_auth_id: Option<Option<ExternalId>>,
}

impl FactsChange {
    /// Applies the change to facts.
    #[must_use]
    pub fn on(&self, old: &UserFacts) -> UserFacts {
        UserFacts {
            email_verified: self.email_verified.unwrap_or(old.email_verified),
            first_login: self.first_login.unwrap_or(old.first_login),
            external_auth_id: match &self.external_auth_id {
                Some(new) => new.clone(),
                None => old.external_auth_id.clone(),
            },
        }
    }
}

/// A change to exactly these facts.
impl From<UserFacts> for FactsChange {
    fn from(facts: UserFacts) -> Self {
        Self {
            email_verified: Some(facts.email_verified),
            first_login: Some(facts.first_login),
            external_auth_id: Some(facts.external_auth_id),
        }
    }
}
