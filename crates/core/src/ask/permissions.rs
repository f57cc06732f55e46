//! What can this subject do here?

use std::ops::ControlFlow;

use super::coverage::Coverage;
use super::{Permission, ScopePath, Source, SourceKind, View};
use crate::catalogue::Role;
use crate::id::Node;
use crate::model::{Parameters, Subject};

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

impl<'a> View<'a> {
    /// What one grant or membership gives, whether or not it counts.
    pub fn permissions_of(self, source: &Source<'a>) -> Vec<Permission> {
        match source.kind {
            SourceKind::Membership => self
                .state
                .node(source.on)
                .and_then(|found| self.state.kind(found.kind))
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
                .state
                .role(key.role)
                .map(|role| of_role(role, source.on, &key.parameters).collect())
                .unwrap_or_default(),
        }
    }

    /// All that a subject may do on a resource, sorted. What another of them
    /// covers is left out. Empty for an inactive user.
    #[must_use]
    pub fn permissions(self, subject: Subject, node: Node) -> Vec<Permission> {
        let mut held = Vec::new();
        if !self.has_access(subject) {
            return held;
        }
        let _ = self.sources(subject, node, |source| {
            if source.live {
                held.extend(self.permissions_of(&source));
            }
            ControlFlow::<()>::Continue(())
        });
        without_covered(held)
    }

    /// Whether a subject holds any permission at all on a resource, of whatever
    /// family. Whether it sees the resource is another question: [`View::sees`].
    #[must_use]
    pub fn holds_anything(self, subject: Subject, node: Node) -> bool {
        let visit = |source: Source<'_>| match source.live && self.gives_anything(&source) {
            true => ControlFlow::Break(()),
            false => ControlFlow::Continue(()),
        };
        self.has_access(subject) && self.sources(subject, node, visit).is_break()
    }

    pub(crate) fn gives_anything(self, source: &Source<'_>) -> bool {
        match source.kind {
            SourceKind::Membership => self
                .state
                .node(source.on)
                .and_then(|found| self.state.kind(found.kind))
                .is_some_and(|kind| !kind.members_may.is_empty()),
            SourceKind::Grant { key, .. } => self.state.role(key.role).is_some_and(|role| {
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
