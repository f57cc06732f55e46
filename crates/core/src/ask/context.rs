//! How high does this user stand, and which reseller is it confined to?

use std::collections::BTreeSet;

use super::authority::Place;
use super::source::Who;
use super::{Authority, View};
use crate::catalogue::KindName;
use crate::id::{Node, UserNumber};
use crate::model::{Subject, SubjectId};
use crate::refusal::Refusal;
use crate::state::{Sorted, Tree, UserNode};
use crate::{Actor, Locator};

/// The kind of resource whose users are confined to it.
const RESELLER: &str = "reseller";

/// Where a user's highest grant or membership stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Standing {
    /// On the root: it works for the tenant.
    Tenant,
    /// On resellers, and not above: it works for these.
    Reseller(BTreeSet<Node>),
    /// Below.
    Customer,
}

impl View<'_> {
    /// Where a user's highest grant or membership stands. That every user is attached to
    /// the root does not count.
    #[must_use]
    pub fn standing(self, user: UserNumber) -> Standing {
        match self.state.user_node(user) {
            Some(row) => self.standing_of(row),
            None => Standing::Customer,
        }
    }

    /// As [`View::standing`], of a user that was looked up.
    #[must_use]
    pub fn standing_of(self, user: &UserNode) -> Standing {
        let reseller = self.state.kind_index(RESELLER);
        // What stands at a node is far away, and most are no resellers.
        let is_reseller = |node: &Node| self.state.tree().kind_of(*node) == reseller;
        let mut resellers = BTreeSet::new();
        let groups = user.groups.keys();
        let groups = groups.filter_map(|group| Some(&self.state.group_node(*group)?.granted));
        let granted = [&user.granted].into_iter().chain(groups);
        for node in granted.flat_map(Sorted::keys).copied() {
            if node == Tree::ROOT && self.holds_live(user, node) {
                return Standing::Tenant;
            }
            if is_reseller(&node) && self.holds_live(user, node) {
                resellers.insert(node);
            }
        }
        let attached = user.resources.keys().copied().filter(is_reseller);
        resellers.extend(attached.filter(|node| self.is_member(*node, user.user.number)));
        match resellers.is_empty() {
            true => Standing::Customer,
            false => Standing::Reseller(resellers),
        }
    }

    fn holds_live(self, user: &UserNode, node: Node) -> bool {
        use std::ops::ControlFlow::{Break, Continue};
        let mut visit =
            |source: super::Source<'_>| if source.live { Break(()) } else { Continue(()) };
        self.state.node(node).is_some_and(|found| {
            let who = Who::User(user);
            self.grants_on(node, found, who, &mut visit).is_break()
        })
    }
}

impl Authority<'_> {
    /// Whether a resource of the subject is in the context of a reseller: the one that the
    /// caller names, or, for a reseller's user, its own. A reseller's user can
    /// name no other, whether or not that one exists, and its own only if it sees it.
    ///
    /// The resellers of a user are those of the present, and confine it to what stands below
    /// them in the present.
    ///
    /// # Errors
    /// [`Refusal::Forbidden`] to a reseller's user that names another, and to a caller that may
    /// not look back at it; [`Refusal::NotFound`] to anybody else that names one that it cannot
    /// see.
    pub fn in_context(
        self,
        subject: View<'_>,
        node: Node,
        reseller: Option<&Locator>,
    ) -> Result<bool, Refusal> {
        let state = self.present.state;
        let own = match self.by.actor {
            // Somebody of another tenant is nobody here, whatever its id.
            _ if self.by.tenant != state.tenant() => Standing::Customer,
            Actor::User(id) => match state.subject(SubjectId::User(id)) {
                Some(Subject::User(number)) => self.present.standing(number),
                _ => Standing::Customer,
            },
            Actor::Service(_) | Actor::Operator | Actor::Attache => Standing::Tenant,
        };
        let below = |reseller: Node| is_below(subject, node, reseller);
        let is_confined_to = |own: Node| match self.place(subject, node) {
            Place::At(node) => is_below(self.present, node, own),
            Place::Gone => false,
        };
        match (own, reseller) {
            (Standing::Reseller(own), Some(named)) => {
                let found = self.see(subject, named);
                let place = found.map(|found| (found, self.place(subject, found)));
                match place {
                    Ok((found, Place::At(here))) if own.contains(&here) => {
                        Ok(below(found) && is_confined_to(here))
                    }
                    _ => Err(Refusal::Forbidden {
                        permission: KindName::from(RESELLER).permission("users.list"),
                    }),
                }
            }
            (Standing::Reseller(own), None) => Ok(own.into_iter().any(is_confined_to)),
            (_, Some(named)) => self.see(subject, named).map(below),
            (_, None) => Ok(true),
        }
    }
}

/// Whether a resource is another or stands below it.
fn is_below(view: View<'_>, node: Node, other: Node) -> bool {
    view.state.up(node).any(|(above, _)| above == other)
}
