//! Opening the tenants that a token may be of, together.

use std::sync::Arc;
use std::time::Duration;

use attache_core::State;
use attache_core::id::{Revision, TenantId};
use futures_util::stream::FuturesUnordered;
use futures_util::{FutureExt as _, StreamExt as _};
use tokio::time::timeout;

use crate::App;
use attache_tenants::{Tenant, Unavailable};

/// What is said of a tenant that is not open yet.
const STILL: &str = "a tenant that may accept the token is still being opened";

/// A tenant that was asked for; `None` if it does not exist.
type Read = Result<Option<Tenant>, Unavailable>;

/// Tenants that are being opened. What is wrong with one of them is not another's business.
pub(super) struct Opening<F> {
    pending: FuturesUnordered<F>,
    /// Those that are open.
    pub(super) open: Vec<(Tenant, Arc<State>)>,
    /// Whether one of them does not exist.
    pub(super) is_one_gone: bool,
    unavailable: Option<Unavailable>,
}

/// Begins to open tenants, at a revision or later.
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
    /// Takes those that are open, and waits a moment for the others.
    pub(super) async fn wait_for(&mut self, moment: Duration) {
        while let Some(Some(read)) = self.pending.next().now_or_never() {
            self.take(read);
        }
        if !self.is_over() {
            // Those that take longer stay among the pending ones.
            let _ = timeout(moment, self.wait()).await;
        }
    }

    /// Waits for all of them, each within the time that opening may take.
    pub(super) async fn wait(&mut self) {
        while let Some(read) = self.pending.next().await {
            self.take(read);
        }
    }

    /// Whether none of them is waited for.
    pub(super) fn is_over(&self) -> bool {
        self.pending.is_empty()
    }

    /// Why one of them is not open, if one is not.
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
