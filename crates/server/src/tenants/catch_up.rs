//! Reading what the log holds beyond a state.

use attache_core::State;
use attache_core::id::Revision;

use crate::log::{Log, LogError};

/// How many entries to read at once. One of an import holds thousands of changes.
const AT_ONCE: usize = 64;

/// Apply to a state all entries after it. Says how many changes that were.
/// What was applied before an error stays.
pub(super) async fn catch_up(log: &dyn Log, state: &mut State) -> Result<usize, LogError> {
    let mut changes = 0;
    loop {
        let entries = log
            .read_after(state.tenant(), state.revision(), AT_ONCE)
            .await?;
        let read = entries.len();
        for entry in entries {
            let expected = state.revision().next();
            if entry.revision != expected {
                return Err(gap(state, expected, entry.revision));
            }
            changes += entry.changes.list.len();
            state.apply(&entry);
            // Others are served while much is read.
            tokio::task::yield_now().await;
        }
        if read < AT_ONCE {
            return Ok(changes);
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

/// A tenant's state as the log has it: the snapshot and the entries after it.
/// Says too how many changes the snapshot lacks.
pub(super) async fn open(
    log: &dyn Log,
    tenant: attache_core::id::TenantId,
) -> Result<(State, usize), LogError> {
    let snapshot = log.load_snapshot(tenant).await?;
    let mut state = snapshot.unwrap_or_else(|| State::empty(tenant));
    let changes = catch_up(log, &mut state).await?;
    Ok((state, changes))
}
