//! An open tenant, as those who ask it see it.

use std::sync::Arc;
use std::time::Duration;

use attache_core::cause::Cause;
use attache_core::id::TenantId;
use attache_core::{State, Timestamp};
use tokio::sync::{mpsc, oneshot};
use tokio::time::Instant;

use super::shared::{Running, Shared};
use super::write::{Job, Unavailable, Write, WriteError, Written};

/// An open tenant.
#[derive(Clone, Debug)]
pub struct Tenant {
    pub(super) id: TenantId,
    pub(super) shared: Arc<Shared>,
    silent_for: Duration,
    pub(super) jobs: mpsc::Sender<Job>,
}

impl Tenant {
    /// A tenant with a state that was read from the log, which was asked at an
    /// instant.
    pub(super) fn new(
        state: State,
        asked: Instant,
        silent_for: Duration,
        jobs: mpsc::Sender<Job>,
    ) -> Self {
        Self {
            id: state.tenant(),
            shared: Arc::new(Shared::new(state, asked)),
            silent_for,
            jobs,
        }
    }

    /// Whose it is.
    #[must_use]
    pub fn id(&self) -> TenantId {
        self.id
    }

    /// The state that is published now. Take it once and answer the whole
    /// request from it.
    ///
    /// # Errors
    /// If the tenant was stopped, because its log cannot be read to the end, or
    /// nothing was heard from the log for too long: what access there is, is
    /// not known then.
    pub fn state(&self) -> Result<Arc<State>, Unavailable> {
        if let Some(unavailable) = self.shared.why_stopped() {
            return Err(unavailable);
        }
        // Asked first: what is published in between is newer than that.
        let age = self.shared.age();
        let state = self.shared.state();
        match age > self.silent_for {
            false => Ok(state),
            true => Err(Unavailable::because(format!(
                "nothing was heard from the database for {:.1} s: access may have been revoked since",
                age.as_secs_f64()
            ))),
        }
    }

    /// Hand commands to the writer. They become one entry, all of them or none.
    ///
    /// # Errors
    /// [`WriteError`]. `None` if the tenant was closed in the meantime: open it
    /// again and write there. Nothing was written then.
    pub(super) async fn try_write(&self, write: &Write) -> Option<Result<Written, WriteError>> {
        let _running = match write.name() {
            None => None,
            Some(request) => match Running::begin(&self.shared, &request.key) {
                Some(running) => Some(running),
                None => return Some(Err(WriteError::Running)),
            },
        };
        let (done, answer) = oneshot::channel();
        let job = Job {
            write: write.clone(),
            done,
        };
        self.jobs.send(job).await.ok()?;
        match answer.await {
            Ok(answer) => Some(answer),
            // The writer is gone with the job in its queue or in its hands.
            Err(_) => Some(Err(WriteError::Unknown(Cause::text("the writer stopped")))),
        }
    }

    pub(super) fn touch(&self, now: Timestamp) {
        self.shared.touch(now);
    }

    pub(super) fn last_used(&self) -> i64 {
        self.shared.last_used()
    }
}
