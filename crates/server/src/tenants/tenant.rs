//! An open tenant, as those who ask it see it.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use arc_swap::{ArcSwap, ArcSwapOption};
use attache_core::id::TenantId;
use attache_core::{Caller, Changes, Command, Refusal, State, Timestamp};
use tokio::sync::{mpsc, oneshot};

use super::writer::Job;

/// What went well.
#[derive(Clone, Debug)]
pub struct Written {
    /// A state that holds what was written. Others' later writes may be in it too.
    pub state: Arc<State>,
    /// What was changed. Empty: it was so already, and no entry was written.
    pub changes: Arc<Changes>,
}

/// What did not go well.
#[derive(Clone, Debug, thiserror::Error)]
pub enum WriteError {
    /// It was refused. Nothing was written.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The tenant cannot be written to now. Nothing was written.
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
    /// Whether it was written is not known. It is settled before anything else
    /// is written, and reading will tell.
    #[error("whether this was written is not known: {0}")]
    Unknown(String),
}

/// The tenant cannot be worked on now.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{0}")]
pub struct Unavailable(pub String);

/// What the tenant's readers and its writer share.
#[derive(Debug)]
pub(super) struct Shared {
    pub(super) state: ArcSwap<State>,
    /// Why the tenant was stopped, if it was: its log cannot be read.
    pub(super) stopped: ArcSwapOption<String>,
    used: AtomicI64,
}

/// An open tenant.
#[derive(Clone, Debug)]
pub struct Tenant {
    pub(super) id: TenantId,
    pub(super) shared: Arc<Shared>,
    pub(super) jobs: mpsc::Sender<Job>,
}

impl Tenant {
    pub(super) fn new(state: State, jobs: mpsc::Sender<Job>) -> Self {
        Self {
            id: state.tenant(),
            shared: Arc::new(Shared {
                state: ArcSwap::from_pointee(state),
                stopped: ArcSwapOption::empty(),
                used: AtomicI64::new(0),
            }),
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
    /// If the tenant was stopped, because its log cannot be read to the end:
    /// what access there is, is not known then.
    pub fn state(&self) -> Result<Arc<State>, Unavailable> {
        match &*self.shared.stopped.load() {
            Some(reason) => Err(Unavailable(reason.to_string())),
            None => Ok(self.shared.state.load_full()),
        }
    }

    /// Hand commands to the writer. They become one entry, all of them or none.
    ///
    /// # Errors
    /// [`WriteError`]. `None` if the tenant was closed in the meantime: open it
    /// again and write there. Nothing was written then.
    pub(super) async fn try_write(
        &self,
        caller: Caller,
        correlation_id: &str,
        commands: &[Command],
    ) -> Option<Result<Written, WriteError>> {
        let (done, answer) = oneshot::channel();
        let job = Job {
            caller,
            correlation_id: correlation_id.into(),
            commands: commands.to_vec(),
            done,
        };
        self.jobs.send(job).await.ok()?;
        match answer.await {
            Ok(answer) => Some(answer),
            // The writer is gone with the job in its queue or in its hands.
            Err(_) => Some(Err(WriteError::Unknown("the writer stopped".to_owned()))),
        }
    }

    pub(super) fn touch(&self, now: Timestamp) {
        self.shared.used.store(now.as_millis(), Ordering::Relaxed);
    }

    pub(super) fn last_used(&self) -> i64 {
        self.shared.used.load(Ordering::Relaxed)
    }
}
