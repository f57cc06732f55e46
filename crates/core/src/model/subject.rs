//! The subjects of grants.

use std::fmt;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::id::{GroupId, GroupNumber, ServiceId, ServiceNumber, UserId, UserNumber};

/// A subject by its number, as a state's memory names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Subject {
    /// A user.
    User(UserNumber),
    /// A group.
    Group(GroupNumber),
    /// A service.
    Service(ServiceNumber),
}

/// A subject by its id, as the log and commands name it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SubjectId {
    /// A user.
    User(UserId),
    /// A group.
    Group(GroupId),
    /// A service.
    Service(ServiceId),
}

impl SubjectId {
    /// Returns the id without the type.
    #[must_use]
    pub fn id(self) -> Uuid {
        match self {
            Self::User(id) => id.0,
            Self::Group(id) => id.0,
            Self::Service(id) => id.0,
        }
    }
}

impl fmt::Display for SubjectId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::User(id) => write!(f, "user:{id}"),
            Self::Group(id) => write!(f, "group:{id}"),
            Self::Service(id) => write!(f, "service:{id}"),
        }
    }
}
