//! Of which thing a change is.

use uuid::Uuid;

use crate::change::Change;

/// The home of what happens to the catalogue.
pub const CATALOGUE: Uuid = Uuid::nil();

/// The thing whose history a change is in: for memberships and grants the resource, for a
/// group's users the group. `None` for changes that no answer about the past is made from:
/// of tokens and issuers.
#[must_use]
pub fn home(change: &Change) -> Option<Uuid> {
    Some(match change {
        Change::TenantCreated { root, .. } => root.0,
        Change::CatalogueSet { .. } | Change::CatalogueChanged { .. } => CATALOGUE,
        Change::ResourceAdded { resource, .. }
        | Change::ResourceChanged { resource, .. }
        | Change::ResourceMoved { resource, .. }
        | Change::ResourceRemoved { resource }
        | Change::MemberAdded { resource, .. }
        | Change::MemberChanged { resource, .. }
        | Change::MemberRemoved { resource, .. }
        | Change::MemberExpired { resource, .. }
        | Change::RoleGranted { resource, .. }
        | Change::RoleRevoked { resource, .. }
        | Change::GrantExpired { resource, .. } => resource.0,
        Change::UserAdded { user, .. }
        | Change::UserProfileSet { user }
        | Change::UserChanged { user, .. }
        | Change::UserStatusChanged { user, .. }
        | Change::UserInvited { user, .. }
        | Change::InvitationRevoked { user }
        | Change::InvitationAccepted { user, .. }
        | Change::UserRemoved { user } => user.0,
        Change::GroupAdded { group, .. }
        | Change::GroupChanged { group, .. }
        | Change::GroupRemoved { group }
        | Change::GroupUserAdded { group, .. }
        | Change::GroupUserRemoved { group, .. } => group.0,
        Change::ServiceAdded { service, .. }
        | Change::ServiceChanged { service, .. }
        | Change::ServiceRemoved { service } => service.0,
        Change::TokenCreated { .. }
        | Change::TokenRevoked { .. }
        | Change::IssuerAdded { .. }
        | Change::IssuerChanged { .. }
        | Change::IssuerRemoved { .. } => return None,
    })
}
