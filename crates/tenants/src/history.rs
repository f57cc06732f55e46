//! A tenant's state at an earlier time.

use attache_core::id::{Revision, TenantId};
use attache_core::{State, Timestamp};

use super::catch_up::catch_up_while;
use super::{Tenants, Unavailable};
use attache_log::{EntryReader, LogError};

/// Returns a tenant's state at an instant, by applying its entries up to then. Costs time
/// in proportion to the history.
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

impl Tenants {
    /// Returns a tenant's state at an instant. Costs time in proportion to the history.
    ///
    /// # Errors
    /// If the log cannot be read.
    pub async fn state_at(&self, tenant: TenantId, at: Timestamp) -> Result<State, Unavailable> {
        Ok(replay(&*self.log().entries, tenant, at).await?)
    }
}
