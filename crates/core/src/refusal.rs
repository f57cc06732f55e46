//! Why a command or a question was refused.

use crate::catalogue::{Pattern, RoleName};
use crate::id::ResourceId;
use crate::model::SubjectId;
use crate::time::Timestamp;

/// The one error of the core. It knows no transport.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The target does not exist, or the caller does not see it. The refusal does not
    /// tell which.
    #[error("no such {}", noun(what))]
    NotFound {
        /// The type of the target, such as `customer`.
        what: Box<str>,
    },
    /// The caller sees the target, and lacks the permission.
    #[error("this needs the permission {permission}")]
    Forbidden {
        /// The missing permission.
        permission: Pattern,
    },
    /// The caller would give more than it holds.
    #[error("nobody can give what they do not hold: {permission}")]
    Exceeds {
        /// The permission that the caller does not hold.
        permission: Pattern,
    },
    /// The caller would give something for longer than it holds it.
    #[error(
        "this can be given until {until} at the latest: the caller holds {permission} no longer"
    )]
    Outlasts {
        /// The field that would need an earlier end. `None` if the command gives
        /// something without an end, or for as long as another subject holds it.
        field: Option<&'static str>,
        /// The permission that the caller does not hold for long enough.
        permission: Pattern,
        /// The latest end until which the caller holds all that the command needs.
        until: Timestamp,
    },
    /// The command names a thing that does not exist.
    #[error("{field}: no such {}", noun(what))]
    Unknown {
        /// The field with the name.
        field: &'static str,
        /// The type of the thing.
        what: &'static str,
    },
    /// The command lists users who do not exist.
    #[error("no such user at {}", places(positions))]
    UnknownUsers {
        /// Their positions in the list, from 0.
        positions: Vec<usize>,
    },
    /// A value in the command is invalid.
    #[error("{field} {reason}")]
    Invalid {
        /// The field.
        field: Box<str>,
        /// The fault, as the end of a sentence that starts with the field.
        reason: Box<str>,
    },
    /// Another thing has the key, number or id.
    #[error("{field} is taken")]
    Taken {
        /// The field.
        field: &'static str,
    },
    /// The user is not attached to the resource, as it must be before a grant.
    #[error("the user is not attached to this {kind}")]
    NotAMember {
        /// The kind of the resource.
        kind: Box<str>,
    },
    /// Users are not attached to the parent resource, as they must be before they are
    /// attached to this one.
    #[error("the user is not attached to the {parent} of this {kind}")]
    NotInParent {
        /// The kind of the resource.
        kind: Box<str>,
        /// The kind of the parent.
        parent: Box<str>,
        /// The positions in the command's list of users, from 0.
        positions: Vec<usize>,
    },
    /// The tenant would be left without an active admin whose role does not end.
    #[error("the last admin of a tenant cannot be removed, deactivated or stripped")]
    LastAdmin,
    /// So many users would be detached at once that it may be a mistake.
    #[error(
        "{detached} of {of} users would be detached: allow_mass_detach says that this is intended"
    )]
    MassDetach {
        /// The number of users to detach.
        detached: usize,
        /// The number of attached users.
        of: usize,
    },
    /// The thing is in use, and cannot be removed.
    #[error("{what} is in use: {by}")]
    InUse {
        /// The thing.
        what: Box<str>,
        /// The uses, in words.
        by: Box<str>,
        /// The first uses, at most [`Use::MOST`].
        uses: Vec<Use>,
    },
}

/// A use that prevents a removal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Use {
    /// A grant.
    Grant {
        /// The resource of the grant.
        resource: ResourceId,
        /// The subject of the grant.
        subject: SubjectId,
        /// The granted role.
        role: RoleName,
    },
    /// A resource.
    Resource(ResourceId),
}

impl Use {
    /// The most uses that a refusal lists.
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

/// What something should have been: a kind without a name is that of a resource.
fn noun(what: &str) -> &str {
    match what {
        "" => "resource",
        what => what,
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
