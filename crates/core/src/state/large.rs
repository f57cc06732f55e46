//! Large resources: what the lists of their members are answered from.
//!
//! A small list is sorted when it is asked for. Of a large one each order is
//! made when it is first asked for, and kept as members come, change and go. It
//! belongs to the state from which it was made: an older state keeps its own.

use std::cmp::Ordering;
use std::sync::{Arc, OnceLock};

use imbl::OrdMap;

use super::order::Order;
use super::texts::Texts;
use super::{Marks, State, Tree};
use crate::collation::Folded;
use crate::id::{Node, UserId, UserNumber};
use crate::model::{Field, Membership, Sort, Value};

/// From so many members on a resource is large. Below, sorting the members takes
/// less than the rest of an answer.
const MANY: usize = 1_000;
/// All fields but the last, which only the resource can tell.
const FIELDS: usize = Field::FirstRole as usize;

/// The large resources of a state.
#[derive(Clone, Debug)]
pub(super) struct LargeResources {
    of: OrdMap<Node, Arc<LargeResource>>,
    many: usize,
}

impl Default for LargeResources {
    fn default() -> Self {
        Self {
            of: OrdMap::new(),
            many: MANY,
        }
    }
}

/// The orders of a large resource that were asked for.
#[derive(Clone, Debug, Default)]
struct LargeResource {
    /// By field, upwards and downwards.
    orders: [[OnceLock<Order>; 2]; FIELDS],
    texts: OnceLock<Texts>,
}

impl LargeResource {
    fn order(&self, sort: Sort) -> Option<&OnceLock<Order>> {
        let both = self.orders.get(sort.by as usize)?;
        both.get(usize::from(sort.descending))
    }

    fn was_asked(&self) -> bool {
        let mut orders = self.orders.iter().flatten();
        self.texts.get().is_some() || orders.any(|order| order.get().is_some())
    }

    /// The orders that were made.
    fn orders_mut(&mut self) -> impl Iterator<Item = (Sort, &mut OnceLock<Order>)> {
        let orders = Field::ALL.into_iter().zip(&mut self.orders);
        let orders = orders.flat_map(|(by, both)| {
            let ways = [false, true].into_iter().zip(both);
            ways.map(move |(descending, order)| (Sort { by, descending }, order))
        });
        orders.filter(|(_, order)| order.get().is_some())
    }
}

impl State {
    /// The same state, in which a resource is large from so many members on:
    /// its lists are then answered from orders that are kept. What is answered
    /// does not depend on it.
    #[must_use]
    pub fn large_from(mut self, members: usize) -> Self {
        self.large = LargeResources {
            of: OrdMap::new(),
            many: members,
        };
        self.find_large();
        self
    }

    /// The members of a large resource in an order, whether or not their
    /// memberships have expired. `None` for a resource with few, and for an
    /// order that is not kept.
    pub(crate) fn order(&self, node: Node, sort: Sort) -> Option<&Order> {
        let order = self.large.of.get(&node)?.order(sort)?;
        let order = order.get_or_init(|| {
            let users = self.attached(node);
            let users = users.filter_map(|user| Some((self.stand(node, user, sort)?, user)));
            let mut users: Vec<((Value, UserId), UserNumber)> = users.collect();
            users.sort_unstable_by(|((a, x), _), ((b, y), _)| sort.compare((a, *x), (b, *y)));
            let users: Vec<UserNumber> = users.into_iter().map(|(_, user)| user).collect();
            Order::of(&users)
        });
        order.note_question();
        Some(order)
    }

    /// Whether [`State::order`] is there already, or would have to be made.
    pub(crate) fn has_order(&self, node: Node, sort: Sort) -> bool {
        let large = self.large.of.get(&node);
        let order = large.and_then(|large| large.order(sort));
        order.is_some_and(|order| order.get().is_some())
    }

    /// How many stand before a place in an order, or before and at it.
    pub(crate) fn count_before(
        &self,
        node: Node,
        (sort, order): (Sort, &Order),
        (value, id): (&Value, UserId),
        with_it: bool,
    ) -> usize {
        order.place(|user| {
            let compared = self.compare(node, sort, user, (value, id));
            match with_it {
                true => compared.then(Ordering::Less),
                false => compared,
            }
        })
    }

    /// Those members of a large resource in whose texts a text is. `None` for a resource with few.
    pub(crate) fn find_text(&self, node: Node, text: &Folded) -> Option<Marks> {
        let texts = &self.large.of.get(&node)?.texts;
        let texts = texts.get_or_init(|| Texts::of(self.attached(node)));
        texts.find(self, node, text)
    }

    /// Who is attached to a resource, whether or not that has expired, by number.
    fn attached(&self, node: Node) -> impl Iterator<Item = UserNumber> {
        self.attached_between(node, UserNumber(0), UserNumber(u32::MAX))
    }

