//! The projection: what a tenant's entries, applied in their order, give.

mod apply;
mod facts;
mod families;
mod givers;
mod heights;
mod index;
mod indices;
mod large;
mod load;
mod marks;
mod memberships;
mod names;
mod numbers;
mod order;
mod parts;
mod patterns;
mod persistent_vec;
mod rows;
mod sorted;
mod space;
mod sparse_map;
mod table;
mod texts;
mod tree;
mod vocabulary;

pub use crate::id::{KindIndex, RoleIndex};
pub use facts::{Facts, Unsound};
pub use parts::Part;
pub use rows::{GroupNode, ServiceNode, UserNode};
pub use sorted::Sorted;
pub use tree::ResourceNode;

pub(crate) use apply::Stamp;
pub(crate) use families::{Families, KindSet};
pub(crate) use givers::OriginNumber;
pub(crate) use marks::Marks;
pub(crate) use order::Order;
pub(crate) use patterns::{PatternSet, Patterns};
pub(crate) use space::Space;
pub(crate) use table::Table;
pub(crate) use texts::texts_of;
pub(crate) use tree::{Tree, kinds_in_use};
pub(crate) use vocabulary::Vocabulary;

use imbl::{OrdMap, OrdSet};

use crate::catalogue::{Catalogue, Kind, KindName, Role};
use crate::id::{
    EntryId, GroupNumber, IssuerId, Node, Revision, ServiceNumber, TenantId, TokenId, UserNumber,
};
use crate::model::{
    Creation, ExternalId, GrantKey, Invitation, Issuer, Resource, Subject, SubjectId, Token,
    TokenHash, User, canonical_address,
};
use crate::reference::{Locator, Ref};
use crate::time::Timestamp;

/// A tenant at one revision. Cheap to clone: what two states share is shared.
#[derive(Clone, Debug)]
pub struct State {
    tenant: TenantId,
    revision: Revision,
    last_entry: Option<EntryId>,
    at: Timestamp,
    vocabulary: std::sync::Arc<Vocabulary>,
    tree: Tree,
    users: Table<UserNode>,
    groups: Table<GroupNode>,
    services: Table<ServiceNode>,
    tokens: OrdMap<TokenId, Token>,
    tokens_by_hash: OrdMap<TokenHash, TokenId>,
    invitations: OrdMap<UserNumber, Invitation>,
    invitations_by_hash: OrdMap<TokenHash, UserNumber>,
    issuers: OrdMap<IssuerId, std::sync::Arc<Issuer>>,
    /// Users by the canonical forms of their verified e-mail addresses.
    verified_emails: index::Index,
    /// Users by what their ids at identity providers are compared by.
    external_ids: index::Index,
    /// What will expire or has, until an entry says so.
    expiring: OrdSet<(Timestamp, Expiring)>,
    /// Who holds `admin` on the root without an end.
    admins: Sorted<Subject, ()>,
    givers: givers::Givers,
    memberships: memberships::Memberships,
    large: large::LargeResources,
}

/// Something that expires.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Expiring {
    Membership(Node, UserNumber),
    Grant(Node, GrantKey),
}

impl State {
    /// A tenant before its first entry.
    #[must_use]
    pub fn empty(tenant: TenantId) -> Self {
        Self {
            tenant,
            revision: Revision::default(),
            last_entry: None,
            at: Timestamp::MIN,
            vocabulary: std::sync::Arc::default(),
            tree: Tree::default(),
            users: Table::default(),
            groups: Table::default(),
            services: Table::default(),
            tokens: OrdMap::new(),
            tokens_by_hash: OrdMap::new(),
            invitations: OrdMap::new(),
            invitations_by_hash: OrdMap::new(),
            issuers: OrdMap::new(),
            verified_emails: index::Index::default(),
            external_ids: index::Index::default(),
            expiring: OrdSet::new(),
            admins: Sorted::default(),
            givers: givers::Givers::default(),
            memberships: memberships::Memberships::default(),
            large: large::LargeResources::default(),
        }
    }

    /// Whose state this is.
    #[must_use]
    pub fn tenant(&self) -> TenantId {
        self.tenant
    }

    /// How many entries it holds.
    #[must_use]
    pub fn revision(&self) -> Revision {
        self.revision
    }

