//! Reading what the log holds beyond a state.

use attache_core::id::{Revision, TenantId};
use attache_core::{State, Timestamp};
use tokio::time::Instant;

use attache_log::{Log, LogError};

/// How many entries to read at once. One of an import holds thousands of changes.
const AT_ONCE: usize = 64;

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

/// Apply to a state all entries after it. What was applied before an error stays.
pub(super) async fn catch_up(log: &dyn Log, state: &mut State) -> Result<CaughtUp, LogError> {
    catch_up_until(log, state, None).await
}

/// The same, up to an instant if there is one.
pub(super) async fn catch_up_until(
    log: &dyn Log,
    state: &mut State,
    until: Option<Timestamp>,
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
        let mut entries = entries.into_iter();
        if let Some(own) = own.take()
            && entries.next().is_none_or(|entry| entry.id != own)
        {
            return Ok(CaughtUp::Parted);
        }
        for entry in entries {
            let expected = state.revision().next();
            if entry.revision != expected {
                return Err(gap(state, expected, entry.revision));
            }
            if until.is_some_and(|until| entry.at > until) {
                return Ok(CaughtUp::By { changes, asked });
            }
            changes += entry.changes.list.len();
            state.apply(&entry);
            // Others are served while much is read.
            tokio::task::yield_now().await;
        }
        if read < AT_ONCE {
            return Ok(CaughtUp::By { changes, asked });
        }
    }
}

fn gap(state: &State, expected: Revision, found: Revision) -> LogError {
    LogError::Unreadable {
        tenant: state.tenant(),
        revision: expected,
        reason: format!("it is missing: the next one is {found}"),
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
pub(super) async fn open(log: &dyn Log, tenant: TenantId) -> Result<Opened, LogError> {
    if let Some(mut state) = log.load_snapshot(tenant).await? {
        if let CaughtUp::By { changes, asked } = catch_up(log, &mut state).await? {
            return Ok(Opened {
                state,
                unsaved: changes,
                asked,
            });
        }
        tracing::warn!(%tenant, "the snapshot is not of these entries and is not used");
    }
    let mut state = State::empty(tenant);
    match catch_up(log, &mut state).await? {
        CaughtUp::By { changes, asked } => Ok(Opened {
            state,
            unsaved: changes,
            asked,
        }),
        // It had no last entry to part from.
        CaughtUp::Parted => Err(LogError::Unavailable(
            "the entries changed while they were read".to_owned(),
        )),
    }
}
