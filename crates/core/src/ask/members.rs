//! Who are the users of this resource? Filtered, sorted, and paged so that writes in between
//! lose nobody.

use super::large::Kept;
use super::member::{Attached, Include, Listed, Member, MemberPage, MemberPlace, PlaceValue};
use super::query::{Filter, MemberQuery};
use super::{Branch, Page, Sort, Value, View, fetch};
use crate::id::{Node, UserNumber};
use crate::model::Membership;
use crate::state::Tree;

impl<'a> View<'a> {
    /// The users who are attached to a resource itself, by number.
    pub fn members(self, node: Node) -> impl Iterator<Item = Attached<'a>> {
        let branch = self.branch(node);
        branch.into_iter().flat_map(|branch| branch.members())
    }

    /// A user who is attached to a resource. `None` if the user is not.
    #[must_use]
    pub fn member(self, node: Node, user: UserNumber) -> Option<Attached<'a>> {
        let is_one = self.is_member(node, user);
        self.member_ever(node, user).filter(|_| is_one)
    }

    /// A user who is written down as attached to a resource, whether or not that counts.
    #[must_use]
    pub fn member_ever(self, node: Node, user: UserNumber) -> Option<Attached<'a>> {
        let row = self.state.user_node(user)?;
        let membership = match self.state.node(node)?.members.get(&user) {
            Some(membership) => *membership,
            None if node == Tree::ROOT => Membership::of_root(&row.user),
            None => return None,
        };
        Some(Attached { row, membership })
    }

    /// A page of the users of a resource. Empty if there is no such resource.
    #[must_use]
    pub fn list(self, node: Node, query: &MemberQuery) -> MemberPage<'a> {
        match self.branch(node) {
            Some(branch) => branch.list(query),
            None => Page::empty(),
        }
    }
}

impl<'a> Branch<'a> {
    /// A page of the users of the resource.
    #[must_use]
    pub fn list(&self, query: &MemberQuery) -> MemberPage<'a> {
        if let Some(few) = self.few_wanted(query) {
            let few = few.into_iter();
            let members = few.filter_map(|user| self.view().member(self.node(), user));
            return self.sorted(query, members.collect());
        }
        let kept = match query.include {
            // Every user is attached to the root: nobody else can see it.
            Include::Effective { .. } if self.node() != Tree::ROOT => None,
            Include::Direct | Include::Effective { .. } => self.kept(query.sort),
        };
        match (kept, query.include) {
            (Some(kept), _) => self.kept_list(kept, query),
            (None, Include::Direct) => {
                let members: Vec<Attached<'a>> = self.members().collect();
                fetch::users(&members);
                if query.sort.by.is_name() || query.filters.iter().any(Filter::reads_texts) {
                    fetch::shown(&members, self.found());
                }
                self.sorted(query, members)
            }
            (None, include) => self.sorted(query, self.included(include)),
        }
    }

    /// A page from an order that is kept.
    fn kept_list(&self, kept: Kept<'_, 'a>, query: &MemberQuery) -> MemberPage<'a> {
        let mut filters: Vec<&Filter> = query.filters.iter().collect();
        let text = filters.iter().enumerate().find_map(|(place, filter)| {
            let Filter::Text(text) = filter else {
                return None;
            };
            Some((place, self.with_text(text)?))
        });
        let marked = text.map(|(place, marked)| {
            filters.remove(place);
            marked
        });
        let is_direct = query.include == Include::Direct;
        let passes = |one: &Attached<'a>| filters.iter().all(|filter| self.passes(one, filter));
        let wanted = |one: &Attached<'a>| {
            passes(one) && (is_direct || self.include((*one).into(), query.include).is_some())
        };
        let all = filters.is_empty() && is_direct;
        let only = self.only(marked, (!all).then_some(&wanted));
        let (items, total, beside) = kept.page(only.as_ref(), &query.cut, query.take);
        let items = items.into_iter().map(Member::from);
        let items = match is_direct {
            true => items.collect(),
            false => items
                .filter_map(|member| self.include(member, query.include))
                .collect(),
        };
        self.page(items, total, beside, query.sort)
    }

    /// A page of users that are filtered and sorted now.
    fn sorted<L: Listed<'a>>(&self, query: &MemberQuery, users: Vec<L>) -> MemberPage<'a> {
        let sort = query.sort;
        let wanted = |one: &L| query.filters.iter().all(|filter| self.passes(one, filter));
        let value = |one: L| (self.value(one.row(), one.membership(), sort.by), one);
        let users = users.into_iter().filter(wanted);
        let mut found: Vec<(Value, L)> = users.map(value).collect();
        let id = |one: &L| one.row().user.id;
        found.sort_by(|(a, x), (b, y)| sort.compare((a, id(x)), (b, id(y))));
        let total = found.len();
        let range = query.cut.range(total, query.take, |place, with_it| {
            let value = place.value();
            found.partition_point(|(own, one)| {
                let order = sort.compare((own, id(one)), (&value, place.id));
                order.is_lt() || with_it && order.is_eq()
            })
        });
        let beside = (range.start > 0, range.end < total);
        let items = found.drain(range).map(|(_, one)| one.into()).collect();
        self.page(items, total, beside, sort)
    }

    fn page(
        &self,
        items: Vec<Member<'a>>,
        total: usize,
        beside: (bool, bool),
        sort: Sort,
    ) -> MemberPage<'a> {
        fetch::shown(&items, self.found());
        Page::new(items, total, beside, |member| self.place(member, sort))
    }

    /// The place of a user in an order.
    fn place(&self, member: &Member<'a>, sort: Sort) -> MemberPlace {
        let user = member.user();
        let name = sort.by.text(user).filter(|_| sort.by.is_name());
        MemberPlace {
            value: match name {
                Some(name) => PlaceValue::Name {
                    name: name.into_owned(),
                },
                None => {
                    let membership = member.membership.as_ref();
                    PlaceValue::Value(self.value(member.row, membership, sort.by))
                }
            },
            id: user.id,
        }
    }
}
