//! The event of each change of the log. Every field of a change is named here: a new change,
//! or a new field of one, does not compile until it is decided what readers see of it.

use attache_core::Change;
use attache_core::ask::{Withheld, WithheldField};
use attache_core::catalogue::{Catalogue, Difference, PermissionEntry};
use attache_core::id::Key;
use attache_core::model::{Trust, UserFacts};

use super::super::catalogue::Permission;
use super::super::issuers::IssuerTerms;
use super::Event;
use super::catalogue::{EventKind, EventRole};

/// Returns the key of a thing, if it is shown; `None` within for no key.
fn shown_key(withheld: Withheld, key: Option<&Key>) -> Option<Option<&str>> {
    withheld.shown(WithheldField::Key, key.map(Key::as_str))
}

/// Returns the terms of the trust in an issuer, if they are shown.
fn shown_terms(withheld: Withheld, trust: &Trust) -> Option<Box<IssuerTerms>> {
    let trust = withheld.shown(WithheldField::Trust, trust);
    trust.map(|trust| Box::new(IssuerTerms::from(trust)))
}

impl<'a> Event<'a> {
    /// Returns the event of a change. `withheld` has the fields that the caller may not read:
    /// [`Told::withheld`](attache_core::ask::Told::withheld).
    pub(crate) fn of(change: &'a Change, withheld: Withheld) -> Self {
        match change {
            Change::TenantCreated { tenant, root, name } => Self::TenantCreated {
                tenant: tenant.0,
                root: root.0,
                name: withheld.shown(WithheldField::Name, name),
            },
            Change::CatalogueSet { catalogue, added } => replaced(catalogue, added),
            Change::CatalogueChanged { difference, added } => changed(difference, added),
            Change::IssuerAdded { issuer, trust } => Self::IssuerAdded {
                issuer: issuer.0,
                terms: shown_terms(withheld, trust),
            },
            Change::IssuerChanged { issuer, trust } => Self::IssuerChanged {
                issuer: issuer.0,
                terms: shown_terms(withheld, trust),
            },
            Change::IssuerRemoved { issuer } => Self::IssuerRemoved { issuer: issuer.0 },
            Change::ResourceAdded {
                resource,
                kind,
                number,
                key,
                name,
                parent,
            } => Self::ResourceAdded {
                resource: resource.0,
                kind: kind.as_str(),
                number: number.0,
                key: shown_key(withheld, key.as_ref()),
                name: withheld.shown(WithheldField::Name, name),
                parent: parent.0,
            },
            Change::ResourceChanged {
                resource,
                name,
                key,
            } => Self::ResourceChanged {
                resource: resource.0,
                key: shown_key(withheld, key.as_ref()),
                name: withheld.shown(WithheldField::Name, name),
            },
            Change::ResourceMoved { resource, parent } => Self::ResourceMoved {
                resource: resource.0,
                parent: parent.0,
            },
            Change::ResourceRemoved { resource } => Self::ResourceRemoved {
                resource: resource.0,
            },
            Change::UserAdded {
                user,
                number,
                key,
                status,
                facts,
            } => {
                let UserFacts {
                    email_verified,
                    first_login,
                    external_auth_id,
                } = facts;
                Self::UserAdded {
                    user: user.0,
                    number: number.0,
                    status: *status,
                    key: shown_key(withheld, key.as_ref()),
                    email_verified: withheld.shown(WithheldField::Facts, *email_verified),
                    first_login: withheld.shown(WithheldField::Facts, *first_login),
                    external_auth_id: withheld
                        .shown(WithheldField::Facts, external_auth_id.as_ref()),
                }
            }
            Change::UserProfileSet { user } => Self::UserProfileChanged { user: user.0 },
            Change::UserChanged { user, key, facts } => {
                let UserFacts {
                    email_verified,
                    first_login,
                    external_auth_id,
                } = facts;
                Self::UserChanged {
                    user: user.0,
                    key: shown_key(withheld, key.as_ref()),
                    email_verified: withheld.shown(WithheldField::Facts, *email_verified),
                    first_login: withheld.shown(WithheldField::Facts, *first_login),
                    external_auth_id: withheld
                        .shown(WithheldField::Facts, external_auth_id.as_ref()),
                }
            }
            Change::UserStatusChanged { user, status } => Self::UserStatusChanged {
                user: user.0,
                status: *status,
            },
            Change::UserRemoved { user } => Self::UserRemoved { user: user.0 },
            Change::UserInvited {
                user,
                hash: _,
                expires_at,
            } => Self::InvitationCreated {
                user: user.0,
                expires_at: *expires_at,
            },
            Change::InvitationRevoked { user } => Self::InvitationRevoked { user: user.0 },
            Change::InvitationAccepted { user, through } => Self::InvitationAccepted {
                user: user.0,
                issuer: through.map(|issuer| issuer.0),
            },
            Change::GroupAdded {
                group,
                number,
                key,
                name,
            } => Self::GroupAdded {
                group: group.0,
                number: number.0,
                key: shown_key(withheld, key.as_ref()),
                name: withheld.shown(WithheldField::Name, name),
            },
            Change::GroupChanged { group, name, key } => Self::GroupChanged {
                group: group.0,
                key: shown_key(withheld, key.as_ref()),
                name: withheld.shown(WithheldField::Name, name),
            },
            Change::GroupRemoved { group } => Self::GroupRemoved { group: group.0 },
            Change::GroupUserAdded { group, user } => Self::GroupUserAdded {
                group: group.0,
                user: user.0,
            },
            Change::GroupUserRemoved { group, user } => Self::GroupUserRemoved {
                group: group.0,
                user: user.0,
            },
            Change::ServiceAdded {
                service,
                number,
                key,
                name,
            } => Self::ServiceAdded {
                service: service.0,
                number: number.0,
                key: shown_key(withheld, key.as_ref()),
                name: withheld.shown(WithheldField::Name, name),
            },
            Change::ServiceChanged { service, name, key } => Self::ServiceChanged {
                service: service.0,
                key: shown_key(withheld, key.as_ref()),
                name: withheld.shown(WithheldField::Name, name),
            },
            Change::ServiceRemoved { service } => Self::ServiceRemoved { service: service.0 },
            Change::TokenCreated {
                token,
                service,
                hash: _,
                hint,
                expires_at,
            } => Self::TokenCreated {
                token: token.0,
                service: service.0,
                hint: withheld.shown(WithheldField::Hint, &**hint),
                expires_at: *expires_at,
            },
            Change::TokenRevoked { token } => Self::TokenRevoked { token: token.0 },
            Change::MemberAdded {
                resource,
                user,
                expires_at,
            } => Self::MemberAdded {
                resource: resource.0,
                user: user.0,
                expires_at: *expires_at,
            },
            Change::MemberChanged {
                resource,
                user,
                expires_at,
            } => Self::MemberChanged {
                resource: resource.0,
                user: user.0,
                expires_at: *expires_at,
            },
            Change::MemberRemoved { resource, user } => Self::MemberRemoved {
                resource: resource.0,
                user: user.0,
            },
            Change::MemberExpired { resource, user } => Self::MemberExpired {
                resource: resource.0,
                user: user.0,
            },
            Change::RoleGranted {
                resource,
                subject,
                role,
                parameters,
                expires_at,
            } => Self::GrantAdded {
                resource: resource.0,
                subject: *subject,
                role: role.as_str(),
                parameters,
                expires_at: *expires_at,
            },
            Change::RoleRevoked {
                resource,
                subject,
                role,
                parameters,
            } => Self::GrantRemoved {
                resource: resource.0,
                subject: *subject,
                role: role.as_str(),
                parameters,
            },
            Change::GrantExpired {
                resource,
                subject,
                role,
                parameters,
            } => Self::GrantExpired {
                resource: resource.0,
                subject: *subject,
                role: role.as_str(),
                parameters,
            },
        }
    }
}

