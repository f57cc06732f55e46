//! Nobody gives what they do not hold, nor for longer than they hold it.

use attache_core::Refusal;
use attache_core::catalogue::Role;
use attache_core::id::{ResourceId, UserId};
use attache_core::model::{Parameters, SubjectId};
use attache_core::time::Timestamp;

use super::facts::{End, counts, earlier, later};
use super::gate::{Who, pattern};
use super::{Act, Granted, Held, Tenant};

/// A permission that somebody is given on a resource, until an end.
pub(crate) struct Given<'a> {
    pub(crate) on: ResourceId,
    pub(crate) what: Held<'a>,
    pub(crate) end: End,
}

/// What a role gives on a resource if it stands on that resource or above it.
pub(crate) fn by_role<'a>(
    on: ResourceId,
    role: &'a Role,
    granted_on: ResourceId,
    parameters: &'a Parameters,
    end: End,
) -> Vec<Given<'a>> {
    let all = Held::of_role(role, granted_on, parameters).into_iter();
    all.map(|what| Given { on, what, end }).collect()
}

/// To be able to do this work, until an end.
pub(crate) fn work(on: ResourceId, permission: &str, end: End) -> Given<'_> {
    let what = Held {
        pattern: permission,
        scope: None,
    };
    Given { on, what, end }
}

impl Tenant {
    /// Whether the caller holds all that is given, and as long as it is given.
    pub(crate) fn must_hold(
        &self,
        act: &Act,
        field: Option<&'static str>,
        all: &[Given<'_>],
    ) -> Result<(), Refusal> {
        self.must_hold_within(act, None, field, all)
    }

    /// The same for credentials, which end with the caller's own at the latest.
    pub(crate) fn must_hold_for_credentials(
        &self,
        act: &Act,
        field: Option<&'static str>,
        all: &[Given<'_>],
    ) -> Result<(), Refusal> {
        self.must_hold_within(act, act.until, field, all)
    }

    fn must_hold_within(
        &self,
        act: &Act,
        bound: End,
        field: Option<&'static str>,
        all: &[Given<'_>],
    ) -> Result<(), Refusal> {
        let Some(ends) = self.ends_of_held(act, bound, all) else {
            return Ok(());
        };
        let mut earliest: Option<(Timestamp, &str)> = None;
        for (given, end) in all.iter().zip(ends) {
            let permission = given.what.pattern;
            let Some(end) = end else {
                return Err(Refusal::Exceeds {
                    permission: pattern(permission),
                });
            };
            if let Some(end) = end
                && given.end.is_none_or(|wanted| end < wanted)
                && earliest.is_none_or(|(before, _)| end < before)
            {
                earliest = Some((end, permission));
            }
        }
        match earliest {
            None => Ok(()),
            Some((until, permission)) => Err(Refusal::Outlasts {
                field,
                permission: pattern(permission),
                until,
            }),
        }
    }

    /// Whether the caller holds all that is given, now.
    pub(crate) fn must_hold_now(&self, act: &Act, all: &[Given<'_>]) -> Result<(), Refusal> {
        match self.must_hold(act, None, all) {
            Err(Refusal::Outlasts { .. }) => Ok(()),
            other => other,
        }
    }

    /// For each thing that is given, when the caller ceases to hold it; `None` where it
    /// does not hold it. Nothing at all for who holds everything.
    fn ends_of_held(&self, act: &Act, bound: End, all: &[Given<'_>]) -> Option<Vec<Option<End>>> {
        let caller = match self.who_is(&act.by) {
            Who::Everything => return None,
            Who::Nobody => return Some(all.iter().map(|_| None).collect()),
            Who::Somebody(subject) => subject,
        };
        let end_of = |given: &Given<'_>| {
            let mut latest = None;
            for source in self.sources(caller, given.on, act.at) {
                if source.live && source.gives.iter().any(|held| held.covers(&given.what)) {
                    latest = Some(latest.map_or(source.end, |end| later(end, source.end)));
                }
            }
            latest.map(|end| earlier(end, bound))
        };
        Some(all.iter().map(end_of).collect())
    }

    /// Whether the caller holds all that a subject holds, as long as it does.
    pub(crate) fn must_hold_all_of(&self, act: &Act, subject: SubjectId) -> Result<(), Refusal> {
        self.must_hold(act, None, &self.all_of(act, subject))
    }

    /// What the roles give that count for a subject, and what its memberships give:
    /// a user is a member of the root too.
    pub(crate) fn all_of(&self, act: &Act, subject: SubjectId) -> Vec<Given<'_>> {
        let mut all = Vec::new();
        for granted in self.grants.iter().filter(|it| self.has(subject, it)) {
            let (on, mut end) = (granted.resource, granted.end);
            if let SubjectId::User(user) = granted.subject {
                end = earlier(end, self.end_of_membership(on, user));
            }
            if let Some(role) = self.role(&granted.role)
                && self.gives_now(act, granted)
            {
                all.extend(by_role(on, role, on, &granted.parameters, end));
            }
        }
        if let SubjectId::User(user) = subject {
            for on in self.places.iter().map(|place| place.resource.id) {
                if !self.is_member(on, user, act.at) {
                    continue;
                }
                let end = self.end_of_membership(on, user);
                let kind = self.kind(self.kind_of(on));
                let may = kind.iter().flat_map(|kind| &kind.members_may);
                all.extend(may.map(|may| work(on, may.as_str(), end)));
            }
        }
        all
    }

    /// What a user's membership holds up if it lasts until an end: its roles there,
    /// and those where it is a member only as long as it is one here.
    pub(crate) fn what_lasts(
        &self,
        act: &Act,
        on: ResourceId,
        user: UserId,
        end: End,
    ) -> Vec<Given<'_>> {
        let mut all = Vec::new();
        for granted in &self.grants {
            let is_it = granted.resource == on && granted.subject == SubjectId::User(user);
            if let Some(role) = self.role(&granted.role)
                && is_it
                && self.gives_now(act, granted)
            {
                let end = earlier(granted.end, end);
                all.extend(by_role(on, role, on, &granted.parameters, end));
            }
        }
        for one in self.memberships.iter().filter(|one| one.user == user) {
            let below = one.resource;
            let is_below = self.place(below).is_some_and(|it| it.parent == Some(on));
            if is_below && self.is_from_parent(below) && self.is_member(below, user, act.at) {
                all.extend(self.what_lasts(act, below, user, earlier(one.end, end)));
            }
        }
        all
    }

    /// Whether a grant counts: a user's needs its membership.
    fn gives_now(&self, act: &Act, granted: &Granted) -> bool {
        let is_member = match granted.subject {
            SubjectId::User(user) => self.is_member(granted.resource, user, act.at),
            SubjectId::Group(_) | SubjectId::Service(_) => true,
        };
        is_member && counts(granted.end, act.at)
    }
}
