//! The tenant's resources: a tree, each node found by id, by number or key
//! within its kind.

use std::sync::Arc;

use imbl::{OrdMap, OrdSet};
use uuid::Uuid;

use super::heights::Heights;
use super::index::{Index, hash};
use super::numbers::Numbers;
use super::persistent_vec::{PLAIN, PersistentVec};
use super::space::Space;
use super::sparse_map::SparseMap;
use super::{KindIndex, Sorted};
use crate::id::{Node, UserNumber};
use crate::key::Meaning;
use crate::model::{Grant, GrantKey, Membership, Resource, Subject};
use crate::reference::Ref;

/// A resource, and what is indexed with it.
#[derive(Clone, Debug)]
pub struct ResourceNode {
    /// The resource itself.
    pub resource: Arc<Resource>,
    /// Its kind.
    pub kind: KindIndex,
    /// The resource above it; `None` for the root.
    pub parent: Option<Node>,
    /// The resources right below it.
    pub children: Sorted<Node, ()>,
    /// Who is attached to it, whether or not that has expired. Empty for the
    /// root, to which every user is attached.
    pub members: Sorted<UserNumber, Membership>,
    /// Who was granted a role on it, whether or not that has expired.
    pub grants: Sorted<GrantKey, Grant>,
}

impl ResourceNode {
    /// The grants of one subject on this very resource.
    pub fn grants_of(&self, subject: Subject) -> impl Iterator<Item = (&GrantKey, &Grant)> {
        self.grants
            .iter_from(&GrantKey::first(subject))
            .take_while(move |(key, _)| key.subject == subject)
    }

    /// A grant with its key as it is stored: the parameters of an older one may be in another
    /// normalization form than those that are wanted.
    pub fn stored_grant<'a>(&'a self, wanted: &'a GrantKey) -> Option<(&'a GrantKey, &'a Grant)> {
        if let Some(grant) = self.grants.get(wanted) {
            return Some((wanted, grant));
        }
        if wanted.parameters.is_empty() {
            return None;
        }
        self.grants_of(wanted.subject)
            .find(|(key, _)| key.role == wanted.role && key.parameters.is_same(&wanted.parameters))
    }
}

/// All resources of a tenant.
#[derive(Clone, Debug, Default)]
pub(crate) struct Tree {
    /// At its node each; `None` where there no longer is one.
    nodes: PersistentVec<Arc<ResourceNode>>,
    /// The kinds of all nodes, beside them: small enough to be looked through
    /// where the nodes themselves are far away.
    kinds: PersistentVec<KindIndex, PLAIN>,
    heights: Heights,
    count: usize,
    ids: Index,
    /// Of a kind and a key.
    keys: Index,
    /// The nodes of each kind, at their numbers.
    of_kinds: OrdMap<KindIndex, SparseMap<Node, PLAIN>>,
    numbers: OrdMap<KindIndex, Numbers>,
}

impl Tree {
    /// The root of every tree.
    pub(crate) const ROOT: Node = Node(0);

    pub(crate) fn from_parts(
        next: u32,
        numbers: impl IntoIterator<Item = (KindIndex, Numbers)>,
    ) -> Self {
        let mut tree = Self {
            numbers: numbers.into_iter().collect(),
            ..Self::default()
        };
        tree.nodes.make_room(next as usize);
        tree
    }

    pub(crate) fn len(&self) -> usize {
        self.count
    }

    pub(crate) fn next_node(&self) -> u32 {
        // One node each for at most as many as a node can count.
        u32::try_from(self.nodes.end()).unwrap_or(u32::MAX)
    }

    pub(crate) fn get(&self, node: Node) -> Option<&ResourceNode> {
        self.nodes.get(node.0 as usize).map(|found| &**found)
    }

    pub(crate) fn get_mut(&mut self, node: Node) -> Option<&mut ResourceNode> {
        self.nodes.get_mut(node.0 as usize).map(Arc::make_mut)
    }

    /// The kind of a node that is there.
    pub(crate) fn kind_of(&self, node: Node) -> Option<KindIndex> {
        self.kinds.get(node.0 as usize).copied()
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (Node, &ResourceNode)> {
        let nodes = self.nodes.iter();
        nodes.filter_map(|(place, found)| Some((Node(u32::try_from(place).ok()?), &**found)))
    }

    pub(crate) fn by_id(&self, id: Uuid) -> Option<Node> {
        let mut found = self.ids.find(hash(id)).map(Node);
        found.find(|node| {
            self.get(*node)
                .is_some_and(|found| found.resource.id.0 == id)
        })
    }

    fn by_number(&self, kind: KindIndex, number: u32) -> Option<Node> {
        self.of_kinds.get(&kind)?.get(number).copied()
    }

    /// Which node a name means. Numbers and keys mean one only within a kind.
    pub(crate) fn find(&self, kind: Option<KindIndex>, reference: &Ref) -> Option<Node> {
        self.of(kind).meant(reference)
    }

    /// The resources of a kind, to be named; without a kind, all, by their ids.
    pub(crate) fn of(&self, kind: Option<KindIndex>) -> Named<'_> {
        Named { tree: self, kind }
    }

