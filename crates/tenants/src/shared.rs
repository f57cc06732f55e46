//! The state of an open tenant, shared by its readers, its writer and its follower.

use std::collections::HashSet;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use arc_swap::{ArcSwap, ArcSwapOption};
use attache_core::id::Revision;
use attache_core::{State, Timestamp};
use tokio::sync::{Notify, watch};
use tokio::time::Instant;

use super::held::Held;
use super::write::Unavailable;

/// The state of an open tenant, shared by its readers, its writer and its follower.
#[derive(Debug)]
pub(super) struct Shared {
    state: ArcSwap<State>,
    /// Notifies of each published state.
    published: watch::Sender<Revision>,
    /// Why the tenant was stopped, if it was: its log cannot be read.
    stopped: ArcSwapOption<Unavailable>,
    /// When the state was last confirmed current, that is, to have all entries of the
    /// log. In milliseconds after `born`.
    confirmed_at: AtomicU64,
    born: Instant,
    /// The last revision that the log is known to have.
    head: AtomicU64,
    /// Wakes the writer when there is something to read.
    pub(super) awaited: Notify,
    /// The hold on the writer, by another process's large work.
    pub(super) held: Held,
    used: AtomicI64,
    /// The keys of the requests that are being worked on.
    running: Mutex<HashSet<String>>,
}

impl Shared {
    /// Makes it from a state that was read from the log. `asked` is the instant of the
    /// question to the log.
    pub(super) fn new(state: State, asked: Instant) -> Self {
        let revision = state.revision();
        Self {
            state: ArcSwap::from_pointee(state),
            published: watch::Sender::new(revision),
            stopped: ArcSwapOption::empty(),
            confirmed_at: AtomicU64::new(0),
            born: asked,
            head: AtomicU64::new(revision.0),
            awaited: Notify::new(),
            held: Held::default(),
            used: AtomicI64::new(0),
            running: Mutex::default(),
        }
    }

    /// Returns the published state, however stale.
    pub(super) fn state(&self) -> Arc<State> {
        self.state.load_full()
    }

    pub(super) fn revision(&self) -> Revision {
        self.state.load().revision()
    }

    /// Publishes a state with all entries that the log had at the instant `asked`. Order
    /// matters: store the state, mark it current, then notify waiters.
    pub(super) fn publish(&self, state: Arc<State>, asked: Instant) {
        let revision = state.revision();
        self.state.store(state);
        self.head.fetch_max(revision.0, Ordering::Relaxed);
        self.confirm(asked);
        self.stopped.store(None);
        self.published.send_replace(revision);
    }

    /// Returns a receiver of the revisions published from now on.
    pub(super) fn published(&self) -> watch::Receiver<Revision> {
        self.published.subscribe()
    }

    /// Confirms that the state has all entries that the log had at the instant `asked`.
    pub(super) fn confirm(&self, asked: Instant) {
        let after = asked.saturating_duration_since(self.born).as_millis();
        let after = u64::try_from(after).unwrap_or(u64::MAX);
        self.confirmed_at.fetch_max(after, Ordering::Release);
    }

    /// Returns the time since the state was last confirmed current.
    pub(super) fn age(&self) -> Duration {
        let confirmed_at = Duration::from_millis(self.confirmed_at.load(Ordering::Acquire));
        self.born.elapsed().saturating_sub(confirmed_at)
    }

    /// Records a revision that the log has.
    pub(super) fn saw(&self, head: Revision) {
        self.head.store(head.0, Ordering::Relaxed);
    }

    /// Returns the number of entries that the log has and the state lacks.
    pub(super) fn entries_missing(&self) -> u64 {
        let head = self.head.load(Ordering::Relaxed);
        head.saturating_sub(self.revision().0)
    }

    pub(super) fn is_stopped(&self) -> bool {
        self.stopped.load().is_some()
    }

    /// Stops the tenant. Returns whether it was running.
    pub(super) fn stop(&self, why: Unavailable) -> bool {
        self.stopped.swap(Some(Arc::new(why))).is_none()
    }

    pub(super) fn why_stopped(&self) -> Option<Unavailable> {
        let why = self.stopped.load_full()?;
        Some((*why).clone())
    }

    pub(super) fn touch(&self, now: Timestamp) {
        self.used.store(now.as_millis(), Ordering::Relaxed);
    }

    pub(super) fn last_used(&self) -> i64 {
        self.used.load(Ordering::Relaxed)
    }

    fn keys(&self) -> std::sync::MutexGuard<'_, HashSet<String>> {
        // The set stays consistent if a holder of the lock panics.
        self.running.lock().unwrap_or_else(|lock| lock.into_inner())
    }
}

/// A request that is being worked on, until this is dropped.
pub(super) struct Running<'a> {
    shared: &'a Shared,
    key: &'a str,
}

impl<'a> Running<'a> {
    /// Marks a request as being worked on. `None` if it already is.
    pub(super) fn begin(shared: &'a Shared, key: &'a str) -> Option<Self> {
        let new = shared.keys().insert(key.to_owned());
        // Made only if the key is new: dropping it would remove the other request's mark.
        new.then(|| Self { shared, key })
    }
}

impl Drop for Running<'_> {
    fn drop(&mut self) {
        self.shared.keys().remove(self.key);
    }
}
