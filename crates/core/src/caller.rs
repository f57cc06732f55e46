//! Callers and actors.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize, Serializer};
use uuid::fmt::Hyphenated;

use crate::id::{ServiceId, TenantId, UserId};

/// An authenticated caller: recognised by a credential, or the holder of the data folder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Caller {
    /// The tenant of the credential. The caller has no access to any other tenant.
    pub tenant: TenantId,
    /// The caller as an actor of that tenant.
    pub actor: Actor,
}

/// The author of an entry. Written as `user:<id>`, `service:<id>`, `operator` or
/// `attache`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(try_from = "String")]
pub enum Actor {
    /// A user.
    User(UserId),
    /// A service.
    Service(ServiceId),
    /// The holder of the data folder. May do everything that leaves the tenant sound.
    Operator,
    /// attache itself, which records what has expired.
    Attache,
}

impl fmt::Display for Actor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::User(id) => write!(f, "user:{id}"),
            Self::Service(id) => write!(f, "service:{id}"),
            Self::Operator => f.write_str("operator"),
            Self::Attache => f.write_str("attache"),
        }
    }
}

impl FromStr for Actor {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        const SHAPE: &str = "an actor is user:<id>, service:<id>, operator or attache";
        match text.split_once(':') {
            Some(("user", id)) => id.parse().map(Self::User).map_err(|_| SHAPE),
            Some(("service", id)) => id.parse().map(Self::Service).map_err(|_| SHAPE),
            None if text == "operator" => Ok(Self::Operator),
            None if text == "attache" => Ok(Self::Attache),
            _ => Err(SHAPE),
        }
    }
}

impl TryFrom<String> for Actor {
    type Error = &'static str;
    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl Serialize for Actor {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        // Lists show two actors per user, so no string is allocated for them.
        let mut text = [0; LONGEST];
        let (front, id) = match self {
            Self::User(id) => ("user:", id.0),
            Self::Service(id) => ("service:", id.0),
            Self::Operator => return serializer.serialize_str("operator"),
            Self::Attache => return serializer.serialize_str("attache"),
        };
        let length = front.len() + Hyphenated::LENGTH;
        let (head, tail) = text.split_at_mut(front.len());
        head.copy_from_slice(front.as_bytes());
        let room = tail.get_mut(..Hyphenated::LENGTH).unwrap_or_default();
        id.hyphenated().encode_lower(room);
        let text = text.get(..length).unwrap_or_default();
        serializer.serialize_str(std::str::from_utf8(text).unwrap_or_default())
    }
}

/// The length of `service:` and an id.
const LONGEST: usize = 8 + Hyphenated::LENGTH;
