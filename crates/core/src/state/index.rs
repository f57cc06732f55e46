//! What finds things by an id or a text: hashes of these, beside the numbers of
//! the things that have them. Who looks something up compares what was found:
//! the text itself stands with the thing, and need not stand here too.

use std::hash::{BuildHasherDefault, DefaultHasher, Hash, Hasher};
use std::sync::Arc;

use imbl::shared_ptr::DefaultSharedPtr;
use imbl::{GenericHashMap, OrdSet};

/// So many changes are kept beside the array at least.
const FEW: usize = 4_096;
/// The array is made anew when the changes are this part of it.
const PART: usize = 4;

/// A hash and a number.
type Pair = (u64, u32);

/// Numbers by hashes: a sorted array, and what has changed since it was made.
#[derive(Clone, Debug, Default)]
pub(crate) struct Index {
    array: Arc<Vec<Pair>>,
    added: Added,
    /// Those added whose hash another one has that was added before.
    alike: OrdSet<Pair>,
    gone: OrdSet<Pair>,
}

type Added = GenericHashMap<u64, u32, BuildHasherDefault<Itself>, DefaultSharedPtr>;

/// The hash of what is a hash already.
#[derive(Clone, Copy, Debug, Default)]
struct Itself(u64);

impl Hasher for Itself {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write_u64(&mut self, hash: u64) {
        self.0 = hash;
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = self.0.rotate_left(8) ^ u64::from(*byte);
        }
    }
}

/// The hash of something to be found by. The same in every process, and fit
/// for texts that somebody chose in order to do harm.
pub(crate) fn hash(what: impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    what.hash(&mut hasher);
    hasher.finish()
}

impl Index {
    /// The numbers that may have something of this hash.
    pub(crate) fn find(&self, hash: u64) -> impl Iterator<Item = u32> {
        let from = self.place(hash);
        let array = self.array.get(from..).unwrap_or_default().iter();
        let array = array
            .take_while(move |pair| pair.0 == hash)
            .filter(|pair| !self.gone.contains(*pair));
        let array = array.map(|pair| pair.1);
        let added = self.added.get(&hash).copied();
        let is_any = !self.alike.is_empty();
        let alike = is_any.then(|| self.alike.range((hash, 0)..=(hash, u32::MAX)));
        let alike = alike.into_iter().flatten().map(|pair| pair.1);
        array.chain(added).chain(alike)
    }

    /// Where a hash begins in the array.
    fn place(&self, hash: u64) -> usize {
        let is_before = |pair: &Pair| pair.0 < hash;
        let guess = self.guess(hash);
        // Outwards from there, in larger and larger steps, until it lies between.
        let (mut from, mut to, mut step) = (guess, guess, 8);
        while from > 0 && !self.array.get(from).is_some_and(is_before) {
            (from, to) = (from.saturating_sub(step), from);
            step *= 2;
        }
        while self.array.get(to).is_some_and(is_before) {
            (from, to) = (to, to.saturating_add(step).min(self.array.len()));
            step *= 2;
        }
        let between = self.array.get(from..to).unwrap_or_default();
        from + between.partition_point(is_before)
    }

    /// About where a hash would be. Hashes lie evenly: it is near to where it is
    /// in proportion, and, from the one that lies there, nearer still. Each look
    /// is a wait for memory, of which halving the array would take twenty.
    fn guess(&self, hash: u64) -> usize {
        const LOOKS: usize = 2;
        let length = self.array.len();
        let in_proportion = |part: u64| {
            let places = (u128::from(part) * length as u128) >> 64;
            usize::try_from(places).unwrap_or_default()
        };
        let mut guess = in_proportion(hash);
        for _ in 0..LOOKS {
            let Some((found, _)) = self.array.get(guess) else {
                break;
            };
            guess = match found.checked_sub(hash) {
                Some(beyond) => guess.saturating_sub(in_proportion(beyond)),
                None => guess.saturating_add(in_proportion(hash - found)),
            };
        }
        guess.min(length)
    }

