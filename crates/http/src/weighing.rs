//! Runs the work of a request according to its estimated cost.

use attache_core::id::TenantId;
use uuid::Uuid;

use super::{App, Problem, Session};
use attache_tenants::{LIGHT, Unavailable};

impl App {
    /// Does work for a tenant, see [`Session::weigh`]. Work without a tenant, such as the
    /// operator's, has turns of its own.
    pub(super) async fn weigh<T>(
        &self,
        tenant: Option<TenantId>,
        weight: usize,
        work: impl FnOnce() -> T,
    ) -> Result<T, Problem> {
        if weight <= LIGHT {
            return Ok(work());
        }
        let tenant = tenant.unwrap_or(TenantId(Uuid::nil()));
        let done = self.tenants().turns().run(tenant, work).await;
        done.map_err(|busy| Unavailable::caused(busy).into())
    }
}

impl Session {
    /// Does work for an answer. Heavy work waits for a turn among the heavy work of all
    /// tenants, and runs beside the threads that serve everybody. Light work runs at
    /// once. `weight` is the estimated time in units of about 10 µs, from known counts
    /// such as a resource's members.
    ///
    /// # Errors
    /// If too much heavy work of the tenant is queued. The work has not started then.
    pub async fn weigh<T>(&self, weight: usize, work: impl FnOnce() -> T) -> Result<T, Problem> {
        self.app()
            .weigh(Some(self.caller.tenant), weight, work)
            .await
    }
}
