//! Which resources of the subject does a caller see?

use std::cell::Cell;
use std::ops::ControlFlow;

use super::authority::{Authority, HISTORY, Place, Power, place};
use super::{Source, View};
use crate::catalogue::KindName;
use crate::id::Node;
use crate::model::{Resource, Subject};
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
    /// What the caller may look back at. `None` where the subject is the present.
    history: Option<History>,
}

/// The resources of a subject of another time that a caller may look back at.
#[derive(Clone, Debug)]
struct History {
    /// The kinds of the subject that the caller may look back at wherever they stand.
    everywhere: KindSet,
    /// As [`Sight::last`], with the node of the subject.
    last: Cell<Option<(Node, bool)>>,
}

impl<'a> Authority<'a> {
    /// The resources of the subject that the caller sees, in the order in which they were added.
    /// Takes time for each resource of a subject that is of another time than the present.
    #[must_use]
    pub fn visible(self, subject: View<'a>, kind: Option<KindIndex>) -> Vec<Node> {
        let is_wanted = |of: KindIndex| kind.is_none_or(|kind| kind == of);
        let all = subject.state.resources();
        let all = all.filter(|(_, found)| is_wanted(found.kind));
        let all = all.map(|(node, _)| node);
        match self.power_over(subject) {
            Power::Of(own) if !self.looks_back_at(subject) => self.present.seen(own, kind),
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
        let history = match power {
            Power::Of(own) if self.looks_back_at(subject) => {
                Some(History::of(present, subject, own))
            }
            _ => None,
        };
        Sight {
            power,
            everywhere,
            history,
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
            history: None,
        }
    }
}

impl History {
    fn of(present: View<'_>, subject: View<'_>, own: Subject) -> Self {
        let mut everywhere = KindSet::default();
        let catalogue = subject.state.catalogue();
        for (position, kind) in catalogue.into_iter().flat_map(|it| &it.kinds).enumerate() {
            let permission = kind.name.permission(HISTORY);
            if present.inherits(own, |given| given.covers(&permission)) {
                everywhere.insert(position);
            }
        }
        Self {
            everywhere,
            last: Cell::new(None),
        }
    }
}

impl<'a> Sight<'a> {
    /// Whether the caller sees a resource of the subject. Of another time, it sees what it
    /// may look back at.
    #[must_use]
    pub fn sees(&self, node: Node) -> bool {
        match self.power {
            Power::All => self.subject.state.node(node).is_some(),
            Power::Nothing => false,
            Power::Of(own) => self.sees_now(own, node) && self.looks_back_at(own, node),
        }
    }

    /// Whether the caller may look back at a resource of the subject, where that takes a
    /// permission.
    fn looks_back_at(&self, own: Subject, node: Node) -> bool {
        let Some(history) = &self.history else {
            return true;
        };
        let kind = self.subject.kind_position_of(node);
        if kind.is_some_and(|kind| history.everywhere.contains(kind)) {
            return true;
        }
        match history.last.get() {
            Some((last, may)) if last == node => may,
            _ => {
                let permission = self.subject.permission_for(node, HISTORY);
                let place = place(self.present, self.subject, node);
                let may = self.present.holds_at(own, &permission, place);
                history.last.set(Some((node, may)));
                may
            }
        }
    }

    /// Whether the caller sees a resource of the subject where it stands in the present.
    fn sees_now(&self, own: Subject, node: Node) -> bool {
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
        let is_in = |kinds: &KindSet, view: View<'_>| {
            let index = view.state.kind_index(kind.as_str());
            let position = index.and_then(|index| view.state.vocabulary().kind_position(index));
            position.is_some_and(|position| kinds.contains(position))
        };
        match self.power {
            Power::All => true,
            Power::Nothing => false,
            Power::Of(_) => {
                let history = self.history.as_ref();
                is_in(&self.everywhere, self.present)
                    && history.is_none_or(|it| is_in(&it.everywhere, self.subject))
            }
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
