//! The openings of tenants that are under way.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard};

use attache_core::id::TenantId;
use tokio::sync::watch;

use super::tenant::Tenant;
use super::write::Unavailable;

/// The progress of opening tenants ahead.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct OpeningProgress {
    /// Whether it is under way.
    pub under_way: bool,
    /// The number of tenants to open.
    pub tenants: usize,
    /// The number of tenants opened so far.
    pub opened: usize,
    /// The number of tenants that could not be opened.
    pub failed: usize,
}

/// An opening, with its result when it ends.
pub(super) type Opening = watch::Receiver<Option<Result<Tenant, Unavailable>>>;

/// The openings that are under way.
#[derive(Debug, Default)]
pub(super) struct Openings(Mutex<HashMap<TenantId, Opening>>);

impl Openings {
    /// Locks and returns all openings.
    pub(super) fn all(&self) -> MutexGuard<'_, HashMap<TenantId, Opening>> {
        // The map stays consistent if a holder of the lock panics.
        self.0.lock().unwrap_or_else(|lock| lock.into_inner())
    }
}

/// Waits for the result of an opening.
pub(super) async fn end_of(mut opening: Opening) -> Result<Tenant, Unavailable> {
    let broken = || Unavailable::because("the opening broke off");
    let ended = opening.wait_for(Option::is_some).await;
    let ended = ended.map_err(|_| broken())?;
    ended.clone().unwrap_or_else(|| Err(broken()))
}
