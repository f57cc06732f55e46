//! Work too large for one entry: many entries, written all or none.

use std::sync::Arc;
use std::time::Duration;

use attache_core::cause::{Cause, chain};
use attache_core::id::{EntryId, Revision, TenantId};
use attache_core::time::Expiry;
use attache_core::{Caller, Changes, Draft, Entry, State};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tokio::time::Instant;

use super::Tenants;
use super::catch_up::{self, CaughtUp};
use super::saving::save_made;
use super::write::{Credential, Unavailable};
use attache_log::{AppendError, Hold, LogError, Snapshot};

/// How many changes an entry of such work holds.
const CHANGES_AN_ENTRY: usize = 5_000;

/// For how long to wait until those who write have seen that they are to wait. They look
/// each `tenants.poll_every`, a second at the most.
const SEEN_WITHIN: Duration = Duration::from_millis(1_200);

/// For how long a hold counts that is not renewed: its holder is gone.
const LEASE: Duration = Duration::from_secs(5);

/// How often a hold is renewed. What takes longer now and then does not end it.
const RENEWED_EACH: Duration = Duration::from_secs(1);

/// Work that is planned on a draft, and planned again if the tenant changed
/// in the meantime.
pub trait Plan {
    /// Why it cannot be done.
    type Error;

    /// Plan the work on a draft. `room` must be called from time to time: it
    /// cuts what was decided so far into entries.
    ///
    /// # Errors
    /// Why it cannot be done; then nothing is written.
    fn plan(
        &mut self,
        draft: &mut Draft,
        room: &mut dyn FnMut(&mut Draft),
    ) -> Result<(), Self::Error>;

    /// Told what was planned, before it is written.
    fn planned(&mut self, parts: &[Changes], dry: bool);
}

/// On whose behalf large work is written, and on which terms.
#[derive(Clone)]
pub struct BulkWrite {
    /// Who asks.
    pub caller: Caller,
    /// The credential of the request, if there is one: it must count in the state that the
    /// work is planned on. Without one, the caller has no end.
    pub credential: Option<Credential>,
    /// What the caller calls its request.
    pub correlation_id: String,
    /// Whether nothing is to be written.
    pub dry: bool,
}

impl std::fmt::Debug for BulkWrite {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "BulkWrite({})", self.correlation_id)
    }
}

/// What came of large work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BulkWritten {
    /// How many changes there were.
    pub changes: usize,
    /// The tenant's revision with them; where nothing was written, the one that they were
    /// planned on.
    pub revision: Revision,
}

/// Why large work was not done.
#[derive(Debug, thiserror::Error)]
pub enum BulkError<E> {
    /// It cannot be planned. Nothing was written.
    #[error("it cannot be done")]
    Plan(E),
    /// Who asks may no longer ask. Nothing was written.
    #[error("the credential no longer counts")]
    Revoked,
    /// The log did not do as it was asked. Nothing was written.
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
    /// Whether it was written is not known. Doing it again will tell.
    #[error("whether it was written is not known")]
    Unknown(#[source] Cause),
}

/// A hold, while this process renews it. Dropped, it is released.
struct Lease {
    /// For how long it is renewed.
    until: Instant,
    renewing: JoinHandle<()>,
    stop: oneshot::Sender<()>,
}

impl Lease {
    /// Lets the tenant's writers go on.
    async fn release(self) {
        drop(self.stop);
        let _ = self.renewing.await;
    }
}

/// Renews a hold until an instant, or until it is stopped or the process ends, and releases
/// it. A millisecond more each time tells those who wait that its holder is there.
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
            tracing::warn!(error = %chain(&error), "what holds the tenant's writers could not be renewed");
        }
    }
    if let Err(error) = tenants.log().holds.release(&hold).await {
        tracing::warn!(error = %chain(&error), "the tenant's writers could not be told to go on; they will by themselves");
    }
}

impl Tenants {
    /// Plan work on a tenant's state and write all of it or nothing. With `dry`, nothing
    /// is written. Where others write to the tenant meanwhile, they are asked to wait: see
    /// [`Settings::hold_for`](super::Settings::hold_for). Planning has turns among the
    /// heavy work of all tenants.
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
                // Planning takes longer than others leave the tenant alone by themselves.
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

    /// The state to plan on: that of the open tenant, if it is open here, so that it is
    /// not in memory twice; with all that the log holds now.
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

    /// Ask those who write to a tenant to wait, and wait until they have heard of it. They
    /// do while this process is there to renew it, for `hold_for` at the most.
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
        // Closing waits for it.
        let renewing = renew(self.clone(), hold, until, stopped);
        let lease = Lease {
            until,
            renewing: self.0.tasks.spawn(renewing),
            stop,
        };
        tokio::time::sleep(SEEN_WITHIN).await;
        Ok(lease)
    }

    /// Plan the work on a state and write it. `None` if others were faster.
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
        let mut draft = Draft::new(state.clone(), caller, now).with_end(until);
        let mut parts = Vec::new();
        let planned = self.turns().paced(caller.tenant, |pace| {
            let mut room = |draft: &mut Draft| {
                if draft.len() >= CHANGES_AN_ENTRY {
                    parts.push(draft.take_changes());
                }
                pace.rest();
            };
            plan.plan(&mut draft, &mut room)?;
            let (last, planned, at) = draft.finish();
            parts.extend((!last.is_empty()).then_some(last));
            plan.planned(&parts, write.dry);
            Ok((planned, at))
        });
        let (mut planned, at) = planned.await.map_err(BulkError::Plan)?;
        let changes = parts.iter().map(|part| part.list.len()).sum();
        if write.dry || parts.is_empty() {
            let revision = state.revision();
            return Ok(Some(BulkWritten { changes, revision }));
        }
        let correlation_id = write.correlation_id.as_str();
        let entries = self.entries(state, caller, correlation_id, at, parts);
        for entry in &entries {
            planned.advance(entry);
        }
        let (last, revision) = (state.last_entry(), planned.revision());
        // The next who opens the tenant need not read all of that. It is
        // made while the entries are written, and saved once they are.
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

    /// Lets the tenant, if it is open here, show what was written.
    async fn show(&self, tenant: TenantId, revision: Revision) {
        if self.is_open(tenant).is_some()
            && let Err(error) = self.read(tenant, revision).await
        {
            tracing::debug!(error = %chain(&error), "what was written is shown a little later");
        }
    }

    fn entries(
        &self,
        state: &State,
        caller: Caller,
        correlation_id: &str,
        at: attache_core::Timestamp,
        parts: Vec<Changes>,
    ) -> Vec<Entry> {
        let mut revision = state.revision();
        let entry = |changes| {
            revision = revision.next();
            Entry {
                id: EntryId(self.ambient().id()),
                revision,
                at,
                actor: caller.actor,
                correlation_id: correlation_id.into(),
                changes,
            }
        };
        parts.into_iter().map(entry).collect()
    }
}