    /// The last of them. `None` before the first.
    #[must_use]
    pub fn last_entry(&self) -> Option<EntryId> {
        self.last_entry
    }

    /// When the last of them was written.
    #[must_use]
    pub fn at(&self) -> Timestamp {
        self.at
    }

    /// The catalogue. `None` before the first entry.
    #[must_use]
    pub fn catalogue(&self) -> Option<&Catalogue> {
        self.vocabulary.catalogue()
    }

    /// A role by its index in this state. `None` for one that the catalogue no longer has.
    #[must_use]
    pub fn role(&self, index: RoleIndex) -> Option<&Role> {
        self.vocabulary.role(index)
    }

    /// Where a role stands in the catalogue, from 0.
    pub(crate) fn role_position(&self, index: RoleIndex) -> Option<usize> {
        self.vocabulary.role_position(index)
    }

    pub(crate) fn vocabulary(&self) -> &Vocabulary {
        &self.vocabulary
    }

    /// A kind by its index in this state. `None` for one that the catalogue no longer has.
    #[must_use]
    pub fn kind(&self, index: KindIndex) -> Option<&Kind> {
        self.vocabulary.kind(index)
    }

    /// The name of a kind, shared with all resources of it.
    pub(crate) fn shared_name(&self, index: KindIndex, name: &KindName) -> KindName {
        let kind = self.kind(index);
        kind.map_or_else(|| name.clone(), |kind| kind.name.clone())
    }

    /// The index of a role.
    #[must_use]
    pub fn role_index(&self, name: &str) -> Option<RoleIndex> {
        self.vocabulary.role_index(name)
    }

    /// The index of a kind.
    #[must_use]
    pub fn kind_index(&self, name: &str) -> Option<KindIndex> {
        self.vocabulary.kind_index(name)
    }

    /// When a kind of the catalogue came into it, and who put it there.
    #[must_use]
    pub fn kind_creation(&self, name: &str) -> Option<Creation> {
        self.vocabulary.kind_creation(name)
    }

    /// The same of a role.
    #[must_use]
    pub fn role_creation(&self, name: &str) -> Option<Creation> {
        self.vocabulary.role_creation(name)
    }

    /// The role `admin`.
    pub(crate) fn admin_role(&self) -> Option<RoleIndex> {
        self.vocabulary.admin()
    }

    /// The root of the tree. There is one from the first entry on.
    #[must_use]
    pub fn root(&self) -> Node {
        Tree::ROOT
    }

    /// What stands at a node of the tree.
    #[must_use]
    pub fn node(&self, node: Node) -> Option<&ResourceNode> {
        self.tree.get(node)
    }

    /// The resource at a node of the tree.
    #[must_use]
    pub fn resource(&self, node: Node) -> Option<&Resource> {
        self.tree.get(node).map(|found| &*found.resource)
    }

    /// All resources, in the order in which they were added.
    pub fn resources(&self) -> impl Iterator<Item = (Node, &ResourceNode)> {
        self.tree.iter()
    }

    /// The resources of a kind, by number.
    pub fn resources_of_kind(&self, kind: KindIndex) -> impl Iterator<Item = Node> {
        self.tree.of_kind(kind)
    }

    /// A resource and those above it, up to the root.
    pub fn up(&self, node: Node) -> impl Iterator<Item = (Node, &ResourceNode)> {
        self.tree.up(node)
    }

    /// A resource and all that is below it, in no particular order.
    pub fn down(&self, node: Node) -> impl Iterator<Item = (Node, &ResourceNode)> {
        self.tree.down(node)
    }

    /// How many resources there are, the root included.
    #[must_use]
    pub fn resource_count(&self) -> usize {
        self.tree.len()
    }

    /// Which resource a caller means, whether or not the caller may see it.
    #[must_use]
    pub fn find(&self, locator: &Locator) -> Option<Node> {
        let kind = match &locator.kind {
            Some(kind) => Some(self.kind_index(kind.as_str())?),
            None => None,
        };
        let node = match &locator.reference {
            Ref::OfMembership(number) => {
                let (node, ..) = self.membership(*number)?;
                let own = self.tree.kind_of(node);
                kind.is_none_or(|kind| own == Some(kind)).then_some(node)?
            }
            reference => self.tree.find(kind, reference)?,
        };
        match &locator.under {
            Some(parent) => {
                let parent = self.find(parent)?;
                (self.node(node)?.parent == Some(parent)).then_some(node)
            }
            None => Some(node),
        }
    }

