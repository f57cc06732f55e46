//! Numbers that are never used again.

use imbl::OrdSet;

/// Which numbers of one type were given out.
#[derive(Clone, Debug, Default)]
pub(crate) struct Numbers {
    last: u32,
    /// Numbers that were in use and no longer are.
    gone: OrdSet<u32>,
}

impl Numbers {
    pub(crate) fn from_parts(last: u32, gone: impl IntoIterator<Item = u32>) -> Self {
        Self {
            last,
            gone: gone.into_iter().collect(),
        }
    }

    /// The highest number that was ever in use.
    pub(crate) fn last(&self) -> u32 {
        self.last
    }

    /// The number that follows, if there is one left.
    pub(crate) fn next(&self) -> Option<u32> {
        self.last.checked_add(1)
    }

    /// Whether a number was in use and no longer is.
    pub(crate) fn is_gone(&self, number: u32) -> bool {
        self.gone.contains(&number)
    }

    pub(crate) fn gone(&self) -> impl Iterator<Item = u32> {
        self.gone.iter().copied()
    }

    pub(crate) fn take(&mut self, number: u32) {
        self.last = self.last.max(number);
    }

    pub(crate) fn retire(&mut self, number: u32) {
        self.gone.insert(number);
    }
}
