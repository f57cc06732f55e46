//! Saves snapshots in the background.

use std::sync::Arc;
use std::time::Duration;

use attache_core::State;
use attache_core::cause::chain;
use attache_core::id::TenantId;
use tokio::task::JoinHandle;
use tokio::time::Instant;

use attache_log::{LogError, Snapshot, Snapshots};

/// The pause after a snapshot, in multiples of the time that it took. Otherwise a large
/// tenant with constant writes would save snapshots all the time.
const REST: u32 = 19;

/// The running save of a snapshot. At most one per tenant.
#[derive(Debug, Default)]
pub(super) struct Saving {
    /// Returns how long the save took.
    task: Option<JoinHandle<Duration>>,
    rests_until: Option<Instant>,
}

impl Saving {
    /// Returns whether another save may start.
    pub(super) async fn may_begin(&mut self) -> bool {
        if let Some(done) = self.task.take_if(|task| task.is_finished()) {
            let took = done.await.unwrap_or_default();
            self.rests_until = Some(Instant::now() + took * REST);
        }
        self.task.is_none() && self.rests_until.is_none_or(|until| until <= Instant::now())
    }

    /// Starts to save a state in a task.
    pub(super) fn begin(&mut self, snapshots: Arc<dyn Snapshots>, state: Arc<State>) {
        self.task = Some(tokio::spawn(async move {
            let (began, tenant) = (Instant::now(), state.tenant());
            save_made(&*snapshots, tenant, Snapshot::of_gently(state).await).await;
            began.elapsed()
        }));
    }

    /// Waits for the running save.
    pub(super) async fn end(&mut self) {
        if let Some(task) = self.task.take() {
            let _ = task.await;
        }
    }
}

/// Saves a state. A failure is only logged, since the entries have everything.
pub(super) async fn save(snapshots: &dyn Snapshots, state: Arc<State>) {
    let tenant = state.tenant();
    save_made(snapshots, tenant, Snapshot::of(state).await).await;
}

/// Saves a snapshot that was made already. A failure to make or save it is only logged.
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
