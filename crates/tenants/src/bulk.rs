//! Large work, such as an import: many entries, written all or none.

use std::sync::Arc;
use std::time::Duration;

use attache_core::cause::{Cause, chain};
use attache_core::id::{EntryId, Revision, TenantId};
use attache_core::time::Expiry;
use attache_core::{Caller, Changes, Draft, Entry, EntryHead, HeadRequest, Refusal, State};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tokio::time::Instant;

use super::Tenants;
use super::catch_up::{self, CaughtUp};
use super::saving::save_made;
use super::write::{Credential, Unavailable};
use attache_log::{AppendError, Hold, LogError, Snapshot};

/// The number of changes per entry of large work.
const CHANGES_AN_ENTRY: usize = 5_000;

/// The time until all writers of a tenant have seen a hold. They look every
/// `tenants.poll_every`, at most a second.
const SEEN_WITHIN: Duration = Duration::from_millis(1_200);

/// A hold that is not renewed for this long is ignored, since its holder is gone.
const LEASE: Duration = Duration::from_secs(5);

/// The interval of renewals of a hold. Shorter than the lease, so that a late renewal
/// does not end the hold.
const RENEWED_EACH: Duration = Duration::from_secs(1);

/// Large work that is planned on a draft, and planned again if the tenant has changed
/// meanwhile.
pub trait Plan {
    /// The error for work that cannot be done.
    type Error;

    /// Plans the work on a draft. Must call `room` regularly, which cuts the changes so
    /// far into entries.
    ///
    /// # Errors
    /// If the work cannot be done. Then nothing is written.
    fn plan(
        &mut self,
        draft: &mut Draft,
        room: &mut dyn FnMut(&mut Draft),
    ) -> Result<(), Self::Error>;

    /// Receives the plan before it is written.
    fn planned(&mut self, parts: &[Changes], dry: bool);
}

/// The caller and the options of large work.
#[derive(Clone)]
pub struct BulkWrite {
    /// The caller.
    pub caller: Caller,
    /// The credential of the request, if there is one. It must count in the state that
    /// the work is planned on. Without a credential, the caller's permissions have no
    /// end.
    pub credential: Option<Credential>,
    /// The caller's name for its request.
    pub correlation_id: String,
    /// What the heads of the entries are to say, each the same.
    pub head: HeadRequest,
    /// Whether the work is only planned and not written.
    pub dry: bool,
}

impl std::fmt::Debug for BulkWrite {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "BulkWrite({})", self.correlation_id)
    }
}

/// The result of large work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BulkWritten {
    /// The number of changes.
    pub changes: usize,
    /// The tenant's revision after the work. If nothing was written, the revision that
    /// the work was planned on.
    pub revision: Revision,
}

/// Why large work was not done.
#[derive(Debug, thiserror::Error)]
pub enum BulkError<E> {
    /// The work cannot be planned. Nothing was written.
    #[error("it cannot be done")]
    Plan(E),
    /// The credential no longer counts. Nothing was written.
    #[error("the credential no longer counts")]
    Revoked,
    /// The head names a user that the caller does not know. Nothing was written.
    #[error("{0}")]
    Head(Refusal),
    /// The log failed. Nothing was written.
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
    /// It is unknown whether the work was written. Doing it again tells.
    #[error("it is unknown whether it was written")]
    Unknown(#[source] Cause),
}

/// A hold that this process renews. Dropping it releases the hold.
struct Lease {
    /// The end of renewals.
    until: Instant,
    renewing: JoinHandle<()>,
    stop: oneshot::Sender<()>,
}

impl Lease {
    /// Lets the tenant's writers continue.
    async fn release(self) {
        drop(self.stop);
        let _ = self.renewing.await;
    }
}

/// Renews a hold until an instant, or until it is stopped or the process ends, and then
/// releases it. Each renewal adds a millisecond to the hold, by which waiting writers see
/// that the holder is alive.
async fn renew(
    tenants: Tenants,
    mut hold: Hold,
    until: Instant,
    mut stopped: oneshot::Receiver<()>,
) {
    while Instant::now() < until {
        tokio::select! {
            () = tokio::time::sleep(RENEWED_EACH) => {}
            () = tenants.0.closing.cancelled() => break,
            _ = &mut stopped => break,
        }
        hold.lasts += Duration::from_millis(1);
        if let Err(error) = tenants.log().holds.hold(&hold).await {
            tracing::warn!(error = %chain(&error), "the hold on the tenant's writers could not be renewed");
        }
    }
    if let Err(error) = tenants.log().holds.release(&hold).await {
        tracing::warn!(error = %chain(&error), "the hold on the tenant's writers could not be released; it ends by itself");
    }
}

impl Tenants {
    /// Plans work on a tenant's state and writes all of it or nothing. With `dry`,
    /// nothing is written. If others write to the tenant meanwhile, their writers are
    /// asked to wait: see [`Settings::hold_for`](super::Settings::hold_for). Planning
    /// takes turns with the heavy work of all tenants.
    ///
    /// # Errors
    /// [`BulkError`].
    pub async fn write_all<P: Plan>(
        &self,
        write: &BulkWrite,
        plan: &mut P,
    ) -> Result<BulkWritten, BulkError<P::Error>> {
        let caller = write.caller;
        let mut state = self.base(caller.tenant).await.map_err(Unavailable::from)?;
        let mut held: Option<Lease> = None;
        loop {
            let written = self.try_all(write, plan, &state).await;
            let collided = matches!(written, Ok(None));
            let has_time = held.as_ref().is_none_or(|held| Instant::now() < held.until);
            if !collided || !has_time {
                if let Some(held) = held {
                    held.release().await;
                }
                let others = "others write to this tenant all the time";
                return written?.ok_or_else(|| Unavailable::because(others).into());
            }
            if held.is_none() {
                // Others write to the tenant more often than planning can finish in
                // between.
                held = Some(
                    self.have_others_wait(caller.tenant)
                        .await
                        .map_err(Unavailable::from)?,
                );
            }
            let followed = catch_up::catch_up(&*self.log().entries, &mut state).await;
            if let Ok(CaughtUp::By { .. }) = followed {
                continue;
            }
            let again = catch_up::open(self.log(), caller.tenant).await;
            match again {
                Ok(again) => state = again.state,
                Err(error) => {
                    if let Some(held) = held {
                        held.release().await;
                    }
                    return Err(Unavailable::from(error).into());
                }
            }
        }
    }

