//! What of an entry is told to a caller that may read entries. Ids and facts of access
//! are told to all of them; names, keys and personal data only to callers that may read
//! these elsewhere.

use super::{Authority, Sight};
use crate::change::Change;
use crate::entry::Changes;
use crate::id::ResourceId;
use crate::model::Reason;
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

/// A field of changes that is withheld from callers that may not read it elsewhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WithheldField {
    /// The key of a thing.
    Key,
    /// The name of a thing.
    Name,
    /// What is known of a user's identity: [`UserFacts`](crate::model::UserFacts).
    Facts,
    /// The hint of a token.
    Hint,
    /// The trust in an issuer.
    Trust,
}

/// The fields of a change that are withheld from a caller.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Withheld(&'static [WithheldField]);

impl Withheld {
    /// No field.
    pub const NONE: Self = Self(&[]);
    /// All fields that are withheld from some caller.
    pub const ALL: Self = Self(&[
        WithheldField::Key,
        WithheldField::Name,
        WithheldField::Facts,
        WithheldField::Hint,
        WithheldField::Trust,
    ]);

    /// Returns whether no field is withheld.
    #[must_use]
    pub fn is_empty(self) -> bool {
        self.0.is_empty()
    }

    /// Returns whether a field is withheld.
    #[must_use]
    pub fn has(self, field: WithheldField) -> bool {
        self.0.contains(&field)
    }

    /// Returns the value of a field, unless the field is withheld.
    pub fn shown<T>(self, field: WithheldField, value: T) -> Option<T> {
        (!self.has(field)).then_some(value)
    }
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

    /// The reason of an entry, if it has one that the caller is told. A reason is personal data,
    /// as profiles are.
    #[must_use]
    pub fn reason<'e>(&self, changes: &'e Changes) -> Option<&'e Reason> {
        changes.reason.as_ref().filter(|_| self.profiles())
    }

    /// The fields of a change that are withheld.
    #[must_use]
    pub fn withheld(&self, change: &Change) -> Withheld {
        use WithheldField::{Facts, Hint, Key, Name, Trust};
        let (is_told, fields): (bool, &[WithheldField]) = match change {
            Change::TenantCreated { .. } => (self.sight.sees(Tree::ROOT), &[Name]),
            Change::ResourceAdded { resource, kind, .. } => {
                let of_kind = || self.sight.sees_all_of(kind);
                (self.sees(*resource).unwrap_or_else(of_kind), &[Key, Name])
            }
            Change::ResourceChanged { resource, .. } => {
                // Which kind it was is not told where it is gone.
                let of_any_kind = || self.sight.sees_all();
                let is_told = self.sees(*resource).unwrap_or_else(of_any_kind);
                (is_told, &[Key, Name])
            }
            Change::UserAdded { .. } | Change::UserChanged { .. } => (self.users, &[Key, Facts]),
            Change::GroupAdded { .. } | Change::GroupChanged { .. } => (self.groups, &[Key, Name]),
            Change::ServiceAdded { .. } | Change::ServiceChanged { .. } => {
                (self.services, &[Key, Name])
            }
            Change::TokenCreated { .. } => (self.services, &[Hint]),
            Change::IssuerAdded { .. } | Change::IssuerChanged { .. } => (self.issuers, &[Trust]),
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
        match is_told {
            true => Withheld::NONE,
            false => Withheld(fields),
        }
    }

    /// Whether the caller sees a resource; `None` if it is gone.
    fn sees(&self, resource: ResourceId) -> Option<bool> {
        let node = self.sight.subject().state.find(&Locator::id(resource))?;
        Some(self.sight.sees(node))
    }
}
