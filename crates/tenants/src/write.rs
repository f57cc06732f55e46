//! A write as a caller asks for it, and what comes of it.

use std::sync::Arc;

use attache_core::cause::Cause;
use attache_core::id::Revision;
use attache_core::time::Expiry;
use attache_core::{Caller, Changes, Command, Refusal, State, Timestamp};
use tokio::sync::oneshot;

use attache_log::{LogError, Request};

/// Commands, and on which terms they are to be written.
#[derive(Clone)]
pub struct Write {
    /// Who asks.
    pub caller: Caller,
    /// What the caller calls its request.
    pub correlation_id: Box<str>,
    /// The commands. They become one entry: all of them or none, unless the write is by
    /// each ([`Write::by_each`]).
    pub commands: Arc<[Command]>,
    /// The credential of the request, if there is one, to be looked at again where
    /// they are decided. Without one, the caller has no end.
    pub credential: Option<Credential>,
    /// What must hold in the state that they are decided on.
    pub only_if: Option<Condition>,
    /// The name under which the same can be asked again without its being done again. A
    /// write by each has none, whatever stands here: what was refused is not remembered.
    pub request: Option<Request>,
    /// Whether refused commands leave the others: see [`Write::by_each`].
    pub each: bool,
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
            each: false,
        }
    }

    /// The same commands, of which as many become one entry as can: each is decided on what
    /// those before it leave, and one that is refused leaves nothing.
    /// [`Written::outcomes`] has what came of each.
    #[must_use]
    pub fn by_each(self) -> Self {
        Self { each: true, ..self }
    }

    /// The name under which the same can be asked again.
    pub(super) fn name(&self) -> Option<&Request> {
        self.request.as_ref().filter(|_| !self.each)
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
    /// What came of each command, in their order, for a write by each. Empty for others: all
    /// of their commands were accepted.
    pub outcomes: Arc<[Result<(), Refusal>]>,
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
    #[error("whether this was written is not known")]
    Unknown(#[source] Cause),
}

/// The tenant cannot be worked on now.
#[derive(Clone, Debug, thiserror::Error)]
#[error(transparent)]
pub struct Unavailable(Cause);

impl Unavailable {
    /// The tenant cannot be worked on for a reason that no other error names.
    #[must_use]
    pub fn because(reason: impl Into<String>) -> Self {
        Self(Cause::text(reason))
    }

    /// The tenant cannot be worked on because of another error.
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

/// Commands that become one entry, and who waits for it.
#[derive(Debug)]
pub(super) struct Job {
    pub(super) write: Write,
    pub(super) done: oneshot::Sender<Result<Written, WriteError>>,
}