fn replaced<'a>(catalogue: &'a Catalogue, added: &'a [Box<str>]) -> Event<'a> {
    let Catalogue {
        kinds,
        roles,
        permissions,
    } = catalogue;
    Event::CatalogueReplaced {
        kinds: kinds.iter().map(EventKind::from).collect(),
        roles: roles.iter().map(EventRole::from).collect(),
        permissions: named(permissions),
        added,
    }
}

fn changed<'a>(difference: &'a Difference, added: &'a [Box<str>]) -> Event<'a> {
    let Difference {
        kinds,
        roles,
        permissions,
        removed_kinds,
        removed_roles,
        removed_permissions,
    } = difference;
    let removed_permissions = removed_permissions.iter();
    Event::CatalogueChanged {
        kinds: kinds.iter().map(EventKind::from).collect(),
        roles: roles.iter().map(EventRole::from).collect(),
        permissions: named(permissions),
        removed_kinds: removed_kinds.iter().map(|kind| kind.as_str()).collect(),
        removed_roles: removed_roles.iter().map(|role| role.as_str()).collect(),
        removed_permissions: removed_permissions.map(ToString::to_string).collect(),
        added,
    }
}

fn named(permissions: &[PermissionEntry]) -> Vec<Permission> {
    permissions.iter().map(Permission::from).collect()
}