    pub(crate) fn numbers(&self, kind: KindIndex) -> Numbers {
        self.numbers.get(&kind).cloned().unwrap_or_default()
    }

    pub(crate) fn all_numbers(&self) -> impl Iterator<Item = (KindIndex, &Numbers)> {
        self.numbers.iter().map(|(kind, numbers)| (*kind, numbers))
    }

    /// Whether a number of a kind was never in use.
    pub(crate) fn is_new(&self, kind: KindIndex, number: u32) -> bool {
        self.by_number(kind, number).is_none()
            && !self.numbers.get(&kind).is_some_and(|n| n.is_gone(number))
    }

    /// Whether any resource is of a kind.
    pub(crate) fn has_kind(&self, kind: KindIndex) -> bool {
        self.of_kind(kind).next().is_some()
    }

    /// The resources of a kind, by number.
    pub(crate) fn of_kind(&self, kind: KindIndex) -> impl Iterator<Item = Node> {
        let of_kind = self.of_kinds.get(&kind).into_iter();
        of_kind.flat_map(SparseMap::iter).copied()
    }

    pub(crate) fn add(&mut self, kind: KindIndex, parent: Option<Node>, resource: Resource) {
        let node = Node(self.next_node());
        self.put(
            node,
            ResourceNode {
                resource: Arc::new(resource),
                kind,
                parent,
                children: Sorted::default(),
                members: Sorted::default(),
                grants: Sorted::default(),
            },
        );
        if let Some(parent) = parent.and_then(|parent| self.get_mut(parent)) {
            parent.children.insert(node, ());
        }
        self.note_height(parent, None, Some(1));
    }

    fn put(&mut self, node: Node, resource: ResourceNode) {
        let facts = &resource.resource;
        self.ids.insert(hash(facts.id.0), node.0);
        if let Some(key) = &facts.key {
            self.keys
                .insert(hash((resource.kind, key.meaning())), node.0);
        }
        self.put_unnamed(node, resource);
    }

    /// Put nodes where a snapshot says that they stand.
    pub(crate) fn put_all(&mut self, nodes: impl IntoIterator<Item = (Node, ResourceNode)>) {
        let (mut ids, mut keys) = (Vec::new(), Vec::new());
        for (node, resource) in nodes {
            let facts = &resource.resource;
            ids.push((hash(facts.id.0), node.0));
            let key = facts.key.as_ref();
            keys.extend(key.map(|key| (hash((resource.kind, key.meaning())), node.0)));
            self.put_unnamed(node, resource);
        }
        self.ids = ids.into_iter().collect();
        self.keys = keys.into_iter().collect();
    }

    fn put_unnamed(&mut self, node: Node, resource: ResourceNode) {
        let (kind, number) = (resource.kind, resource.resource.number.0);
        let of_kind = self.of_kinds.entry(kind).or_default();
        of_kind.insert(number, node);
        self.numbers.entry(kind).or_default().take(number);
        self.kinds.set(node.0 as usize, kind);
        let before = self.nodes.set(node.0 as usize, Arc::new(resource));
        self.count += usize::from(before.is_none());
    }

    pub(crate) fn remove(&mut self, node: Node) {
        let height = Some(self.heights.of(node));
        let Some(removed) = self.nodes.take(node.0 as usize) else {
            return;
        };
        self.count -= 1;
        let (kind, facts) = (removed.kind, &removed.resource);
        let number = facts.number.0;
        self.ids.remove(hash(facts.id.0), node.0);
        if let Some(key) = &facts.key {
            self.keys.remove(hash((kind, key.meaning())), node.0);
        }
        self.of_kinds.entry(kind).or_default().remove(number);
        self.numbers.entry(kind).or_default().retire(number);
        if let Some(parent) = removed.parent.and_then(|parent| self.get_mut(parent)) {
            parent.children.remove(&node);
        }
        self.heights.forget(node);
        self.note_height(removed.parent, height, None);
    }

