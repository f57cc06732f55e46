//! What can this subject do here?

use std::ops::ControlFlow;

use super::coverage::Coverage;
use super::{Source, SourceKind};
use crate::catalogue::{Pattern, Role, Scope};
use crate::id::Node;
use crate::model::{Parameters, Subject, is_same_text, normalized};
use crate::state::State;
use crate::time::Timestamp;

/// A permission that somebody holds, or all those that a pattern stands for.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Permission {
    /// What is allowed.
    pub pattern: Pattern,
    /// Where, if the role says that it is scoped.
    pub scope: Option<ScopePath>,
}

/// A scope with its parameters filled in, as far as the grant gives them.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ScopePath {
    /// What the resource's place in the path is called, such as `chatbots`.
    pub collection: Box<str>,
    /// The resource that the role was granted on.
    pub on: Node,
    /// The parts of it that are meant. None: all of it.
    pub parts: Vec<ScopePart>,
}

/// A part of a resource, such as `inboxes/7`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ScopePart {
    /// What such parts are called.
    pub collection: Box<str>,
    /// The parameter that names one.
    pub parameter: Box<str>,
    /// Its name.
    pub value: Box<str>,
}

impl ScopePath {
    /// Where parameters lead in a scope. The first one that is not given ends
    /// the path: the role then holds for all of what comes before.
    pub(crate) fn fill(scope: &Scope, on: Node, parameters: &Parameters) -> Self {
        let parts = scope
            .parts
            .iter()
            .map_while(|(collection, parameter)| {
                Some(ScopePart {
                    collection: collection.clone(),
                    parameter: parameter.clone(),
                    // Stored values are in whichever form they came.
                    value: normalized(parameters.get(parameter)?).into(),
                })
            })
            .collect();
        Self {
            collection: scope.collection.clone(),
            on,
            parts,
        }
    }
}

impl ScopePath {
    /// Whether what is held for this holds for the part of a resource that
    /// parameters name.
    pub(crate) fn answers_for(&self, node: Node, parameters: &Parameters) -> bool {
        let is_named = |part: &ScopePart| {
            let named = parameters.get(&part.parameter);
            named.is_some_and(|named| is_same_text(named, &part.value))
        };
        self.parts.is_empty() || self.on == node && self.parts.iter().all(is_named)
    }
}

impl Permission {
    /// Whether everything that `other` allows, this allows too.
    #[must_use]
    pub fn covers(&self, other: &Permission) -> bool {
        self.pattern.covers(&other.pattern)
            && match (&self.scope, &other.scope) {
                (None, _) => true,
                // A scope without parts is all of its resource, and `other`
                // was asked for on that resource or below it.
                (Some(mine), _) if mine.parts.is_empty() => true,
                (Some(_), None) => false,
                (Some(mine), Some(theirs)) => {
                    mine.on == theirs.on && theirs.parts.starts_with(&mine.parts)
                }
            }
    }

    /// Whether it is held for a part of a resource only.
    pub(crate) fn is_for_a_part(&self) -> bool {
        let scope = self.scope.as_ref();
        scope.is_some_and(|scope| !scope.parts.is_empty())
    }
}

/// What a role gives, granted on a resource with these parameters.
pub(crate) fn of_role(
    role: &Role,
    on: Node,
    parameters: &Parameters,
) -> impl Iterator<Item = Permission> {
    let everywhere = role.permissions.iter().map(|pattern| Permission {
        pattern: pattern.clone(),
        scope: None,
    });
    let scoped = role.scoped.iter().flat_map(move |scoped| {
        let scope = ScopePath::fill(&scoped.scope, on, parameters);
        scoped.permissions.iter().map(move |pattern| Permission {
            pattern: pattern.clone(),
            scope: Some(scope.clone()),
        })
    });
    everywhere.chain(scoped)
}

impl State {
    /// What one grant or membership gives, whether or not it counts.
    pub fn permissions_of<'a>(&'a self, source: &Source<'a>) -> Vec<Permission> {
        match source.kind {
            SourceKind::Membership => self
                .node(source.on)
                .and_then(|found| self.kind(found.kind))
                .map(|kind| {
                    let may = kind.members_may.iter().cloned();
                    may.map(|pattern| Permission {
                        pattern,
                        scope: None,
                    })
                    .collect()
                })
                .unwrap_or_default(),
            SourceKind::Grant { key, .. } => self
                .role(key.role)
                .map(|role| of_role(role, source.on, &key.parameters).collect())
                .unwrap_or_default(),
        }
    }

    /// All that a subject may do on a resource, sorted. What another of them
    /// covers is left out. Empty for an inactive user.
    #[must_use]
    pub fn permissions(&self, subject: Subject, node: Node, at: Timestamp) -> Vec<Permission> {
        let mut held = Vec::new();
        if !self.has_access(subject) {
            return held;
        }
        let _ = self.sources(subject, node, at, |source| {
            if source.live {
                held.extend(self.permissions_of(&source));
            }
            ControlFlow::<()>::Continue(())
        });
        without_covered(held)
    }

    /// Whether a subject holds any permission at all on a resource, of whatever
    /// family. Whether it sees the resource is another question: [`State::sees`].
    #[must_use]
    pub fn holds_anything(&self, subject: Subject, node: Node, at: Timestamp) -> bool {
        let visit = |source: Source<'_>| match source.live && self.gives_anything(&source) {
            true => ControlFlow::Break(()),
            false => ControlFlow::Continue(()),
        };
        self.has_access(subject) && self.sources(subject, node, at, visit).is_break()
    }

    pub(crate) fn gives_anything(&self, source: &Source<'_>) -> bool {
        match source.kind {
            SourceKind::Membership => self
                .node(source.on)
                .and_then(|found| self.kind(found.kind))
                .is_some_and(|kind| !kind.members_may.is_empty()),
            SourceKind::Grant { key, .. } => self.role(key.role).is_some_and(|role| {
                !role.permissions.is_empty()
                    || role
                        .scoped
                        .iter()
                        .any(|scoped| !scoped.permissions.is_empty())
            }),
        }
    }
}

/// The permissions in order, without those that another covers. Of two that
/// cover each other the first one stays, which is the one without a scope.
fn without_covered(mut held: Vec<Permission>) -> Vec<Permission> {
    held.sort();
    held.dedup();
    let coverage = Coverage::of(&held);
    let places = held.iter().enumerate();
    let covered: Vec<bool> = places
        .map(|(place, one)| coverage.is_covered(place, one))
        .collect();
    let mut covered = covered.into_iter();
    held.retain(|_| !covered.next().unwrap_or_default());
    held
}
