//! Which resources of the subject does a caller see?

use std::cell::Cell;
use std::ops::ControlFlow;

use super::authority::{Authority, Place, Power, place};
use super::{Source, View};
use crate::catalogue::KindName;
use crate::id::Node;
use crate::model::Resource;
use crate::state::{KindIndex, KindSet, Tree};

/// The resources of a subject that a caller sees, judged by the present. Cheap to ask about
/// resources that stand under one another or beside one another.
#[derive(Clone, Debug)]
pub struct Sight<'a> {
    subject: View<'a>,
    present: View<'a>,
    power: Power,
    /// The kinds that the caller sees wherever they stand.
    everywhere: KindSet,
    /// The last resource that was looked at closely: pages ask again and again
    /// about the same parent.
    last: Cell<Option<(Node, bool)>>,
}

impl<'a> Authority<'a> {
    /// The resources of the subject that the caller sees, in the order in which they were added.
    /// Takes time for each resource of a subject that is of another state than the present.
    #[must_use]
    pub fn visible(self, subject: View<'a>, kind: Option<KindIndex>) -> Vec<Node> {
        let is_wanted = |of: KindIndex| kind.is_none_or(|kind| kind == of);
        let all = subject.state.resources();
        let all = all.filter(|(_, found)| is_wanted(found.kind));
        let all = all.map(|(node, _)| node);
        match self.power_over(subject) {
            Power::Of(own) if subject.is_of(self.present) => self.present.seen(own, kind),
            Power::Of(_) => {
                let sight = self.sight(subject);
                all.filter(|node| sight.sees(*node)).collect()
            }
            Power::Nothing => Vec::new(),
            Power::All => all.collect(),
        }
    }

    /// What the caller sees of the subject, for questions about many resources.
    #[must_use]
    pub fn sight(self, subject: View<'a>) -> Sight<'a> {
        let (power, present) = (self.power_over(subject), self.present);
        let mut everywhere = KindSet::default();
        if let (Power::Of(own), Some(root)) = (power, present.state.node(Tree::ROOT)) {
            let mut visit = |source: Source<'_>| {
                if source.live {
                    everywhere.add(&present.kinds_shown(&source).0);
                }
                ControlFlow::<()>::Continue(())
            };
            let who = present.look_up(own);
            let _ = present.grants_on(Tree::ROOT, root, who, &mut visit);
        }
        Sight {
            power,
            everywhere,
            ..self.sight_of_all(subject)
        }
    }

    /// The sight of a caller that sees every resource of the subject.
    pub(super) fn sight_of_all(self, subject: View<'a>) -> Sight<'a> {
        Sight {
            subject,
            present: self.present,
            power: Power::All,
            everywhere: KindSet::default(),
            last: Cell::new(None),
        }
    }
}

impl<'a> Sight<'a> {
    /// Whether the caller sees a resource of the subject.
    #[must_use]
    pub fn sees(&self, node: Node) -> bool {
        let own = match self.power {
            Power::All => return self.subject.state.node(node).is_some(),
            Power::Nothing => return false,
            Power::Of(own) => own,
        };
        let Place::At(here) = place(self.present, self.subject, node) else {
            let gone = self.subject.state.resource(node);
            return gone.is_some_and(|it| self.present.sees_gone(own, &it.kind));
        };
        let kind = self.present.kind_position_of(here);
        if kind.is_some_and(|kind| self.everywhere.contains(kind)) {
            return true;
        }
        match self.last.get() {
            Some((last, seen)) if last == here => seen,
            _ => {
                let seen = self.present.sees(own, here);
                self.last.set(Some((here, seen)));
                seen
            }
        }
    }

    /// Whether the caller sees every resource of a kind, wherever it stands.
    #[must_use]
    pub fn sees_all_of(&self, kind: &KindName) -> bool {
        let state = self.present.state;
        let index = state.kind_index(kind.as_str());
        let position = index.and_then(|index| state.vocabulary().kind_position(index));
        match self.power {
            Power::All => true,
            Power::Nothing => false,
            Power::Of(_) => position.is_some_and(|position| self.everywhere.contains(position)),
        }
    }

    /// Whether the caller sees every resource of every kind.
    #[must_use]
    pub fn sees_all(&self) -> bool {
        let catalogue = self.present.state.catalogue();
        let mut kinds = catalogue.into_iter().flat_map(|it| &it.kinds);
        kinds.all(|kind| self.sees_all_of(&kind.name))
    }

    /// The view that is looked at.
    #[must_use]
    pub fn subject(&self) -> View<'a> {
        self.subject
    }

    /// The resource right above another, if the caller sees it.
    #[must_use]
    pub fn parent(&self, node: Node) -> Option<&'a Resource> {
        let state = self.subject.state;
        let parent = state.node(node)?.parent?;
        self.sees(parent).then_some(())?;
        state.resource(parent)
    }
}
