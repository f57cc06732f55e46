//! Nobody gives what they do not hold.

use attache_core::Refusal;
use attache_core::catalogue::Role;
use attache_core::id::{ResourceId, UserId};
use attache_core::model::{Parameters, SubjectId};

use super::facts::counts;
use super::gate::{Who, pattern};
use super::{Act, Held, Tenant};

impl Tenant {
    /// Whether the caller holds, on a resource, all that a role gives if it
    /// stands on that resource or above it.
    pub(crate) fn must_hold(
        &self,
        act: &Act,
        on: ResourceId,
        role: &Role,
        granted_on: ResourceId,
        parameters: &Parameters,
    ) -> Result<(), Refusal> {
        let held = match self.who_is(&act.by) {
            Who::Everything => return Ok(()),
            Who::Somebody(subject) => self.held(subject, on, act.at),
            Who::Nobody => Vec::new(),
        };
        for given in Held::of_role(role, granted_on, parameters) {
            if !held.iter().any(|held| held.covers(&given)) {
                return Err(Refusal::Exceeds {
                    permission: pattern(given.pattern),
                });
            }
        }
        Ok(())
    }

    /// Whether the caller holds all that a subject holds: what the roles give
    /// that count for it, and what its memberships give, those of the root left out.
    pub(crate) fn must_hold_all_of(&self, act: &Act, subject: SubjectId) -> Result<(), Refusal> {
        let places: Vec<ResourceId> = self.grants.iter().map(|granted| granted.resource).collect();
        for on in places {
            self.must_hold_grants_on(act, on, subject)?;
        }
        let (SubjectId::User(user), Who::Somebody(caller)) = (subject, self.who_is(&act.by)) else {
            return Ok(());
        };
        for attached in &self.memberships {
            let on = attached.resource;
            if attached.user != user || !self.is_member(on, user, act.at) {
                continue;
            }
            let held = self.held(caller, on, act.at);
            let kind = self.kind(self.kind_of(on));
            for may in kind.iter().flat_map(|kind| &kind.members_may) {
                let given = Held {
                    pattern: may.as_str(),
                    scope: None,
                };
                if !held.iter().any(|held| held.covers(&given)) {
                    return Err(Refusal::Exceeds {
                        permission: pattern(given.pattern),
                    });
                }
            }
        }
        Ok(())
    }

    /// Whether the caller holds what the roles give that count for a subject on one resource.
    pub(crate) fn must_hold_grants_on(
        &self,
        act: &Act,
        on: ResourceId,
        subject: SubjectId,
    ) -> Result<(), Refusal> {
        for granted in self.grants.iter().filter(|granted| granted.resource == on) {
            let waits = match granted.subject {
                SubjectId::User(user) => !self.is_member(on, user, act.at),
                SubjectId::Group(_) | SubjectId::Service(_) => false,
            };
            if !self.has(subject, granted) || !counts(granted.end, act.at) || waits {
                continue;
            }
            if let Some(role) = self.role(&granted.role) {
                self.must_hold(act, on, role, on, &granted.parameters)?;
            }
        }
        Ok(())
    }

    /// The same for a user's membership: also of what depends on it, below.
    pub(crate) fn must_hold_what_lasts(
        &self,
        act: &Act,
        on: ResourceId,
        user: UserId,
    ) -> Result<(), Refusal> {
        self.must_hold_grants_on(act, on, SubjectId::User(user))?;
        for place in &self.places {
            let below = place.resource.id;
            let depends = place.parent == Some(on) && self.is_from_parent(below);
            if depends && self.is_member(below, user, act.at) {
                self.must_hold_what_lasts(act, below, user)?;
            }
        }
        Ok(())
    }
}
