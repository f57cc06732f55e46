//! What a caller may of another time: judged by the present, whatever was then.

use attache_core::id::ResourceId;
use attache_core::model::SubjectId;
use attache_core::time::Timestamp;
use attache_core::{Actor, Caller, Locator, Refusal};

use super::gate::{Who, not_found, pattern};
use super::{Stands, Tenant};

/// A caller in the present, who asks about a subject: the tenant at another time.
pub(crate) struct Authority<'a> {
    by: Caller,
    now: Timestamp,
    present: &'a Tenant,
    subject: &'a Tenant,
    /// The present, with what is gone from the subject put right below the root, where nobody
    /// was granted anything on it and nobody is a member.
    judged: Tenant,
}

impl<'a> Authority<'a> {
    pub(crate) fn new(
        by: Caller,
        (present, now): (&'a Tenant, Timestamp),
        subject: &'a Tenant,
    ) -> Self {
        let mut judged = present.clone();
        if let Some(root) = present.root() {
            for place in &subject.places {
                if present.place(place.resource.id).is_none() {
                    let mut gone = place.clone();
                    gone.parent = Some(root);
                    judged.places.push(gone);
                }
            }
        }
        Self {
            by,
            now,
            present,
            subject,
            judged,
        }
    }

    pub(crate) fn sees(&self, on: ResourceId) -> bool {
        self.judged.is_seen(&self.by, on, self.now)
    }

    pub(crate) fn holds(&self, permission: &str, on: ResourceId) -> bool {
        self.judged.holds(&self.by, permission, on, self.now)
    }

    /// What the name means is what it meant then; whether it is seen is said by the present.
    pub(crate) fn see(&self, locator: &Locator) -> Result<ResourceId, Refusal> {
        let what = locator.kind.as_ref().map_or("resource", |it| it.as_str());
        let found = self.subject.find(locator).filter(|on| self.sees(*on));
        found
            .filter(|_| self.sees_above(locator))
            .ok_or_else(|| not_found(what))
    }

    fn sees_above(&self, locator: &Locator) -> bool {
        let above = locator.under.as_ref();
        above.is_none_or(|above| self.see(above).is_ok())
    }

    pub(crate) fn authorize(&self, locator: &Locator, what: &str) -> Result<ResourceId, Refusal> {
        let on = self.see(locator)?;
        let permission = format!("{}s.{what}", self.subject.kind_of(on));
        match self.holds(&permission, on) {
            true => Ok(on),
            false => Err(forbidden(&permission)),
        }
    }

    pub(crate) fn authorize_attached(
        &self,
        locator: &Locator,
        what: &str,
    ) -> Result<ResourceId, Refusal> {
        let kind = locator.kind.as_ref().map_or("tenant", |kind| kind.as_str());
        let permission = format!("{kind}s.{what}");
        let found = self.subject.find(locator);
        let found = found.filter(|_| self.sees_above(locator));
        let who = self.present.who_is(&self.by);
        if let Some(on) = found {
            let attached = match who {
                Who::Somebody(SubjectId::User(user)) => self.judged.is_member(on, user, self.now),
                _ => true,
            };
            if attached && self.holds(&permission, on) {
                return Ok(on);
            }
        }
        let root = self.present.root();
        let everywhere = root.is_some_and(|root| self.holds(&permission, root));
        match found {
            None if everywhere || who == Who::Everything => Err(not_found(kind)),
            _ => Err(forbidden(&permission)),
        }
    }

    /// The resellers of a user are those of the present, and so is what stands below them. What
    /// is asked for by name stood below it then.
    pub(crate) fn in_context(
        &self,
        on: ResourceId,
        reseller: Option<&Locator>,
    ) -> Result<bool, Refusal> {
        let (then, path) = (self.subject.path(on), self.present.path(on));
        let own = match self.by.actor {
            Actor::User(id) if self.by.tenant == self.present.id => {
                self.present.standing(id, self.now)
            }
            _ => Stands::Customer,
        };
        match (own, reseller) {
            (Stands::Resellers(own), None) => Ok(own.iter().any(|it| path.contains(it))),
            (Stands::Resellers(own), Some(named)) => match self.see(named) {
                Ok(named) if own.contains(&named) => {
                    Ok(then.contains(&named) && path.contains(&named))
                }
                _ => Err(forbidden("resellers.users.list")),
            },
            (_, None) => Ok(true),
            (_, Some(named)) => Ok(then.contains(&self.see(named)?)),
        }
    }
}

fn forbidden(permission: &str) -> Refusal {
    Refusal::Forbidden {
        permission: pattern(permission),
    }
}
