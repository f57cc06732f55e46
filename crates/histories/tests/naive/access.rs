//! Who may do what where, and through what.

use attache_core::catalogue::{Pattern, Role};
use attache_core::id::{ResourceId, UserId};
use attache_core::model::{Parameters, Status, SubjectId};
use attache_core::time::Timestamp;

use super::Tenant;
use super::facts::{End, counts, earlier};
use super::grants::form;

/// A permission that is held, and the part of a resource that it is held for:
/// collection, parameter, value. No part: all of it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Held<'a> {
    pub(crate) pattern: &'a str,
    pub(crate) scope: Option<Within<'a>>,
}

/// Where a scoped permission holds.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Within<'a> {
    pub(crate) collection: &'a str,
    pub(crate) on: ResourceId,
    pub(crate) parts: Vec<[&'a str; 3]>,
}

/// A grant or a membership, and what it gives.
#[derive(Clone, Debug)]
pub(crate) struct Source<'a> {
    pub(crate) on: ResourceId,
    pub(crate) live: bool,
    /// When it ceases to count.
    pub(crate) end: End,
    pub(crate) gives: Vec<Held<'a>>,
}

/// The answer to a check.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Answer {
    /// With the resource, closest to the one asked for, that it comes from.
    Allowed(ResourceId),
    Nothing,
    Inactive,
    Expired,
    OtherParameters,
    Lacks,
    HoldsNothing,
}

/// Whether one pattern stands for all that another does. `a.*` stands for what
/// is called `a.` something, and not for `a`.
pub(crate) fn covers(wide: &str, narrow: &str) -> bool {
    match wide.strip_suffix(".*") {
        Some(family) => narrow
            .strip_prefix(family)
            .is_some_and(|rest| rest.starts_with('.')),
        None => wide == "*" || wide == narrow,
    }
}

impl<'a> Held<'a> {
    /// Everything that a role gives, granted there with these parameters.
    pub(crate) fn of_role(role: &'a Role, on: ResourceId, given: &'a Parameters) -> Vec<Self> {
        let plain = |pattern: &'a Pattern| Held {
            pattern: pattern.as_str(),
            scope: None,
        };
        let mut all: Vec<_> = role.permissions.iter().map(plain).collect();
        for scoped in &role.scoped {
            let mut parts = Vec::new();
            for (collection, parameter) in &scoped.scope.parts {
                // The role holds for all of what comes before what is not given.
                let Some(value) = given.get(parameter) else {
                    break;
                };
                parts.push([&**collection, &**parameter, value]);
            }
            for pattern in &scoped.permissions {
                all.push(Held {
                    pattern: pattern.as_str(),
                    scope: Some(Within {
                        collection: &scoped.scope.collection,
                        on,
                        parts: parts.clone(),
                    }),
                });
            }
        }
        all
    }

    /// Whether this is held for a part of a resource only.
    fn is_partial(&self) -> bool {
        self.scope.as_ref().is_some_and(|it| !it.parts.is_empty())
    }

    pub(crate) fn covers(&self, other: &Held<'_>) -> bool {
        covers(self.pattern, other.pattern)
            && match (&self.scope, &other.scope) {
                _ if !self.is_partial() => true,
                (Some(mine), Some(theirs)) => {
                    mine.on == theirs.on && theirs.parts.starts_with(&mine.parts)
                }
                _ => false,
            }
    }

    /// Whether this answers for a permission on a resource or the part of it
    /// that the parameters name.
    pub(super) fn allows(&self, wanted: &str, on: ResourceId, named: &Parameters) -> bool {
        covers(self.pattern, wanted)
            && match &self.scope {
                Some(scope) if self.is_partial() => {
                    let is_named = |part: &[&str; 3]| {
                        let named = named.get(part[1]);
                        named.is_some_and(|named| form(named) == form(part[2]))
                    };
                    scope.on == on && scope.parts.iter().all(is_named)
                }
                _ => true,
            }
    }
}

impl Tenant {
    /// Every user is a member of the root. Elsewhere a membership must say so
    /// and count, and, where only members of the resource above can be members,
    /// the user must be one there too.
    pub(crate) fn is_member(&self, on: ResourceId, user: UserId, at: Timestamp) -> bool {
        let Some(place) = self.place(on) else {
            return false;
        };
        let Some(parent) = place.parent else {
            return self.user(user).is_some();
        };
        let said = self
            .memberships
            .iter()
            .any(|one| one.resource == on && one.user == user && counts(one.end, at));
        said && (!self.is_from_parent(on) || self.is_member(parent, user, at))
    }

    /// When a member ceases to be one: of the root never.
    pub(crate) fn end_of_membership(&self, on: ResourceId, user: UserId) -> End {
        let parent = self.place(on).and_then(|place| place.parent)?;
        let mut written = self.memberships.iter();
        let written = written.find(|one| one.resource == on && one.user == user);
        let own = written.and_then(|one| one.end);
        match self.is_from_parent(on) {
            true => earlier(own, self.end_of_membership(parent, user)),
            false => own,
        }
    }

