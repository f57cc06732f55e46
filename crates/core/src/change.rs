//! What can have happened: the vocabulary of the log.
//!
//! Every change ever written stays readable. A change that gets a new meaning
//! gets a new name; a new field gets a default. `tests/golden/changes.json`
//! holds one of each as it was first written.

use serde::{Deserialize, Serialize};

use crate::catalogue::{Catalogue, Difference, KindName, RoleName};
use crate::id::{
    GroupId, GroupNumber, IssuerId, Key, ResourceId, ResourceNumber, ServiceId, ServiceNumber,
    TenantId, TokenId, UserId, UserNumber,
};
use crate::model::{Name, Parameters, Status, SubjectId, TokenHash, Trust, UserFacts};
use crate::time::Timestamp;

/// One thing that happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
#[allow(
    missing_docs,
    reason = "the fields are what the change's sentence speaks of"
)]
pub enum Change {
    /// The tenant began, with its root.
    TenantCreated {
        tenant: TenantId,
        root: ResourceId,
        name: Name,
    },
    /// From here on, this catalogue holds. `added` names the kinds and roles that the
    /// one before did not have, such as `role:owner`; entries of older servers, and a
    /// tenant's first catalogue, name none.
    CatalogueSet {
        catalogue: Box<Catalogue>,
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        added: Vec<Box<str>>,
    },
    /// From here on, the catalogue differs in this from the one before. `added` names
    /// the kinds and roles that are new, such as `role:owner`.
    CatalogueChanged {
        difference: Box<Difference>,
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        added: Vec<Box<str>>,
    },

    /// Tokens of an issuer are accepted from here on.
    IssuerAdded { issuer: IssuerId, trust: Box<Trust> },
    /// They are accepted on these terms from here on.
    IssuerChanged { issuer: IssuerId, trust: Box<Trust> },
    /// They are no longer accepted.
    IssuerRemoved { issuer: IssuerId },

    /// A resource was added under another.
    ResourceAdded {
        resource: ResourceId,
        kind: KindName,
        number: ResourceNumber,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        key: Option<Key>,
        name: Name,
        parent: ResourceId,
    },
    /// A resource has this name and key from here on.
    ResourceChanged {
        resource: ResourceId,
        name: Name,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        key: Option<Key>,
    },
    /// A resource stands under another from here on, with all that is below it.
    ResourceMoved {
        resource: ResourceId,
        parent: ResourceId,
    },
    /// A resource is gone. Nothing stood below it, nobody was attached to it.
    ResourceRemoved { resource: ResourceId },

    /// A user was added, and with that attached to the root.
    UserAdded {
        user: UserId,
        number: UserNumber,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        key: Option<Key>,
        status: Status,
        facts: UserFacts,
    },
    /// A user has the profile that stands with the entry, from here on.
    UserProfileSet { user: UserId },
    /// A user has this key and these facts from here on.
    UserChanged {
        user: UserId,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        key: Option<Key>,
        facts: UserFacts,
    },
    /// A user has this status from here on.
    UserStatusChanged { user: UserId, status: Status },
    /// A user can accept with a token of this hash until then, and with no earlier one.
    UserInvited {
        user: UserId,
        hash: TokenHash,
        expires_at: Timestamp,
    },
    /// A user's invitation is no longer accepted.
    InvitationRevoked { user: UserId },
    /// An invited user accepted, with its token or by signing in through an issuer: it is
    /// active, and no longer waits for its first login.
    InvitationAccepted {
        user: UserId,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        through: Option<IssuerId>,
    },
    /// A user is gone. It was attached to nothing and held nothing.
    UserRemoved { user: UserId },

    /// A group was added.
    GroupAdded {
        group: GroupId,
        number: GroupNumber,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        key: Option<Key>,
        name: Name,
    },
    /// A group has this name and key from here on.
    GroupChanged {
        group: GroupId,
        name: Name,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        key: Option<Key>,
    },
    /// A group is gone. It was empty and held nothing.
    GroupRemoved { group: GroupId },
    /// A user is in a group from here on.
    GroupUserAdded { group: GroupId, user: UserId },
    /// A user is no longer in a group.
    GroupUserRemoved { group: GroupId, user: UserId },

    /// A service was added.
    ServiceAdded {
        service: ServiceId,
        number: ServiceNumber,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        key: Option<Key>,
        name: Name,
    },
    /// A service has this name and key from here on.
    ServiceChanged {
        service: ServiceId,
        name: Name,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        key: Option<Key>,
    },
    /// A service is gone. It had no tokens and held nothing.
    ServiceRemoved { service: ServiceId },
    /// A service can call with a token of this hash.
    TokenCreated {
        token: TokenId,
        service: ServiceId,
        hash: TokenHash,
        hint: Box<str>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        expires_at: Option<Timestamp>,
    },
    /// A token is no longer accepted.
    TokenRevoked { token: TokenId },

    /// A user was attached to a resource.
    MemberAdded {
        resource: ResourceId,
        user: UserId,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        expires_at: Option<Timestamp>,
    },
    /// A user's membership ends at another time from here on.
    MemberChanged {
        resource: ResourceId,
        user: UserId,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        expires_at: Option<Timestamp>,
    },
    /// A user was detached from a resource.
    MemberRemoved { resource: ResourceId, user: UserId },
    /// A user's membership had run out, and was taken off the list.
    MemberExpired { resource: ResourceId, user: UserId },

    /// A subject holds a role on a resource. Granted again, only the time changes.
    RoleGranted {
        resource: ResourceId,
        subject: SubjectId,
        role: RoleName,
        #[serde(default, skip_serializing_if = "Parameters::is_empty")]
        parameters: Parameters,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        expires_at: Option<Timestamp>,
    },
    /// A subject no longer holds a role on a resource.
    RoleRevoked {
        resource: ResourceId,
        subject: SubjectId,
        role: RoleName,
        #[serde(default, skip_serializing_if = "Parameters::is_empty")]
        parameters: Parameters,
    },
    /// A grant had run out, and was taken off the list.
    GrantExpired {
        resource: ResourceId,
        subject: SubjectId,
        role: RoleName,
        #[serde(default, skip_serializing_if = "Parameters::is_empty")]
        parameters: Parameters,
    },
}
