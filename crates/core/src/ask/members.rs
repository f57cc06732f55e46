//! Who is attached to this resource? Filtered, sorted, paged.

use super::member::{Member, Page};
use super::{Branch, Field, Sort, Value, fetch};
use crate::collation::Folded;
use crate::id::{Node, UserNumber};
use crate::model::{Membership, Status};
use crate::state::{State, Tree};
use crate::time::Timestamp;

/// Which members are wanted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Filter {
    /// Those whose field is this.
    Is(Field, Value),
    /// Those whose text in a field is this, without case and accents.
    Reads(Field, Folded),
    /// Those who hold `admin` on the root, or those who do not.
    Admin(bool),
    /// Those who are inactive, or those who are not.
    Inactive(bool),
}

/// Which members are wanted, in which order, how many.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct List {
    /// All of these must hold.
    pub filters: Vec<Filter>,
    /// The order.
    pub sort: Sort,
    /// How many to leave out at the beginning.
    pub skip: usize,
    /// How many at the most; `None` for all.
    pub take: Option<usize>,
}

impl List {
    /// All of them, in an order.
    #[must_use]
    pub fn all(by: Field) -> Self {
        Self {
            filters: Vec::new(),
            sort: Sort::ascending(by),
            skip: 0,
            take: None,
        }
    }

    /// Only those for whom this holds too.
    #[must_use]
    pub fn only(mut self, filter: Filter) -> Self {
        self.filters.push(filter);
        self
    }
}

impl State {
    /// Who is attached to a resource itself, at an instant, by number.
    pub fn members(&self, node: Node, at: Timestamp) -> impl Iterator<Item = Member<'_>> {
        let branch = self.branch(node, at);
        branch.into_iter().flat_map(|branch| branch.members())
    }

    /// A member, if that user is one.
    #[must_use]
    pub fn member(&self, node: Node, user: UserNumber, at: Timestamp) -> Option<Member<'_>> {
        let is_one = self.is_member(node, user, at);
        self.member_ever(node, user).filter(|_| is_one)
    }

    /// A member, if that user is written down as one, whether or not that counts.
    #[must_use]
    pub fn member_ever(&self, node: Node, user: UserNumber) -> Option<Member<'_>> {
        let row = self.user_node(user)?;
        let membership = match self.node(node)?.members.get(&user) {
            Some(membership) => *membership,
            None if node == Tree::ROOT => Membership::of_root(&row.user),
            None => return None,
        };
        Some(Member { row, membership })
    }

    /// A page of those who are attached to a resource itself, at an instant.
    #[must_use]
    pub fn list(&self, node: Node, at: Timestamp, list: &List) -> Page<Member<'_>> {
        match self.branch(node, at) {
            Some(branch) => branch.list(list),
            None => Page {
                items: Vec::new(),
                total: 0,
            },
        }
    }
}

impl<'a> Branch<'a> {
    /// A page of those who are attached to the resource itself.
    #[must_use]
    pub fn list(&self, list: &List) -> Page<Member<'a>> {
        let wanted = |member: &Member<'a>| {
            let passes = |filter| self.passes(member, filter);
            list.filters.iter().all(passes)
        };
        let take = list.take.unwrap_or(usize::MAX);
        let page = match self.kept(list.sort) {
            Some(kept) => {
                let all = list.filters.is_empty();
                let only = self.only(None, (!all).then_some(&wanted));
                kept.page(only.as_ref(), 0, list.skip, take)
            }
            None => self.sorted(list, wanted, take),
        };
        fetch::shown(&page.items, self.found());
        page
    }

    fn sorted(
        &self,
        list: &List,
        wanted: impl Fn(&Member<'a>) -> bool,
        take: usize,
    ) -> Page<Member<'a>> {
        let value = |member: Member<'a>| {
            let membership = Some(&member.membership);
            (self.value(member.row, membership, list.sort.by), member)
        };
        let members: Vec<Member<'a>> = self.members().collect();
        fetch::users(&members);
        let members = members.into_iter();
        let mut found: Vec<(Value, Member<'a>)> = members.filter(wanted).map(value).collect();
        found.sort_by(|(a, x), (b, y)| list.sort.compare((a, x.user().id), (b, y.user().id)));
        let total = found.len();
        let items = found.into_iter().skip(list.skip).take(take);
        let items = items.map(|(_, member)| member).collect();
        Page { items, total }
    }

    fn passes(&self, member: &Member<'a>, filter: &Filter) -> bool {
        match filter {
            Filter::Is(field, wanted) => {
                self.value(member.row, Some(&member.membership), *field) == *wanted
            }
            Filter::Reads(field, wanted) => {
                let text = field.text(member.user());
                text.is_some_and(|text| wanted.is(&text))
            }
            Filter::Admin(wanted) => self.is_admin(member.row) == *wanted,
            Filter::Inactive(wanted) => (member.user().status == Status::Inactive) == *wanted,
        }
    }
}
