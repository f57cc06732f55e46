//! Opens the tenants that may accept a token, concurrently.

use std::sync::Arc;
use std::time::Duration;

use attache_core::State;
use attache_core::id::{Revision, TenantId};
use futures_util::stream::FuturesUnordered;
use futures_util::{FutureExt as _, StreamExt as _};
use tokio::time::timeout;

use crate::App;
use attache_tenants::{Tenant, Unavailable};

/// The reason for the log while a tenant is not open yet.
const STILL: &str = "a tenant that may accept the token is still being opened";

/// A tenant that was read; `None` if it does not exist.
type Read = Result<Option<Tenant>, Unavailable>;

/// Tenants that are being opened. A failure of one does not affect the others.
pub(super) struct Opening<F> {
    pending: FuturesUnordered<F>,
    /// The tenants that are open.
    pub(super) open: Vec<(Tenant, Arc<State>)>,
    /// Whether one of the tenants does not exist.
    pub(super) is_one_gone: bool,
    unavailable: Option<Unavailable>,
}

/// Starts to open tenants at a revision or later.
pub(super) fn of(
    app: &App,
    tenants: &[TenantId],
    at_least: Revision,
) -> Opening<impl Future<Output = Read>> {
    let read = |id: &TenantId| {
        let (tenants, id) = (app.tenants().clone(), *id);
        async move { tenants.read(id, at_least).await }
    };
    Opening {
        pending: tenants.iter().map(read).collect(),
        open: Vec::new(),
        is_one_gone: false,
        unavailable: None,
    }
}

impl<F: Future<Output = Read>> Opening<F> {
    /// Collects the tenants that are open, and waits up to `moment` for the others.
    pub(super) async fn wait_for(&mut self, moment: Duration) {
        while let Some(Some(read)) = self.pending.next().now_or_never() {
            self.take(read);
        }
        if !self.is_over() {
            // The others stay pending.
            let _ = timeout(moment, self.wait()).await;
        }
    }

    /// Waits for all tenants, each within the time that opening may take.
    pub(super) async fn wait(&mut self) {
        while let Some(read) = self.pending.next().await {
            self.take(read);
        }
    }

    /// Returns whether none is pending.
    pub(super) fn is_over(&self) -> bool {
        self.pending.is_empty()
    }

    /// Returns why one of the tenants is not open, if one is not.
    pub(super) fn unavailable(&self) -> Option<Unavailable> {
        let still = || (!self.is_over()).then(|| Unavailable::because(STILL));
        self.unavailable.clone().or_else(still)
    }

    fn take(&mut self, read: Read) {
        let read = read.and_then(|tenant| match tenant {
            Some(tenant) => tenant.state().map(|state| Some((tenant, state))),
            None => Ok(None),
        });
        match read {
            Ok(Some(open)) => self.open.push(open),
            Ok(None) => self.is_one_gone = true,
            Err(unavailable) => self.unavailable = Some(unavailable),
        }
    }
}