    /// A user with its groups and where it is attached.
    #[must_use]
    pub fn user_node(&self, number: UserNumber) -> Option<&UserNode> {
        self.users.get(number)
    }

    /// A user.
    #[must_use]
    pub fn user(&self, number: UserNumber) -> Option<&User> {
        self.users.get(number).map(|node| &*node.user)
    }

    /// All users, by number.
    pub fn users(&self) -> impl Iterator<Item = &UserNode> {
        self.users.iter()
    }

    /// How many users there are.
    #[must_use]
    pub fn user_count(&self) -> usize {
        self.users.len()
    }

    /// Which user a name means.
    #[must_use]
    pub fn find_user(&self, reference: &Ref) -> Option<UserNumber> {
        match reference {
            Ref::OfMembership(number) => self.membership(*number).map(|(_, user, _)| user),
            reference => self.users.find(reference),
        }
    }

    /// A group with its users.
    #[must_use]
    pub fn group_node(&self, number: GroupNumber) -> Option<&GroupNode> {
        self.groups.get(number)
    }

    /// All groups, by number.
    pub fn groups(&self) -> impl Iterator<Item = &GroupNode> {
        self.groups.iter()
    }

    /// Which group a name means.
    #[must_use]
    pub fn find_group(&self, reference: &Ref) -> Option<GroupNumber> {
        self.groups.find(reference)
    }

    /// A service with its tokens.
    #[must_use]
    pub fn service_node(&self, number: ServiceNumber) -> Option<&ServiceNode> {
        self.services.get(number)
    }

    /// All services, by number.
    pub fn services(&self) -> impl Iterator<Item = &ServiceNode> {
        self.services.iter()
    }

    /// Which service a name means.
    #[must_use]
    pub fn find_service(&self, reference: &Ref) -> Option<ServiceNumber> {
        self.services.find(reference)
    }

    /// An API token that was not revoked.
    #[must_use]
    pub fn token(&self, id: TokenId) -> Option<&Token> {
        self.tokens.get(&id)
    }

    /// The token that has a hash, whether or not it has expired.
    #[must_use]
    pub fn token_by_hash(&self, hash: &TokenHash) -> Option<&Token> {
        self.tokens.get(self.tokens_by_hash.get(hash)?)
    }

    /// All tokens that were not revoked, by id.
    pub fn tokens(&self) -> impl Iterator<Item = &Token> {
        self.tokens.values()
    }

    /// A user's invitation, whether or not it has ended.
    #[must_use]
    pub fn invitation(&self, user: UserNumber) -> Option<&Invitation> {
        self.invitations.get(&user)
    }

    /// The invitation whose token has a hash, whether or not it has ended.
    #[must_use]
    pub fn invitation_by_hash(&self, hash: &TokenHash) -> Option<&Invitation> {
        self.invitations.get(self.invitations_by_hash.get(hash)?)
    }

    /// An issuer whose tokens are accepted.
    #[must_use]
    pub fn issuer(&self, id: IssuerId) -> Option<&std::sync::Arc<Issuer>> {
        self.issuers.get(&id)
    }

    /// All issuers whose tokens are accepted, by id.
    pub fn issuers(&self) -> impl Iterator<Item = &std::sync::Arc<Issuer>> {
        self.issuers.values()
    }

    /// The one user who has a verified e-mail address. None where several have
    /// it: which of them is meant is not known.
    #[must_use]
    pub fn user_by_verified_email(&self, email: &str) -> Option<UserNumber> {
        let mut found = self.users_by_verified_email(email);
        match (found.next(), found.next()) {
            (Some(user), None) => Some(user),
            _ => None,
        }
    }

    /// All users who have a verified e-mail address. Addresses are compared by
    /// their [canonical form](crate::model::Email::canonical).
    pub fn users_by_verified_email(&self, email: &str) -> impl Iterator<Item = UserNumber> {
        let email = canonical_address(email);
        let found = self.verified_emails.find(index::hash(&email));
        found.map(UserNumber).filter(move |user| {
            let user = self.user(*user).filter(|user| user.facts.email_verified);
            let own = user.and_then(|user| user.profile.email.as_ref());
            own.is_some_and(|own| own.canonical() == email)
        })
    }

