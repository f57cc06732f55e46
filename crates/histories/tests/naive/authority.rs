//! What a caller may of another time: judged by the present, whatever was then. It takes
//! `<kind>s.history.view` besides what the question takes of the present.

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

    /// What is in lists and answers.
    pub(crate) fn sees(&self, on: ResourceId) -> bool {
        self.knows(on) && self.may(&self.history(on), on)
    }

    pub(crate) fn holds(&self, permission: &str, on: ResourceId) -> bool {
        self.may(permission, on) && self.may(&self.history(on), on)
    }

    /// Of the present: it is no secret that there is such a thing.
    fn knows(&self, on: ResourceId) -> bool {
        self.judged.is_seen(&self.by, on, self.now)
    }

    fn may(&self, permission: &str, on: ResourceId) -> bool {
        self.judged.holds(&self.by, permission, on, self.now)
    }

    fn history(&self, on: ResourceId) -> String {
        format!("{}s.history.view", self.subject.kind_of(on))
    }

    /// Each thing that a name names, the lowest first.
    fn named(&self, locator: &Locator) -> Vec<ResourceId> {
        let above = |it: &Locator| it.under.as_deref().cloned();
        let names = std::iter::successors(Some(locator.clone()), above);
        let found = names.map(|name| self.subject.find(&name));
        found.map_while(|it| it).collect()
    }

    fn look_back(&self, locator: &Locator) -> Result<(), Refusal> {
        let named = self.named(locator).into_iter();
        let mut lacked = named.filter(|on| !self.may(&self.history(*on), *on));
        match lacked.next() {
            None => Ok(()),
            Some(on) => Err(forbidden(&self.history(on))),
        }
    }

    /// What the name means is what it meant then; whether it is seen is said by the present.
    pub(crate) fn see(&self, locator: &Locator) -> Result<ResourceId, Refusal> {
        let what = locator.kind.as_ref().map_or("resource", |it| it.as_str());
        let found = self.subject.find(locator).filter(|on| self.knows(*on));
        let found = found
            .filter(|_| self.knows_above(locator))
            .ok_or_else(|| not_found(what))?;
        self.look_back(locator)?;
        Ok(found)
    }

    fn knows_above(&self, locator: &Locator) -> bool {
        let named = self.named(locator);
        named.iter().skip(1).all(|on| self.knows(*on))
    }

    pub(crate) fn authorize(&self, locator: &Locator, what: &str) -> Result<ResourceId, Refusal> {
        let on = self.see(locator)?;
        let permission = format!("{}s.{what}", self.subject.kind_of(on));
        match self.may(&permission, on) {
            true => Ok(on),
            false => Err(forbidden(&permission)),
        }
    }

    /// Of the tenant as a whole, of the present too.
    pub(crate) fn authorize_tenant(&self, what: &str) -> Result<(), Refusal> {
        let may = |what| self.present.authorize_tenant(&self.by, what, self.now);
        may("history.view").and_then(|()| may(what))
    }

    /// Whether a subject was the same then: one that is added again with its id has another
    /// number, and is another.
    fn was_there(&self, about: SubjectId) -> bool {
        let number = |tenant: &Tenant| match about {
            SubjectId::User(id) => {
                let mut users = tenant.users.iter();
                users.find(|it| it.id == id).map(|it| it.number.0)
            }
            SubjectId::Service(id) => {
                let mut services = tenant.services.iter();
                services.find(|it| it.id == id).map(|it| it.number.0)
            }
            SubjectId::Group(_) => None,
        };
        number(self.present) == number(self.subject)
    }

    /// About itself every caller may ask, of any time.
    pub(crate) fn authorize_about(
        &self,
        about: Option<SubjectId>,
        what: &str,
    ) -> Result<(), Refusal> {
        match (self.present.who_is(&self.by), about) {
            (Who::Somebody(own), Some(about)) if own == about && self.was_there(about) => Ok(()),
            _ => self.authorize_tenant(what),
        }
    }

    pub(crate) fn authorize_catalogue(&self) -> Result<(), Refusal> {
        self.present.authorize_catalogue(&self.by, self.now)?;
        let history = "history.view";
        self.present.authorize_tenant(&self.by, history, self.now)
    }

    /// Who may ask about everybody is told of every resource, who asks about itself of those
    /// that it sees.
    pub(crate) fn is_told(
        &self,
        about: Option<SubjectId>,
        what: &str,
        on: ResourceId,
    ) -> Result<bool, Refusal> {
        match self.authorize_tenant(what) {
            Ok(()) => Ok(true),
            Err(_) => self.authorize_about(about, what).map(|()| self.sees(on)),
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
        let found = found.filter(|_| self.knows_above(locator));
        let who = self.present.who_is(&self.by);
        if let Some(on) = found {
            let attached = match who {
                Who::Somebody(SubjectId::User(user)) => self.judged.is_member(on, user, self.now),
                _ => true,
            };
            if attached && self.may(&permission, on) {
                return self.look_back(locator).map(|()| on);
            }
        }
        let root = self.present.root();
        let everywhere =
            |what: &str| root.is_some_and(|root| self.may(what, root)) || who == Who::Everything;
        let history = format!("{kind}s.history.view");
        match found {
            None if everywhere(&permission) && everywhere(&history) => Err(not_found(kind)),
            None if everywhere(&permission) => Err(forbidden(&history)),
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
