//! Sort keys: bytes that compare as names do.

use super::{root, weights};

/// The sort key of a name: its first two levels in the root collation. Names that differ
/// only by case have equal keys. The bytes may differ between versions of Unicode, so
/// they are never stored.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct SortKey(Vec<u8>);

impl SortKey {
    /// Returns the key of a text.
    #[must_use]
    pub fn new(text: &str) -> Self {
        let mut key = Vec::with_capacity(text.len() + 8);
        if !weights::write(&[text], &mut key) {
            root::write_accents(text, &mut key);
        }
        Self(key)
    }

    /// Returns the key of two texts with a space in between.
    pub(crate) fn of_both(first: &str, last: &str) -> Self {
        let mut key = Vec::with_capacity(first.len() + last.len() + 9);
        if !weights::write(&[first, " ", last], &mut key) {
            root::write_accents(&format!("{first} {last}"), &mut key);
        }
        Self(key)
    }

    /// Returns the bytes to compare.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}
