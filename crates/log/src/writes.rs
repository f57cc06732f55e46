//! Whether the database takes writes: as the last ones went, and as a probe goes
//! while they fail.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::{Duration, Instant};

use tokio::sync::Notify;

use super::LogError;
use super::database::{Connection, Database, Value, too_late};
use super::fault::Fault;
use super::statements;

/// How often a write is tried while all fail.
const PROBE_EVERY: Duration = Duration::from_secs(1);

/// How many bytes a probe writes. A disk with less than this is as good as full.
const PROBE_BYTES: usize = 256 * 1024;

/// The name under which a probe's row stands for a moment. No tenant's id.
const PROBE: &str = "probe";

/// How writes to the database go.
#[derive(Clone, Debug, Default)]
pub struct Writes {
    /// Why they fail now, if they do.
    pub failing: Option<Failing>,
    /// How many transactions failed since the start, by fault.
    pub failed: BTreeMap<Fault, u64>,
}

/// Why writes fail.
#[derive(Clone, Debug)]
pub struct Failing {
    /// Which fault it is.
    pub fault: Fault,
    /// The database's reason, for the operator.
    pub reason: String,
    /// When the first one failed.
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
        if !self.0.is_failing.load(Ordering::Acquire) {
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
        let reason = error.to_string();
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

    fn lock(&self) -> MutexGuard<'_, Writes> {
        // Counts and a reason are as good as before, whoever panicked beside them.
        self.0
            .writes
            .lock()
            .unwrap_or_else(|lock| lock.into_inner())
    }
}

/// While writes fail, try one from time to time: nobody may be asking for any where
/// a balancer sends no requests to a server that is not ready.
pub(super) async fn probe_while_failing(database: Database) {
    let watch = database.watch().clone();
    loop {
        watch.0.failed.notified().await;
        while watch.0.is_failing.load(Ordering::Acquire) {
            tokio::time::sleep(PROBE_EVERY).await;
            match probe(&database).await {
                Ok(()) => watch.succeeded(),
                Err(error) => tracing::debug!(%error, "the database takes no writes yet"),
            }
        }
    }
}

/// Write as an append writes, and take it away again. A row that a crash leaves is
/// forgotten like an old request.
async fn probe(database: &Database) -> Result<(), LogError> {
    let within = database.settings().answer_within * 2;
    let work = async {
        let mut connection = database.connect_to_append().await?;
        let done = write(&mut connection).await;
        connection.close().await;
        done
    };
    let done = tokio::time::timeout(within, work).await;
    done.unwrap_or_else(|_| Err(too_late())).map_err(Into::into)
}

async fn write(connection: &mut Connection) -> Result<(), sqlx::Error> {
    let (text, number) = (Value::Text(PROBE), Value::Number(0));
    let filler = "-".repeat(PROBE_BYTES);
    connection.begin_to_add().await?;
    // Whether entries may be written at all. None stays.
    connection.say("SAVEPOINT part").await?;
    let entry = [text, number, text, number, text, text, Value::Text("[]")];
    connection
        .execute(statements::INSERT_PROBE_ENTRY, &entry)
        .await?;
    connection.say("ROLLBACK TO SAVEPOINT part").await?;
    let request = [text, text, Value::Text(&filler), number, number];
    connection
        .execute(statements::INSERT_PROBE, &request)
        .await?;
    connection.say("COMMIT").await?;
    connection
        .execute(statements::REMOVE_PROBE, &[text, text])
        .await?;
    Ok(())
}