    /// Returns a state with all entries that the log has now. If the tenant is open here,
    /// the state shares memory with the tenant's.
    async fn base(&self, tenant: TenantId) -> Result<State, LogError> {
        let open = self.is_open(tenant).and_then(|open| open.state().ok());
        if let Some(open) = open {
            let mut state = (*open).clone();
            if let CaughtUp::By { .. } =
                catch_up::catch_up(&*self.log().entries, &mut state).await?
            {
                return Ok(state);
            }
        }
        Ok(catch_up::open(self.log(), tenant).await?.state)
    }

    /// Asks the writers of a tenant to wait, and waits until they have seen it. They wait
    /// while this process renews the hold, at most for `hold_for`.
    async fn have_others_wait(&self, tenant: TenantId) -> Result<Lease, LogError> {
        let most = self.settings().hold_for;
        let hold = Hold {
            tenant,
            id: self.ambient().id(),
            lasts: LEASE.min(most),
        };
        self.log().holds.hold(&hold).await?;
        let until = Instant::now() + most;
        let (stop, stopped) = oneshot::channel();
        // Closing the tenants waits for this task.
        let renewing = renew(self.clone(), hold, until, stopped);
        let lease = Lease {
            until,
            renewing: self.0.tasks.spawn(renewing),
            stop,
        };
        tokio::time::sleep(SEEN_WITHIN).await;
        Ok(lease)
    }

    /// Plans the work on a state and writes it. Returns `None` if another writer was
    /// faster.
    async fn try_all<P: Plan>(
        &self,
        write: &BulkWrite,
        plan: &mut P,
        state: &State,
    ) -> Result<Option<BulkWritten>, BulkError<P::Error>> {
        let caller = write.caller;
        let now = self.ambient().now();
        let until = match &write.credential {
            None => Expiry::NEVER,
            Some(credential) => credential(state, now).ok_or(BulkError::Revoked)?,
        };
        let draft = Draft::new(state.clone(), caller, now).with_end(until);
        let mut draft = draft.with_head(&write.head).map_err(BulkError::Head)?;
        let mut parts = Vec::new();
        let planned = self.turns().paced(caller.tenant, |pace| {
            let mut room = |draft: &mut Draft| {
                if draft.len() >= CHANGES_AN_ENTRY {
                    parts.push(draft.take_changes());
                }
                pace.rest();
            };
            plan.plan(&mut draft, &mut room)?;
            let head = draft.head();
            let (last, planned, at) = draft.finish();
            parts.extend((!last.is_empty()).then_some(last));
            plan.planned(&parts, write.dry);
            Ok((planned, at, head))
        });
        let (mut planned, at, head) = planned.await.map_err(BulkError::Plan)?;
        let changes = parts.iter().map(|part| part.list.len()).sum();
        if write.dry || parts.is_empty() {
            let revision = state.revision();
            return Ok(Some(BulkWritten { changes, revision }));
        }
        let entries = self.entries(state, write, (at, head), parts);
        for entry in &entries {
            planned.advance(entry);
        }
        let (last, revision) = (state.last_entry(), planned.revision());
        // A snapshot saves the next opening from reading all these entries. It is made
        // while they are written, and saved afterwards.
        let (snapshot, appended) = tokio::join!(
            Snapshot::of(Arc::new(planned)),
            self.log().writer.append(caller.tenant, last, &entries, &[]),
        );
        match appended {
            Ok(()) => {
                save_made(&*self.log().snapshots, caller.tenant, snapshot).await;
                self.show(caller.tenant, revision).await;
                Ok(Some(BulkWritten { changes, revision }))
            }
            Err(AppendError::Collision) => Ok(None),
            Err(AppendError::NotWritten(error)) => Err(Unavailable::from(error).into()),
            Err(AppendError::Unknown(error)) => Err(BulkError::Unknown(Cause::new(error))),
        }
    }

    /// Makes the tenant show the written entries, if it is open here.
    async fn show(&self, tenant: TenantId, revision: Revision) {
        if self.is_open(tenant).is_some()
            && let Err(error) = self.read(tenant, revision).await
        {
            tracing::debug!(error = %chain(&error), "the written entries become visible a little later");
        }
    }

    fn entries(
        &self,
        state: &State,
        write: &BulkWrite,
        (at, head): (attache_core::Timestamp, EntryHead),
        parts: Vec<Changes>,
    ) -> Vec<Entry> {
        let mut revision = state.revision();
        let entry = |changes| {
            revision = revision.next();
            let entry = Entry {
                id: EntryId(self.ambient().id()),
                revision,
                at,
                actor: write.caller.actor,
                correlation_id: write.correlation_id.as_str().into(),
                head,
                changes,
            };
            entry.salted(&mut |bytes| self.ambient().fill(bytes))
        };
        parts.into_iter().map(entry).collect()
    }
}
