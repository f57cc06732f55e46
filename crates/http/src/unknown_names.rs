//! Counts the questions with names that their catalogue does not have.

use std::sync::atomic::{AtomicU64, Ordering};

use attache_core::ask::What;

/// Counters of unknown names, by sort.
#[derive(Debug, Default)]
pub(super) struct UnknownNames([AtomicU64; What::ALL.len()]);

impl UnknownNames {
    /// Returns the number of questions with an unknown name of a sort.
    pub(super) fn count(&self, what: What) -> u64 {
        self.of(what).load(Ordering::Relaxed)
    }

    /// Counts a question with an unknown name of a sort.
    pub(super) fn add(&self, what: What) {
        self.of(what).fetch_add(1, Ordering::Relaxed);
    }

    fn of(&self, what: What) -> &AtomicU64 {
        let [actions, types, parameters] = &self.0;
        match what {
            What::Action => actions,
            What::Type => types,
            What::Parameter => parameters,
        }
    }
}