    /// Whether a subject can have access at all.
    pub(crate) fn can_act(&self, subject: SubjectId) -> bool {
        match subject {
            SubjectId::User(id) => self
                .user(id)
                .is_some_and(|user| user.status == Status::Active),
            other => self.exists(other),
        }
    }

    /// What could give a subject permissions on a resource.
    pub(crate) fn sources(
        &self,
        subject: SubjectId,
        on: ResourceId,
        at: Timestamp,
    ) -> Vec<Source<'_>> {
        let path = self.path(on);
        let mut found = Vec::new();
        for granted in &self.grants {
            if !path.contains(&granted.resource) || !self.has(subject, granted) {
                continue;
            }
            // A user's own grant needs its membership.
            let (stands, up_to) = match granted.subject {
                SubjectId::User(user) => (
                    self.is_member(granted.resource, user, at),
                    self.end_of_membership(granted.resource, user),
                ),
                SubjectId::Group(_) | SubjectId::Service(_) => (true, None),
            };
            let role = self.role(&granted.role);
            found.push(Source {
                on: granted.resource,
                live: stands && counts(granted.end, at),
                end: earlier(granted.end, up_to),
                gives: role
                    .map(|role| Held::of_role(role, granted.resource, &granted.parameters))
                    .unwrap_or_default(),
            });
        }
        if let SubjectId::User(user) = subject {
            let written = |one: &super::Attached| one.resource == on && one.user == user;
            if self.is_member(on, user, at) || self.memberships.iter().any(written) {
                let may = self.kind(self.kind_of(on)).map(|kind| &kind.members_may);
                found.push(Source {
                    on,
                    live: self.is_member(on, user, at),
                    end: self.end_of_membership(on, user),
                    gives: may
                        .into_iter()
                        .flatten()
                        .map(|pattern| Held {
                            pattern: pattern.as_str(),
                            scope: None,
                        })
                        .collect(),
                });
            }
        }
        found
    }

    /// What a subject holds on a resource; with repetitions.
    pub(crate) fn held(&self, subject: SubjectId, on: ResourceId, at: Timestamp) -> Vec<Held<'_>> {
        if !self.can_act(subject) {
            return Vec::new();
        }
        let sources = self.sources(subject, on, at).into_iter();
        sources
            .filter(|source| source.live)
            .flat_map(|source| source.gives)
            .collect()
    }

    /// Whether a subject sees a resource: it holds something there that begins
    /// with the kind's name and `s.`, or everything.
    pub(crate) fn sees(&self, subject: SubjectId, on: ResourceId, at: Timestamp) -> bool {
        let held = self.held(subject, on, at);
        held.iter().any(|held| self.shows(held, on))
    }

    /// Whether holding this lets its holder see a resource.
    pub(crate) fn shows(&self, held: &Held<'_>, on: ResourceId) -> bool {
        let family = format!("{}s.", self.kind_of(on));
        let is_there = match &held.scope {
            // A part is of the resource that the role was granted on.
            Some(scope) if held.is_partial() => scope.on == on,
            _ => true,
        };
        is_there && (held.pattern == "*" || held.pattern.starts_with(&family))
    }

    pub(crate) fn access(
        &self,
        subject: SubjectId,
        wanted: &str,
        on: ResourceId,
        named: &Parameters,
        at: Timestamp,
    ) -> Answer {
        if self.place(on).is_none() || !self.exists(subject) {
            return Answer::Nothing;
        }
        if !self.can_act(subject) {
            return Answer::Inactive;
        }
        self.judge(&self.sources(subject, on, at), wanted, on, named)
    }

    /// The answer that these sources give.
    pub(crate) fn judge(
        &self,
        sources: &[Source<'_>],
        wanted: &str,
        on: ResourceId,
        named: &Parameters,
    ) -> Answer {
        let allows = |source: &&Source<'_>| {
            source
                .gives
                .iter()
                .any(|held| held.allows(wanted, on, named))
        };
        let allowing: Vec<_> = sources.iter().filter(allows).collect();
        let live = |on: &ResourceId| allowing.iter().any(|it| it.live && it.on == *on);
        if let Some(closest) = self.path(on).into_iter().find(live) {
            return Answer::Allowed(closest);
        }
        if !allowing.is_empty() {
            return Answer::Expired;
        }
        let live = sources.iter().filter(|source| source.live);
        let held: Vec<_> = live.flat_map(|source| &source.gives).collect();
        if held.is_empty() {
            Answer::HoldsNothing
        } else if held.iter().any(|held| covers(held.pattern, wanted)) {
            Answer::OtherParameters
        } else {
            Answer::Lacks
        }
    }
}
