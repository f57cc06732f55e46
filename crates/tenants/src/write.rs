//! A write as a caller asks for it, and its result.

use std::sync::Arc;

use attache_core::cause::Cause;
use attache_core::id::Revision;
use attache_core::time::Expiry;
use attache_core::{Caller, Changes, Command, HeadRequest, Refusal, State, Timestamp};
use tokio::sync::oneshot;

use attache_log::{LogError, Request};

/// Commands to write, with their preconditions and options.
#[derive(Clone)]
pub struct Write {
    /// The caller.
    pub caller: Caller,
    /// The caller's name for its request.
    pub correlation_id: Box<str>,
    /// What the head of the entry is to say.
    pub head: HeadRequest,
    /// The commands. They become one entry, all or none, unless the write is by each
    /// ([`Write::by_each`]).
    pub commands: Arc<[Command]>,
    /// The credential of the request, if there is one, checked again when the commands
    /// are decided. Without a credential, the caller's permissions have no end.
    pub credential: Option<Credential>,
    /// A precondition on the state that the commands are decided on.
    pub only_if: Option<Condition>,
    /// The name and digest of the request, so that a repetition writes nothing. Ignored
    /// for a write by each, since refusals are not stored.
    pub request: Option<Request>,
    /// Whether a refused command leaves the others: see [`Write::by_each`].
    pub each: bool,
}

/// Returns when a credential ends, if it counts in a state at an instant.
pub type Credential = Arc<dyn Fn(&State, Timestamp) -> Option<Expiry> + Send + Sync>;

/// A precondition on a state.
pub type Condition = Arc<dyn Fn(&State) -> bool + Send + Sync>;

impl Write {
    /// Makes a write without preconditions and options.
    #[must_use]
    pub fn new(caller: Caller, correlation_id: &str, commands: Vec<Command>) -> Self {
        Self {
            caller,
            correlation_id: correlation_id.into(),
            head: HeadRequest::default(),
            commands: commands.into(),
            credential: None,
            only_if: None,
            request: None,
            each: false,
        }
    }

    /// The same commands, with a head that says this.
    #[must_use]
    pub fn with_head(self, head: HeadRequest) -> Self {
        Self { head, ..self }
    }

    /// Writes as many of the commands as can be, as one entry. Each command is decided on
    /// the state that the ones before it leave, and a refused command changes nothing.
    /// [`Written::outcomes`] has the outcome of each.
    #[must_use]
    pub fn by_each(self) -> Self {
        Self { each: true, ..self }
    }

    /// Returns the name and digest of the request, if a repetition can be recognised.
    pub(super) fn name(&self) -> Option<&Request> {
        self.request.as_ref().filter(|_| !self.each)
    }
}

impl std::fmt::Debug for Write {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Write({} commands)", self.commands.len())
    }
}

/// The result of a write.
#[derive(Clone, Debug)]
pub struct Written {
    /// The state after the write, without later writes of others.
    pub state: Arc<State>,
    /// The changes. Empty if the commands changed nothing; then no entry was written.
    pub changes: Arc<Changes>,
    /// The revision at which the request was done before, if it was. Then nothing was
    /// written now, and the changes are the earlier ones.
    pub done_before: Option<Revision>,
    /// Whether the request would be refused now, so that its result must not be shown.
    pub hidden: bool,
    /// The outcome of each command, in order, for a write by each. Empty for other
    /// writes, whose commands were all accepted.
    pub outcomes: Arc<[Result<(), Refusal>]>,
}

/// Why a write failed.
#[derive(Clone, Debug, thiserror::Error)]
pub enum WriteError {
    /// A command was refused. Nothing was written.
    #[error("{refusal}")]
    Refused {
        /// The refusal.
        refusal: Refusal,
        /// The index of the command, from 0.
        position: usize,
    },
    /// The credential no longer counts. Nothing was written.
    #[error("the credential no longer counts")]
    Revoked,
    /// The precondition does not hold. Nothing was written.
    #[error("it has changed in the meantime")]
    Changed,
    /// The same request is being worked on. This repetition wrote nothing.
    #[error("the same request is being worked on")]
    Running,
    /// The request's name was used for another request. Nothing was written.
    #[error("the request's name was used for another request")]
    Differs,
    /// The tenant cannot be written to now. Nothing was written.
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
    /// It is unknown whether the commands were written. The writer finds out before it
    /// writes anything else, and reading tells.
    #[error("it is unknown whether this was written")]
    Unknown(#[source] Cause),
}

/// The tenant cannot be served now.
#[derive(Clone, Debug, thiserror::Error)]
#[error(transparent)]
pub struct Unavailable(Cause);

impl Unavailable {
    /// Makes the error from a reason in words.
    #[must_use]
    pub fn because(reason: impl Into<String>) -> Self {
        Self(Cause::text(reason))
    }

    /// Makes the error from another error.
    #[must_use]
    pub fn caused(error: impl std::error::Error + Send + Sync + 'static) -> Self {
        Self(Cause::new(error))
    }
}

impl From<LogError> for Unavailable {
    fn from(error: LogError) -> Self {
        Self::caused(error)
    }
}

/// Commands to write, with the channel to their caller.
#[derive(Debug)]
pub(super) struct Job {
    pub(super) write: Write,
    pub(super) done: oneshot::Sender<Result<Written, WriteError>>,
}
