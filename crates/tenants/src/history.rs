//! A tenant as it was.

use attache_core::id::TenantId;
use attache_core::{State, Timestamp};

use super::catch_up::catch_up_until;
use super::{Tenants, Unavailable};
use attache_log::{Log, LogError};

/// The state that a tenant had at an instant: what its entries up to then give.
///
/// # Errors
/// If the log cannot be read.
pub async fn replay(log: &dyn Log, tenant: TenantId, at: Timestamp) -> Result<State, LogError> {
    let mut state = State::empty(tenant);
    catch_up_until(log, &mut state, Some(at)).await?;
    Ok(state)
}

impl Tenants {
    /// The state that a tenant had at an instant.
    ///
    /// # Errors
    /// If the log cannot be read.
    pub async fn state_at(&self, tenant: TenantId, at: Timestamp) -> Result<State, Unavailable> {
        let state = replay(self.log(), tenant, at).await;
        state.map_err(|error| Unavailable(error.to_string()))
    }
}
