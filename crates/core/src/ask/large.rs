//! Pages of a resource with very many members, from the orders that the state
//! keeps of them.

use super::member::{After, Member, Page};
use super::{Branch, Sort, fetch};
use crate::collation::Folded;
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
        wanted: Option<&dyn Fn(&Member<'a>) -> bool>,
    ) -> Option<Marks> {
        if wanted.is_none() && self.all_are_live() {
            return marked;
        }
        let is_marked = |member: &Member<'a>| {
            let number = member.user().number;
            marked.as_ref().is_none_or(|marked| marked.contains(number))
        };
        let is_wanted = |member: &Member<'a>| wanted.is_none_or(|wanted| wanted(member));
        let members = self.members().filter(is_marked).filter(is_wanted);
        Some(members.map(|member| member.user().number).collect())
    }

    /// Whether every membership that stands here counts.
    fn all_are_live(&self) -> bool {
        let (state, found) = (self.state(), self.found());
        let from_parent = state
            .kind(found.kind)
            .is_some_and(|kind| kind.members_from_parent);
        self.node() == Tree::ROOT || !from_parent && state.next_expired(self.at()).is_none()
    }
}

impl<'a> Kept<'_, 'a> {
    /// How many stand before where a page begins.
    pub(super) fn after(&self, after: &After) -> usize {
        let order = (self.sort, self.order);
        let value = after.value();
        let state = self.branch.state();
        state.place_after(self.branch.node(), order, (&value, after.id))
    }

    /// Of those who count, the ones from a place in the order on.
    pub(super) fn page(
        &self,
        only: Option<&Marks>,
        begin: usize,
        skip: usize,
        take: usize,
    ) -> Page<Member<'a>> {
        let (branch, state) = (self.branch, self.branch.state());
        let (begin, skip) = match only {
            Some(_) => (begin, skip),
            None => (begin.saturating_add(skip), 0),
        };
        let users = self.order.from(begin);
        let users = users.filter(|user| only.is_none_or(|only| only.contains(*user)));
        let members = users.skip(skip).take(take).filter_map(|user| {
            let row = state.user_node(user)?;
            let membership = match branch.node() {
                Tree::ROOT => Membership::of_root(&row.user),
                _ => *branch.found().members.get(&user)?,
            };
            Some(Member { row, membership })
        });
        let items: Vec<Member<'a>> = members.collect();
        fetch::users(&items);
        let total = only.map_or_else(|| self.order.len(), Marks::len);
        Page { items, total }
    }
}
