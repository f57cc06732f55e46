//! Passes writes to the tenants' writers.

use attache_core::id::TenantId;
use attache_core::{Caller, Change, Command};

use super::Tenants;
use super::write::{Unavailable, Write, WriteError, Written};
use attache_log::Request;

/// How often a write is retried because its tenant was closed meanwhile.
const REOPENINGS: usize = 3;

impl Tenants {
    /// Writes commands as one entry of a tenant, all or none.
    ///
    /// # Errors
    /// [`WriteError`]. Not all errors mean that nothing was written.
    pub async fn write(
        &self,
        caller: Caller,
        correlation_id: &str,
        commands: &[Command],
    ) -> Result<Written, WriteError> {
        let write = Write::new(caller, correlation_id, commands.to_vec());
        self.write_on(&write).await
    }

    /// Writes commands with preconditions and options.
    ///
    /// # Errors
    /// [`WriteError`]. Not all errors mean that nothing was written.
    pub async fn write_on(&self, write: &Write) -> Result<Written, WriteError> {
        for _ in 0..REOPENINGS {
            let tenant = self.open(write.caller.tenant).await?;
            let Some(tenant) = tenant else {
                return Err(Unavailable::because("there is no such tenant").into());
            };
            if let Some(answer) = tenant.try_write(write).await {
                if answer.as_ref().is_ok_and(trusts_another_issuer) {
                    // Tokens of a new issuer are accepted from now on.
                    self.see_directory().await;
                }
                return answer;
            }
            self.forget(&tenant);
        }
        Err(Unavailable::because("the tenant is being closed").into())
    }

    /// Returns whether a tenant remembers a request as done; `Some(false)` if its name
    /// was used for another request.
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
