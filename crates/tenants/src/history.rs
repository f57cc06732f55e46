//! A tenant's state from its entries alone.

use attache_core::State;
use attache_core::id::{Revision, TenantId};

use super::catch_up::catch_up_while;
use attache_log::{EntryReader, LogError};

/// Returns a tenant's state at a revision (or at its last one, if that is earlier), by
/// applying its entries without a snapshot. Costs time in proportion to the history.
///
/// # Errors
/// If the log cannot be read.
pub async fn replay_to(
    log: &dyn EntryReader,
    tenant: TenantId,
    revision: Revision,
) -> Result<State, LogError> {
    let mut state = State::empty(tenant);
    catch_up_while(log, &mut state, &|entry| entry.revision <= revision).await?;
    Ok(state)
}
