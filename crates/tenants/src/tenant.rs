//! An open tenant, as those who ask it see it.

use std::sync::Arc;
use std::time::Duration;

use attache_core::id::{Revision, TenantId};
use attache_core::time::Expiry;
use attache_core::{Caller, Changes, Command, Refusal, State, Timestamp};
use tokio::sync::{mpsc, oneshot};
use tokio::time::Instant;

use super::shared::{Running, Shared};
use super::writer::Job;
use attache_log::Request;

/// Commands, and on which terms they are to be written.
#[derive(Clone)]
pub struct Write {
    /// Who asks.
    pub caller: Caller,
    /// What the caller calls its request.
    pub correlation_id: Box<str>,
    /// What it wants. All of it becomes one entry, or nothing happens.
    pub commands: Arc<[Command]>,
    /// The credential of the request, if there is one, to be looked at again where
    /// they are decided. Without one, the caller has no end.
    pub credential: Option<Credential>,
    /// What must hold in the state that they are decided on.
    pub only_if: Option<Condition>,
    /// The name under which the same can be asked again without its being done
    /// again.
    pub request: Option<Request>,
}

/// When a credential ends, if it counts in a state at an instant.
pub type Credential = Arc<dyn Fn(&State, Timestamp) -> Option<Expiry> + Send + Sync>;

/// What must hold in a state.
pub type Condition = Arc<dyn Fn(&State) -> bool + Send + Sync>;

impl Write {
    /// Commands without terms.
    #[must_use]
    pub fn new(caller: Caller, correlation_id: &str, commands: Vec<Command>) -> Self {
        Self {
            caller,
            correlation_id: correlation_id.into(),
            commands: commands.into(),
            credential: None,
            only_if: None,
            request: None,
        }
    }
}

impl std::fmt::Debug for Write {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Write({} commands)", self.commands.len())
    }
}

/// What went well.
#[derive(Clone, Debug)]
pub struct Written {
    /// The state that the write left. What others wrote after it is not in it.
    pub state: Arc<State>,
    /// What was changed. Empty: it was so already, and no entry was written.
    pub changes: Arc<Changes>,
    /// The revision at which it was done before, if it was: then nothing was
    /// done now, and the changes are those of then.
    pub done_before: Option<Revision>,
    /// Whether it would be refused now: then what it made must not be shown.
    pub hidden: bool,
}

/// What did not go well.
#[derive(Clone, Debug, thiserror::Error)]
pub enum WriteError {
    /// A command was refused. Nothing was written.
    #[error("{refusal}")]
    Refused {
        /// Why.
        refusal: Refusal,
        /// Which of the commands, from 0.
        position: usize,
    },
    /// Who asks may no longer ask. Nothing was written.
    #[error("the credential no longer counts")]
    Revoked,
    /// What was to hold in the state does not. Nothing was written.
    #[error("it has changed in the meantime")]
    Changed,
    /// The same request is being worked on. Nothing was written for this one.
    #[error("the same request is being worked on")]
    Running,
    /// Something else was asked under the same name. Nothing was written.
    #[error("something else was asked under the same name")]
    Differs,
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
            true => Err(Unavailable(format!(
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
        let _running = match write.request.as_ref() {
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
            Err(_) => Some(Err(WriteError::Unknown("the writer stopped".to_owned()))),
        }
    }

    pub(super) fn touch(&self, now: Timestamp) {
        self.shared.touch(now);
    }

    pub(super) fn last_used(&self) -> i64 {
        self.shared.last_used()
    }
}
