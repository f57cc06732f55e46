//! Memberships.

use std::cmp::Ordering;
use std::collections::BTreeSet;

use super::Draft;
use crate::Change;
use crate::id::{Node, ResourceId, UserId, UserNumber};
use crate::model::{GrantKey, Subject};
use crate::reference::{Locator, Ref};
use crate::refusal::Refusal;
use crate::state::{ResourceNode, Tree};
use crate::time::{Expiry, Timestamp};

/// The number of members from which detaching most of them may be a mistake.
const MANY: usize = 10;

/// Why a membership or a grant ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Because {
    Asked,
    Expired,
}

impl Draft {
    pub(super) fn add_member(
        &mut self,
        resource: &Locator,
        user: &Ref,
        expires_at: Option<Timestamp>,
    ) -> Result<(), Refusal> {
        let node = self.authorize(resource, "users.add")?;
        self.must_be_to_come(expires_at)?;
        if node == Tree::ROOT && expires_at.is_some() {
            let reason = "cannot be: every user is attached to the root as long as it exists";
            return Err(Refusal::invalid("expires_at", reason));
        }
        let Some(user) = self.user_if_told(user)? else {
            return self.add_nobody(node, Expiry::from(expires_at));
        };
        if self.view().is_member(node, user) {
            return Ok(());
        }
        self.may_attach_until(node, Expiry::from(expires_at))?;
        if !self.strangers(node, &[(0, user)])?.is_empty() {
            return Err(self.not_in_parent(node, Vec::new()));
        }
        self.push_attached(node, user, expires_at)
    }

    pub(super) fn change_member(
        &mut self,
        resource: &Locator,
        user: &Ref,
        expires_at: Option<Timestamp>,
    ) -> Result<(), Refusal> {
        let may = ["users.add", "users.remove"];
        let node = self.authorize_either(resource, may)?;
        self.not_the_root(node)?;
        self.must_be_to_come(expires_at)?;
        let Some(number) = self.user_if_told(user)? else {
            return Err(self.not_a_member(node));
        };
        let Some(member) = self.view().member(node, number) else {
            return Err(self.not_a_member(node));
        };
        let until = Expiry::from(expires_at);
        match until.cmp(&member.membership.expires_at()) {
            Ordering::Equal => return Ok(()),
            // An earlier end is a delayed removal.
            Ordering::Less => self.must_may(node, "users.remove")?,
            // A later end gives what the user holds there, for longer.
            Ordering::Greater => {
                self.must_may(node, "users.add")?;
                let gift = self.gift().by_means_of(node, "users.add", until);
                let gift = gift.what_lasts(node, number, until);
                gift.must_be_held(Some("expires_at"))?;
            }
        }
        if let Some((resource, user)) = self.ids(node, number) {
            self.push(Change::MemberChanged {
                resource,
                user,
                expires_at,
            });
        }
        Ok(())
    }

    pub(super) fn remove_member(&mut self, resource: &Locator, user: &Ref) -> Result<(), Refusal> {
        let node = self.authorize(resource, "users.remove")?;
        self.not_the_root(node)?;
        let Some(user) = self.user_if_told(user)? else {
            return Ok(());
        };
        if self.view().is_member(node, user) {
            self.push_detached(node, user);
        }
        Ok(())
    }

    pub(super) fn sync_members(
        &mut self,
        resource: &Locator,
        users: &[Ref],
        expires_at: Option<Timestamp>,
        allow_mass_detach: bool,
    ) -> Result<(), Refusal> {
        let node = self.authorize(resource, "users.add")?;
        self.authorize(resource, "users.remove")?;
        self.not_the_root(node)?;
        self.must_be_to_come(expires_at)?;
        let mut wanted = BTreeSet::new();
        let mut joining = Vec::new();
        let mut unknown = Vec::new();
        for (position, user) in users.iter().enumerate() {
            match self.state.find_user(user) {
                None => unknown.push(position),
                Some(user) => {
                    let new = wanted.insert(user);
                    if new && !self.view().is_member(node, user) {
                        joining.push((position, user));
                    }
                }
            }
        }
        if !unknown.is_empty() && self.may_list("users.list") {
            return Err(Refusal::UnknownUsers { positions: unknown });
        }
        if !joining.is_empty() || !unknown.is_empty() {
            self.may_attach_until(node, Expiry::from(expires_at))?;
        }
        if !unknown.is_empty() && !self.is_from_parent(node) {
            return Err(Refusal::UnknownUsers { positions: unknown });
        }
        let mut strangers = self.strangers(node, &joining)?;
        strangers.extend(unknown);
        if !strangers.is_empty() {
            strangers.sort_unstable();
            return Err(self.not_in_parent(node, strangers));
        }
        let members = self.view().members(node);
        let before: Vec<UserNumber> = members.map(|member| member.user().number).collect();
        let of = before.len();
        let leaving: Vec<UserNumber> = before
            .into_iter()
            .filter(|user| !wanted.contains(user))
            .collect();
        if !allow_mass_detach && of >= MANY && leaving.len() * 2 > of {
            return Err(Refusal::MassDetach {
                detached: leaving.len(),
                of,
            });
        }
        for user in leaving {
            self.push_detached(node, user);
        }
        joining.sort_unstable_by_key(|(_, user)| *user);
        for (_, user) in joining {
            self.push_attached(node, user, expires_at)?;
        }
        Ok(())
    }

