//! Answers from the log's newest entries. Concurrent callers share one question to the
//! log.

use std::collections::HashMap;
use std::sync::Arc;

use attache_core::State;
use attache_core::id::TenantId;
use tokio::sync::{mpsc, oneshot};
use tokio::time::Instant;

use super::follower::{Standing, standing};
use super::head_questions::{Answer, Question};
use super::{Tenant, Tenants, Unavailable};

/// The most tenants per question.
const AT_ONCE: usize = 512;

/// How often the log is asked until a state is current.
const ROUNDS: usize = 8;

impl Tenants {
    /// Answers questions for tenants' last entries, as long as the queue exists.
    pub(super) async fn ask_for_heads(self, mut questions: mpsc::Receiver<Question>) {
        let mut waiting = Vec::new();
        loop {
            tokio::select! {
                () = self.0.closing.cancelled() => return,
                _ = questions.recv_many(&mut waiting, AT_ONCE) => {}
            }
            let mut ids: Vec<TenantId> = waiting.iter().map(|(tenant, _)| *tenant).collect();
            ids.sort_unstable();
            ids.dedup();
            let answer = self.log().entries.heads(&ids).await;
            if answer.is_ok() {
                self.heard();
            }
            let heads: Result<HashMap<_, _>, _> = answer
                .map(|heads| ids.into_iter().zip(heads).collect())
                .map_err(Unavailable::from);
            for (tenant, asker) in waiting.drain(..) {
                let head = heads.as_ref().map(|heads| heads.get(&tenant).copied());
                // The asker may have gone away.
                let _ = asker.send(head.map(Option::flatten).map_err(Clone::clone));
            }
        }
    }

    async fn head(&self, tenant: TenantId) -> Answer {
        let gone = || Unavailable::because("the server is shutting down");
        let (asker, answer) = oneshot::channel();
        let asked = self.0.questions.send((tenant, asker)).await;
        asked.map_err(|_| gone())?;
        answer.await.map_err(|_| gone())?
    }

    /// Brings a tenant's state up to all entries that the log had at the time of this
    /// call.
    ///
    /// # Errors
    /// If the log does not answer, or cannot be read in time.
    pub async fn catch_up(&self, tenant: &Tenant) -> Result<Arc<State>, Unavailable> {
        let shared = &tenant.shared;
        let within = self.0.settings.silent_for;
        let end = Instant::now() + within;
        for _ in 0..ROUNDS {
            if let Some(unavailable) = shared.why_stopped() {
                return Err(unavailable);
            }
            let mut published = shared.published();
            let before = shared.state();
            let asked = Instant::now();
            let head = self.head(tenant.id()).await?;
            if standing(&before, shared, head) == Standing::Current {
                shared.confirm(asked);
                return tenant.state();
            }
            let wanted = head.map_or_else(Default::default, |head| head.revision);
            shared.awaited.notify_one();
            let is_there = || {
                let now = shared.revision();
                now >= wanted && now > before.revision()
            };
            while !is_there() {
                let next = tokio::time::timeout_at(end, published.changed()).await;
                if next.is_err() {
                    tenant.state()?;
                    return Err(Unavailable::because(format!(
                        "what the database holds could not be read within {} s",
                        within.as_secs_f64()
                    )));
                }
                if shared.revision() <= before.revision() {
                    // The log lost entries, so it is asked again.
                    break;
                }
            }
            if is_there() {
                return tenant.state();
            }
        }
        Err(Unavailable::because(
            "what the database holds changes all the time",
        ))
    }
}
