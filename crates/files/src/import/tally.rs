//! What an import changes, counted.

use std::collections::BTreeMap;

use attache_core::{Change, Changes};

use super::imported::Count;

/// How many changes of each type, in the order of the types' names.
pub(super) fn of(parts: &[Changes]) -> Vec<Count> {
    let mut counts: BTreeMap<&'static str, usize> = BTreeMap::new();
    for change in parts.iter().flat_map(|part| &part.list) {
        *counts.entry(words(change)).or_default() += 1;
    }
    let count = |(what, count): (&str, usize)| Count {
        what: what.to_owned(),
        count,
    };
    counts.into_iter().map(count).collect()
}

fn words(change: &Change) -> &'static str {
    match change {
        Change::TenantCreated { .. } => "tenant created",
        Change::CatalogueSet { .. } => "catalogue set",
        Change::CatalogueChanged { .. } => "catalogue changed",
        Change::IssuerAdded { .. } => "issuer added",
        Change::IssuerChanged { .. } => "issuer changed",
        Change::IssuerRemoved { .. } => "issuer removed",
        Change::ResourceAdded { .. } => "resource added",
        Change::ResourceChanged { .. } => "resource changed",
        Change::ResourceMoved { .. } => "resource moved",
        Change::ResourceRemoved { .. } => "resource removed",
        Change::UserAdded { .. } => "user added",
        Change::UserProfileSet { .. } => "user's profile set",
        Change::UserChanged { .. } => "user changed",
        Change::UserStatusChanged { .. } => "user's status changed",
        Change::UserInvited { .. } => "user invited",
        Change::InvitationRevoked { .. } => "invitation revoked",
        Change::InvitationAccepted { .. } => "invitation accepted",
        Change::UserRemoved { .. } => "user removed",
        Change::GroupAdded { .. } => "group added",
        Change::GroupChanged { .. } => "group changed",
        Change::GroupRemoved { .. } => "group removed",
        Change::GroupUserAdded { .. } => "user put into a group",
        Change::GroupUserRemoved { .. } => "user taken out of a group",
        Change::ServiceAdded { .. } => "service added",
        Change::ServiceChanged { .. } => "service changed",
        Change::ServiceRemoved { .. } => "service removed",
        Change::TokenCreated { .. } => "token created",
        Change::TokenRevoked { .. } => "token revoked",
        Change::MemberAdded { .. } => "user attached",
        Change::MemberChanged { .. } => "membership changed",
        Change::MemberRemoved { .. } => "user detached",
        Change::MemberExpired { .. } => "membership expired",
        Change::RoleGranted { .. } => "role granted",
        Change::RoleRevoked { .. } => "role revoked",
        Change::GrantExpired { .. } => "grant expired",
    }
}
