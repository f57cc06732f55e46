//! What is written goes to the tenant's writer.

use attache_core::id::TenantId;
use attache_core::{Caller, Change, Command};

use super::Tenants;
use super::write::{Unavailable, Write, WriteError, Written};
use attache_log::Request;

/// How often a write goes to a tenant that was closed under its hands.
const REOPENINGS: usize = 3;

impl Tenants {
    /// Let commands become one entry of a tenant, all of them or none.
    ///
    /// # Errors
    /// [`WriteError`]: not all errors mean that nothing was written.
    pub async fn write(
        &self,
        caller: Caller,
        correlation_id: &str,
        commands: &[Command],
    ) -> Result<Written, WriteError> {
        let write = Write::new(caller, correlation_id, commands.to_vec());
        self.write_on(&write).await
    }

    /// The same, on terms.
    ///
    /// # Errors
    /// [`WriteError`].
    pub async fn write_on(&self, write: &Write) -> Result<Written, WriteError> {
        for _ in 0..REOPENINGS {
            let tenant = self.open(write.caller.tenant).await?;
            let Some(tenant) = tenant else {
                return Err(Unavailable::because("there is no such tenant").into());
            };
            if let Some(answer) = tenant.try_write(write).await {
                if answer.as_ref().is_ok_and(trusts_another_issuer) {
                    // Its tokens are good from now on.
                    self.see_directory().await;
                }
                return answer;
            }
            self.forget(&tenant);
        }
        Err(Unavailable::because("the tenant is being closed").into())
    }

    /// Whether a request was done for a tenant of late; `Some(false)` if
    /// something else was asked under its name.
    ///
    /// # Errors
    /// If the log does not answer.
    pub async fn was_done(
        &self,
        tenant: TenantId,
        request: &Request,
    ) -> Result<Option<bool>, Unavailable> {
        let since = self.0.settings.requests_since(self.0.ambient.now());
        let found = self
            .0
            .log
            .requests
            .find_request(tenant, &request.key, since);
        Ok(found.await?.map(|(asked, _)| asked == request.fingerprint))
    }
}

fn trusts_another_issuer(written: &Written) -> bool {
    let mut changes = written.changes.list.iter();
    changes.any(|change| {
        matches!(
            change,
            Change::IssuerAdded { .. } | Change::IssuerChanged { .. }
        )
    })
}