    /// Checks that the caller may attach users until an end. What members may do there is
    /// given by the catalogue, not by the caller.
    fn may_attach_until(&self, node: Node, until: Expiry) -> Result<(), Refusal> {
        let gift = self.gift().by_means_of(node, "users.add", until);
        gift.must_be_held(Some("expires_at"))
    }

    /// # Errors
    /// If no number is left for the membership: 4,294,967,295 were given.
    fn push_attached(
        &mut self,
        node: Node,
        user: UserNumber,
        expires_at: Option<Timestamp>,
    ) -> Result<(), Refusal> {
        if self.state.next_membership().is_none() {
            let reason = "cannot be attached: no number of a membership is left";
            return Err(Refusal::invalid("user", reason));
        }
        // Remains of an expired membership must not come back with the new one.
        let is_listed = self
            .state
            .node(node)
            .is_some_and(|found| found.members.contains(&user));
        if is_listed {
            self.push_gone(node, user, Because::Expired);
        }
        if let Some((resource, user)) = self.ids(node, user) {
            self.push(Change::MemberAdded {
                resource,
                user,
                expires_at,
            });
        }
        Ok(())
    }

    pub(super) fn push_detached(&mut self, node: Node, user: UserNumber) {
        self.push_gone(node, user, Because::Asked);
    }

    /// Removes a membership, with the user's grants there and the memberships below that
    /// depend on it.
    pub(super) fn push_gone(&mut self, node: Node, user: UserNumber, because: Because) {
        let Some(found) = self.state.node(node).cloned() else {
            return;
        };
        if !found.members.contains(&user) {
            return;
        }
        for child in self.depending_on(node, &found, user) {
            self.push_gone(child, user, because);
        }
        let subject = Subject::User(user);
        let grants: Vec<GrantKey> = found
            .grants_of(subject)
            .map(|(key, _)| key.clone())
            .collect();
        for key in grants {
            match because {
                Because::Asked => self.push_revoked(node, &key),
                Because::Expired => self.push_grant_expired(node, &key),
            }
        }
        if let Some((resource, user)) = self.ids(node, user) {
            self.push(match because {
                Because::Asked => Change::MemberRemoved { resource, user },
                Because::Expired => Change::MemberExpired { resource, user },
            });
        }
    }

    /// Returns the children of a resource whose memberships of a user end with the one
    /// here, in order. Searches the children or the user's memberships, whichever are
    /// fewer: a resource can have a million children.
    fn depending_on(&self, node: Node, found: &ResourceNode, user: UserNumber) -> Vec<Node> {
        let is_one = |child: &Node| {
            let child = self.state.node(*child);
            let child = child.filter(|child| child.parent == Some(node));
            let kind = child.and_then(|child| self.state.kind(child.kind));
            kind.is_some_and(|kind| kind.members_from_parent)
        };
        match self.state.user_node(user) {
            Some(row) if row.resources.len() < found.children.len() => {
                row.resources.keys().copied().filter(is_one).collect()
            }
            _ => found.children.keys().copied().filter(is_one).collect(),
        }
    }

    /// Returns the positions of users who are not members of the parent resource and must
    /// be.
    fn strangers(&self, node: Node, users: &[(usize, UserNumber)]) -> Result<Vec<usize>, Refusal> {
        let Some(found) = self.state.node(node) else {
            return Err(Refusal::not_found("resource"));
        };
        let strangers = users
            .iter()
            .filter(|(_, user)| !self.view().parent_allows(found, *user))
            .map(|(position, _)| *position);
        Ok(strangers.collect())
    }

    /// Answers attaching an unknown user, for a caller that may not learn that. If an
    /// existing user would be attached, the answers differ.
    fn add_nobody(&self, node: Node, until: Expiry) -> Result<(), Refusal> {
        if node == Tree::ROOT {
            return Ok(());
        }
        self.may_attach_until(node, until)?;
        match self.is_from_parent(node) {
            true => Err(self.not_in_parent(node, Vec::new())),
            false => Err(Refusal::Unknown {
                field: "user",
                what: "user",
            }),
        }
    }

    /// Returns whether only members of the parent resource can be members.
    fn is_from_parent(&self, node: Node) -> bool {
        let kind = self.state.node(node).map(|found| found.kind);
        kind.and_then(|kind| self.state.kind(kind))
            .is_some_and(|kind| kind.members_from_parent)
    }

    fn not_in_parent(&self, node: Node, positions: Vec<usize>) -> Refusal {
        let found = self.state.node(node);
        let parent = found
            .and_then(|found| found.parent)
            .and_then(|parent| self.state.resource(parent));
        Refusal::NotInParent {
            kind: found
                .map_or("", |found| found.resource.kind.as_str())
                .into(),
            parent: parent.map_or("", |parent| parent.kind.as_str()).into(),
            positions,
        }
    }

    fn not_the_root(&self, node: Node) -> Result<(), Refusal> {
        if node == Tree::ROOT {
            let reason = "is the root, to which every user is attached as long as it exists";
            return Err(Refusal::invalid("resource", reason));
        }
        Ok(())
    }

    pub(super) fn not_a_member(&self, node: Node) -> Refusal {
        let kind = self
            .state
            .resource(node)
            .map(|resource| resource.kind.as_str());
        Refusal::NotAMember {
            kind: kind.unwrap_or("resource").into(),
        }
    }

    fn ids(&self, node: Node, user: UserNumber) -> Option<(ResourceId, UserId)> {
        Some((self.state.resource(node)?.id, self.state.user(user)?.id))
    }
}
