//! Why a command or a question was not answered.

use crate::catalogue::{Pattern, RoleName};
use crate::id::ResourceId;
use crate::model::SubjectId;
use crate::time::Timestamp;

/// The one error of the core. It knows no transport.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// What the caller wants to work on is not there, or not to be seen by the
    /// caller. Which of the two is not said.
    #[error("no such {what}")]
    NotFound {
        /// What it should have been, such as `customer`.
        what: Box<str>,
    },
    /// The caller sees what it wants to work on, and lacks the permission.
    #[error("this needs the permission {permission}")]
    Forbidden {
        /// What is lacking.
        permission: Pattern,
    },
    /// The caller would give away more than it holds.
    #[error("nobody can give what they do not hold: {permission}")]
    Exceeds {
        /// What the caller does not hold.
        permission: Pattern,
    },
    /// The caller would give something for longer than it holds it.
    #[error(
        "this can be given until {until} at the latest: the caller holds {permission} no longer"
    )]
    Outlasts {
        /// The field that would have to name an earlier end. `None` if the command
        /// gives something for ever, or for as long as somebody else holds it.
        field: Option<&'static str>,
        /// What the caller does not hold for long enough.
        permission: Pattern,
        /// The latest end until which the caller holds all that the command needs.
        until: Timestamp,
    },
    /// A thing that the command names is not there.
    #[error("{field}: no such {what}")]
    Unknown {
        /// Where in the command it is named.
        field: &'static str,
        /// What it should have been.
        what: &'static str,
    },
    /// Users that the command lists are not there.
    #[error("no such user at {}", places(positions))]
    UnknownUsers {
        /// Where in the list, from 0.
        positions: Vec<usize>,
    },
    /// Something in the command cannot be.
    #[error("{field} {reason}")]
    Invalid {
        /// Where in the command.
        field: Box<str>,
        /// What is wrong with it, as the end of a sentence about it.
        reason: Box<str>,
    },
    /// A key, number or id that something else has.
    #[error("{field} is taken")]
    Taken {
        /// Which of them.
        field: &'static str,
    },
    /// The user is not attached to the resource, as it must be before it is
    /// granted a role there.
    #[error("the user is not attached to this {kind}")]
    NotAMember {
        /// The resource's kind.
        kind: Box<str>,
    },
    /// Users are not attached to the resource above, as they must be before
    /// they are attached to this one.
    #[error("the user is not attached to the {parent} of this {kind}")]
    NotInParent {
        /// The resource's kind.
        kind: Box<str>,
        /// The kind of the resource above it.
        parent: Box<str>,
        /// Where in the command's list of users, from 0.
        positions: Vec<usize>,
    },
    /// The tenant would be left without an active admin that stays one.
    #[error("the last admin of a tenant cannot be removed, deactivated or stripped")]
    LastAdmin,
    /// More users would be detached at once than by mistake should be possible.
    #[error("{detached} of {of} users would be detached; say that this is meant")]
    MassDetach {
        /// How many would be.
        detached: usize,
        /// Of how many.
        of: usize,
    },
    /// It is in use, and cannot go.
    #[error("{what} is in use: {by}")]
    InUse {
        /// What.
        what: Box<str>,
        /// By what, and how much of it.
        by: Box<str>,
        /// The first of them, at most [`Use::MOST`].
        uses: Vec<Use>,
    },
}

/// What is in the way of something that was to go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Use {
    /// A grant.
    Grant {
        /// Where it stands.
        resource: ResourceId,
        /// To whom.
        subject: SubjectId,
        /// Of which role.
        role: RoleName,
    },
    /// A resource.
    Resource(ResourceId),
}

impl Use {
    /// How many of them a refusal lists.
    pub const MOST: usize = 100;
}

impl Refusal {
    pub(crate) fn not_found(what: &str) -> Self {
        Self::NotFound { what: what.into() }
    }

    pub(crate) fn invalid(field: &str, reason: &str) -> Self {
        Self::Invalid {
            field: field.into(),
            reason: reason.into(),
        }
    }
}

fn places(positions: &[usize]) -> String {
    let shown: Vec<String> = positions.iter().take(20).map(usize::to_string).collect();
    let more = positions.len().saturating_sub(shown.len());
    if more == 0 {
        format!("position {}", shown.join(", "))
    } else {
        format!("position {} and {more} more", shown.join(", "))
    }
}
