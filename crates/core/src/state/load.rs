//! Loads the resources of a snapshot with all indices of them in one go, since putting
//! millions one by one takes many times as long.

use std::sync::Arc;

use super::facts::{ResourceFacts, Unsound};
use super::{Expiring, ResourceNode, Sorted, State, Tree};
use crate::id::{Node, UserNumber};
use crate::model::{Membership, Subject};
use crate::time::Expiry;

/// What the indices of resources hold, to be sorted by what each is found by.
#[derive(Default)]
struct Links {
    children: Vec<(Node, Node)>,
    attached: Vec<(UserNumber, Node)>,
    granted: Vec<(Subject, Node)>,
}

impl State {
    /// Loads resources into a tree that has so many nodes.
    ///
    /// # Errors
    /// If they cannot be those of a state.
    pub(super) fn load_resources(
        &mut self,
        nodes: u32,
        resources: Vec<ResourceFacts>,
    ) -> Result<(), Unsound> {
        let mut links = Links::default();
        let mut loaded = Vec::with_capacity(resources.len());
        for mut facts in resources {
            if facts.node.0 >= nodes {
                return Err(Unsound("a resource stands beyond the last node"));
            }
            self.note_what_expires(&facts);
            self.number_memberships(&facts)?;
            links.note(&facts);
            if facts.node == Tree::ROOT {
                self.note_admins(&facts);
            }
            let kind = self
                .kind_index(facts.resource.kind.as_str())
                .ok_or(Unsound("a resource is of a kind that is not known"))?;
            if let Some(resource) = Arc::get_mut(&mut facts.resource) {
                resource.kind = self.shared_name(kind, &resource.kind);
            }
            let node = ResourceNode {
                resource: facts.resource,
                kind,
                parent: facts.parent,
                children: Sorted::default(),
                members: facts.members,
                grants: facts.grants,
            };
            loaded.push((facts.node, node));
        }
        self.tree.put_all(loaded);
        self.link(links)
    }

    fn note_what_expires(&mut self, facts: &ResourceFacts) {
        for (user, membership) in facts.members.iter() {
            if let Some(at) = membership.expires_at().instant() {
                let what = Expiring::Membership(facts.node, *user);
                self.expiring.insert((at, what));
            }
        }
        for (key, grant) in facts.grants.iter() {
            if let Some(at) = grant.expires_at().instant() {
                let what = Expiring::Grant(facts.node, key.clone());
                self.expiring.insert((at, what));
            }
        }
    }

    /// Finds memberships by their numbers from here on.
    fn number_memberships(&mut self, facts: &ResourceFacts) -> Result<(), Unsound> {
        for (user, membership) in facts.members.iter() {
            let Some(number) = membership.number() else {
                continue;
            };
            if number.0 > self.memberships.last() {
                return Err(Unsound("a membership has a number that was not given yet"));
            }
            if !self.memberships.put(number, facts.node, *user) {
                return Err(Unsound("two memberships have one number"));
            }
        }
        for (user, at) in &facts.changed {
            let membership = facts.members.get(user).copied();
            let membership = match membership {
                None if facts.node == Tree::ROOT => self.user(*user).map(Membership::of_root),
                membership => membership,
            };
            let membership = membership.ok_or(Unsound("a membership changed that is not there"))?;
            self.memberships.note_change(*user, membership, *at);
        }
        Ok(())
    }

    fn note_admins(&mut self, root: &ResourceFacts) {
        let admin = self.admin_role();
        let admins = root
            .grants
            .iter()
            .filter(|(key, grant)| Some(key.role) == admin && grant.expires_at() == Expiry::NEVER);
        self.admins = admins.map(|(key, _)| (key.subject, ())).collect();
    }

    fn link(&mut self, links: Links) -> Result<(), Unsound> {
        let mut parents = Vec::new();
        for (parent, children) in by_first(links.children) {
            let node = self.tree.get_mut(parent);
            let node = node.ok_or(Unsound("a resource stands under one that is not there"))?;
            node.children = children;
            parents.push(parent);
        }
        self.tree.measure(parents);
        for (user, resources) in by_first(links.attached) {
            let row = self.users.get_mut(user);
            let row = row.ok_or(Unsound("a user is attached that is not there"))?;
            row.resources = resources;
        }
        for (subject, granted) in by_first(links.granted) {
            let place = match subject {
                Subject::User(user) => self.users.get_mut(user).map(|row| &mut row.granted),
                Subject::Group(group) => self.groups.get_mut(group).map(|row| &mut row.granted),
                Subject::Service(service) => {
                    self.services.get_mut(service).map(|row| &mut row.granted)
                }
            };
            *place.ok_or(Unsound("somebody was granted a role who is not there"))? = granted;
        }
        Ok(())
    }
}

impl Links {
    fn note(&mut self, facts: &ResourceFacts) {
        let node = facts.node;
        self.children
            .extend(facts.parent.map(|parent| (parent, node)));
        let members = facts.members.keys();
        self.attached.extend(members.map(|user| (*user, node)));
        for key in facts.grants.keys() {
            let granted = (key.subject, node);
            // They stand by subject: who holds several roles stands in a row.
            if self.granted.last() != Some(&granted) {
                self.granted.push(granted);
            }
        }
    }
}

/// The nodes of each, in the order of the nodes.
fn by_first<W: Ord + Copy>(
    mut links: Vec<(W, Node)>,
) -> impl Iterator<Item = (W, Sorted<Node, ()>)> {
    links.sort_unstable();
    links.dedup();
    let mut rest = 0;
    std::iter::from_fn(move || {
        let (who, _) = *links.get(rest)?;
        let of_one = links.get(rest..).unwrap_or_default();
        let of_one = of_one.iter().take_while(|(other, _)| *other == who);
        let nodes: Sorted<Node, ()> = of_one.map(|(_, node)| (*node, ())).collect();
        rest += nodes.len();
        Some((who, nodes))
    })
}
