//! Pages of a resource with very many members, from the orders that the state
//! keeps of them.

use super::member::{Attached, MemberPlace};
use super::{Branch, Cut, Sort, fetch};
use crate::collation::Folded;
use crate::id::UserNumber;
use crate::model::Membership;
use crate::state::{Marks, Order, Tree};

/// The members of a resource in an order that is kept.
#[derive(Clone, Copy)]
pub(super) struct Kept<'b, 'a> {
    branch: &'b Branch<'a>,
    sort: Sort,
    order: &'a Order,
}

impl<'a> Branch<'a> {
    /// The members in an order, where it is kept.
    pub(super) fn kept(&self, sort: Sort) -> Option<Kept<'_, 'a>> {
        let order = self.state().order(self.node(), sort)?;
        Some(Kept {
            branch: self,
            sort,
            order,
        })
    }

    /// Those members in whose texts a text is. `None` where
    /// nothing is kept to find them.
    pub(super) fn with_text(&self, text: &Folded) -> Option<Marks> {
        self.state().find_text(self.node(), text)
    }

    /// Which members count, of those who are marked, if any are to be: those who
    /// are members at this instant and wanted. `None` for all.
    pub(super) fn only(
        &self,
        marked: Option<Marks>,
        wanted: Option<&dyn Fn(&Attached<'a>) -> bool>,
    ) -> Option<Marks> {
        if wanted.is_none() && self.all_are_live() {
            return marked;
        }
        let is_marked = |member: &Attached<'a>| {
            let number = member.user().number;
            marked.as_ref().is_none_or(|marked| marked.contains(number))
        };
        let is_wanted = |member: &Attached<'a>| wanted.is_none_or(|wanted| wanted(member));
        let members = self.members().filter(is_marked).filter(is_wanted);
        Some(members.map(|member| member.user().number).collect())
    }

    /// Whether every membership that stands here counts.
    fn all_are_live(&self) -> bool {
        let (state, found) = (self.state(), self.found());
        let from_parent = state
            .kind(found.kind)
            .is_some_and(|kind| kind.members_from_parent);
        self.node() == Tree::ROOT || !from_parent && state.next_expired(self.view().at).is_none()
    }
}

impl<'a> Kept<'_, 'a> {
    /// A page of the users who count, how many count in all, and whether any stand before
    /// and after the page.
    pub(super) fn page(
        &self,
        only: Option<&Marks>,
        cut: &Cut<MemberPlace>,
        take: usize,
    ) -> (Vec<Attached<'a>>, usize, (bool, bool)) {
        let counts = |user: &UserNumber| only.is_none_or(|only| only.contains(*user));
        let total = only.map_or_else(|| self.order.len(), Marks::len);
        if let Cut::Before(place) = cut {
            let end = self.standing(place, false);
            let users = self.order.before(end).filter(counts);
            let (mut items, has_previous) = self.members(users, take);
            items.reverse();
            let has_next = !items.is_empty() && self.order.from(end).any(|user| counts(&user));
            return (items, total, (has_previous, has_next));
        }
        let (begin, skip) = match (cut, only) {
            (Cut::Skip(count), None) => (*count, 0),
            (Cut::Skip(count), Some(_)) => (0, *count),
            (Cut::After(place), _) => (self.standing(place, true), 0),
            _ => (0, 0),
        };
        let users = self.order.from(begin).filter(counts).skip(skip);
        let (items, has_next) = self.members(users, take);
        let has_previous = !items.is_empty()
            && (skip > 0 || begin > 0 && self.order.before(begin).any(|user| counts(&user)));
        (items, total, (has_previous, has_next))
    }

    /// How many stand before a place, or before and at it.
    fn standing(&self, place: &MemberPlace, with_it: bool) -> usize {
        let order = (self.sort, self.order);
        let (value, state) = (place.value(), self.branch.state());
        state.count_before(self.branch.node(), order, (&value, place.id), with_it)
    }

    /// The first of some users, and whether there are more of them.
    fn members(
        &self,
        users: impl Iterator<Item = UserNumber>,
        take: usize,
    ) -> (Vec<Attached<'a>>, bool) {
        let (branch, state) = (self.branch, self.branch.state());
        let members = users.filter_map(|user| {
            let row = state.user_node(user)?;
            let membership = match branch.node() {
                Tree::ROOT => Membership::of_root(&row.user),
                _ => *branch.found().members.get(&user)?,
            };
            Some(Attached { row, membership })
        });
        // One more tells whether there are more.
        let mut items: Vec<Attached<'a>> = members.take(take.saturating_add(1)).collect();
        let more = items.len() > take;
        items.truncate(take);
        fetch::users(&items);
        (items, more)
    }
}
