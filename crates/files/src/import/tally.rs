//! Counts an import's changes.

use std::collections::{BTreeMap, HashSet};

use attache_core::id::{ResourceId, UserId};
use attache_core::model::{GrantKey, Parameters, SubjectId};
use attache_core::{Change, Changes, Locator, State};

use super::imported::Count;

/// Returns the number of changes of each type, sorted by type. A new end for an existing
/// grant counts as changed, not as granted. The profile of an added user
/// is a part of that user.
pub(super) fn of(before: Option<&State>, parts: &[Changes]) -> Vec<Count> {
    let mut counts: BTreeMap<&'static str, usize> = BTreeMap::new();
    let mut ended = HashSet::new();
    let mut added: HashSet<UserId> = HashSet::new();
    for change in parts.iter().flat_map(|part| &part.list) {
        match change {
            Change::UserAdded { user, .. } => {
                added.insert(*user);
            }
            Change::UserProfileSet { user } if added.contains(user) => continue,
            _ => {}
        }
        let words = match (change, Which::of(change)) {
            (Change::RoleGranted { .. }, Some(which))
                if !ended.contains(&which) && which.stands(before) =>
            {
                "grant changed"
            }
            (Change::RoleRevoked { .. } | Change::GrantExpired { .. }, Some(which)) => {
                ended.insert(which);
                words(change)
            }
            _ => words(change),
        };
        *counts.entry(words).or_default() += 1;
    }
    let count = |(what, count): (&str, usize)| Count {
        what: what.to_owned(),
        count,
    };
    counts.into_iter().map(count).collect()
}

/// The grant of a change.
#[derive(PartialEq, Eq, Hash)]
struct Which<'a> {
    resource: ResourceId,
    subject: SubjectId,
    role: &'a str,
    parameters: &'a Parameters,
}

impl<'a> Which<'a> {
    fn of(change: &'a Change) -> Option<Self> {
        match change {
            Change::RoleGranted {
                resource,
                subject,
                role,
                parameters,
                ..
            }
            | Change::RoleRevoked {
                resource,
                subject,
                role,
                parameters,
            }
            | Change::GrantExpired {
                resource,
                subject,
                role,
                parameters,
            } => Some(Self {
                resource: *resource,
                subject: *subject,
                role: role.as_str(),
                parameters,
            }),
            _ => None,
        }
    }

    fn stands(&self, state: Option<&State>) -> bool {
        let find = |state: &State| {
            let node = state.node(state.find(&Locator::id(self.resource))?)?;
            let key = GrantKey {
                subject: state.subject(self.subject)?,
                role: state.role_index(self.role)?,
                parameters: self.parameters.clone(),
            };
            node.stored_grant(&key).map(|_| ())
        };
        state.and_then(find).is_some()
    }
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
