//! Writing when API tokens were last used, and reading it.

use std::collections::HashMap;
use std::time::Duration;

use attache_core::Timestamp;
use attache_core::cause::chain;
use attache_core::id::{TenantId, TokenId};

use super::{Tenants, Unavailable};

/// How long uses are gathered before they are written together.
const WRITE_AFTER: Duration = Duration::from_secs(2);

impl Tenants {
    /// Notes that a token was used.
    pub fn token_used(&self, tenant: TenantId, token: TokenId, at: Timestamp) {
        self.0.token_uses.note(tenant, token, at);
    }

    /// When each of a tenant's tokens was last used, as far as it was: with less than ten
    /// minutes missing.
    ///
    /// # Errors
    /// If the log does not answer.
    pub async fn token_uses(
        &self,
        tenant: TenantId,
    ) -> Result<HashMap<TokenId, Timestamp>, Unavailable> {
        // Before what is written: what is written meanwhile is not missed.
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

    /// Writes the uses of tokens that are not written yet. What cannot be written is lost:
    /// the next period brings another.
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
        // Said once when it begins.
        if let (Err(error), false) = (&written, was_failing) {
            tracing::warn!(error = %chain(error), "when API tokens were last used cannot be written");
        }
    }

    /// Writes uses of tokens some time after they were noted, until the end.
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
