//! What can be asked.
//!
//! Ids of what is to be made come with the command: the core makes none.

use crate::catalogue::{Catalogue, Kind, Role};
use crate::id::{GroupId, IssuerId, Key, ResourceId, ServiceId, TokenId, UserId};
use crate::model::{
    FactsChange, Name, Parameters, Profile, ProfileChange, Status, TokenHash, Trust, UserFacts,
};
use crate::reference::{Locator, Ref};
use crate::time::Timestamp;

/// To whom a role is granted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SubjectRef {
    /// A user.
    User(Ref),
    /// A group.
    Group(Ref),
    /// A service.
    Service(Ref),
}

/// Which grant is meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GrantRef {
    /// Where.
    pub resource: Locator,
    /// To whom.
    pub subject: SubjectRef,
    /// Which role, by its name.
    pub role: Box<str>,
    /// With which parameters.
    pub parameters: Parameters,
}

/// A wish. [`crate::State::decide`] says what it would change, or refuses it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(
    missing_docs,
    reason = "the fields are what the command's sentence speaks of"
)]
pub enum Command {
    /// Begin a tenant: the first entry of its log.
    CreateTenant {
        root: ResourceId,
        name: Name,
        catalogue: Box<Catalogue>,
    },
    /// Let this catalogue hold. Refused where a kind or role that is in use is missing.
    SetCatalogue { catalogue: Box<Catalogue> },
    /// Let the catalogue have this role, in place of the one of that name or at
    /// the end. A role that is replaced keeps its id.
    SetRole { role: Box<Role> },
    /// Take a role out of the catalogue. Refused while it is granted.
    RemoveRole { name: Box<str> },
    /// Let the catalogue have this kind, in place of the one of that name or at
    /// the end.
    SetKind { kind: Box<Kind> },
    /// Take a kind out of the catalogue. Refused while there are such resources.
    RemoveKind { name: Box<str> },

    /// Accept tokens of an issuer.
    AddIssuer { id: IssuerId, trust: Box<Trust> },
    /// Accept an issuer's tokens on other terms.
    ChangeIssuer { issuer: IssuerId, trust: Box<Trust> },
    /// No longer accept an issuer's tokens.
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
    /// Change a resource's name or key; `None` leaves it.
    ChangeResource {
        resource: Locator,
        name: Option<Name>,
        key: Option<Option<Key>>,
    },
    /// Let a resource stand under another, with all that is below it.
    MoveResource { resource: Locator, parent: Locator },
    /// Remove a resource, its memberships and the grants on it. Refused while
    /// anything stands below it.
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
    /// Change a user; `None` leaves what it stands for.
    ChangeUser {
        user: Ref,
        key: Option<Option<Key>>,
        profile: Box<ProfileChange>,
        status: Option<Status>,
        facts: FactsChange,
    },
    /// Let a user be exactly this: added with that key if nobody has the name, else changed. A
    /// user that is named by its key keeps the key, whether or not it is given.
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
    /// Let an invited user accept with a token of this hash, in place of an earlier one.
    InviteUser {
        user: Ref,
        hash: TokenHash,
        expires_at: Timestamp,
    },
    /// No longer accept a user's invitation.
    RevokeInvitation { user: Ref },
    /// The calling user accepts its invitation with the token of this hash.
    AcceptInvitation { hash: TokenHash },
    /// The calling user signed in through an issuer, and so accepts its invitation.
    AcceptBySignIn { issuer: IssuerId },

    /// Add a group. Without a number it gets the next one.
    AddGroup {
        id: GroupId,
        number: Option<u32>,
        key: Option<Key>,
        name: Name,
    },
    /// Change a group's name or key; `None` leaves it.
    ChangeGroup {
        group: Ref,
        name: Option<Name>,
        key: Option<Option<Key>>,
    },
    /// Remove a group and its grants.
    RemoveGroup { group: Ref },
    /// Put a user into a group.
    AddGroupUser { group: Ref, user: Ref },
    /// Take a user out of a group.
    RemoveGroupUser { group: Ref, user: Ref },

    /// Add a service. Without a number it gets the next one.
    AddService {
        id: ServiceId,
        number: Option<u32>,
        key: Option<Key>,
        name: Name,
    },
    /// Change a service's name or key; `None` leaves it.
    ChangeService {
        service: Ref,
        name: Option<Name>,
        key: Option<Option<Key>>,
    },
    /// Remove a service, its tokens and its grants.
    RemoveService { service: Ref },
    /// Let a service call with a token of this hash.
    CreateToken {
        id: TokenId,
        service: Ref,
        hash: TokenHash,
        hint: Box<str>,
        expires_at: Option<Timestamp>,
    },
    /// No longer accept a token.
    RevokeToken { token: TokenId },

    /// Attach a user to a resource. Somebody who is attached stays as it is. The caller
    /// must hold the permission to add until the membership ends.
    AddMember {
        resource: Locator,
        user: Ref,
        expires_at: Option<Timestamp>,
    },
    /// Let a membership end at another time, or never. Earlier takes the permission to
    /// remove, later the permission to add until then.
    ChangeMember {
        resource: Locator,
        user: Ref,
        expires_at: Option<Timestamp>,
    },
    /// Detach a user from a resource. Its grants there go too.
    RemoveMember { resource: Locator, user: Ref },
    /// Let exactly these users be attached to a resource. Those who are attached keep
    /// their ends, the memberships of the others end at `expires_at`. Without
    /// `allow_mass_detach` it is refused if more than half of ten or more would
    /// be detached.
    SyncMembers {
        resource: Locator,
        users: Vec<Ref>,
        expires_at: Option<Timestamp>,
        allow_mass_detach: bool,
    },

    /// Grant a role. Granted already: only the time of its end changes. Earlier takes
    /// the permission to revoke. Everything else takes all that the role gives, and the
    /// permission to grant, until the grant ends.
    Grant {
        grant: GrantRef,
        expires_at: Option<Timestamp>,
    },
    /// Revoke a role.
    Revoke { grant: GrantRef },

    /// Write down what has expired, at most so many things. Only attache asks this.
    Expire { most: usize },
}
