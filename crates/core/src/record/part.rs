//! A private part, and its canonical form.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

use super::commitment::Commitment;
use super::salts::Salt;
use super::words::Words;
use crate::model::{Email, Name, Profile, Reason};

/// What one entry says of a thing that names a person or a company.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Private {
    /// The thing: a user, a resource, a group, a service, an issuer, or the entry itself.
    pub about: Uuid,
    /// The part's salt.
    pub salt: Salt,
    /// The part's canonical bytes.
    pub data: Box<str>,
}

impl Private {
    /// What the entry holds of this part.
    #[must_use]
    pub fn commitment(&self) -> Commitment {
        let mut hash = Sha256::new();
        hash.update(self.salt.0);
        hash.update(self.data.as_bytes());
        Commitment(hash.finalize().into())
    }
}

// The fields of what is written stand in the order of their names: so they are canonical.

/// The content of a private part.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Content<'a> {
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) changes: Vec<Words<'a>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) profile: Option<ProfileWords<'a>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) reason: Option<Cow<'a, Reason>>,
}

/// A profile.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ProfileWords<'a> {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    email: Option<Cow<'a, Email>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    first_name: Option<Cow<'a, Name>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    last_name: Option<Cow<'a, Name>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    phone: Option<Cow<'a, Name>>,
}

impl<'a> From<&'a Profile> for ProfileWords<'a> {
    fn from(profile: &'a Profile) -> Self {
        let Profile {
            first_name,
            last_name,
            email,
            phone,
        } = profile;
        Self {
            email: email.as_ref().map(Cow::Borrowed),
            first_name: first_name.as_ref().map(Cow::Borrowed),
            last_name: last_name.as_ref().map(Cow::Borrowed),
            phone: phone.as_ref().map(Cow::Borrowed),
        }
    }
}

impl From<ProfileWords<'_>> for Profile {
    fn from(words: ProfileWords<'_>) -> Self {
        Self {
            first_name: words.first_name.map(Cow::into_owned),
            last_name: words.last_name.map(Cow::into_owned),
            email: words.email.map(Cow::into_owned),
            phone: words.phone.map(Cow::into_owned),
        }
    }
}
