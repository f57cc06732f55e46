//! The replays that are under way: each once, however many wait for it.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard};

use attache_core::State;
use attache_core::id::{EntryId, TenantId};
use tokio::sync::{Semaphore, watch};

use super::kept::KeptStates;
use crate::settings::PastSettings;
use crate::write::Unavailable;

/// A replay, with its state when it ends.
pub(super) type Replay = watch::Receiver<Option<Result<Arc<State>, Unavailable>>>;
pub(super) type Done = watch::Sender<Option<Result<Arc<State>, Unavailable>>>;

/// The replays that are under way, and the states that they made.
#[derive(Debug)]
pub(crate) struct Replays {
    pub(super) kept: KeptStates,
    pub(super) lanes: Mutex<HashMap<TenantId, Lane>>,
    /// The turns of all tenants: each replay has a state in memory.
    pub(super) at_once: Semaphore,
}

/// The replays of one tenant, of which one runs at a time.
#[derive(Debug)]
pub(super) struct Lane {
    pub(super) turn: Arc<Semaphore>,
    pub(super) replays: HashMap<EntryId, Replay>,
}

impl Replays {
    pub(crate) fn new(settings: &PastSettings) -> Self {
        Self {
            kept: KeptStates::new(settings.memory),
            lanes: Mutex::default(),
            at_once: Semaphore::new(settings.at_once.clamp(1, Semaphore::MAX_PERMITS)),
        }
    }

    pub(super) fn kept(&self) -> &KeptStates {
        &self.kept
    }

    pub(super) fn lanes(&self) -> MutexGuard<'_, HashMap<TenantId, Lane>> {
        // The map stays consistent if a holder of the lock panics.
        self.lanes.lock().unwrap_or_else(|lock| lock.into_inner())
    }

    pub(super) fn forget(&self, tenant: TenantId, entry: EntryId) {
        forget(&mut self.lanes(), tenant, entry);
    }

    /// Forgets a replay that nobody waits for any more. Returns whether it did.
    pub(super) fn forget_abandoned(&self, tenant: TenantId, entry: EntryId, done: &Done) -> bool {
        // Whoever begins to wait takes the lock.
        let mut lanes = self.lanes();
        let is_abandoned = done.receiver_count() <= 1;
        if is_abandoned {
            forget(&mut lanes, tenant, entry);
        }
        is_abandoned
    }
}

fn forget(lanes: &mut HashMap<TenantId, Lane>, tenant: TenantId, entry: EntryId) {
    if let Some(lane) = lanes.get_mut(&tenant) {
        lane.replays.remove(&entry);
        if lane.replays.is_empty() {
            lanes.remove(&tenant);
        }
    }
}
