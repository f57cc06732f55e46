//! How high does this user stand, and which reseller is it confined to?

use std::collections::BTreeSet;

use super::source::Who;
use crate::id::{Node, UserNumber};
use crate::model::Subject;
use crate::refusal::Refusal;
use crate::state::{Sorted, State, Tree, UserNode};
use crate::time::Timestamp;
use crate::{Actor, Caller, Locator};

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

impl State {
    /// Where a user's highest grant or membership stands, at an instant. That
    /// every user is attached to the root does not count.
    #[must_use]
    pub fn standing(&self, user: UserNumber, at: Timestamp) -> Standing {
        match self.user_node(user) {
            Some(row) => self.standing_of(row, at),
            None => Standing::Customer,
        }
    }

    /// The same of a user that was looked up.
    #[must_use]
    pub fn standing_of(&self, user: &UserNode, at: Timestamp) -> Standing {
        let reseller = self.kind_index(RESELLER);
        // What stands at a node is far away, and most are no resellers.
        let is_reseller = |node: &Node| self.tree().kind_of(*node) == reseller;
        let mut resellers = BTreeSet::new();
        let groups = user.groups.keys();
        let groups = groups.filter_map(|group| Some(&self.group_node(*group)?.granted));
        let granted = [&user.granted].into_iter().chain(groups);
        for node in granted.flat_map(Sorted::keys).copied() {
            if node == Tree::ROOT && self.holds_live(user, node, at) {
                return Standing::Tenant;
            }
            if is_reseller(&node) && self.holds_live(user, node, at) {
                resellers.insert(node);
            }
        }
        let attached = user.resources.keys().copied().filter(is_reseller);
        resellers.extend(attached.filter(|node| self.is_member(*node, user.user.number, at)));
        match resellers.is_empty() {
            true => Standing::Customer,
            false => Standing::Reseller(resellers),
        }
    }

    fn holds_live(&self, user: &UserNode, node: Node, at: Timestamp) -> bool {
        use std::ops::ControlFlow::{Break, Continue};
        let mut visit =
            |source: super::Source<'_>| if source.live { Break(()) } else { Continue(()) };
        self.node(node).is_some_and(|found| {
            let who = Who::User(user);
            self.grants_on(node, found, who, at, &mut visit).is_break()
        })
    }

    /// Whether a resource is in the context of a reseller: the one that the
    /// caller names, or, for a reseller's user, its own. A reseller's user can
    /// name no other, whether or not that one exists, and its own only if it sees it.
    ///
    /// # Errors
    /// [`Refusal::Forbidden`] to a reseller's user that names another;
    /// [`Refusal::NotFound`] to anybody else that names one that it cannot see.
    pub fn in_context(
        &self,
        by: &Caller,
        node: Node,
        reseller: Option<&Locator>,
        at: Timestamp,
    ) -> Result<bool, Refusal> {
        let own = match by.actor {
            // Somebody of another tenant is nobody here, whatever its id.
            _ if by.tenant != self.tenant() => Standing::Customer,
            Actor::User(id) => match self.subject(crate::model::SubjectId::User(id)) {
                Some(Subject::User(number)) => self.standing(number, at),
                _ => Standing::Customer,
            },
            Actor::Service(_) | Actor::Operator | Actor::Attache => Standing::Tenant,
        };
        let below = |reseller: Node| self.up(node).any(|(above, _)| above == reseller);
        match (own, reseller) {
            (Standing::Reseller(own), Some(named)) => match self.see(by, named, at) {
                Ok(named) if own.contains(&named) => Ok(below(named)),
                _ => Err(Refusal::Forbidden {
                    permission: crate::catalogue::KindName::from(RESELLER).permission("users.list"),
                }),
            },
            (Standing::Reseller(own), None) => Ok(own.into_iter().any(below)),
            (_, Some(named)) => self.see(by, named, at).map(below),
            (_, None) => Ok(true),
        }
    }
}
