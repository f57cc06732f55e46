//! The tenant's resources: a tree, each node found by id, by number or key
//! within its kind.

use std::sync::Arc;

use imbl::{OrdMap, OrdSet};
use uuid::Uuid;

use super::numbers::Numbers;
use super::{KindIndex, Sorted};
use crate::id::{Key, Node, UserNumber};
use crate::model::{Grant, GrantKey, Membership, Resource, Subject};
use crate::reference::Ref;

/// A resource with what hangs on it.
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
    pub(crate) fn grants_of(&self, subject: Subject) -> impl Iterator<Item = (&GrantKey, &Grant)> {
        self.grants
            .iter_from(&GrantKey::first(subject))
            .take_while(move |(key, _)| key.subject == subject)
    }
}

/// All resources of a tenant.
#[derive(Clone, Debug, Default)]
pub(crate) struct Tree {
    nodes: OrdMap<Node, Arc<ResourceNode>>,
    by_id: OrdMap<Uuid, Node>,
    by_number: OrdMap<(KindIndex, u32), Node>,
    by_key: OrdMap<(KindIndex, Key), Node>,
    numbers: OrdMap<KindIndex, Numbers>,
    next: u32,
}

impl Tree {
    /// The root of every tree.
    pub(crate) const ROOT: Node = Node(0);

    pub(crate) fn from_parts(
        next: u32,
        numbers: impl IntoIterator<Item = (KindIndex, Numbers)>,
    ) -> Self {
        Self {
            next,
            numbers: numbers.into_iter().collect(),
            ..Self::default()
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.nodes.len()
    }

    pub(crate) fn next_node(&self) -> u32 {
        self.next
    }

    pub(crate) fn get(&self, node: Node) -> Option<&ResourceNode> {
        self.nodes.get(&node).map(|node| &**node)
    }

    pub(crate) fn get_mut(&mut self, node: Node) -> Option<&mut ResourceNode> {
        self.nodes.get_mut(&node).map(Arc::make_mut)
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (Node, &ResourceNode)> {
        self.nodes
            .iter()
            .map(|(node, resource)| (*node, &**resource))
    }

    pub(crate) fn by_id(&self, id: Uuid) -> Option<Node> {
        self.by_id.get(&id).copied()
    }

    pub(crate) fn by_key(&self, kind: KindIndex, key: &Key) -> Option<Node> {
        self.by_key.get(&(kind, key.clone())).copied()
    }

    /// Which node a name means. Numbers and keys mean one only within a kind.
    pub(crate) fn find(&self, kind: Option<KindIndex>, reference: &Ref) -> Option<Node> {
        let node = match reference {
            Ref::Id(id) => self.by_id(*id),
            Ref::Number(number) => self.by_number.get(&(kind?, *number)).copied(),
            Ref::Text(text) => kind
                .and_then(|kind| self.by_key(kind, &Key::new(text).ok()?))
                .or_else(|| self.by_id(Uuid::parse_str(text).ok()?)),
        }?;
        match kind {
            Some(kind) => (self.get(node)?.kind == kind).then_some(node),
            None => Some(node),
        }
    }

    pub(crate) fn numbers(&self, kind: KindIndex) -> Numbers {
        self.numbers.get(&kind).cloned().unwrap_or_default()
    }

    pub(crate) fn all_numbers(&self) -> impl Iterator<Item = (KindIndex, &Numbers)> {
        self.numbers.iter().map(|(kind, numbers)| (*kind, numbers))
    }

    /// Whether a number of a kind was never in use.
    pub(crate) fn is_new(&self, kind: KindIndex, number: u32) -> bool {
        !self.by_number.contains_key(&(kind, number))
            && !self.numbers.get(&kind).is_some_and(|n| n.is_gone(number))
    }

    /// Whether any resource is of a kind.
    pub(crate) fn has_kind(&self, kind: KindIndex) -> bool {
        self.of_kind(kind).next().is_some()
    }

    /// The resources of a kind, by number.
    pub(crate) fn of_kind(&self, kind: KindIndex) -> impl Iterator<Item = Node> {
        self.by_number
            .range((kind, 0)..=(kind, u32::MAX))
            .map(|(_, node)| *node)
    }

    pub(crate) fn add(&mut self, kind: KindIndex, parent: Option<Node>, resource: Resource) {
        let node = Node(self.next);
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
    }

    /// Put a node where a snapshot says that it stands.
    pub(crate) fn put(&mut self, node: Node, resource: ResourceNode) {
        let (kind, facts) = (resource.kind, &resource.resource);
        self.next = self.next.max(node.0.saturating_add(1));
        let mut numbers = self.numbers(kind);
        numbers.take(facts.number.0);
        self.numbers.insert(kind, numbers);
        self.by_id.insert(facts.id.0, node);
        self.by_number.insert((kind, facts.number.0), node);
        if let Some(key) = &facts.key {
            self.by_key.insert((kind, key.clone()), node);
        }
        self.nodes.insert(node, Arc::new(resource));
    }

    pub(crate) fn remove(&mut self, node: Node) {
        let Some(removed) = self.nodes.remove(&node) else {
            return;
        };
        let (kind, facts) = (removed.kind, &removed.resource);
        self.by_id.remove(&facts.id.0);
        self.by_number.remove(&(kind, facts.number.0));
        if let Some(key) = &facts.key {
            self.by_key.remove(&(kind, key.clone()));
        }
        let mut numbers = self.numbers(kind);
        numbers.retire(facts.number.0);
        self.numbers.insert(kind, numbers);
        if let Some(parent) = removed.parent.and_then(|parent| self.get_mut(parent)) {
            parent.children.remove(&node);
        }
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
                self.by_key.remove(&(kind, old));
            }
            if let Some(new) = new {
                self.by_key.insert((kind, new), node);
            }
        }
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

/// The kinds of all resources that are there.
pub(crate) fn kinds_in_use(tree: &Tree) -> OrdSet<KindIndex> {
    tree.all_numbers()
        .map(|(kind, _)| kind)
        .filter(|kind| tree.has_kind(*kind))
        .collect()
}
