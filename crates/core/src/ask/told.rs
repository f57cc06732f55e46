//! What of an entry is told to a caller that may read entries. Ids and facts of access
//! are told to all of them; names, keys and personal data only to callers that may read
//! these elsewhere.

use super::{Authority, Sight};
use crate::change::Change;
use crate::id::ResourceId;
use crate::reference::Locator;
use crate::state::Tree;

/// What of entries a caller is told.
#[derive(Clone, Debug)]
pub struct Told<'a> {
    sight: Sight<'a>,
    users: bool,
    groups: bool,
    services: bool,
    issuers: bool,
}

impl<'a> Authority<'a> {
    /// What of entries the caller is told. Entries name their things by id, so no subject
    /// is needed.
    #[must_use]
    pub fn told(self) -> Told<'a> {
        let may = |what| self.authorize_tenant(what).is_ok();
        Told {
            sight: self.sight(self.present),
            users: may("users.list"),
            groups: may("groups.list"),
            services: may("services.list"),
            issuers: may("issuers.list"),
        }
    }
}

impl Told<'_> {
    /// Whether the caller is told the profiles of users.
    #[must_use]
    pub fn profiles(&self) -> bool {
        self.users
    }

    /// The fields of a change that are withheld, by their names in the log.
    #[must_use]
    pub fn withheld(&self, change: &Change) -> &'static [&'static str] {
        let (is_told, fields): (bool, &[&str]) = match change {
            Change::TenantCreated { .. } => (self.sight.sees(Tree::ROOT), &["name"]),
            Change::ResourceAdded { resource, kind, .. } => {
                let of_kind = || self.sight.sees_all_of(kind);
                (
                    self.sees(*resource).unwrap_or_else(of_kind),
                    &["key", "name"],
                )
            }
            Change::ResourceChanged { resource, .. } => {
                // Which kind it was is not told where it is gone.
                let of_any_kind = || self.sight.sees_all();
                let is_told = self.sees(*resource).unwrap_or_else(of_any_kind);
                (is_told, &["key", "name"])
            }
            Change::UserAdded { .. } | Change::UserChanged { .. } => {
                (self.users, &["key", "facts"])
            }
            Change::GroupAdded { .. } | Change::GroupChanged { .. } => {
                (self.groups, &["key", "name"])
            }
            Change::ServiceAdded { .. } | Change::ServiceChanged { .. } => {
                (self.services, &["key", "name"])
            }
            Change::TokenCreated { .. } => (self.services, &["hint"]),
            Change::IssuerAdded { .. } | Change::IssuerChanged { .. } => (self.issuers, &["trust"]),
            // Whoever may read entries holds something on the tenant, and may read the
            // catalogue. All others say ids and facts of access.
            Change::CatalogueSet { .. }
            | Change::CatalogueChanged { .. }
            | Change::IssuerRemoved { .. }
            | Change::ResourceMoved { .. }
            | Change::ResourceRemoved { .. }
            | Change::UserProfileSet { .. }
            | Change::UserStatusChanged { .. }
            | Change::UserInvited { .. }
            | Change::InvitationRevoked { .. }
            | Change::InvitationAccepted { .. }
            | Change::UserRemoved { .. }
            | Change::GroupRemoved { .. }
            | Change::GroupUserAdded { .. }
            | Change::GroupUserRemoved { .. }
            | Change::ServiceRemoved { .. }
            | Change::TokenRevoked { .. }
            | Change::MemberAdded { .. }
            | Change::MemberChanged { .. }
            | Change::MemberRemoved { .. }
            | Change::MemberExpired { .. }
            | Change::RoleGranted { .. }
            | Change::RoleRevoked { .. }
            | Change::GrantExpired { .. } => (true, &[]),
        };
        if is_told { &[] } else { fields }
    }

    /// Whether the caller sees a resource; `None` if it is gone.
    fn sees(&self, resource: ResourceId) -> Option<bool> {
        let node = self.sight.subject().state.find(&Locator::id(resource))?;
        Some(self.sight.sees(node))
    }
}
