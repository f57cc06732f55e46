//! Ids and numbers of things. Ids are unique everywhere, numbers within a tenant and
//! type.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

pub use crate::key::{Key, canonical_key};

macro_rules! ids {
    ($($(#[$meta:meta])* $name:ident;)*) => {$(
        $(#[$meta])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub Uuid);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}({})", stringify!($name), self.0)
            }
        }

        impl From<Uuid> for $name {
            fn from(id: Uuid) -> Self {
                Self(id)
            }
        }

        impl FromStr for $name {
            type Err = uuid::Error;
            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Uuid::parse_str(text).map(Self)
            }
        }
    )*};
}

ids! {
    /// A tenant: the isolation boundary.
    TenantId;
    /// A user.
    UserId;
    /// A group of users.
    GroupId;
    /// A service: a program that calls with an API token.
    ServiceId;
    /// A resource of the tenant's tree.
    ResourceId;
    /// An API token. Not its secret.
    TokenId;
    /// An entry of a tenant's log, by which a writer recognises its own entries.
    EntryId;
    /// A role of the catalogue.
    RoleId;
    /// An issuer of tokens that the tenant trusts.
    IssuerId;
}

macro_rules! numbers {
    ($($(#[$meta:meta])* $name:ident;)*) => {$(
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub u32);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl From<u32> for $name {
            fn from(number: u32) -> Self {
                Self(number)
            }
        }

        impl From<$name> for u32 {
            fn from(number: $name) -> u32 {
                number.0
            }
        }
    )*};
}

numbers! {
    /// A user's number: 1, 2, 3… within the tenant, never reused.
    UserNumber;
    /// A group's number: 1, 2, 3… within the tenant, never reused.
    GroupNumber;
    /// A service's number: 1, 2, 3… within the tenant, never reused.
    ServiceNumber;
    /// A resource's number: 1, 2, 3… within the tenant and kind, never reused.
    ResourceNumber;
    /// A membership's number: 1, 2, 3… within the tenant, in the order in which users were
    /// attached. Never reused: a user who is attached again has another membership.
    MembershipNumber;
    /// The index of a resource in a state's memory. Never leaves the process. A
    /// resource's number cannot take its place, since numbers are counted per kind.
    Node;
}

/// The index of a kind in a state's catalogue.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct KindIndex(pub u16);

/// The index of a role in a state's catalogue.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct RoleIndex(pub u16);

/// A position in a tenant's log: 0 before the first entry.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct Revision(pub u64);

impl Revision {
    /// Returns the revision of the next entry.
    #[must_use]
    pub fn next(self) -> Self {
        Self(self.0.saturating_add(1))
    }
}

impl fmt::Display for Revision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
