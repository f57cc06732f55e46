//! How often questions held names that their catalogue does not know.

use std::sync::atomic::{AtomicU64, Ordering};

use attache_core::ask::What;

use super::{App, Session};

/// Counters, by what the name was given for.
#[derive(Debug, Default)]
pub(super) struct UnknownNames([AtomicU64; What::ALL.len()]);

impl UnknownNames {
    fn of(&self, what: What) -> &AtomicU64 {
        let [actions, types, parameters] = &self.0;
        match what {
            What::Action => actions,
            What::Type => types,
            What::Parameter => parameters,
        }
    }
}

impl App {
    /// How many questions held an unknown name since the server began.
    pub(super) fn unknown_names(&self, what: What) -> u64 {
        self.0.unknown.of(what).load(Ordering::Relaxed)
    }
}

impl Session {
    /// Counts a question with a name that the catalogue does not know.
    pub fn counts_unknown(&self, what: What) {
        let count = self.app().0.unknown.of(what);
        count.fetch_add(1, Ordering::Relaxed);
    }
}
