//! A state at an instant: every question is asked of one.

use crate::state::State;
use crate::time::Timestamp;

/// A state at an instant. What the state holds and what has not ended by the instant counts in
/// every answer. A view is two words, to be copied.
///
/// A view has no question about what a caller may: such questions are asked of an
/// [`Authority`](super::Authority), which is of the present even where the view is of the past.
#[derive(Clone, Copy, Debug)]
pub struct View<'a> {
    pub(crate) state: &'a State,
    pub(crate) at: Timestamp,
}

impl State {
    /// The state at an instant.
    #[must_use]
    pub fn view(&self, at: Timestamp) -> View<'_> {
        View { state: self, at }
    }
}

impl<'a> View<'a> {
    /// The state, to look things up by their numbers, nodes and names.
    #[must_use]
    pub fn state(self) -> &'a State {
        self.state
    }

    /// The instant.
    #[must_use]
    pub fn at(self) -> Timestamp {
        self.at
    }

    /// Whether two views are of one state in memory, so that their nodes are the same resources.
    pub(super) fn is_of(self, other: View<'_>) -> bool {
        std::ptr::eq(self.state, other.state)
    }
}