    /// The same, of these numbers and those between them.
    pub(super) fn attached_between(
        &self,
        node: Node,
        first: UserNumber,
        last: UserNumber,
    ) -> impl Iterator<Item = UserNumber> {
        let all = (node == Tree::ROOT).then(|| self.users.numbers_from(first));
        let found = self.tree.get(node).into_iter();
        let members = found.flat_map(move |found| found.members.iter_from(&first));
        let members = members.map(|(user, _)| *user);
        let users = all.into_iter().flatten().chain(members);
        users.take_while(move |user| *user <= last)
    }

    /// By what a member stands where it does.
    fn stand(&self, node: Node, user: UserNumber, sort: Sort) -> Option<(Value, UserId)> {
        let row = self.user(user)?;
        let of_root;
        let membership = match node {
            Tree::ROOT => {
                of_root = Membership::of_root(row);
                &of_root
            }
            _ => self.tree.get(node)?.members.get(&user)?,
        };
        Some((sort.by.of(row, Some(membership))?, row.id))
    }

    fn compare(
        &self,
        node: Node,
        sort: Sort,
        user: UserNumber,
        (value, id): (&Value, UserId),
    ) -> Ordering {
        match self.stand(node, user, sort) {
            Some((own, its)) => sort.compare((&own, its), (value, id)),
            // All who stand in an order are members.
            None => Ordering::Less,
        }
    }

    /// A member is about to change or to go: take it out of its place.
    pub(super) fn unseat(&mut self, node: Node, user: UserNumber) {
        self.reseat(node, user, |state, sort, order| {
            let Some((value, id)) = state.stand(node, user, sort) else {
                return true;
            };
            let compare = |other| state.compare(node, sort, other, (&value, id));
            order.note_change() && order.remove(user, compare)
        });
    }

    /// A member has come or was changed: put it into its place.
    pub(super) fn seat(&mut self, node: Node, user: UserNumber) {
        self.note_large(node);
        self.reseat(node, user, |state, sort, order| {
            if let Some((value, id)) = state.stand(node, user, sort) {
                order.insert(user, |other| state.compare(node, sort, other, (&value, id)));
            }
            true
        });
    }

    /// Change each order of a resource; one of which `change` says `false` is
    /// made anew when it is next asked for.
    fn reseat(
        &mut self,
        node: Node,
        user: UserNumber,
        change: impl Fn(&Self, Sort, &mut Order) -> bool,
    ) {
        if !self
            .large
            .of
            .get(&node)
            .is_some_and(|large| large.was_asked())
        {
            return;
        }
        // Out of the state, which is asked where everybody else stands.
        let Some(mut large) = self.large.of.remove(&node) else {
            return;
        };
        let kept = Arc::make_mut(&mut large);
        for (sort, order) in kept.orders_mut() {
            let made = order.get_mut();
            if !made.is_some_and(|made| change(self, sort, made)) {
                order.take();
            }
        }
        if let Some(texts) = kept.texts.get_mut() {
            texts.forget(user);
        }
        self.large.of.insert(node, large);
    }

    /// A user is about to change, which all see to whom it is attached.
    pub(super) fn unseat_everywhere(&mut self, user: UserNumber) {
        for node in self.large_of(user) {
            self.unseat(node, user);
        }
    }

    /// It has changed.
    pub(super) fn seat_everywhere(&mut self, user: UserNumber) {
        for node in self.large_of(user) {
            self.seat(node, user);
        }
    }

    fn large_of(&self, user: UserNumber) -> Vec<Node> {
        let Some(row) = self.users.get(user).filter(|_| !self.large.of.is_empty()) else {
            return Vec::new();
        };
        let is_its = |node: &&Node| **node == Tree::ROOT || row.resources.contains(node);
        if self.large.of.len() <= row.resources.len() + 1 {
            return self.large.of.keys().filter(is_its).copied().collect();
        }
        let nodes = row.resources.keys().copied().chain([Tree::ROOT]);
        nodes
            .filter(|node| self.large.of.contains_key(node))
            .collect()
    }

    /// Look at all resources.
    pub(super) fn find_large(&mut self) {
        let many = self
            .tree
            .iter()
            .filter(|(_, it)| it.members.len() >= self.large.many);
        let many: Vec<Node> = many.map(|(node, _)| node).collect();
        for node in many.into_iter().chain([Tree::ROOT]) {
            self.note_large(node);
        }
    }

    /// See whether a resource has become large, or is no longer.
    pub(super) fn note_large(&mut self, node: Node) {
        let members = match node {
            Tree::ROOT => self.users.len(),
            _ => self.tree.get(node).map_or(0, |found| found.members.len()),
        };
        // Nothing is copied where nothing changes.
        let is_noted = self.large.of.contains_key(&node);
        if members >= self.large.many && !is_noted {
            self.large.of.insert(node, Arc::default());
        } else if members < self.large.many / 2 && is_noted {
            self.large.of.remove(&node);
        }
    }
}
