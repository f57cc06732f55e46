//! Whether the database takes writes, as the last ones went.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Instant;

use attache_core::cause::chain;
use tokio::sync::Notify;

use super::fault::Fault;

/// The state of writes to the database.
#[derive(Clone, Debug, Default)]
pub struct Writes {
    /// Why writes fail now. `None` if the last one succeeded.
    pub failing: Option<Failing>,
    /// How many transactions failed since the start of the process, by kind of fault.
    pub failed: BTreeMap<Fault, u64>,
}

/// The fault because of which writes fail.
#[derive(Clone, Debug)]
pub struct Failing {
    /// The kind of fault.
    pub fault: Fault,
    /// The message of the database, for the operator.
    pub reason: String,
    /// When the first of these writes failed.
    pub since: Instant,
}

/// Sees how writes go.
#[derive(Clone, Debug, Default)]
pub(super) struct Watch(Arc<Watched>);

#[derive(Debug, Default)]
struct Watched {
    writes: Mutex<Writes>,
    /// Whether `writes` says that they fail: asked after each commit.
    is_failing: AtomicBool,
    /// Whether anything was written at all.
    has_written: AtomicBool,
    failed: Notify,
}

impl Watch {
    /// How writes go.
    pub(super) fn writes(&self) -> Writes {
        self.lock().clone()
    }

    /// Something was written. A snapshot or what is forgotten says nothing of
    /// whether appends succeed.
    pub(super) fn wrote(&self) {
        self.0.has_written.store(true, Ordering::Relaxed);
    }

    pub(super) fn has_written(&self) -> bool {
        self.0.has_written.load(Ordering::Relaxed)
    }

    /// A transaction was written.
    pub(super) fn succeeded(&self) {
        self.wrote();
        if !self.is_failing() {
            return;
        }
        let mut writes = self.lock();
        self.0.is_failing.store(false, Ordering::Release);
        if let Some(was) = writes.failing.take() {
            let seconds = was.since.elapsed().as_secs_f64();
            tracing::warn!(
                fault = was.fault.name(),
                seconds,
                "the database takes writes again"
            );
        }
    }

    /// A transaction was not written, or nobody knows whether it was.
    pub(super) fn failed(&self, error: &sqlx::Error) {
        let Some(fault) = Fault::of(error) else {
            return;
        };
        let reason = chain(error).to_string();
        let mut writes = self.lock();
        *writes.failed.entry(fault).or_default() += 1;
        let is_news = writes.failing.as_ref().is_none_or(|was| was.fault != fault);
        if is_news {
            tracing::error!(
                fault = fault.name(),
                reason,
                "the database takes no writes; what is in memory is still read"
            );
        }
        let since = writes.failing.as_ref().map(|was| was.since);
        writes.failing = Some(Failing {
            fault,
            reason,
            since: since.unwrap_or_else(Instant::now),
        });
        self.0.is_failing.store(true, Ordering::Release);
        drop(writes);
        self.0.failed.notify_one();
    }

    /// Resolves when a transaction fails, or at once if one failed since this was last
    /// awaited.
    pub(super) async fn next_failure(&self) {
        self.0.failed.notified().await;
    }

    /// Whether the last transaction failed.
    pub(super) fn is_failing(&self) -> bool {
        self.0.is_failing.load(Ordering::Acquire)
    }

    fn lock(&self) -> MutexGuard<'_, Writes> {
        // Counts and a reason are as good as before, whoever panicked beside them.
        self.0
            .writes
            .lock()
            .unwrap_or_else(|lock| lock.into_inner())
    }
}
