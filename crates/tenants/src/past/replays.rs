//! Makes past states: each once, however many wait for it, on behalf of nobody in particular.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use attache_core::State;
use attache_core::cause::chain;
use attache_core::id::TenantId;
use attache_log::{EntryTime, LogError};
use tokio::sync::{Semaphore, watch};

use super::lanes::{Lane, Replay};
use crate::catch_up::{CaughtUp, catch_up_while};
use crate::{Tenants, Unavailable};

/// How often to look whether a state is still used that is to be dropped.
const LOOK_AGAIN: Duration = Duration::from_millis(100);

impl Tenants {
    /// Returns the replay up to an entry, and starts it if necessary. It is a task of its own,
    /// so it continues if the caller gives up. Only a replay that has not begun is given up with
    /// its last caller.
    ///
    /// # Errors
    /// If too many replays of the tenant wait.
    pub(super) fn replay(&self, tenant: TenantId, entry: EntryTime) -> Result<Replay, Unavailable> {
        let replays = &self.0.replays;
        let mut lanes = replays.lanes();
        // It may have ended since the caller looked.
        if let Some(state) = replays.kept.find(tenant, entry) {
            return Ok(watch::channel(Some(Ok(state))).1);
        }
        let lane = lanes.entry(tenant).or_insert_with(|| Lane {
            turn: Arc::new(Semaphore::new(1)),
            replays: HashMap::new(),
        });
        // A replay whose task panicked never ends.
        lane.replays.retain(|_, it| it.has_changed().is_ok());
        if let Some(under_way) = lane.replays.get(&entry.entry) {
            return Ok(under_way.clone());
        }
        if lane.replays.len() > self.settings().past.waiting {
            return Err(Unavailable::because(
                "too many past states of this tenant are being made",
            ));
        }
        let (done, replay) = watch::channel(None);
        lane.replays.insert(entry.entry, replay.clone());
        let turn = lane.turn.clone();
        drop(lanes);
        let tenants = self.clone();
        self.0.tasks.spawn(async move {
            let replays = &tenants.0.replays;
            // Neither is ever closed.
            let _own = turn.acquire().await;
            let _turn = replays.at_once.acquire().await;
            if replays.forget_abandoned(tenant, entry.entry, &done) {
                return;
            }
            let made = tokio::select! {
                made = tenants.made(tenant, entry) => made,
                () = tenants.0.closing.cancelled() => {
                    Err(Unavailable::because("the server is shutting down"))
                }
            };
            // Kept before it is forgotten here, so that nobody makes it twice.
            replays.forget(tenant, entry.entry);
            done.send_replace(Some(made));
        });
        Ok(replay)
    }

    /// Makes the state right after an entry, and keeps it.
    async fn made(&self, tenant: TenantId, entry: EntryTime) -> Result<Arc<State>, Unavailable> {
        let made = self.replayed(tenant, entry).await.map_err(|error| {
            tracing::error!(%tenant, revision = %entry.revision, error = %chain(&error), "a past state cannot be made");
            Unavailable::from(error)
        })?;
        let state = Arc::new(made);
        let counted = state.clone();
        let things = tokio::task::spawn_blocking(move || counted.things()).await;
        let things = things.map_err(Unavailable::caused)?;
        for gone in self.0.replays.kept.keep(&state, things) {
            self.drop_later(gone);
        }
        Ok(state)
    }

    async fn replayed(&self, tenant: TenantId, entry: EntryTime) -> Result<State, LogError> {
        let is_wanted = |it: &attache_core::Entry| it.revision <= entry.revision;
        let log = &*self.log().entries;
        let mut state = self.nearest(tenant, entry).await?;
        if let CaughtUp::Parted = catch_up_while(log, &mut state, &is_wanted).await? {
            // It is of entries that the log has lost.
            let parted = std::mem::replace(&mut state, State::empty(tenant));
            tokio::task::spawn_blocking(move || drop(parted));
            catch_up_while(log, &mut state, &is_wanted).await?;
        }
        match state.last_entry() == Some(entry.entry) {
            true => Ok(state),
            false => Err(LogError::unavailable(
                "the entries changed while they were read",
            )),
        }
    }

    /// Returns the newest state that is there and not later than an entry.
    async fn nearest(&self, tenant: TenantId, entry: EntryTime) -> Result<State, LogError> {
        let kept = self.0.replays.kept.nearest(tenant, entry.revision);
        let snapshots = &self.log().snapshots;
        let of_snapshot = snapshots.snapshot_revision(tenant, entry.revision).await?;
        let newer = |it: &attache_core::id::Revision| {
            let after_kept = kept.as_ref().is_none_or(|kept| *it > kept.revision());
            after_kept && *it <= entry.revision
        };
        if of_snapshot.as_ref().is_some_and(newer)
            && let Some(state) = snapshots
                .load_snapshot_up_to(tenant, entry.revision)
                .await?
        {
            // It may have been saved anew meanwhile.
            if newer(&state.revision()) {
                return Ok(state);
            }
            tokio::task::spawn_blocking(move || drop(state));
        }
        Ok(kept.map_or_else(|| State::empty(tenant), |kept| (*kept).clone()))
    }

    /// Drops a state once no answer uses it any more. That takes a while where it is large, so
    /// no answer may be the last to hold it.
    fn drop_later(&self, mut state: Arc<State>) {
        let closing = self.0.closing.clone();
        self.0.tasks.spawn(async move {
            loop {
                state = match Arc::try_unwrap(state) {
                    Ok(state) => {
                        tokio::task::spawn_blocking(move || drop(state));
                        return;
                    }
                    Err(used) => used,
                };
                tokio::select! {
                    () = tokio::time::sleep(LOOK_AGAIN) => {}
                    () = closing.cancelled() => return,
                }
            }
        });
    }
}
