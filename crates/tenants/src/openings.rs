//! The openings of tenants that are under way.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard};

use attache_core::id::TenantId;
use tokio::sync::watch;

use super::tenant::Tenant;
use super::write::Unavailable;

/// How far opening ahead is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct OpeningProgress {
    /// Whether it is still under way.
    pub under_way: bool,
    /// How many tenants there are to open.
    pub tenants: usize,
    /// How many of them were opened.
    pub opened: usize,
    /// How many of them could not be opened.
    pub failed: usize,
}

/// An opening that is under way, and at its end what came of it.
pub(super) type Opening = watch::Receiver<Option<Result<Tenant, Unavailable>>>;

/// The openings that are under way.
#[derive(Debug, Default)]
pub(super) struct Openings(Mutex<HashMap<TenantId, Opening>>);

impl Openings {
    /// All of them, locked.
    pub(super) fn all(&self) -> MutexGuard<'_, HashMap<TenantId, Opening>> {
        // A map is as good as before, whoever panicked beside it.
        self.0.lock().unwrap_or_else(|lock| lock.into_inner())
    }
}

/// What comes of an opening.
pub(super) async fn end_of(mut opening: Opening) -> Result<Tenant, Unavailable> {
    let broken = || Unavailable::because("the opening broke off");
    let ended = opening.wait_for(Option::is_some).await;
    let ended = ended.map_err(|_| broken())?;
    ended.clone().unwrap_or_else(|| Err(broken()))
}
