//! Reads the entries that the log has after a state.

use attache_core::cause::{Cause, chain};
use attache_core::id::{Revision, TenantId};
use attache_core::{Entry, State};
use tokio::time::Instant;

use attache_log::{EntryReader, Log, LogError};

/// The most entries per read. An entry of an import has thousands of changes.
const AT_ONCE: usize = 64;

/// The most changes that are applied at once on a thread that serves others. They take
/// less than a millisecond.
const FEW: usize = 250;

/// The result of catching up.
pub(super) enum CaughtUp {
    /// All entries were applied.
    By {
        /// The number of changes in them.
        changes: usize,
        /// The instant when the log was last asked: all entries that it had then are
        /// applied.
        asked: Instant,
    },
    /// The log no longer has the state's last entry: a database can lose its last entries
    /// when a standby that lacked them takes over.
    Parted,
}

/// Applies to a state all entries after it. After an error the state must be dropped.
pub(super) async fn catch_up(
    entries: &dyn EntryReader,
    state: &mut State,
) -> Result<CaughtUp, LogError> {
    catch_up_while(entries, state, &|_| true).await
}

/// Applies to a state the entries after it, up to the first unwanted one.
pub(super) async fn catch_up_while(
    log: &dyn EntryReader,
    state: &mut State,
    is_wanted: &(dyn Fn(&Entry) -> bool + Sync),
) -> Result<CaughtUp, LogError> {
    let mut changes = 0;
    // The state's last entry is read again, since it must still exist.
    let mut own = state.last_entry();
    loop {
        let after = match own {
            Some(_) => Revision(state.revision().0.saturating_sub(1)),
            None => state.revision(),
        };
        let asked = Instant::now();
        let entries = log.read_after(state.tenant(), after, AT_ONCE).await?;
        let read = entries.len();
        let mut entries = entries.into_iter().peekable();
        if let Some(own) = own.take()
            && entries.next().is_none_or(|entry| entry.id != own)
        {
            return Ok(CaughtUp::Parted);
        }
        let mut expected = state.revision();
        let mut wanted = Vec::with_capacity(entries.len());
        while let Some(entry) = entries.next_if(is_wanted) {
            expected = expected.next();
            if entry.revision != expected {
                return Err(gap(state, expected, entry.revision));
            }
            wanted.push(entry);
        }
        let is_the_end = read < AT_ONCE || entries.peek().is_some();
        changes += apply(state, wanted).await?;
        if is_the_end {
            return Ok(CaughtUp::By { changes, asked });
        }
    }
}

/// Applies entries without blocking other tasks. Returns the number of changes in them.
async fn apply(state: &mut State, entries: Vec<Entry>) -> Result<usize, LogError> {
    let changes = entries.iter().map(|entry| entry.changes.list.len()).sum();
    if changes <= FEW {
        entries.iter().for_each(|entry| state.apply(entry));
        // Lets other tasks run between two reads.
        tokio::task::yield_now().await;
        return Ok(changes);
    }
    let empty = State::empty(state.tenant());
    let mut own = std::mem::replace(state, empty);
    let applied = tokio::task::spawn_blocking(move || {
        entries.iter().for_each(|entry| own.apply(entry));
        own
    });
    let applied = applied.await;
    *state = applied.map_err(LogError::caused)?;
    Ok(changes)
}

fn gap(state: &State, expected: Revision, found: Revision) -> LogError {
    LogError::Unreadable {
        tenant: state.tenant(),
        revision: expected,
        cause: Cause::text(format!("it is missing: the next one is {found}")),
    }
}

/// A tenant's state as the log has it.
pub(super) struct Opened {
    pub(super) state: State,
    /// The number of changes that the snapshot lacks.
    pub(super) unsaved: usize,
    /// The instant when the log was last asked.
    pub(super) asked: Instant,
}

/// Reads a tenant's state from the log: the newest snapshot that the entries lead to, and
/// the entries after it.
pub(super) async fn open(log: &Log, tenant: TenantId) -> Result<Opened, LogError> {
    let mut up_to = Some(Revision(u64::MAX));
    while let Some(most) = up_to
        && let Some(mut state) = log.snapshots.load_snapshot_up_to(tenant, most).await?
    {
        if let CaughtUp::By { changes, asked } = catch_up(&*log.entries, &mut state).await? {
            return Ok(Opened {
                state,
                unsaved: changes,
                asked,
            });
        }
        let revision = state.revision();
        tracing::warn!(%tenant, %revision, "a snapshot that does not match the entries was deleted; the tenant is read from the one before it, or from its entries");
        if let Err(error) = log.snapshots.remove_snapshot(tenant, revision).await {
            tracing::warn!(%tenant, error = %chain(&error), "a snapshot could not be removed");
        }
        // Dropping a large state takes a while.
        tokio::task::spawn_blocking(move || drop(state));
        up_to = revision.0.checked_sub(1).map(Revision);
    }
    let mut state = State::empty(tenant);
    match catch_up(&*log.entries, &mut state).await? {
        CaughtUp::By { changes, asked } => Ok(Opened {
            state,
            unsaved: changes,
            asked,
        }),
        // The state had no last entry that could be missing.
        CaughtUp::Parted => Err(LogError::unavailable(
            "the entries changed while they were read",
        )),
    }
}
