//! Reading what the log holds beyond a state.

use attache_core::cause::{Cause, chain};
use attache_core::id::{Revision, TenantId};
use attache_core::{Entry, State};
use tokio::time::Instant;

use attache_log::{EntryReader, Log, LogError};

/// How many entries to read at once. One of an import holds thousands of changes.
const AT_ONCE: usize = 64;

/// Up to how many changes are applied at once where others are served. That
/// takes less than a millisecond.
const FEW: usize = 250;

/// What came of reading on.
pub(super) enum CaughtUp {
    /// All entries were applied.
    By {
        /// How many changes they hold.
        changes: usize,
        /// When the log was asked last: all that it held then was applied.
        asked: Instant,
    },
    /// The log does not hold the state's last entry any more: a database can
    /// lose its last ones, when a copy takes over that lacked them.
    Parted,
}

/// Apply to a state all entries after it. After an error the state is of no use.
pub(super) async fn catch_up(
    entries: &dyn EntryReader,
    state: &mut State,
) -> Result<CaughtUp, LogError> {
    catch_up_while(entries, state, &|_| true).await
}

/// Applies to a state the entries after it, up to the first one that is not wanted.
pub(super) async fn catch_up_while(
    log: &dyn EntryReader,
    state: &mut State,
    is_wanted: &(dyn Fn(&Entry) -> bool + Sync),
) -> Result<CaughtUp, LogError> {
    let mut changes = 0;
    // The state's own last entry is read again: it must still be there.
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

/// Apply entries where that holds up nobody. Returns how many changes they hold.
async fn apply(state: &mut State, entries: Vec<Entry>) -> Result<usize, LogError> {
    let changes = entries.iter().map(|entry| entry.changes.list.len()).sum();
    if changes <= FEW {
        entries.iter().for_each(|entry| state.apply(entry));
        // Others are served while much is read.
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
    /// How many changes the snapshot lacks.
    pub(super) unsaved: usize,
    /// When the log was asked last.
    pub(super) asked: Instant,
}

/// A tenant's state as the log has it: the snapshot and the entries after it.
pub(super) async fn open(log: &Log, tenant: TenantId) -> Result<Opened, LogError> {
    if let Some(mut state) = log.snapshots.load_snapshot(tenant).await? {
        if let CaughtUp::By { changes, asked } = catch_up(&*log.entries, &mut state).await? {
            return Ok(Opened {
                state,
                unsaved: changes,
                asked,
            });
        }
        let revision = state.revision();
        tracing::warn!(%tenant, %revision, "a snapshot that is not of these entries was thrown away; the tenant is made from its entries");
        if let Err(error) = log.snapshots.remove_snapshot(tenant, revision).await {
            tracing::warn!(%tenant, error = %chain(&error), "a snapshot could not be removed");
        }
        // A large one takes a while to go.
        tokio::task::spawn_blocking(move || drop(state));
    }
    let mut state = State::empty(tenant);
    match catch_up(&*log.entries, &mut state).await? {
        CaughtUp::By { changes, asked } => Ok(Opened {
            state,
            unsaved: changes,
            asked,
        }),
        // It had no last entry to part from.
        CaughtUp::Parted => Err(LogError::unavailable(
            "the entries changed while they were read",
        )),
    }
}
