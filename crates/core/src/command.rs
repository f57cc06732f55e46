//! Commands: the requests to change a tenant.
//!
//! A command has the ids of the things that it makes, since the core makes no ids.

use crate::catalogue::{Catalogue, Kind, Role};
use crate::id::{GroupId, IssuerId, Key, ResourceId, ServiceId, TokenId, UserId};
use crate::model::{
    FactsChange, Name, Parameters, Profile, ProfileChange, Status, TokenHash, Trust, UserFacts,
};
use crate::reference::{Locator, Ref};
use crate::time::Timestamp;

/// A reference to the subject of a grant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SubjectRef {
    /// A user.
    User(Ref),
    /// A group.
    Group(Ref),
    /// A service.
    Service(Ref),
}

/// A reference to a grant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GrantRef {
    /// The resource.
    pub resource: Locator,
    /// The subject.
    pub subject: SubjectRef,
    /// The name of the role.
    pub role: Box<str>,
    /// The parameters.
    pub parameters: Parameters,
}

/// A request for a change. [`crate::State::decide`] returns what it would change, or
/// refuses it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "each variant's comment describes its fields")]
pub enum Command {
    /// Start a tenant. Its first entry must begin with this command.
    CreateTenant {
        root: ResourceId,
        name: Name,
        catalogue: Box<Catalogue>,
    },
    /// Replace the catalogue. Refused if a kind or role in use is missing.
    SetCatalogue { catalogue: Box<Catalogue> },
    /// Add a role to the catalogue, or replace the one with its name. A replaced role
    /// keeps its id.
    SetRole { role: Box<Role> },
    /// Remove a role from the catalogue. Refused while it is granted.
    RemoveRole { name: Box<str> },
    /// Add a kind to the catalogue, or replace the one with its name.
    SetKind { kind: Box<Kind> },
    /// Remove a kind from the catalogue. Refused while the tenant has resources of the
    /// kind.
    RemoveKind { name: Box<str> },

    /// Accept an issuer's tokens.
    AddIssuer { id: IssuerId, trust: Box<Trust> },
    /// Change the terms on which an issuer's tokens are accepted.
    ChangeIssuer { issuer: IssuerId, trust: Box<Trust> },
    /// Stop accepting an issuer's tokens.
    RemoveIssuer { issuer: IssuerId },

    /// Add a resource. Without a number it gets the next one of its kind.
    AddResource {
        id: ResourceId,
        kind: Box<str>,
        parent: Locator,
        number: Option<u32>,
        key: Option<Key>,
        name: Name,
    },
    /// Change a resource's name or key. `None` leaves a value.
    ChangeResource {
        resource: Locator,
        name: Option<Name>,
        key: Option<Option<Key>>,
    },
    /// Move a resource under another parent, with everything below it.
    MoveResource { resource: Locator, parent: Locator },
    /// Remove a resource, its memberships and the grants on it. Refused while it has
    /// resources below it.
    RemoveResource { resource: Locator },

    /// Add a user. Without a number it gets the next one.
    AddUser {
        id: UserId,
        number: Option<u32>,
        key: Option<Key>,
        profile: Box<Profile>,
        status: Status,
        facts: UserFacts,
    },
    /// Change a user. `None` leaves a value.
    ChangeUser {
        user: Ref,
        key: Option<Option<Key>>,
        profile: Box<ProfileChange>,
        status: Option<Status>,
        facts: FactsChange,
    },
    /// Add a user with this key if nobody has the name, otherwise replace the user. A
    /// user that is named by its key keeps the key, given or not.
    PutUser {
        id: UserId,
        user: Ref,
        key: Option<Key>,
        profile: Box<Profile>,
        status: Status,
        facts: UserFacts,
    },
    /// Remove a user, its memberships and its grants.
    RemoveUser { user: Ref },
    /// Let an invited user accept with a token of this hash, which replaces an earlier
    /// one.
    InviteUser {
        user: Ref,
        hash: TokenHash,
        expires_at: Timestamp,
    },
    /// Revoke a user's invitation.
    RevokeInvitation { user: Ref },
    /// Accept the calling user's invitation with the token of this hash.
    AcceptInvitation { hash: TokenHash },
    /// Accept the calling user's invitation by its sign-in through an issuer.
    AcceptBySignIn { issuer: IssuerId },

    /// Add a group. Without a number it gets the next one.
    AddGroup {
        id: GroupId,
        number: Option<u32>,
        key: Option<Key>,
        name: Name,
    },
    /// Change a group's name or key. `None` leaves a value.
    ChangeGroup {
        group: Ref,
        name: Option<Name>,
        key: Option<Option<Key>>,
    },
    /// Remove a group and its grants.
    RemoveGroup { group: Ref },
    /// Add a user to a group.
    AddGroupUser { group: Ref, user: Ref },
    /// Remove a user from a group.
    RemoveGroupUser { group: Ref, user: Ref },

    /// Add a service. Without a number it gets the next one.
    AddService {
        id: ServiceId,
        number: Option<u32>,
        key: Option<Key>,
        name: Name,
    },
    /// Change a service's name or key. `None` leaves a value.
    ChangeService {
        service: Ref,
        name: Option<Name>,
        key: Option<Option<Key>>,
    },
    /// Remove a service, its tokens and its grants.
    RemoveService { service: Ref },
    /// Add an API token of a service, by the token's hash.
    CreateToken {
        id: TokenId,
        service: Ref,
        hash: TokenHash,
        hint: Box<str>,
        expires_at: Option<Timestamp>,
    },
    /// Revoke an API token.
    RevokeToken { token: TokenId },

    /// Attach a user to a resource. An existing membership stays as it is. The caller
    /// must hold the permission to add until the membership ends.
    AddMember {
        resource: Locator,
        user: Ref,
        expires_at: Option<Timestamp>,
    },
    /// Change the end of a membership. An earlier end takes the permission to remove, a
    /// later one the permission to add until then.
    ChangeMember {
        resource: Locator,
        user: Ref,
        expires_at: Option<Timestamp>,
    },
    /// Detach a user from a resource, and revoke its grants there.
    RemoveMember { resource: Locator, user: Ref },
    /// Attach exactly these users to a resource. Existing memberships keep their ends;
    /// new ones end at `expires_at`. Without `allow_mass_detach`, refused if more than
    /// half of ten or more users would be detached.
    SyncMembers {
        resource: Locator,
        users: Vec<Ref>,
        expires_at: Option<Timestamp>,
        allow_mass_detach: bool,
    },

    /// Grant a role. If the grant exists, only its end changes. An earlier end takes the
    /// permission to revoke. Everything else takes all that the role gives, and the
    /// permission to grant, until the grant ends.
    Grant {
        grant: GrantRef,
        expires_at: Option<Timestamp>,
    },
    /// Revoke a role.
    Revoke { grant: GrantRef },

    /// Record what has expired, at most `most` things. Only attache itself sends this.
    Expire { most: usize },
}