    pub(crate) fn insert(&mut self, hash: u64, number: u32) {
        let pair = (hash, number);
        if self.gone.remove(&pair).is_some() || self.array.binary_search(&pair).is_ok() {
            return;
        }
        match self.added.get(&hash) {
            Some(other) if *other == number => {}
            Some(_) => drop(self.alike.insert(pair)),
            None if self.alike.contains(&pair) => {}
            None => drop(self.added.insert(hash, number)),
        }
        self.settle();
    }

    pub(crate) fn remove(&mut self, hash: u64, number: u32) {
        let pair = (hash, number);
        if self.added.get(&hash) == Some(&number) {
            self.added.remove(&hash);
        } else if self.alike.remove(&pair).is_none() && self.array.binary_search(&pair).is_ok() {
            self.gone.insert(pair);
            self.settle();
        }
    }

    /// Make the array anew if much has changed. It is seldom enough that a
    /// change costs the same whatever the length.
    fn settle(&mut self) {
        let changed = self.added.len() + self.alike.len() + self.gone.len();
        if changed <= FEW.max(self.array.len() / PART) {
            return;
        }
        let stay = self.array.iter().filter(|pair| !self.gone.contains(*pair));
        let added = self.added.iter().map(|(hash, number)| (*hash, *number));
        let mut added: Vec<Pair> = added.chain(self.alike.iter().copied()).collect();
        added.sort_unstable();
        let mut array: Vec<Pair> = stay.copied().chain(added).collect();
        // Two sorted runs: that is found out, and they are merged.
        array.sort();
        *self = array.into();
    }
}

/// From pairs in their order.
impl From<Vec<Pair>> for Index {
    fn from(array: Vec<Pair>) -> Self {
        Self {
            array: Arc::new(array),
            ..Self::default()
        }
    }
}

impl FromIterator<Pair> for Index {
    /// From pairs in any order, each once.
    fn from_iter<I: IntoIterator<Item = Pair>>(pairs: I) -> Self {
        let mut array: Vec<Pair> = pairs.into_iter().collect();
        array.sort_unstable();
        array.shrink_to_fit();
        array.into()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    /// Few hashes, so that they meet, at the ends and in between.
    fn pair() -> impl Strategy<Value = Pair> {
        let hash = prop_oneof![
            0u64..4,
            (u64::MAX - 3)..=u64::MAX,
            Just(1 << 63),
            any::<u64>()
        ];
        (hash, 0u32..4)
    }

    proptest! {
        #[test]
        fn it_finds_what_is_in_it(
            first in prop::collection::btree_set(pair(), 0..60),
            steps in prop::collection::vec((any::<bool>(), pair()), 0..200),
        ) {
            let mut index: Index = first.iter().copied().collect();
            let mut model: BTreeSet<Pair> = first;
            for (insert, (hash, number)) in steps {
                if insert {
                    index.insert(hash, number);
                    model.insert((hash, number));
                } else {
                    index.remove(hash, number);
                    model.remove(&(hash, number));
                }
                let found: BTreeSet<u32> = index.find(hash).collect();
                let expected = model.range((hash, 0)..=(hash, u32::MAX));
                prop_assert_eq!(found, expected.map(|pair| pair.1).collect());
            }
        }
    }

    #[test]
    fn it_finds_all_of_many_whatever_has_changed() {
        let mut index = Index::default();
        for number in 0..20_000 {
            index.insert(hash(number), number);
        }
        for number in (0..20_000).step_by(2) {
            index.remove(hash(number), number);
        }
        for number in 0..20_000 {
            let found: Vec<u32> = index.find(hash(number)).collect();
            let expected = if number % 2 == 0 {
                vec![]
            } else {
                vec![number]
            };
            assert_eq!(found, expected);
        }
    }
}
