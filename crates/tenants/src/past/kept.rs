//! Past states that are kept, so that the next question about them needs no replay.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard};

use attache_core::State;
use attache_core::id::{Revision, TenantId};
use attache_log::EntryTime;

/// What a state takes in memory for each thing in it, and for itself. States that were made
/// from one another share most of it, which is not counted.
const BYTES_OF_A_THING: u64 = 128;
const BYTES_OF_A_STATE: u64 = 64 * 1024;

/// The past states that this process keeps, up to a number of bytes. The newest one is kept
/// however large it is: somebody has just waited for it.
#[derive(Debug)]
pub(crate) struct KeptStates {
    most_bytes: u64,
    states: Mutex<States>,
}

#[derive(Debug, Default)]
struct States {
    by_revision: BTreeMap<(TenantId, Revision), KeptState>,
    bytes: u64,
    /// Counts uses, so that the least recently used state is known.
    uses: u64,
}

#[derive(Debug)]
struct KeptState {
    state: Arc<State>,
    bytes: u64,
    used: u64,
}

impl States {
    fn use_again(&mut self, at: (TenantId, Revision)) -> Option<Arc<State>> {
        self.uses += 1;
        let found = self.by_revision.get_mut(&at)?;
        found.used = self.uses;
        Some(found.state.clone())
    }

    fn remove(&mut self, at: (TenantId, Revision)) -> Option<Arc<State>> {
        let removed = self.by_revision.remove(&at)?;
        self.bytes = self.bytes.saturating_sub(removed.bytes);
        Some(removed.state)
    }
}

impl KeptStates {
    pub(super) fn new(most_bytes: u64) -> Self {
        Self {
            most_bytes,
            states: Mutex::default(),
        }
    }

    fn states(&self) -> MutexGuard<'_, States> {
        // The map stays consistent if a holder of the lock panics.
        self.states.lock().unwrap_or_else(|lock| lock.into_inner())
    }

    /// Returns the state right after an entry. A state of entries that the log lost is none.
    pub(super) fn find(&self, tenant: TenantId, entry: EntryTime) -> Option<Arc<State>> {
        let state = self.states().use_again((tenant, entry.revision));
        state.filter(|state| state.last_entry() == Some(entry.entry))
    }

    /// Returns the newest state of a tenant up to a revision.
    pub(super) fn nearest(&self, tenant: TenantId, revision: Revision) -> Option<Arc<State>> {
        let mut states = self.states();
        let first = (tenant, Revision::default());
        let mut up_to = states.by_revision.range(first..=(tenant, revision));
        let at = *up_to.next_back()?.0;
        states.use_again(at)
    }

    /// Keeps a state that holds this many things. Returns the states that must go for it: the
    /// caller drops them where that takes nobody's time.
    pub(super) fn keep(&self, state: &Arc<State>, things: usize) -> Vec<Arc<State>> {
        let things = u64::try_from(things).unwrap_or(u64::MAX);
        let bytes = things.saturating_mul(BYTES_OF_A_THING);
        let bytes = bytes.saturating_add(BYTES_OF_A_STATE);
        let own = (state.tenant(), state.revision());
        let mut states = self.states();
        let mut gone: Vec<Arc<State>> = states.remove(own).into_iter().collect();
        states.uses += 1;
        let kept = KeptState {
            state: state.clone(),
            bytes,
            used: states.uses,
        };
        states.by_revision.insert(own, kept);
        states.bytes = states.bytes.saturating_add(bytes);
        while states.bytes > self.most_bytes {
            let others = states.by_revision.iter().filter(|(at, _)| **at != own);
            let Some(oldest) = others.min_by_key(|(_, it)| it.used).map(|(at, _)| *at) else {
                break;
            };
            gone.extend(states.remove(oldest));
        }
        gone
    }
}

#[cfg(test)]
mod tests {
    use attache_core::Timestamp;
    use attache_core::id::EntryId;
    use attache_core::{Actor, Changes, Entry, EntryHead};
    use uuid::Uuid;

    use super::*;

    fn tenant(n: u128) -> TenantId {
        TenantId(Uuid::from_u128(n))
    }

    fn entry(revision: u64) -> EntryTime {
        EntryTime {
            revision: Revision(revision),
            entry: EntryId(Uuid::from_u128(revision.into())),
            at: Timestamp::from_millis(0),
        }
    }

    fn state(n: u128, revision: u64) -> Arc<State> {
        let mut state = State::empty(tenant(n));
        for revision in 1..=revision {
            let time = entry(revision);
            state.apply(&Entry {
                id: time.entry,
                revision: time.revision,
                at: time.at,
                actor: Actor::Attache,
                correlation_id: "".into(),
                head: EntryHead::default(),
                changes: Changes::default(),
            });
        }
        Arc::new(state)
    }

    #[test]
    fn the_least_recently_used_states_go_first() {
        let kept = KeptStates::new(3 * BYTES_OF_A_STATE);
        for revision in 1..=3 {
            assert!(kept.keep(&state(1, revision), 0).is_empty());
        }
        assert!(kept.find(tenant(1), entry(1)).is_some());
        let gone = kept.keep(&state(2, 9), 0);
        let gone: Vec<Revision> = gone.iter().map(|it| it.revision()).collect();
        assert_eq!(gone, [Revision(2)]);
        // One that is larger than all there is room for.
        assert_eq!(kept.keep(&state(1, 7), 1_000_000).len(), 3);
        assert!(kept.find(tenant(1), entry(7)).is_some());
    }

    #[test]
    fn the_nearest_state_is_the_tenants_own_and_not_newer() {
        let kept = KeptStates::new(u64::MAX);
        for (n, revision) in [(1, 3), (1, 7), (2, 5)] {
            kept.keep(&state(n, revision), 0);
        }
        for (n, revision, nearest) in [
            (1, 2, None),
            (1, 3, Some(3)),
            (1, 6, Some(3)),
            (1, 9, Some(7)),
            (2, 9, Some(5)),
            (3, 9, None),
        ] {
            let found = kept.nearest(tenant(n), Revision(revision));
            assert_eq!(found.map(|it| it.revision().0), nearest);
        }
    }

    #[test]
    fn a_state_of_lost_entries_is_not_found() {
        let kept = KeptStates::new(u64::MAX);
        kept.keep(&state(1, 3), 0);
        let other = EntryTime {
            entry: EntryId(Uuid::from_u128(77)),
            ..entry(3)
        };
        assert!(kept.find(tenant(1), other).is_none());
        assert!(kept.find(tenant(1), entry(3)).is_some());
    }
}
