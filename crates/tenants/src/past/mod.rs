//! A tenant at an earlier moment: which revision it had, and the state of then.
//!
//! An instant is resolved to a revision without reading changes. The state of a revision is
//! kept ([`kept`]), or made by applying entries to the nearest state below it ([`replays`]).

mod focused;
mod kept;
mod lanes;
mod replays;
mod tails;

use std::sync::Arc;

use attache_core::cause::Cause;
use attache_core::id::{Revision, TenantId};
use attache_core::{State, Timestamp};
use attache_log::{EntryTime, LogError};

use super::{Tenants, Unavailable};
pub use focused::FocusOn;
pub(super) use lanes::Replays;
pub(super) use tails::Tails;

/// A moment in a tenant's history, as a question names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Moment {
    /// An instant: all entries that were written by then, and what had not ended by then.
    At(Timestamp),
    /// Right after the entry of a revision, at the instant when it was written.
    Revision(Revision),
}

/// A tenant at a moment.
#[derive(Clone, Debug)]
pub struct Past {
    /// The state of then.
    pub state: Arc<State>,
    /// The instant by which memberships and grants that end count.
    pub at: Timestamp,
}

/// Why a tenant cannot be shown at a moment.
#[derive(Clone, Debug, thiserror::Error)]
pub enum NoPast {
    /// The tenant had no entry yet.
    #[error("it is before the tenant began, at {0}")]
    BeforeTheFirst(Timestamp),
    /// The moment has not come yet.
    #[error("it is in the future: it is {0} now")]
    Future(Timestamp),
    /// There is no such revision yet.
    #[error("the last revision is {0}")]
    AfterTheLast(Revision),
    /// The state is still being made. A question that is asked again gets further.
    #[error("the state of then is still being made")]
    NotYet,
    /// The log cannot be read, or too many states are being made.
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
}

impl From<LogError> for NoPast {
    fn from(error: LogError) -> Self {
        Self::Unavailable(error.into())
    }
}

impl Tenants {
    /// Returns a tenant at a moment. `present` is its current state, which also answers for
    /// every instant since its last entry.
    ///
    /// # Errors
    /// [`NoPast`].
    pub async fn past(&self, present: &Arc<State>, moment: Moment) -> Result<Past, NoPast> {
        self.past_on(present, moment, None).await
    }

    /// As [`Tenants::past`], for a question about one resource: the state may hold only what
    /// such a question touches, and takes no longer the longer the log is.
    ///
    /// # Errors
    /// [`NoPast`].
    pub async fn past_on(
        &self,
        present: &Arc<State>,
        moment: Moment,
        on: Option<&FocusOn>,
    ) -> Result<Past, NoPast> {
        let tenant = present.tenant();
        let last = present.revision();
        let is_current = match moment {
            Moment::At(at) => at >= present.at(),
            Moment::Revision(revision) => revision == last,
        };
        let (at, entry) = match moment {
            Moment::At(at) => {
                let now = self.ambient().now();
                if at > now.max(present.at()) {
                    return Err(NoPast::Future(now));
                }
                let found = match is_current {
                    true => None,
                    false => self.log().entries.last_by(tenant, at, last).await?,
                };
                (at, found)
            }
            Moment::Revision(_) if is_current => (present.at(), None),
            Moment::Revision(revision) if revision > last => {
                return Err(NoPast::AfterTheLast(last));
            }
            Moment::Revision(Revision(0)) => (Timestamp::MIN, None),
            Moment::Revision(revision) => {
                let found = self.log().entries.time_of(tenant, revision).await?;
                let found = found.ok_or_else(|| missing(tenant, revision))?;
                (found.at, Some(found))
            }
        };
        if is_current {
            let state = present.clone();
            return Ok(Past { state, at });
        }
        let Some(entry) = entry else {
            return Err(NoPast::BeforeTheFirst(self.began(tenant).await?));
        };
        if let Some(state) = self.0.replays.kept().find(tenant, entry) {
            return Ok(Past { state, at });
        }
        if let Some(on) = on
            && let Some(state) = self.focused(present, entry, on).await?
        {
            let state = Arc::new(state);
            return Ok(Past { state, at });
        }
        let state = self.state_of(tenant, entry).await?;
        Ok(Past { state, at })
    }

    /// Returns when a tenant's first entry was written.
    async fn began(&self, tenant: TenantId) -> Result<Timestamp, NoPast> {
        let first = Revision(1);
        let found = self.log().entries.time_of(tenant, first).await?;
        Ok(found.ok_or_else(|| missing(tenant, first))?.at)
    }

    /// Returns the state right after an entry.
    async fn state_of(&self, tenant: TenantId, entry: EntryTime) -> Result<Arc<State>, NoPast> {
        let mut replay = self.replay(tenant, entry)?;
        let within = self.settings().past.wait;
        let broke_off = || Unavailable::because("the replay broke off");
        match tokio::time::timeout(within, replay.wait_for(Option::is_some)).await {
            Ok(Ok(done)) => Ok(done.clone().unwrap_or_else(|| Err(broke_off()))?),
            Ok(Err(_)) => Err(broke_off().into()),
            Err(_) => Err(NoPast::NotYet),
        }
    }
}

fn missing(tenant: TenantId, revision: Revision) -> LogError {
    LogError::Unreadable {
        tenant,
        revision,
        cause: Cause::text("it is missing"),
    }
}
