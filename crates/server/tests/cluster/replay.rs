//! The log of a tenant, replayed: what was true at each revision.

use std::collections::HashMap;

use attache_core::id::TenantId;
use attache_core::{Entry, State};

#[derive(Debug)]
pub(crate) struct Replay {
    /// By revision, from 0.
    states: Vec<State>,
    entries: Vec<Entry>,
    places: HashMap<String, Vec<u64>>,
}

impl Replay {
    pub(crate) fn of(tenant: TenantId, entries: Vec<Entry>) -> Self {
        let mut states = vec![State::empty(tenant)];
        let mut places: HashMap<String, Vec<u64>> = HashMap::new();
        for entry in &entries {
            let mut state = states[states.len() - 1].clone();
            assert_eq!(entry.revision, state.revision().next(), "a gap in the log");
            state.apply(entry);
            states.push(state);
            let name = entry.correlation_id.to_string();
            places.entry(name).or_default().push(entry.revision.0);
        }
        Self {
            states,
            entries,
            places,
        }
    }

    /// The last revision.
    pub(crate) fn last(&self) -> u64 {
        self.entries.len() as u64
    }

    /// The state at a revision, if there is one.
    pub(crate) fn at(&self, revision: u64) -> Option<&State> {
        self.states.get(usize::try_from(revision).ok()?)
    }

    /// The states from one revision to another.
    pub(crate) fn between(&self, first: u64, last: u64) -> &[State] {
        let end = last.min(self.last()) as usize + 1;
        self.states.get(first as usize..end).unwrap_or_default()
    }

    pub(crate) fn entry(&self, revision: u64) -> Option<&Entry> {
        self.entries
            .get(usize::try_from(revision).ok()?.checked_sub(1)?)
    }

    /// Where the entries of a write stand.
    pub(crate) fn places(&self, name: &str) -> &[u64] {
        self.places.get(name).map(Vec::as_slice).unwrap_or_default()
    }
}