    /// All users who have an id at an identity provider. New ones are each one user's alone;
    /// a log of an older version may let several have one.
    pub fn users_by_external_id(&self, id: &ExternalId) -> impl Iterator<Item = UserNumber> {
        let meaning = id.meaning();
        let found = self.external_ids.find(index::hash(&meaning));
        found.map(UserNumber).filter(move |user| {
            let own = self
                .user(*user)
                .and_then(|user| user.facts.external_auth_id.as_ref());
            own.is_some_and(|own| own.meaning() == meaning)
        })
    }

    /// The users whose key is the same as a text. If the key of one of them is
    /// written alike, only that one.
    #[must_use]
    pub fn users_by_key(&self, key: &str) -> Vec<UserNumber> {
        self.users.all_by_key(key)
    }

    /// A subject by its id, for what speaks to the outside.
    #[must_use]
    pub fn subject_id(&self, subject: Subject) -> Option<SubjectId> {
        Some(match subject {
            Subject::User(number) => SubjectId::User(self.users.get(number)?.user.id),
            Subject::Group(number) => SubjectId::Group(self.groups.get(number)?.group.id),
            Subject::Service(number) => SubjectId::Service(self.services.get(number)?.service.id),
        })
    }

    /// A subject by its number, for what looks into this state.
    #[must_use]
    pub fn subject(&self, id: SubjectId) -> Option<Subject> {
        Some(match id {
            SubjectId::User(id) => Subject::User(self.users.number_of(id.0)?),
            SubjectId::Group(id) => Subject::Group(self.groups.number_of(id.0)?),
            SubjectId::Service(id) => Subject::Service(self.services.number_of(id.0)?),
        })
    }

    /// How many things the state holds: users, groups, services, resources, memberships and
    /// grants. Takes time for each resource.
    #[must_use]
    pub fn things(&self) -> usize {
        let tables = self.users.len() + self.groups.len() + self.services.len();
        let on = self
            .tree
            .iter()
            .map(|(_, found)| found.members.len() + found.grants.len() + 1);
        tables + on.sum::<usize>()
    }

    pub(crate) fn next_expired(&self, at: Timestamp) -> Option<Expiring> {
        let (end, what) = self.expiring.get_min()?;
        (*end <= at).then(|| what.clone())
    }

    /// The last instant by which something had expired that no entry speaks of
    /// yet, if anything had.
    #[must_use]
    pub fn last_expired(&self, at: Timestamp) -> Option<Timestamp> {
        // Most often there is nothing, and the first one tells.
        self.next_expiry().filter(|first| *first <= at)?;
        let after = Timestamp::from_millis(at.as_millis().saturating_add(1));
        let nothing_before = Expiring::Membership(Node(0), UserNumber(0));
        let expired = self.expiring.range(..(after, nothing_before));
        expired.map(|(end, _)| *end).next_back()
    }

    pub(crate) fn admins(&self) -> impl Iterator<Item = Subject> {
        self.admins.keys().copied()
    }

    pub(crate) fn kinds_in_use(&self) -> OrdSet<KindIndex> {
        kinds_in_use(&self.tree)
    }

    /// The roles of which there are grants, whether or not they have expired.
    pub(crate) fn roles_in_use(&self) -> std::collections::BTreeSet<RoleIndex> {
        self.tree
            .iter()
            .flat_map(|(_, found)| found.grants.keys().map(|key| key.role))
            .collect()
    }

    pub(crate) fn tree(&self) -> &Tree {
        &self.tree
    }

    pub(crate) fn user_table(&self) -> &Table<UserNode> {
        &self.users
    }

    pub(crate) fn group_table(&self) -> &Table<GroupNode> {
        &self.groups
    }

    pub(crate) fn service_table(&self) -> &Table<ServiceNode> {
        &self.services
    }

    /// When the next thing expires, if anything does. It may be past: then an
    /// entry should say so.
    #[must_use]
    pub fn next_expiry(&self) -> Option<Timestamp> {
        self.expiring.get_min().map(|(at, _)| *at)
    }
}

/// Two states are equal if they hold the same facts.
impl PartialEq for State {
    fn eq(&self, other: &Self) -> bool {
        self.facts() == other.facts()
    }
}
