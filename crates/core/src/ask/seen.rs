//! Which resources does a subject see? It sees a resource on which it holds at
//! least one permission of the family of the resource's kind.

use std::collections::BTreeSet;
use std::ops::ControlFlow;

use super::{Source, SourceKind, View};
use crate::id::Node;
use crate::model::Subject;
use crate::state::{KindIndex, KindSet, Tree};

impl View<'_> {
    /// Whether a subject sees a resource: whether it holds a permission of the
    /// family of the resource's kind there, such as `customers.view` or `*` on a
    /// customer. A permission for a part of the resource counts too.
    #[must_use]
    pub fn sees(self, subject: Subject, node: Node) -> bool {
        let Some(kind) = self.kind_position_of(node) else {
            return false;
        };
        let visit = |source: Source<'_>| match source.live && self.shows(&source, node, kind) {
            true => ControlFlow::Break(()),
            false => ControlFlow::Continue(()),
        };
        self.has_access(subject) && self.sources(subject, node, visit).is_break()
    }

    /// The resources that a subject sees, in the order in which they were added.
    #[must_use]
    pub fn seen(self, subject: Subject, kind: Option<KindIndex>) -> Vec<Node> {
        let mut seen = BTreeSet::new();
        if !self.has_access(subject) {
            return Vec::new();
        }
        let is_wanted = |it: KindIndex| kind.is_none_or(|kind| kind == it);
        let who = self.look_up(subject);
        for on in self.places(subject) {
            let Some(found) = self.state.node(on) else {
                continue;
            };
            let (mut everywhere, mut here) = (KindSet::default(), KindSet::default());
            let mut visit = |source: Source<'_>| {
                if source.live {
                    let (below, only_here) = self.kinds_shown(&source);
                    everywhere.add(&below);
                    here.add(&only_here);
                }
                ControlFlow::<()>::Continue(())
            };
            let _ = self.grants_on(on, found, who, &mut visit);
            let is_in = |kinds: &KindSet, kind: KindIndex| {
                let position = self.state.vocabulary().kind_position(kind);
                position.is_some_and(|position| kinds.contains(position))
            };
            if is_wanted(found.kind) && is_in(&here, found.kind) {
                seen.insert(on);
            }
            if !everywhere.is_empty() {
                let below = self
                    .state
                    .down(on)
                    .filter(|(_, below)| is_wanted(below.kind) && is_in(&everywhere, below.kind));
                seen.extend(below.map(|(node, _)| node));
            }
        }
        if let Subject::User(user) = subject
            && let Some(row) = self.state.user_node(user)
        {
            for on in row.resources.keys().copied().chain([Tree::ROOT]) {
                let kind = self.state.node(on).map(|found| found.kind);
                let is_shown = kind.is_some_and(|kind| is_wanted(kind) && self.members_see(kind));
                if is_shown && self.is_member(on, user) {
                    seen.insert(on);
                }
            }
        }
        seen.into_iter().collect()
    }

    /// Whether members of a kind see what they are members of.
    pub(super) fn members_see(self, kind: KindIndex) -> bool {
        let vocabulary = self.state.vocabulary();
        let position = vocabulary.kind_position(kind);
        position.is_some_and(|position| vocabulary.families().members_see(position))
    }

    /// Whether a source, if it counts, shows a resource whose kind stands at
    /// `kind` in the catalogue.
    pub(super) fn shows(self, source: &Source<'_>, node: Node, kind: usize) -> bool {
        let vocabulary = self.state.vocabulary();
        match source.kind {
            SourceKind::Membership => source.on == node && vocabulary.families().members_see(kind),
            SourceKind::Grant { key, .. } => {
                let role = vocabulary.role_position(key.role);
                role.is_some_and(|role| {
                    let here = source.on == node;
                    let families = vocabulary.families();
                    families.role_shows(role, &key.parameters, kind, here)
                })
            }
        }
    }

    /// The position in the catalogue of a resource's kind.
    pub(super) fn kind_position_of(self, node: Node) -> Option<usize> {
        self.state
            .vocabulary()
            .kind_position(self.state.node(node)?.kind)
    }

    /// The kinds that a grant shows: everywhere below the resource that it
    /// stands on, and on that resource only.
    pub(super) fn kinds_shown(self, source: &Source<'_>) -> (KindSet, KindSet) {
        let vocabulary = self.state.vocabulary();
        match source.kind {
            SourceKind::Membership => (KindSet::default(), KindSet::default()),
            SourceKind::Grant { key, .. } => {
                let role = vocabulary.role_position(key.role);
                let shown = role.map(|role| vocabulary.families().of_grant(role, &key.parameters));
                shown.unwrap_or_default()
            }
        }
    }
}
