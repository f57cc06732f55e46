//! To which resources is this user attached, as far as the caller sees them?

use super::{Cut, Page, Sight};
use crate::id::{KindIndex, Node, UserNumber};
use crate::model::{Membership, Resource, User};

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
