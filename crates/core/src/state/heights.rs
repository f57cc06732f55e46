//! How many levels a subtree has: kept beside the tree, so that moving a resource
//! does not walk all that is moved.

use imbl::OrdMap;
use smallvec::SmallVec;

use crate::id::Node;

/// How many children have each height. A resource has few heights among its children.
type Counts = SmallVec<[(u8, u32); 2]>;

/// The heights of the children of each resource that has children. A resource that
/// is not in the map has none, and the height 1.
#[derive(Clone, Debug, Default)]
pub(super) struct Heights(OrdMap<Node, Counts>);

impl Heights {
    /// The levels at and below a resource: 1 where nothing stands below it.
    pub(super) fn of(&self, node: Node) -> u8 {
        let counts = self.0.get(&node).into_iter().flatten();
        let highest = counts.map(|(height, _)| *height).max();
        highest.unwrap_or_default().saturating_add(1)
    }

    /// Notes that a child of `node` that had the height `was` has the height `is`.
    /// `None` stands for a child that was not there before, or is not there after.
    fn change(&mut self, node: Node, was: Option<u8>, is: Option<u8>) {
        let mut counts = self.0.get(&node).cloned().unwrap_or_default();
        if let Some(was) = was
            && let Some(place) = counts.iter().position(|(height, _)| *height == was)
            && let Some((_, count)) = counts.get_mut(place)
        {
            *count -= 1;
            if *count == 0 {
                counts.swap_remove(place);
            }
        }
        if let Some(is) = is {
            match counts.iter_mut().find(|(height, _)| *height == is) {
                Some((_, count)) => *count = count.saturating_add(1),
                None => counts.push((is, 1)),
            }
        }
        match counts.is_empty() {
            true => self.0.remove(&node),
            false => self.0.insert(node, counts),
        };
    }

    /// Notes that a child of `parent` came, went or changed its height, there and above.
    /// `parent_of` returns `None` for a resource that is not there. The cost grows with the
    /// depth of the tree, not with its size.
    pub(super) fn note(
        &mut self,
        parent: Option<Node>,
        was: Option<u8>,
        is: Option<u8>,
        parent_of: impl Fn(Node) -> Option<Option<Node>>,
    ) {
        let (mut next, mut was, mut is) = (parent, was, is);
        while let Some(node) = next
            && was != is
            && let Some(above) = parent_of(node)
        {
            next = above;
            let before = self.of(node);
            self.change(node, was, is);
            (was, is) = (Some(before), Some(self.of(node)));
        }
    }

    /// Counts the heights of all children of a resource. Those of the children must be
    /// known.
    pub(super) fn count<'a>(&mut self, node: Node, children: impl Iterator<Item = &'a Node>) {
        let mut counts = Counts::new();
        for height in children.map(|child| self.of(*child)) {
            match counts.iter_mut().find(|(known, _)| *known == height) {
                Some((_, count)) => *count = count.saturating_add(1),
                None => counts.push((height, 1)),
            }
        }
        if !counts.is_empty() {
            self.0.insert(node, counts);
        }
    }

    /// Forgets a resource that is gone.
    pub(super) fn forget(&mut self, node: Node) {
        self.0.remove(&node);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::id::{KindIndex, ResourceId, ResourceNumber};
    use crate::model::{Name, Resource};
    use crate::state::Tree;

    fn resource(number: u32) -> Resource {
        Resource {
            id: ResourceId(uuid::Uuid::from_u128(number.into())),
            kind: "tenant".into(),
            number: ResourceNumber(number),
            key: None,
            name: Name::new("x").unwrap(),
            created_at: crate::Timestamp::MIN,
            created_by: crate::model::Giver::UNKNOWN,
        }
    }

    /// The levels at and below a resource, counted by walking all of it.
    fn walked(tree: &Tree, node: Node) -> usize {
        let children = tree.get(node).unwrap().children.keys();
        1 + children
            .map(|child| walked(tree, *child))
            .max()
            .unwrap_or(0)
    }

    fn nodes(tree: &Tree) -> Vec<Node> {
        tree.iter().map(|(node, _)| node).collect()
    }

    proptest! {
        #[test]
        fn height_is_that_of_a_walk(steps in prop::collection::vec((0u8..4, any::<usize>(), any::<usize>()), 1..80)) {
            let mut tree = Tree::default();
            tree.add(KindIndex(0), None, resource(1));
            for (number, (step, one, other)) in (2..).zip(steps) {
                let all = nodes(&tree);
                let (one, other) = (all[one % all.len()], all[other % all.len()]);
                let is_below = tree.up(other).any(|(above, _)| above == one);
                match step {
                    0 | 1 => tree.add(KindIndex(0), Some(one), resource(number)),
                    2 if !is_below => tree.move_to(one, other),
                    3 if one != Tree::ROOT && tree.get(one).unwrap().children.is_empty() => tree.remove(one),
                    _ => {}
                }
                let mut anew = tree.clone();
                anew.forget_heights();
                anew.measure(nodes(&tree));
                for node in nodes(&tree) {
                    prop_assert_eq!(tree.height(node), walked(&tree, node));
                    prop_assert_eq!(anew.height(node), walked(&tree, node));
                }
            }
        }
    }
}
