//! A sorted map that is as small as its content while it is small, and cheap
//! to change while it is large.
//!
//! The members of one customer are few, and there are many customers: a sorted
//! slice that a write replaces costs no more than what it holds. The children
//! of a root may be a million: there a persistent map takes over.

use std::fmt;
use std::sync::Arc;

use imbl::OrdMap;
use serde::ser::SerializeSeq as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Above so many items a slice becomes a persistent map. At 20 bytes an item,
/// replacing a slice of this length costs about as much as one insert into a map.
const FEW: usize = 128;

/// A sorted map with copy-on-write.
#[derive(Clone)]
pub struct Sorted<K, V>(Inner<K, V>);

#[derive(Clone)]
enum Inner<K, V> {
    Few(Arc<[(K, V)]>),
    Many(Box<OrdMap<K, V>>),
}

impl<K: Ord + Clone + fmt::Debug, V: Clone + fmt::Debug> fmt::Debug for Sorted<K, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.iter()).finish()
    }
}

impl<K: Ord + Clone, V: Clone> Default for Sorted<K, V> {
    fn default() -> Self {
        Self(Inner::Few(Arc::default()))
    }
}

impl<K: Ord + Clone, V: Clone> Sorted<K, V> {
    /// How many items there are.
    #[must_use]
    pub fn len(&self) -> usize {
        match &self.0 {
            Inner::Few(items) => items.len(),
            Inner::Many(map) => map.len(),
        }
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The value at a key.
    #[must_use]
    pub fn get(&self, key: &K) -> Option<&V> {
        match &self.0 {
            Inner::Few(items) => {
                let at = items.binary_search_by(|(k, _)| k.cmp(key)).ok()?;
                items.get(at).map(|(_, value)| value)
            }
            Inner::Many(map) => map.get(key),
        }
    }

    /// Whether there is such a key.
    #[must_use]
    pub fn contains(&self, key: &K) -> bool {
        self.get(key).is_some()
    }

    /// All items, by key.
    pub fn iter(&self) -> impl Iterator<Item = (&K, &V)> {
        let (few, many) = match &self.0 {
            Inner::Few(items) => (Some(items.iter()), None),
            Inner::Many(map) => (None, Some(map.iter())),
        };
        few.into_iter()
            .flatten()
            .map(|(key, value)| (key, value))
            .chain(many.into_iter().flatten())
    }

    /// All keys, in order.
    pub fn keys(&self) -> impl Iterator<Item = &K> {
        self.iter().map(|(key, _)| key)
    }

    /// The items from a key on, that one included.
    pub fn iter_from<'a>(
        &'a self,
        from: &K,
    ) -> impl Iterator<Item = (&'a K, &'a V)> + use<'a, K, V> {
        let (few, many) = match &self.0 {
            Inner::Few(items) => {
                let at = items.partition_point(|(key, _)| key < from);
                (items.get(at..).map(<[(K, V)]>::iter), None)
            }
            Inner::Many(map) => (None, Some(map.range(from.clone()..))),
        };
        few.into_iter()
            .flatten()
            .map(|(key, value)| (key, value))
            .chain(many.into_iter().flatten())
    }

    /// Put a value at a key, in place of the one that was there.
    pub fn insert(&mut self, key: K, value: V) {
        match &mut self.0 {
            Inner::Few(items) => match items.binary_search_by(|(k, _)| k.cmp(&key)) {
                Ok(at) => {
                    if let Some(item) = Arc::make_mut(items).get_mut(at) {
                        item.1 = value;
                    }
                }
                Err(at) => {
                    let (front, back) = items.split_at(at);
                    let all = front
                        .iter()
                        .cloned()
                        .chain(std::iter::once((key, value)))
                        .chain(back.iter().cloned());
                    self.0 = if items.len() < FEW {
                        Inner::Few(all.collect())
                    } else {
                        Inner::Many(Box::new(all.collect()))
                    };
                }
            },
            Inner::Many(map) => {
                map.insert(key, value);
            }
        }
    }

    /// Take a key out.
    pub fn remove(&mut self, key: &K) -> Option<V> {
        match &mut self.0 {
            Inner::Few(items) => {
                let at = items.binary_search_by(|(k, _)| k.cmp(key)).ok()?;
                let (front, back) = items.split_at_checked(at)?;
                let ((_, removed), back) = back.split_first()?;
                let removed = Some(removed.clone());
                // Of known length: put where it stays at once.
                *items = front.iter().chain(back).cloned().collect();
                removed
            }
            Inner::Many(map) => {
                let removed = map.remove(key);
                // Well below the limit, so that a list around it does not flap.
                if map.len() < FEW / 2 {
                    self.0 = Inner::Few(map.iter().map(|(k, v)| (k.clone(), v.clone())).collect());
                }
                removed
            }
        }
    }
}

