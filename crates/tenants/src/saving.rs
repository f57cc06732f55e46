//! Saving snapshots beside the work.

use std::sync::Arc;
use std::time::Duration;

use attache_core::State;
use attache_core::cause::chain;
use attache_core::id::TenantId;
use tokio::task::JoinHandle;
use tokio::time::Instant;

use attache_log::{LogError, Snapshot, Snapshots};

/// How many times as long as a snapshot took none is begun: a large tenant that
/// is written to all the time would do little else.
const REST: u32 = 19;

/// The snapshot that is being saved, one at a time.
#[derive(Debug, Default)]
pub(super) struct Saving {
    /// Says how long it took.
    task: Option<JoinHandle<Duration>>,
    rests_until: Option<Instant>,
}

impl Saving {
    /// Whether another one may be begun.
    pub(super) async fn may_begin(&mut self) -> bool {
        if let Some(done) = self.task.take_if(|task| task.is_finished()) {
            let took = done.await.unwrap_or_default();
            self.rests_until = Some(Instant::now() + took * REST);
        }
        self.task.is_none() && self.rests_until.is_none_or(|until| until <= Instant::now())
    }

    /// Save a state, beside whoever asks for it.
    pub(super) fn begin(&mut self, snapshots: Arc<dyn Snapshots>, state: Arc<State>) {
        self.task = Some(tokio::spawn(async move {
            let (began, tenant) = (Instant::now(), state.tenant());
            save_made(&*snapshots, tenant, Snapshot::of_gently(state).await).await;
            began.elapsed()
        }));
    }

    /// Wait for the one that is being saved.
    pub(super) async fn end(&mut self) {
        if let Some(task) = self.task.take() {
            let _ = task.await;
        }
    }
}

/// Save a state, and go on where that cannot be done: the entries say it all.
pub(super) async fn save(snapshots: &dyn Snapshots, state: Arc<State>) {
    let tenant = state.tenant();
    save_made(snapshots, tenant, Snapshot::of(state).await).await;
}

/// The same of a snapshot that is made already, or could not be made.
pub(super) async fn save_made(
    snapshots: &dyn Snapshots,
    tenant: TenantId,
    made: Result<Snapshot, LogError>,
) {
    let saved = match made {
        Ok(snapshot) => snapshots
            .save_snapshot(&snapshot)
            .await
            .map(|()| snapshot.revision),
        Err(error) => Err(error),
    };
    match saved {
        Ok(revision) => tracing::debug!(%tenant, %revision, "a snapshot was saved"),
        Err(error) => {
            tracing::warn!(%tenant, error = %chain(&error), "a snapshot could not be saved");
        }
    }
}
