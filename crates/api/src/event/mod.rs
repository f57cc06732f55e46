//! Events: what happened, in the words that readers of the API build on. The names of events
//! and of their fields stay as they are when the log changes its own.

mod catalogue;
mod document;
mod of_change;
mod profile;
#[cfg(test)]
mod tests;

use attache_core::Timestamp;
use attache_core::model::{ExternalId, Name, Parameters, SubjectId};
use serde::{Serialize, Serializer};
use utoipa::ToSchema;
use uuid::Uuid;

use super::catalogue::Permission;
use super::issuers::IssuerTerms;
use super::words;
use catalogue::{EventKind, EventRole};

pub(super) use document::describe;
pub(super) use profile::EventProfile;

/// What happened to one thing. `type` says what; things are named by their ids. A key, a name
/// or another field that the caller may not read elsewhere is left out. New versions can add
/// types and fields.
#[derive(Debug, Serialize, ToSchema)]
#[serde(tag = "type")]
#[schema(as = Event)]
pub(super) enum Event<'a> {
    /// The tenant began, with its root.
    #[serde(rename = "tenant.created")]
    TenantCreated {
        tenant: Uuid,
        root: Uuid,
        #[serde(skip_serializing_if = "Option::is_none")]
        #[schema(value_type = Option<String>, nullable = false)]
        name: Option<&'a Name>,
    },

    /// The catalogue was replaced as a whole.
    #[serde(rename = "catalogue.replaced")]
    CatalogueReplaced {
        kinds: Vec<EventKind<'a>>,
        roles: Vec<EventRole<'a>>,
        permissions: Vec<Permission>,
        /// The kinds and roles that are new. Empty for the first catalogue of a tenant.
        #[schema(value_type = Vec<String>, example = json!(["role:owner"]))]
        added: &'a [Box<str>],
    },
    /// Kinds, roles or permissions of the catalogue were added, changed or removed.
    #[serde(rename = "catalogue.changed")]
    CatalogueChanged {
        /// The new and the changed kinds, as they are now.
        kinds: Vec<EventKind<'a>>,
        /// The new and the changed roles, as they are now.
        roles: Vec<EventRole<'a>>,
        /// The new and the changed permissions, as they are now.
        permissions: Vec<Permission>,
        removed_kinds: Vec<&'a str>,
        removed_roles: Vec<&'a str>,
        removed_permissions: Vec<String>,
        /// The kinds and roles that are new.
        #[schema(value_type = Vec<String>, example = json!(["role:owner"]))]
        added: &'a [Box<str>],
    },

    /// The tokens of an issuer are accepted from here on.
    #[serde(rename = "issuer.added")]
    IssuerAdded {
        issuer: Uuid,
        #[serde(skip_serializing_if = "Option::is_none")]
        #[schema(value_type = Option<IssuerTerms>, nullable = false)]
        terms: Option<Box<IssuerTerms>>,
    },
    /// The tokens of an issuer are accepted on other terms from here on.
    #[serde(rename = "issuer.changed")]
    IssuerChanged {
        issuer: Uuid,
        #[serde(skip_serializing_if = "Option::is_none")]
        #[schema(value_type = Option<IssuerTerms>, nullable = false)]
        terms: Option<Box<IssuerTerms>>,
    },
    /// The tokens of an issuer are no longer accepted.
    #[serde(rename = "issuer.removed")]
    IssuerRemoved { issuer: Uuid },

    /// A resource was added below another.
    #[serde(rename = "resource.added")]
    ResourceAdded {
        resource: Uuid,
        #[schema(example = "customer")]
        kind: &'a str,
        number: u32,
        /// Null for none.
        #[serde(skip_serializing_if = "Option::is_none")]
        #[schema(value_type = Option<String>)]
        key: Option<Option<&'a str>>,
        #[serde(skip_serializing_if = "Option::is_none")]
        #[schema(value_type = Option<String>, nullable = false)]
        name: Option<&'a Name>,
        parent: Uuid,
    },
    /// A resource has another name or key.
    #[serde(rename = "resource.changed")]
    ResourceChanged {
        resource: Uuid,
        /// Null for none.
        #[serde(skip_serializing_if = "Option::is_none")]
        #[schema(value_type = Option<String>)]
        key: Option<Option<&'a str>>,
        #[serde(skip_serializing_if = "Option::is_none")]
        #[schema(value_type = Option<String>, nullable = false)]
        name: Option<&'a Name>,
    },
    /// A resource was moved below another, with everything below it.
    #[serde(rename = "resource.moved")]
    ResourceMoved { resource: Uuid, parent: Uuid },
    /// A resource was removed.
    #[serde(rename = "resource.removed")]
    ResourceRemoved { resource: Uuid },

    /// A user was added, and is a member of the root.
    #[serde(rename = "user.added")]
    UserAdded {
        user: Uuid,
        number: u32,
        #[schema(value_type = words::Status)]
        status: attache_core::model::Status,
        /// Null for none.
        #[serde(skip_serializing_if = "Option::is_none")]
        #[schema(value_type = Option<String>)]
        key: Option<Option<&'a str>>,
        #[serde(skip_serializing_if = "Option::is_none")]
        #[schema(nullable = false)]
        email_verified: Option<bool>,
        #[serde(skip_serializing_if = "Option::is_none")]
        #[schema(nullable = false)]
        first_login: Option<bool>,
        /// Null for none.
        #[serde(skip_serializing_if = "Option::is_none")]
        #[schema(value_type = Option<String>)]
        external_auth_id: Option<Option<&'a ExternalId>>,
    },
    /// A user's name, e-mail address or phone number was set. The entry's `profiles` has them.
    #[serde(rename = "user.profile_changed")]
    UserProfileChanged { user: Uuid },
    /// A user has another key, verification, first login or id at the identity provider.
    #[serde(rename = "user.changed")]
    UserChanged {
        user: Uuid,
        /// Null for none.
        #[serde(skip_serializing_if = "Option::is_none")]
        #[schema(value_type = Option<String>)]
        key: Option<Option<&'a str>>,
        #[serde(skip_serializing_if = "Option::is_none")]
        #[schema(nullable = false)]
        email_verified: Option<bool>,
        #[serde(skip_serializing_if = "Option::is_none")]
        #[schema(nullable = false)]
        first_login: Option<bool>,
        /// Null for none.
        #[serde(skip_serializing_if = "Option::is_none")]
        #[schema(value_type = Option<String>)]
        external_auth_id: Option<Option<&'a ExternalId>>,
    },
    /// A user has another status.
    #[serde(rename = "user.status_changed")]
    UserStatusChanged {
        user: Uuid,
        #[schema(value_type = words::Status)]
        status: attache_core::model::Status,
    },
    /// A user was removed.
    #[serde(rename = "user.removed")]
    UserRemoved { user: Uuid },

    /// A user was invited. Earlier invitations of the user are no longer accepted.
    #[serde(rename = "invitation.created")]
    InvitationCreated {
        user: Uuid,
        #[schema(value_type = String, format = DateTime)]
        expires_at: Timestamp,
    },
    /// A user's invitation is no longer accepted.
    #[serde(rename = "invitation.revoked")]
    InvitationRevoked { user: Uuid },
    /// A user accepted its invitation, and is active.
    #[serde(rename = "invitation.accepted")]
    InvitationAccepted {
        user: Uuid,
        /// The issuer that the user signed in through; null if it accepted with the
        /// invitation's token.
        #[schema(required = true)]
        issuer: Option<Uuid>,
    },

    /// A group was added.
    #[serde(rename = "group.added")]
    GroupAdded {
        group: Uuid,
        number: u32,
        /// Null for none.
        #[serde(skip_serializing_if = "Option::is_none")]
        #[schema(value_type = Option<String>)]
        key: Option<Option<&'a str>>,
        #[serde(skip_serializing_if = "Option::is_none")]
        #[schema(value_type = Option<String>, nullable = false)]
        name: Option<&'a Name>,
    },
    /// A group has another name or key.
    #[serde(rename = "group.changed")]
    GroupChanged {
        group: Uuid,
        /// Null for none.
        #[serde(skip_serializing_if = "Option::is_none")]
        #[schema(value_type = Option<String>)]
        key: Option<Option<&'a str>>,
        #[serde(skip_serializing_if = "Option::is_none")]
        #[schema(value_type = Option<String>, nullable = false)]
        name: Option<&'a Name>,
    },
    /// A group was removed.
    #[serde(rename = "group.removed")]
    GroupRemoved { group: Uuid },
    /// A user was added to a group.
    #[serde(rename = "group.user_added")]
    GroupUserAdded { group: Uuid, user: Uuid },
    /// A user was removed from a group.
    #[serde(rename = "group.user_removed")]
    GroupUserRemoved { group: Uuid, user: Uuid },

    /// A service was added.
    #[serde(rename = "service.added")]
    ServiceAdded {
        service: Uuid,
        number: u32,
        /// Null for none.
        #[serde(skip_serializing_if = "Option::is_none")]
        #[schema(value_type = Option<String>)]
        key: Option<Option<&'a str>>,
        #[serde(skip_serializing_if = "Option::is_none")]
        #[schema(value_type = Option<String>, nullable = false)]
        name: Option<&'a Name>,
    },
    /// A service has another name or key.
    #[serde(rename = "service.changed")]
    ServiceChanged {
        service: Uuid,
        /// Null for none.
        #[serde(skip_serializing_if = "Option::is_none")]
        #[schema(value_type = Option<String>)]
        key: Option<Option<&'a str>>,
        #[serde(skip_serializing_if = "Option::is_none")]
        #[schema(value_type = Option<String>, nullable = false)]
        name: Option<&'a Name>,
    },
    /// A service was removed.
    #[serde(rename = "service.removed")]
    ServiceRemoved { service: Uuid },
    /// A token of a service was created. Neither the token nor its hash is shown.
    #[serde(rename = "token.created")]
    TokenCreated {
        token: Uuid,
        service: Uuid,
        /// The token's last characters, by which people recognise it.
        #[serde(skip_serializing_if = "Option::is_none")]
        #[schema(nullable = false, example = "q7Xd")]
        hint: Option<&'a str>,
        /// When the token ends; null for never.
        #[schema(value_type = Option<String>, format = DateTime, required = true)]
        expires_at: Option<Timestamp>,
    },
    /// A token is no longer accepted.
    #[serde(rename = "token.revoked")]
    TokenRevoked { token: Uuid },

    /// A user was attached to a resource.
    #[serde(rename = "member.added")]
    MemberAdded {
        resource: Uuid,
        user: Uuid,
        /// When the membership ends; null for never.
        #[schema(value_type = Option<String>, format = DateTime, required = true)]
        expires_at: Option<Timestamp>,
    },
    /// A user's membership has another end.
    #[serde(rename = "member.changed")]
    MemberChanged {
        resource: Uuid,
        user: Uuid,
        /// When the membership ends; null for never.
        #[schema(value_type = Option<String>, format = DateTime, required = true)]
        expires_at: Option<Timestamp>,
    },
    /// A user was detached from a resource.
    #[serde(rename = "member.removed")]
    MemberRemoved { resource: Uuid, user: Uuid },
    /// A user's membership had ended at its `expires_at`, and is no longer listed.
    #[serde(rename = "member.expired")]
    MemberExpired { resource: Uuid, user: Uuid },

    /// A role was granted, or a grant has another end.
    #[serde(rename = "grant.added")]
    GrantAdded {
        resource: Uuid,
        /// To whom: `user:…`, `group:…` or `service:…` with the id.
        #[serde(serialize_with = "written")]
        #[schema(value_type = String, example = "user:019f91a9-38c7-7014-a46e-75b4618c9ce3")]
        subject: SubjectId,
        #[schema(example = "owner")]
        role: &'a str,
        #[schema(value_type = std::collections::BTreeMap<String, String>)]
        parameters: &'a Parameters,
        /// When the grant ends; null for never.
        #[schema(value_type = Option<String>, format = DateTime, required = true)]
        expires_at: Option<Timestamp>,
    },
    /// A grant was revoked.
    #[serde(rename = "grant.removed")]
    GrantRemoved {
        resource: Uuid,
        /// From whom: `user:…`, `group:…` or `service:…` with the id.
        #[serde(serialize_with = "written")]
        #[schema(value_type = String, example = "user:019f91a9-38c7-7014-a46e-75b4618c9ce3")]
        subject: SubjectId,
        #[schema(example = "owner")]
        role: &'a str,
        #[schema(value_type = std::collections::BTreeMap<String, String>)]
        parameters: &'a Parameters,
    },
    /// A grant had ended at its `expires_at`, and is no longer listed.
    #[serde(rename = "grant.expired")]
    GrantExpired {
        resource: Uuid,
        /// Whose: `user:…`, `group:…` or `service:…` with the id.
        #[serde(serialize_with = "written")]
        #[schema(value_type = String, example = "user:019f91a9-38c7-7014-a46e-75b4618c9ce3")]
        subject: SubjectId,
        #[schema(example = "owner")]
        role: &'a str,
        #[schema(value_type = std::collections::BTreeMap<String, String>)]
        parameters: &'a Parameters,
    },
}

/// Writes a subject as answers name it: `user:…`.
#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde passes it so")]
fn written<S: Serializer>(subject: &SubjectId, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(subject)
}
