//! A state as plain facts: what a snapshot holds, and what two states are
//! compared by. Indices are left out: they follow from the facts.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::givers::{ActorThrough, Givers};
use super::memberships::Memberships;
use super::numbers::Numbers;
use super::{
    GroupNode, KindIndex, ResourceNode, ServiceNode, Sorted, State, Table, Tree, UserNode,
    Vocabulary,
};
use crate::catalogue::Catalogue;
use crate::id::{EntryId, GroupNumber, Node, Revision, TenantId, UserNumber};
use crate::model::{
    Creation, Giver, Grant, GrantKey, Group, GroupUser, Invitation, Issuer, Membership, Resource,
    Service, Token, User,
};
use crate::origin::Origin;
use crate::time::Timestamp;

/// The facts of a state, in a fixed order. What is large is shared with the
/// state that they are of, or becomes part of the one that is made of them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Facts {
    tenant: TenantId,
    revision: Revision,
    last_entry: Option<EntryId>,
    at: Timestamp,
    /// As JSON: a catalogue's form leaves out what is not there, which formats
    /// without names of fields cannot read.
    catalogue: Option<String>,
    kinds: Vec<(Box<str>, Creation)>,
    roles: Vec<(Box<str>, Creation)>,
    next_node: u32,
    resource_numbers: Vec<(KindIndex, GivenOut)>,
    pub(super) resources: Vec<ResourceFacts>,
    user_numbers: GivenOut,
    pub(super) users: Vec<UserRow>,
    group_numbers: GivenOut,
    groups: Vec<Group>,
    service_numbers: GivenOut,
    services: Vec<Service>,
    tokens: Vec<Token>,
    /// As JSON, like the catalogue.
    issuers: Vec<String>,
    invitations: Vec<Invitation>,
    /// Who gave the facts, by their numbers.
    givers: Vec<ActorThrough>,
    /// The doors through which the facts came, by their numbers.
    origins: Vec<Origin>,
    /// The number of a membership that was given last.
    last_membership: u32,
}

