//! A tenant as it was.

use attache_core::id::{Revision, TenantId};
use attache_core::{State, Timestamp};

use super::catch_up::catch_up_while;
use super::{Tenants, Unavailable};
use attache_log::{EntryReader, LogError};

/// The state that a tenant had at an instant: what its entries up to then give.
///
/// # Errors
/// If the log cannot be read.
pub async fn replay(
    log: &dyn EntryReader,
    tenant: TenantId,
    at: Timestamp,
) -> Result<State, LogError> {
    let mut state = State::empty(tenant);
    catch_up_while(log, &mut state, &|entry| entry.at <= at).await?;
    Ok(state)
}

/// The state that a tenant had at a revision, or at its last one where that is earlier:
/// made from the entries alone, without a snapshot.
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

impl Tenants {
    /// The state that a tenant had at an instant.
    ///
    /// # Errors
    /// If the log cannot be read.
    pub async fn state_at(&self, tenant: TenantId, at: Timestamp) -> Result<State, Unavailable> {
        Ok(replay(&*self.log().entries, tenant, at).await?)
    }
}
