//! What a caller may: judged by the present, whichever view is shown.
//!
//! A request has two views. The authority is of the present: it tells what the caller may ask and
//! see. The subject is what is shown: of the present, or of the past. The nodes of two states
//! differ, so a resource of the subject is found in the present by its id. A resource that is gone
//! from the present is judged as if it stood right below the root, with no grants and memberships of
//! its own: the caller's grants on the root decide.

use std::ops::ControlFlow;

use super::{Permission, Source, SourceKind, View, of_role};
use crate::caller::{Actor, Caller};
use crate::catalogue::{KindName, Pattern};
use crate::id::Node;
use crate::model::{Parameters, Subject, SubjectId};
use crate::reference::Locator;
use crate::state::{State, Tree};
use crate::time::Timestamp;

/// A caller in the present. Every question about what a caller may is asked of an authority.
///
/// The present itself is not shown: what an answer shows is read from a [`View`], the subject,
/// which the questions take and whose nodes they return.
#[derive(Clone, Copy, Debug)]
pub struct Authority<'a> {
    pub(super) by: &'a Caller,
    pub(super) present: View<'a>,
    /// Whether all questions are about another time.
    looks_back: bool,
}

/// What it takes to ask about another time, of the family of each resource's kind.
pub(super) const HISTORY: &str = "history.view";

/// What a caller can do in the present, before any question of where.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Power {
    /// Everything that leaves the tenant sound.
    All,
    /// What this subject may.
    Of(Subject),
    /// Nothing: the caller is nobody here.
    Nothing,
}

/// Where a resource of the subject stands in the present.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// At this node of the present.
    At(Node),
    /// The resource is gone.
    Gone,
}

impl<'a> Authority<'a> {
    /// The authority of a caller. The state is the current one, and the instant is now, also
    /// where the past is shown.
    #[must_use]
    pub fn new(by: &'a Caller, current: &'a State, now: Timestamp) -> Self {
        Self {
            by,
            present: current.view(now),
            looks_back: false,
        }
    }

    /// The authority of the caller for questions about another time, which take the
    /// permission `<kind>s.history.view` besides. A question that names a subject takes it
    /// anyway if the subject is not the present.
    #[must_use]
    pub fn about_another_time(self) -> Self {
        Self {
            looks_back: true,
            ..self
        }
    }

    /// Whether questions of the whole tenant are about another time.
    pub(super) fn looks_back(self) -> bool {
        self.looks_back
    }

    /// Whether a question about a subject is about another time than the present: another
    /// state, or another instant of the same state.
    pub(super) fn looks_back_at(self, subject: View<'_>) -> bool {
        self.looks_back || subject.at != self.present.at || !subject.is_of(self.present)
    }

    pub(crate) fn power(self) -> Power {
        if self.by.tenant != self.present.state.tenant() {
            return Power::Nothing;
        }
        let id = match self.by.actor {
            Actor::Operator | Actor::Attache => return Power::All,
            Actor::User(id) => SubjectId::User(id),
            Actor::Service(id) => SubjectId::Service(id),
        };
        match self.present.state.subject(id) {
            Some(subject) if self.present.has_access(subject) => Power::Of(subject),
            _ => Power::Nothing,
        }
    }

    /// What the caller can do about a subject. Nothing about that of another tenant.
    pub(super) fn power_over(self, subject: View<'_>) -> Power {
        match subject.is_of(self.present) || subject.state.tenant() == self.by.tenant {
            true => self.power(),
            false => Power::Nothing,
        }
    }

    /// Where a resource of a subject stands in the present.
    pub(super) fn place(self, subject: View<'_>, node: Node) -> Place {
        place(self.present, subject, node)
    }
}

impl View<'_> {
    /// Whether a subject holds a permission on a resource that stands at a place of this view,
    /// the present.
    pub(super) fn holds_at(self, own: Subject, permission: &Pattern, place: Place) -> bool {
        match place {
            Place::At(node) => {
                let access = self.access(own, permission, node, &Parameters::none());
                access.is_allowed()
            }
            Place::Gone => self.inherits(own, |given| given.covers(permission)),
        }
    }

    /// Whether a subject sees a resource of a kind that is gone from this view, the present.
    pub(super) fn sees_gone(self, own: Subject, kind: &KindName) -> bool {
        let family = format!("{kind}s.");
        self.inherits(own, |given| {
            *given == Pattern::everything() || given.as_str().starts_with(&family)
        })
    }

    /// Whether a subject's grants on the root give a permission to everything below it.
    pub(super) fn inherits(self, own: Subject, is_wanted: impl Fn(&Pattern) -> bool) -> bool {
        let Some(root) = self.state.node(Tree::ROOT).filter(|_| self.has_access(own)) else {
            return false;
        };
        let is_wanted = |given: Permission| !given.is_for_a_part() && is_wanted(&given.pattern);
        let mut visit = |source: Source<'_>| {
            let gives = match source.kind {
                SourceKind::Grant { key, .. } if source.live => {
                    let role = self.state.role(key.role);
                    role.is_some_and(|it| of_role(it, Tree::ROOT, &key.parameters).any(&is_wanted))
                }
                _ => false,
            };
            match gives {
                true => ControlFlow::Break(()),
                false => ControlFlow::Continue(()),
            }
        };
        let who = self.look_up(own);
        let visited = self.grants_on(Tree::ROOT, root, who, &mut visit);
        visited.is_break()
    }
}

/// Where a resource of a subject stands in the present.
pub(super) fn place(present: View<'_>, subject: View<'_>, node: Node) -> Place {
    if subject.is_of(present) {
        return Place::At(node);
    }
    let resource = subject.state.resource(node);
    let found = resource.and_then(|it| present.state.find(&Locator::id(it.id)));
    found.map_or(Place::Gone, Place::At)
}
