//! Writes and reads when API tokens were last used.

use std::collections::HashMap;
use std::time::Duration;

use attache_core::Timestamp;
use attache_core::cause::chain;
use attache_core::id::{TenantId, TokenId};

use super::{Tenants, Unavailable};

/// How long uses are collected before they are written together.
const WRITE_AFTER: Duration = Duration::from_secs(2);

impl Tenants {
    /// Records the use of a token.
    pub fn token_used(&self, tenant: TenantId, token: TokenId, at: Timestamp) {
        self.0.token_uses.note(tenant, token, at);
    }

    /// Returns when each of a tenant's tokens was last used, for tokens that were. The
    /// last ten minutes may be missing.
    ///
    /// # Errors
    /// If the log does not answer.
    pub async fn token_uses(
        &self,
        tenant: TenantId,
    ) -> Result<HashMap<TokenId, Timestamp>, Unavailable> {
        // Read before the log, so that no use is missed that is written meanwhile.
        let unwritten = self.0.token_uses.unwritten();
        let written = self.log().token_usage.token_uses(tenant).await?;
        let mut uses = HashMap::new();
        let unwritten = unwritten.into_iter().filter(|it| it.tenant == tenant);
        for it in written.into_iter().chain(unwritten) {
            let last = uses.entry(it.token).or_insert(it.used_at);
            *last = it.used_at.max(*last);
        }
        Ok(uses)
    }

    /// Writes the collected uses of tokens. A failure loses them; the next period records
    /// another use.
    pub async fn write_token_uses(&self) {
        let uses = self.0.token_uses.unwritten();
        if uses.is_empty() {
            return;
        }
        let written = self.log().token_usage.note_token_uses(&uses).await;
        self.0.token_uses.done_with(&uses);
        let was_failing = {
            let mut noted = self.0.token_uses.noted();
            std::mem::replace(&mut noted.failing, written.is_err())
        };
        // Logged when it starts to fail.
        if let (Err(error), false) = (&written, was_failing) {
            tracing::warn!(error = %chain(error), "the last uses of API tokens cannot be written");
        }
    }

    /// Writes collected uses of tokens in the background, until the process ends.
    pub(super) async fn keep_token_uses(self) {
        loop {
            tokio::select! {
                () = self.0.closing.cancelled() => break,
                () = self.0.token_uses.some.notified() => {}
            }
            tokio::select! {
                () = self.0.closing.cancelled() => break,
                () = tokio::time::sleep(WRITE_AFTER) => {}
            }
            self.write_token_uses().await;
        }
        self.write_token_uses().await;
    }
}