/// A user, who added it, and the groups that the user is in.
pub(super) type UserRow = (Arc<User>, Giver, Sorted<GroupNumber, GroupUser>);

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct ResourceFacts {
    pub(super) node: Node,
    pub(super) parent: Option<Node>,
    pub(super) resource: Arc<Resource>,
    pub(super) members: Sorted<UserNumber, Membership>,
    pub(super) grants: Sorted<GrantKey, Grant>,
    /// When memberships changed that did so after the user was attached.
    pub(super) changed: Vec<(UserNumber, Timestamp)>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct GivenOut {
    last: u32,
    gone: Vec<u32>,
}

impl From<&Numbers> for GivenOut {
    fn from(numbers: &Numbers) -> Self {
        Self {
            last: numbers.last(),
            gone: numbers.gone().collect(),
        }
    }
}

impl From<GivenOut> for Numbers {
    fn from(given_out: GivenOut) -> Self {
        Self::from_parts(given_out.last, given_out.gone)
    }
}

/// Facts that cannot be a state's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the facts do not fit together: {0}")]
pub struct Unsound(pub(super) &'static str);

impl State {
    /// The facts of this state.
    #[must_use]
    pub fn facts(&self) -> Facts {
        Facts {
            tenant: self.tenant,
            revision: self.revision,
            last_entry: self.last_entry,
            at: self.at,
            catalogue: self
                .catalogue()
                .and_then(|catalogue| serde_json::to_string(catalogue).ok()),
            kinds: boxed(self.vocabulary.kind_names()),
            roles: boxed(self.vocabulary.role_names()),
            next_node: self.tree.next_node(),
            resource_numbers: self
                .tree
                .all_numbers()
                .map(|(kind, numbers)| (kind, numbers.into()))
                .collect(),
            resources: self.tree.iter().map(|it| self.resource_facts(it)).collect(),
            user_numbers: self.users.numbers().into(),
            users: self
                .users
                .iter()
                .map(|node| (node.user.clone(), node.added_by, node.groups.clone()))
                .collect(),
            group_numbers: self.groups.numbers().into(),
            groups: self
                .groups
                .iter()
                .map(|node| (*node.group).clone())
                .collect(),
            service_numbers: self.services.numbers().into(),
            services: self
                .services
                .iter()
                .map(|node| (*node.service).clone())
                .collect(),
            tokens: self.tokens.values().cloned().collect(),
            issuers: self
                .issuers
                .values()
                .filter_map(|issuer| serde_json::to_string(&**issuer).ok())
                .collect(),
            givers: self.givers.iter().collect(),
            origins: self.givers.origins().to_vec(),
            last_membership: self.memberships.last(),
            invitations: self.invitations.values().cloned().collect(),
        }
    }

    /// The state that has these facts.
    ///
    /// # Errors
    /// If they cannot be a state's; then only the entries can say what is true.
    pub fn from_facts(facts: Facts) -> Result<Self, Unsound> {
        let mut state = Self::empty(facts.tenant);
        state.revision = facts.revision;
        state.last_entry = facts.last_entry;
        state.at = facts.at;
        if let Some(text) = &facts.catalogue {
            let catalogue: Catalogue =
                serde_json::from_str(text).map_err(|_| Unsound("the catalogue is unreadable"))?;
            let vocabulary = Vocabulary::from_names(facts.kinds, facts.roles, catalogue);
            state.vocabulary = Arc::new(vocabulary);
        }
        let groups = facts.groups.into_iter().map(GroupNode::from);
        state.groups = Table::from_rows(facts.group_numbers.into(), groups);
        let services = facts.services.into_iter().map(ServiceNode::from);
        state.services = Table::from_rows(facts.service_numbers.into(), services);
        state.users = Table::from_rows(
            facts.user_numbers.into(),
            facts
                .users
                .into_iter()
                .map(|(user, added_by, groups)| UserNode {
                    groups,
                    ..UserNode::new(user, added_by)
                }),
        );
        state.index_groups()?;
        state.find_all_by_credentials();
        state.givers = Givers::from_origins(facts.origins);
        state.givers.add_all(facts.givers);
        state.memberships = Memberships::from_last(facts.last_membership);
        for text in facts.issuers {
            let issuer: Issuer =
                serde_json::from_str(&text).map_err(|_| Unsound("an issuer is unreadable"))?;
            state.issuers.insert(issuer.id, Arc::new(issuer));
        }
        for invitation in facts.invitations {
            state.put_invitation(invitation);
        }
        for token in facts.tokens {
            state.put_token(token);
        }
        let numbers = facts.resource_numbers.into_iter();
        state.tree = Tree::from_parts(
            facts.next_node,
            numbers.map(|(kind, numbers)| (kind, numbers.into())),
        );
        state.load_resources(facts.next_node, facts.resources)?;
        state.find_large();
        Ok(state)
    }

    fn resource_facts(&self, (node, found): (Node, &ResourceNode)) -> ResourceFacts {
        let members = found.members.iter();
        let changed = members.filter_map(|(user, membership)| {
            Some((*user, self.memberships.changed_at(*membership)?))
        });
        let changed = match node {
            Tree::ROOT => self.memberships.changed_of_root().collect(),
            _ => changed.collect(),
        };
        ResourceFacts {
            node,
            parent: found.parent,
            resource: found.resource.clone(),
            members: found.members.clone(),
            grants: found.grants.clone(),
            changed,
        }
    }

    fn index_groups(&mut self) -> Result<(), Unsound> {
        let pairs: Vec<(GroupNumber, UserNumber)> = self
            .users
            .iter()
            .flat_map(|node| node.groups.keys().map(|group| (*group, node.user.number)))
            .collect();
        let mut pairs = pairs;
        pairs.sort_unstable();
        for of_one in pairs.chunk_by(|a, b| a.0 == b.0) {
            let [(group, _), ..] = of_one else { continue };
            let node = self
                .groups
                .get_mut(*group)
                .ok_or(Unsound("a user is in a group that is not there"))?;
            node.users = of_one.iter().map(|(_, user)| (*user, ())).collect();
        }
        Ok(())
    }
}

fn boxed<'a>(names: impl Iterator<Item = (&'a str, Creation)>) -> Vec<(Box<str>, Creation)> {
    names.map(|(name, made)| (name.into(), made)).collect()
}
