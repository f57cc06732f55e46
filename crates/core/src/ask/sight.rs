//! Which resources does a subject see? It sees a resource on which it holds at
//! least one permission of the family of the resource's kind.

use std::cell::Cell;
use std::collections::BTreeSet;
use std::ops::ControlFlow;

use super::power::Power;
use super::{Source, SourceKind};
use crate::caller::Caller;
use crate::catalogue::KindName;
use crate::id::Node;
use crate::model::{Resource, Subject};
use crate::state::{KindIndex, KindSet, State, Tree};
use crate::time::Timestamp;

impl State {
    /// Whether a subject sees a resource: whether it holds a permission of the
    /// family of the resource's kind there, such as `customers.view` or `*` on a
    /// customer. A permission for a part of the resource counts too.
    #[must_use]
    pub fn sees(&self, subject: Subject, node: Node, at: Timestamp) -> bool {
        let Some(kind) = self.kind_position_of(node) else {
            return false;
        };
        let visit = |source: Source<'_>| match source.live && self.shows(&source, node, kind) {
            true => ControlFlow::Break(()),
            false => ControlFlow::Continue(()),
        };
        self.has_access(subject) && self.sources(subject, node, at, visit).is_break()
    }

    /// The resources that a subject sees, in the order in which they were added.
    #[must_use]
    pub fn seen(&self, subject: Subject, kind: Option<KindIndex>, at: Timestamp) -> Vec<Node> {
        let mut seen = BTreeSet::new();
        if !self.has_access(subject) {
            return Vec::new();
        }
        let is_wanted = |it: KindIndex| kind.is_none_or(|kind| kind == it);
        let who = self.look_up(subject);
        for on in self.places(subject) {
            let Some(found) = self.node(on) else { continue };
            let (mut everywhere, mut here) = (KindSet::default(), KindSet::default());
            let mut visit = |source: Source<'_>| {
                if source.live {
                    let (below, only_here) = self.kinds_shown(&source);
                    everywhere.add(&below);
                    here.add(&only_here);
                }
                ControlFlow::<()>::Continue(())
            };
            let _ = self.grants_on(on, found, who, at, &mut visit);
            let is_in = |kinds: &KindSet, kind: KindIndex| {
                let position = self.vocabulary().kind_position(kind);
                position.is_some_and(|position| kinds.contains(position))
            };
            if is_wanted(found.kind) && is_in(&here, found.kind) {
                seen.insert(on);
            }
            if !everywhere.is_empty() {
                let below = self
                    .down(on)
                    .filter(|(_, below)| is_wanted(below.kind) && is_in(&everywhere, below.kind));
                seen.extend(below.map(|(node, _)| node));
            }
        }
        if let Subject::User(user) = subject
            && let Some(row) = self.user_node(user)
        {
            for on in row.resources.keys().copied().chain([Tree::ROOT]) {
                let kind = self.node(on).map(|found| found.kind);
                let is_shown = kind.is_some_and(|kind| is_wanted(kind) && self.members_see(kind));
                if is_shown && self.is_member(on, user, at) {
                    seen.insert(on);
                }
            }
        }
        seen.into_iter().collect()
    }

    /// The resources that a caller sees, in the order in which they were added.
    #[must_use]
    pub fn visible(&self, by: &Caller, kind: Option<KindIndex>, at: Timestamp) -> Vec<Node> {
        match self.power(by) {
            Power::Of(subject) => self.seen(subject, kind, at),
            Power::Nothing => Vec::new(),
            Power::All => {
                let all = self.resources();
                all.filter(|(_, found)| kind.is_none_or(|kind| kind == found.kind))
                    .map(|(node, _)| node)
                    .collect()
            }
        }
    }

    /// What a caller sees, for questions about many resources at one instant.
    #[must_use]
    pub fn sight(&self, by: &Caller, at: Timestamp) -> Sight<'_> {
        let power = self.power(by);
        let mut everywhere = KindSet::default();
        if let (Power::Of(subject), Some(root)) = (power, self.node(Tree::ROOT)) {
            let mut visit = |source: Source<'_>| {
                if source.live {
                    everywhere.add(&self.kinds_shown(&source).0);
                }
                ControlFlow::<()>::Continue(())
            };
            let who = self.look_up(subject);
            let _ = self.grants_on(Tree::ROOT, root, who, at, &mut visit);
        }
        Sight {
            power,
            everywhere,
            ..self.sight_of_all(at)
        }
    }

    /// What a caller sees that sees every resource.
    pub(super) fn sight_of_all(&self, at: Timestamp) -> Sight<'_> {
        Sight {
            state: self,
            at,
            power: Power::All,
            everywhere: KindSet::default(),
            last: Cell::new(None),
        }
    }

    /// Whether members of a kind see what they are members of.
    pub(super) fn members_see(&self, kind: KindIndex) -> bool {
        let vocabulary = self.vocabulary();
        let position = vocabulary.kind_position(kind);
        position.is_some_and(|position| vocabulary.families().members_see(position))
    }

    /// Whether a source, if it counts, shows a resource whose kind stands at
    /// `kind` in the catalogue.
    pub(super) fn shows(&self, source: &Source<'_>, node: Node, kind: usize) -> bool {
        let vocabulary = self.vocabulary();
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
    pub(super) fn kind_position_of(&self, node: Node) -> Option<usize> {
        self.vocabulary().kind_position(self.node(node)?.kind)
    }

    /// The kinds that a grant shows: everywhere below the resource that it
    /// stands on, and on that resource only.
    fn kinds_shown(&self, source: &Source<'_>) -> (KindSet, KindSet) {
        let vocabulary = self.vocabulary();
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

/// What a caller sees at an instant. Cheap to ask about resources that stand
/// under one another or beside one another.
#[derive(Clone, Debug)]
pub struct Sight<'a> {
    state: &'a State,
    at: Timestamp,
    power: Power,
    /// The kinds that the caller sees wherever they stand.
    everywhere: KindSet,
    /// The last resource that was looked at closely: pages ask again and again
    /// about the same parent.
    last: Cell<Option<(Node, bool)>>,
}

impl<'a> Sight<'a> {
    /// Whether the caller sees a resource.
    #[must_use]
    pub fn sees(&self, node: Node) -> bool {
        let subject = match self.power {
            Power::All => return self.state.node(node).is_some(),
            Power::Nothing => return false,
            Power::Of(subject) => subject,
        };
        let kind = self.state.kind_position_of(node);
        if kind.is_some_and(|kind| self.everywhere.contains(kind)) {
            return true;
        }
        match self.last.get() {
            Some((last, seen)) if last == node => seen,
            _ => {
                let seen = self.state.sees(subject, node, self.at);
                self.last.set(Some((node, seen)));
                seen
            }
        }
    }

    /// Whether the caller sees every resource of a kind, wherever it stands.
    #[must_use]
    pub fn sees_all_of(&self, kind: &KindName) -> bool {
        let index = self.state.kind_index(kind.as_str());
        let position = index.and_then(|index| self.state.vocabulary().kind_position(index));
        match self.power {
            Power::All => true,
            Power::Nothing => false,
            Power::Of(_) => position.is_some_and(|position| self.everywhere.contains(position)),
        }
    }

    /// Whether the caller sees every resource of every kind.
    #[must_use]
    pub fn sees_all(&self) -> bool {
        let catalogue = self.state.catalogue();
        let mut kinds = catalogue.into_iter().flat_map(|it| &it.kinds);
        kinds.all(|kind| self.sees_all_of(&kind.name))
    }

    pub(super) fn at(&self) -> Timestamp {
        self.at
    }

    /// The state that is looked at.
    #[must_use]
    pub fn state(&self) -> &'a State {
        self.state
    }

    /// The resource right above another, if the caller sees it.
    #[must_use]
    pub fn parent(&self, node: Node) -> Option<&'a Resource> {
        let parent = self.state.node(node)?.parent?;
        self.sees(parent).then_some(())?;
        self.state.resource(parent)
    }
}
