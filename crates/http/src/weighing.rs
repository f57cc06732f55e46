//! Work on a request, by how much it is.

use attache_core::id::TenantId;
use uuid::Uuid;

use super::{App, Problem, Session};
use attache_tenants::{LIGHT, Unavailable};

impl App {
    /// Does work for a tenant, see [`Session::weigh`]. What is nobody's in particular,
    /// such as the operator's, has turns of its own.
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
    /// Does work for an answer. What takes long waits for a turn among the heavy work
    /// of all tenants, and runs beside the threads that serve everybody; what is
    /// short runs where it is. `weight` is in units of about 10 µs, told before the
    /// work from what is kept, such as the number of a resource's members.
    ///
    /// # Errors
    /// If too much heavy work of the tenant waits already. Nothing was begun.
    pub async fn weigh<T>(&self, weight: usize, work: impl FnOnce() -> T) -> Result<T, Problem> {
        self.app()
            .weigh(Some(self.caller.tenant), weight, work)
            .await
    }
}
