//! Who asks, and who did.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::id::{ServiceId, TenantId, UserId};

/// Somebody who was told apart from everybody else: by a credential, or by
/// holding the data folder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Caller {
    /// The tenant that the credential is of. In any other tenant the caller is nobody.
    pub tenant: TenantId,
    /// Who it is there.
    pub actor: Actor,
}

/// Who caused an entry. Written as `user:<id>`, `service:<id>`, `operator` or `attache`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Actor {
    /// A user.
    User(UserId),
    /// A service.
    Service(ServiceId),
    /// Whoever holds the data folder. May do everything that leaves the tenant sound.
    Operator,
    /// attache itself, which writes down what expired.
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

impl From<Actor> for String {
    fn from(actor: Actor) -> Self {
        actor.to_string()
    }
}
