//! To which resources is this user attached, as far as the caller sees them? Which membership
//! has this number?

use super::{Authority, Cut, Page, Sight, View};
use crate::id::{KindIndex, MembershipNumber, Node, UserNumber};
use crate::model::{Membership, Resource, Subject, User};
use crate::reference::Locator;
use crate::state::State;
use crate::time::Timestamp;

/// A membership of a user, as a list shows it.
#[derive(Clone, Copy, Debug)]
pub struct MembershipRow<'a> {
    /// Where the resource stands in the state.
    pub node: Node,
    /// The resource that the user is attached to.
    pub resource: &'a Resource,
    /// The user.
    pub user: &'a User,
    /// Since when and until when.
    pub membership: Membership,
}

impl MembershipRow<'_> {
    /// When the membership last changed, in the state that this is of:
    /// [`State::membership_updated_at`].
    #[must_use]
    pub fn updated_at(&self, state: &State) -> Timestamp {
        state.membership_updated_at(self.user.number, self.membership)
    }
}

impl<'a> Authority<'a> {
    /// The membership that has a number, if it counts and the caller may know of it: it may
    /// list the users of the resource, or is the user and sees the resource. Takes as long
    /// as one check, however many memberships there are.
    ///
    /// Commands name the membership's user and resource by
    /// [`Ref::OfMembership`](crate::Ref::OfMembership), which names nothing once the
    /// membership has gone.
    #[must_use]
    pub fn membership_of_number(
        self,
        subject: View<'a>,
        number: MembershipNumber,
    ) -> Option<MembershipRow<'a>> {
        let (node, user, membership) = subject.state.membership(number)?;
        let row = MembershipRow {
            node,
            resource: subject.state.resource(node)?,
            user: subject.state.user(user)?,
            membership,
        };
        let here = Locator::of_membership(number);
        let may_list = || self.authorize(subject, &here, "users.list").is_ok();
        let is_own = || self.is(Subject::User(user)) && self.see(subject, &here).is_ok();
        (subject.is_member(node, user) && (may_list() || is_own())).then_some(row)
    }
}

impl<'a> Sight<'a> {
    /// A page of the memberships of a user that count, on resources that the caller sees, in
    /// the order in which the resources were added. With a kind, on resources of that kind
    /// only. The root is not among them: every user is attached to it. Empty if there is no
    /// such user.
    ///
    /// Whether the caller may ask about the user is another question:
    /// [`Authority::sight_about`](super::Authority::sight_about). Takes time for each resource that
    /// the user is attached to, however many are on the page.
    #[must_use]
    pub fn memberships_of(
        &self,
        user: UserNumber,
        kind: Option<KindIndex>,
        cut: &Cut<Node>,
        take: usize,
    ) -> Page<MembershipRow<'a>, Node> {
        let (view, state) = (self.subject(), self.subject().state);
        let Some(row) = state.user_node(user) else {
            return Page::empty();
        };
        let is_wanted = |node: &Node| {
            let found = state.node(*node);
            let is_of_kind = |of| kind.is_none_or(|kind| kind == of);
            found.is_some_and(|found| is_of_kind(found.kind))
                && view.is_member(*node, user)
                && self.sees(*node)
        };
        let nodes: Vec<Node> = row.resources.keys().copied().filter(is_wanted).collect();
        let range = cut.range(nodes.len(), take, |place, with_it| {
            nodes.partition_point(|node| node < place || with_it && node == place)
        });
        let beside = (range.start > 0, range.end < nodes.len());
        let items = nodes.get(range).unwrap_or_default().iter();
        let items = items.filter_map(|node| {
            let found = state.node(*node)?;
            Some(MembershipRow {
                node: *node,
                resource: &found.resource,
                user: &row.user,
                membership: *found.members.get(&user)?,
            })
        });
        Page::new(items.collect(), nodes.len(), beside, |row| row.node)
    }
}
