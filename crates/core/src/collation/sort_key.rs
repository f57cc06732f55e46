//! Sort keys: names as bytes that compare as the names do.

use super::{root, weights};

/// What a name is sorted by: its first two levels in the root collation. Names
/// that differ by case only have equal keys. The bytes may differ between
/// versions of Unicode: never store them.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct SortKey(Vec<u8>);

impl SortKey {
    /// The key of a text.
    #[must_use]
    pub fn new(text: &str) -> Self {
        let mut key = Vec::with_capacity(text.len() + 8);
        if !weights::write(&[text], &mut key) {
            root::write_accents(text, &mut key);
        }
        Self(key)
    }

    /// The key of two texts with a space between them.
    pub(crate) fn of_both(first: &str, last: &str) -> Self {
        let mut key = Vec::with_capacity(first.len() + last.len() + 9);
        if !weights::write(&[first, " ", last], &mut key) {
            root::write_accents(&format!("{first} {last}"), &mut key);
        }
        Self(key)
    }

    /// The bytes that are compared.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}
