//! Who is attached, and with which roles.

use attache_core::Actor;
use attache_core::catalogue::ADMIN_ROLE;
use attache_core::id::{ResourceId, UserId};
use attache_core::model::{SubjectId, User};
use attache_core::time::Timestamp;

use super::Tenant;
use super::facts::counts;

/// A member: who, since when, until when, by whom.
pub(crate) type Member<'a> = (&'a User, Timestamp, Option<Timestamp>, Actor);

impl Tenant {
    /// The members of a resource itself, by number.
    pub(crate) fn members(&self, on: ResourceId, at: Timestamp) -> Vec<Member<'_>> {
        let mut members: Vec<Member<'_>> = self
            .users
            .iter()
            .filter(|user| self.is_member(on, user.id, at))
            .map(|user| self.membership(on, user))
            .collect();
        members.sort_by_key(|(user, ..)| user.number);
        members
    }

    /// Of the root, everybody is a member since it was added, without an end.
    pub(super) fn membership<'a>(&'a self, on: ResourceId, user: &'a User) -> Member<'a> {
        let mut written = self.memberships.iter();
        let written = written.find(|one| one.resource == on && one.user == user.id);
        written.map_or((user, user.created_at, None, user.created_by), |one| {
            (user, one.added_at, one.end, one.added_by)
        })
    }

    /// The roles that a user holds on the very resource, in the order of the
    /// catalogue.
    pub(crate) fn roles_on(&self, on: ResourceId, user: UserId, at: Timestamp) -> Vec<&str> {
        let Some(catalogue) = &self.catalogue else {
            return Vec::new();
        };
        let holds = |role: &str| {
            self.grants.iter().any(|granted| {
                let own = granted.subject == SubjectId::User(user);
                granted.resource == on
                    && &*granted.role == role
                    && counts(granted.end, at)
                    && self.has(SubjectId::User(user), granted)
                    && (!own || self.is_member(on, user, at))
            })
        };
        let names = catalogue.roles.iter().map(|role| role.name.as_str());
        names.filter(|name| holds(name)).collect()
    }

    pub(crate) fn is_admin(&self, user: UserId, at: Timestamp) -> bool {
        self.root()
            .is_some_and(|root| self.roles_on(root, user, at).contains(&ADMIN_ROLE))
    }
}
