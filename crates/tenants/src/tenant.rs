//! An open tenant, as its callers see it.

use std::sync::Arc;
use std::time::Duration;

use attache_core::cause::Cause;
use attache_core::id::TenantId;
use attache_core::{State, Timestamp};
use tokio::sync::{mpsc, oneshot};
use tokio::time::Instant;

use super::shared::{Running, Shared};
use super::write::{Job, Unavailable, Write, WriteError, Written};

/// An open tenant. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Tenant {
    pub(super) id: TenantId,
    pub(super) shared: Arc<Shared>,
    silent_for: Duration,
    pub(super) jobs: mpsc::Sender<Job>,
}

impl Tenant {
    /// Makes a tenant with a state that was read from the log. `asked` is the instant of
    /// the question to the log.
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

    /// Returns the tenant's id.
    #[must_use]
    pub fn id(&self) -> TenantId {
        self.id
    }

    /// Returns the published state. Take it once, and answer the whole request from it.
    ///
    /// # Errors
    /// If the tenant was stopped, since its log cannot be read to its end, or if the log
    /// was silent for too long. In both cases, the present access is unknown.
    pub fn state(&self) -> Result<Arc<State>, Unavailable> {
        if let Some(unavailable) = self.shared.why_stopped() {
            return Err(unavailable);
        }
        // Read before the state: a state published in between is newer than this age.
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

    /// Hands commands to the writer. They become one entry, all or none. Returns `None`,
    /// with nothing written, if the tenant was closed meanwhile: open it again and write
    /// there.
    ///
    /// # Errors
    /// [`WriteError`].
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
            // The writer has ended with the job in its queue or under way.
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
