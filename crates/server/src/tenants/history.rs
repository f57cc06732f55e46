//! A tenant as it was.

use attache_core::id::TenantId;
use attache_core::{State, Timestamp};

use super::{Tenants, Unavailable};
use crate::log::{Log, LogError};

/// How many entries to read at once.
const AT_ONCE: usize = 64;

/// The state that a tenant had at an instant: what its entries up to then give.
///
/// # Errors
/// If the log cannot be read.
pub async fn replay(log: &dyn Log, tenant: TenantId, at: Timestamp) -> Result<State, LogError> {
    let mut state = State::empty(tenant);
    loop {
        let entries = log.read_after(tenant, state.revision(), AT_ONCE).await?;
        let end = entries.len() < AT_ONCE;
        for entry in entries {
            tokio::task::yield_now().await;
            if entry.at > at {
                return Ok(state);
            }
            state.apply(&entry);
        }
        if end {
            return Ok(state);
        }
    }
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
