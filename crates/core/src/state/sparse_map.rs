//! Things by their numbers: a persistent map for numbers that are most often
//! given out one after the other.

use imbl::OrdMap;

use super::persistent_vec::{PersistentVec, SHARED};

/// So many places may stay empty between two numbers. Whoever chooses numbers
/// that are farther apart than that finds them in a map.
const GAP: usize = 1_024;

/// A map from numbers. Where they follow one another it is a look at a place,
/// and takes no more than the places.
#[derive(Clone, Debug)]
pub(crate) struct SparseMap<T, const PIECE: usize = SHARED> {
    /// At its number each.
    near: PersistentVec<T, PIECE>,
    /// Those whose numbers lie beyond.
    far: OrdMap<u32, T>,
    count: usize,
}

impl<T: Clone, const PIECE: usize> Default for SparseMap<T, PIECE> {
    fn default() -> Self {
        Self {
            near: PersistentVec::default(),
            far: OrdMap::new(),
            count: 0,
        }
    }
}

impl<T: Clone, const PIECE: usize> SparseMap<T, PIECE> {
    pub(crate) fn len(&self) -> usize {
        self.count
    }

    pub(crate) fn get(&self, number: u32) -> Option<&T> {
        match self.near.get(number as usize) {
            None if !self.far.is_empty() => self.far.get(&number),
            found => found,
        }
    }

    pub(crate) fn get_mut(&mut self, number: u32) -> Option<&mut T> {
        match self.is_near(number) {
            true => self.near.get_mut(number as usize),
            false => self.far.get_mut(&number),
        }
    }

    fn is_near(&self, number: u32) -> bool {
        (number as usize) < self.near.end()
    }

    /// All of them, by number.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &T> {
        let near = self.near.iter().map(|(_, thing)| thing);
        near.chain(self.far.values())
    }

    /// Those from a number on.
    pub(crate) fn iter_from(&self, number: u32) -> impl Iterator<Item = &T> {
        let near = (number as usize..self.near.end()).filter_map(|place| self.near.get(place));
        near.chain(self.far.range(number..).map(|(_, thing)| thing))
    }

    pub(crate) fn insert(&mut self, number: u32, thing: T) {
        let (place, end) = (number as usize, self.near.end());
        let before = match place > end + GAP {
            true => self.far.insert(number, thing),
            false => {
                // What was far is near as soon as the places have come that far.
                self.near.make_room(place + 1);
                while let Some((next, _)) = self.far.get_min()
                    && *next <= number
                {
                    let next = *next;
                    if let Some(reached) = self.far.remove(&next) {
                        self.near.set(next as usize, reached);
                    }
                }
                self.near.set(place, thing)
            }
        };
        self.count += usize::from(before.is_none());
    }

    pub(crate) fn remove(&mut self, number: u32) -> Option<T> {
        let removed = match self.is_near(number) {
            true => self.near.take(number as usize),
            false => self.far.remove(&number),
        };
        self.count -= usize::from(removed.is_some());
        removed
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn it_behaves_like_a_map(
            steps in prop::collection::vec((any::<bool>(), prop_oneof![0u32..40, 1_000u32..1_100, 0u32..9_000, any::<u32>()], any::<u8>()), 0..200),
        ) {
            let mut numbered = SparseMap::<u8>::default();
            let mut model = BTreeMap::new();
            for (insert, number, value) in steps {
                if insert {
                    numbered.insert(number, value);
                    model.insert(number, value);
                } else {
                    prop_assert_eq!(numbered.remove(number), model.remove(&number));
                }
                prop_assert_eq!(numbered.get(number), model.get(&number));
                prop_assert_eq!(numbered.get_mut(number), model.get_mut(&number));
                prop_assert_eq!(numbered.len(), model.len());
                prop_assert!(numbered.iter_from(number).eq(model.range(number..).map(|(_, it)| it)));
            }
            prop_assert!(numbered.iter().eq(model.values()));
        }
    }
}
