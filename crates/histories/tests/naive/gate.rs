//! What a caller may ask.

use attache_core::catalogue::Pattern;
use attache_core::id::ResourceId;
use attache_core::model::{Parameters, SubjectId};
use attache_core::time::Timestamp;
use attache_core::{Actor, Caller, Locator, Refusal};

use super::{Act, Answer, Tenant};

/// Who a caller is to a tenant.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Who {
    Everything,
    Somebody(SubjectId),
    Nobody,
}

pub(crate) fn pattern(text: &str) -> Pattern {
    Pattern::new(text).expect("the tests use well-formed permissions")
}

pub(crate) fn not_found(what: &str) -> Refusal {
    Refusal::NotFound { what: what.into() }
}

impl Tenant {
    pub(crate) fn who_is(&self, by: &Caller) -> Who {
        let subject = match by.actor {
            _ if by.tenant != self.id => return Who::Nobody,
            Actor::Operator | Actor::Attache => return Who::Everything,
            Actor::User(id) => SubjectId::User(id),
            Actor::Service(id) => SubjectId::Service(id),
        };
        match self.can_act(subject) {
            true => Who::Somebody(subject),
            false => Who::Nobody,
        }
    }

    pub(crate) fn holds(&self, by: &Caller, what: &str, on: ResourceId, at: Timestamp) -> bool {
        match self.who_is(by) {
            Who::Everything => true,
            Who::Nobody => false,
            Who::Somebody(subject) => {
                let answer = self.access(subject, what, on, &Parameters::none(), at);
                matches!(answer, Answer::Allowed(_))
            }
        }
    }

    /// Whether a caller sees a resource that is there.
    pub(crate) fn is_seen(&self, by: &Caller, on: ResourceId, at: Timestamp) -> bool {
        match self.who_is(by) {
            Who::Everything => true,
            Who::Nobody => false,
            Who::Somebody(subject) => self.sees(subject, on, at),
        }
    }

    /// Whether the caller sees all that a name names besides its own resource.
    fn sees_above(&self, by: &Caller, locator: &Locator, at: Timestamp) -> bool {
        match &locator.under {
            None => true,
            Some(above) => self.see(by, above, at).is_ok(),
        }
    }

    /// 404: it is not there, or the caller does not see it or what it is named under.
    pub(crate) fn see(
        &self,
        by: &Caller,
        locator: &Locator,
        at: Timestamp,
    ) -> Result<ResourceId, Refusal> {
        let seen = |on: &ResourceId| self.is_seen(by, *on, at) && self.sees_above(by, locator, at);
        let what = locator.kind.as_ref().map_or("resource", |it| it.as_str());
        self.find(locator)
            .filter(seen)
            .ok_or_else(|| not_found(what))
    }

    /// The catalogue is no resource: who holds anything on the root may read it.
    pub(crate) fn authorize_catalogue(&self, by: &Caller, at: Timestamp) -> Result<(), Refusal> {
        let root = self.root().ok_or_else(|| not_found("tenant"))?;
        let known = match self.who_is(by) {
            Who::Everything => true,
            Who::Nobody => false,
            Who::Somebody(subject) => !self.held(subject, root, at).is_empty(),
        };
        match known {
            true => Ok(()),
            false => Err(not_found("tenant")),
        }
    }

    /// 403: the caller sees it and lacks the permission.
    pub(crate) fn authorize(
        &self,
        by: &Caller,
        locator: &Locator,
        what: &str,
        at: Timestamp,
    ) -> Result<ResourceId, Refusal> {
        let on = self.see(by, locator, at)?;
        let permission = format!("{}s.{what}", self.kind_of(on));
        self.must_may(by, on, &permission, at)?;
        Ok(on)
    }

    /// The same for a caller that may do one or the other.
    pub(crate) fn authorize_either(
        &self,
        act: &Act,
        locator: &Locator,
        [one, other]: [&str; 2],
    ) -> Result<ResourceId, Refusal> {
        let may = |what| self.authorize(&act.by, locator, what, act.at);
        may(one).or_else(|lacks| may(other).map_err(|_| lacks))
    }

    /// The root is the tenant. Nobody is told that it is not there.
    pub(crate) fn authorize_tenant(
        &self,
        by: &Caller,
        what: &str,
        at: Timestamp,
    ) -> Result<(), Refusal> {
        let permission = format!("tenants.{what}");
        match self.root() {
            Some(root) => self.must_may(by, root, &permission, at),
            None if self.who_is(by) == Who::Everything => Ok(()),
            None => Err(Refusal::Forbidden {
                permission: pattern(&permission),
            }),
        }
    }

    /// Whether the caller may list all users, groups or services: only then it is told
    /// that there is none of a name.
    pub(crate) fn may_list(&self, act: &Act, all: &str) -> bool {
        let may = self.authorize_tenant(&act.by, &format!("{all}.list"), act.at);
        may.is_ok()
    }

    /// Whoever can act at all may ask about itself.
    pub(crate) fn authorize_about(
        &self,
        by: &Caller,
        about: Option<SubjectId>,
        what: &str,
        at: Timestamp,
    ) -> Result<(), Refusal> {
        match (self.who_is(by), about) {
            (Who::Somebody(own), Some(about)) if own == about => Ok(()),
            _ => self.authorize_tenant(by, what, at),
        }
    }

    pub(crate) fn must_may(
        &self,
        by: &Caller,
        on: ResourceId,
        permission: &str,
        at: Timestamp,
    ) -> Result<(), Refusal> {
        match self.holds(by, permission, on, at) {
            true => Ok(()),
            false => Err(Refusal::Forbidden {
                permission: pattern(permission),
            }),
        }
    }

    /// Users must be members there, besides holding the permission. Only who
    /// holds it on the root is told that something is not there.
    pub(crate) fn authorize_attached(
        &self,
        by: &Caller,
        locator: &Locator,
        what: &str,
        at: Timestamp,
    ) -> Result<ResourceId, Refusal> {
        let kind = locator.kind.as_ref().map_or("tenant", |kind| kind.as_str());
        let permission = format!("{kind}s.{what}");
        let found = self.find(locator);
        let found = found.filter(|_| self.sees_above(by, locator, at));
        if let Some(on) = found {
            let attached = match self.who_is(by) {
                Who::Somebody(SubjectId::User(user)) => self.is_member(on, user, at),
                _ => true,
            };
            if attached && self.holds(by, &permission, on, at) {
                return Ok(on);
            }
        }
        let root = self.root();
        let everywhere = root.is_some_and(|root| self.holds(by, &permission, root, at))
            // Whoever may do everything may it even before there is a root.
            || self.who_is(by) == Who::Everything;
        match found {
            None if everywhere => Err(not_found(kind)),
            _ => Err(Refusal::Forbidden {
                permission: pattern(&permission),
            }),
        }
    }
}