impl<K: Ord + Clone, V: Clone> FromIterator<(K, V)> for Sorted<K, V> {
    /// From items in any order; of equal keys the last one stays.
    fn from_iter<I: IntoIterator<Item = (K, V)>>(items: I) -> Self {
        let mut items: Vec<(K, V)> = items.into_iter().collect();
        if !items.is_sorted_by(|a, b| a.0 < b.0) {
            items.reverse();
            items.sort_by(|a, b| a.0.cmp(&b.0));
            items.dedup_by(|b, a| a.0 == b.0);
        }
        Self(if items.len() <= FEW {
            Inner::Few(items.into())
        } else {
            Inner::Many(Box::new(items.into_iter().collect()))
        })
    }
}

impl<K: Ord + Clone, V: Clone + PartialEq> PartialEq for Sorted<K, V> {
    fn eq(&self, other: &Self) -> bool {
        self.iter().eq(other.iter())
    }
}

impl<K: Ord + Clone, V: Clone + Eq> Eq for Sorted<K, V> {}

/// As a sequence of its items. In a form that does not write `()`, as a
/// snapshot's, that of a set is a sequence of its keys.
impl<K: Ord + Clone + Serialize, V: Clone + Serialize> Serialize for Sorted<K, V> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        // Some forms say first how many follow.
        let mut items = serializer.serialize_seq(Some(self.len()))?;
        for item in self.iter() {
            items.serialize_element(&item)?;
        }
        items.end()
    }
}

impl<'de, K, V> Deserialize<'de> for Sorted<K, V>
where
    K: Ord + Clone + Deserialize<'de>,
    V: Clone + Deserialize<'de>,
{
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let items = Vec::<(K, V)>::deserialize(deserializer)?;
        Ok(items.into_iter().collect())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn it_behaves_like_a_map(steps in prop::collection::vec((any::<bool>(), 0u16..300, any::<u8>()), 0..900)) {
            let mut sorted = Sorted::default();
            let mut model = BTreeMap::new();
            for (insert, key, value) in steps {
                if insert {
                    sorted.insert(key, value);
                    model.insert(key, value);
                } else {
                    prop_assert_eq!(sorted.remove(&key), model.remove(&key));
                }
                prop_assert_eq!(sorted.get(&key), model.get(&key));
                prop_assert_eq!(sorted.len(), model.len());
            }
            prop_assert!(sorted.iter().eq(model.iter()));
            for from in [0, 7, 150, 299, 300] {
                prop_assert!(sorted.iter_from(&from).eq(model.range(from..)));
            }
        }

        #[test]
        fn it_is_made_of_items_in_any_order(items in prop::collection::vec((0u16..200, any::<u8>()), 0..400)) {
            let sorted: Sorted<u16, u8> = items.iter().copied().collect();
            let model: BTreeMap<u16, u8> = items.into_iter().collect();
            prop_assert!(sorted.iter().eq(model.iter()));
        }
    }
}