    pub(crate) fn move_to(&mut self, node: Node, parent: Node) {
        let Some(moved) = self.get_mut(node) else {
            return;
        };
        let old = moved.parent.replace(parent);
        if let Some(old) = old.and_then(|old| self.get_mut(old)) {
            old.children.remove(&node);
        }
        if let Some(new) = self.get_mut(parent) {
            new.children.insert(node, ());
        }
        let height = Some(self.heights.of(node));
        self.note_height(old, height, None);
        self.note_height(Some(parent), None, height);
    }

    pub(crate) fn change(&mut self, node: Node, change: impl FnOnce(&mut Resource)) {
        let Some(found) = self.get_mut(node) else {
            return;
        };
        let kind = found.kind;
        let resource = Arc::make_mut(&mut found.resource);
        let old = resource.key.clone();
        change(resource);
        let new = resource.key.clone();
        if old != new {
            if let Some(old) = old {
                self.keys.remove(hash((kind, old.meaning())), node.0);
            }
            if let Some(new) = new {
                self.keys.insert(hash((kind, new.meaning())), node.0);
            }
        }
    }

    /// The levels at and below a resource: 1 where nothing stands below it.
    pub(crate) fn height(&self, node: Node) -> usize {
        self.heights.of(node).into()
    }

    fn note_height(&mut self, parent: Option<Node>, was: Option<u8>, is: Option<u8>) {
        let nodes = &self.nodes;
        let parent_of = |node: Node| nodes.get(node.0 as usize).map(|found| found.parent);
        self.heights.note(parent, was, is, parent_of);
    }

    /// Measures a tree that was put together in one go, from the resources that have
    /// children.
    pub(super) fn measure(&mut self, parents: Vec<Node>) {
        let depth = |node: Node| self.up(node).take(usize::from(u8::MAX)).count();
        let mut parents: Vec<(usize, Node)> = parents
            .into_iter()
            .map(|node| (depth(node), node))
            .collect();
        // The deepest first: their heights are those of their parents' children.
        parents.sort_unstable();
        for (_, node) in parents.into_iter().rev() {
            if let Some(found) = self.nodes.get(node.0 as usize) {
                self.heights.count(node, found.children.keys());
            }
        }
    }

    #[cfg(test)]
    pub(super) fn forget_heights(&mut self) {
        self.heights = Heights::default();
    }

    /// A resource and those above it, up to the root.
    pub(crate) fn up(&self, node: Node) -> impl Iterator<Item = (Node, &ResourceNode)> {
        let mut next = Some(node);
        std::iter::from_fn(move || {
            let node = next?;
            let found = self.get(node)?;
            next = found.parent;
            Some((node, found))
        })
    }

    /// A resource and all that is below it.
    pub(crate) fn down(&self, node: Node) -> impl Iterator<Item = (Node, &ResourceNode)> {
        let mut open = vec![node];
        std::iter::from_fn(move || {
            let node = open.pop()?;
            let found = self.get(node)?;
            open.extend(found.children.keys());
            Some((node, found))
        })
    }
}

/// Resources as names mean them.
#[derive(Clone, Copy)]
pub(crate) struct Named<'a> {
    tree: &'a Tree,
    kind: Option<KindIndex>,
}

impl Space for Named<'_> {
    type Thing = Node;

    fn keyed(&self, text: &str) -> impl Iterator<Item = (Node, bool)> {
        let tree = self.tree;
        let meaning = Meaning::of(text);
        self.kind.into_iter().flat_map(move |kind| {
            let found = tree.keys.find(hash((kind, &meaning)));
            let meaning = meaning.clone();
            found.filter_map(move |node| {
                let node = Node(node);
                let found = tree.get(node).filter(|found| found.kind == kind)?;
                let own = found.resource.key.as_ref()?;
                let alike = own.as_str() == text;
                (alike || own.meaning() == meaning).then_some((node, alike))
            })
        })
    }

    fn identified(&self, id: Uuid) -> Option<Node> {
        let node = self.tree.by_id(id)?;
        let is_it = |kind| self.tree.get(node).is_some_and(|found| found.kind == kind);
        self.kind.is_none_or(is_it).then_some(node)
    }

    fn numbered(&self, number: u32) -> Option<Node> {
        self.tree.by_number(self.kind?, number)
    }
}

/// The kinds of all resources that are there.
pub(crate) fn kinds_in_use(tree: &Tree) -> OrdSet<KindIndex> {
    tree.all_numbers()
        .map(|(kind, _)| kind)
        .filter(|kind| tree.has_kind(*kind))
        .collect()
}
