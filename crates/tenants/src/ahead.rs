//! Opens tenants ahead: before anybody asks for them, and before the server reports that
//! it is ready.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use attache_core::cause::chain;
use attache_core::id::TenantId;
use tokio::task::JoinSet;
use tokio::time::{Instant, MissedTickBehavior};

use super::Tenants;
use super::openings::{OpeningProgress, end_of};
use attache_log::LogError;

/// The most tenants that are opened concurrently.
const AT_ONCE: usize = 4;

/// The most time that tenants are opened ahead, whatever the budget says.
const A_DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// The interval of progress lines in the process's log.
const SAY_EVERY: Duration = Duration::from_secs(5);

/// The pause before the database is asked again after it did not answer.
const ASK_AGAIN: Duration = Duration::from_millis(500);

/// The bounds of opening tenants ahead.
#[derive(Clone, Debug)]
pub struct OpeningBudget {
    /// The most time to open tenants ahead.
    pub within: Duration,
    /// No further tenant is opened ahead once the whole process has this many bytes of
    /// resident memory. Known on Linux only; ignored on other systems.
    pub memory: u64,
}

/// The queue that the opening tasks share.
struct Queue {
    /// The tenants left to open, the next one last.
    left: Mutex<Vec<TenantId>>,
    budget: OpeningBudget,
    end: Instant,
}

impl Tenants {
    /// Starts to open tenants ahead, most recently written first, until all are open or
    /// the budget is used up. Until then, [`Tenants::is_ready`] returns false. The other
    /// tenants are opened at their first request.
    pub fn open_ahead(&self, budget: OpeningBudget) {
        if budget.within.is_zero() {
            let tenants = self.clone();
            self.0
                .tasks
                .spawn(async move { tenants.read_secret().await });
            return;
        }
        self.0.ahead.send_modify(|ahead| ahead.under_way = true);
        let tenants = self.clone();
        self.0.tasks.spawn(async move {
            tenants.run_ahead(budget).await;
            tenants.0.ahead.send_modify(|ahead| ahead.under_way = false);
        });
    }

    /// Returns the progress of opening ahead. If it was never started, nothing is under
    /// way.
    #[must_use]
    pub fn opened_ahead(&self) -> OpeningProgress {
        *self.0.ahead.borrow()
    }

    /// Resolves when opening ahead is done.
    pub async fn ahead_is_done(&self) {
        let mut ahead = self.0.ahead.subscribe();
        // The sender lives as long as `self`.
        let _ = ahead.wait_for(|ahead| !ahead.under_way).await;
    }

    async fn run_ahead(&self, budget: OpeningBudget) {
        let began = Instant::now();
        let end = began + budget.within.min(A_DAY);
        let Ok(left) = tokio::time::timeout_at(end, self.least_recent_first()).await else {
            tracing::warn!("no tenant was opened ahead: the database does not answer");
            return;
        };
        // The read continues if it takes longer than the budget.
        let _ = tokio::time::timeout_at(end, self.read_secret()).await;
        self.0.ahead.send_modify(|ahead| ahead.tenants = left.len());
        let queue = Arc::new(Queue {
            left: Mutex::new(left),
            budget,
            end,
        });
        let mut opening = JoinSet::new();
        for _ in 0..AT_ONCE {
            opening.spawn(self.clone().open_some(queue.clone()));
        }
        let mut ticks = tokio::time::interval_at(began + SAY_EVERY, SAY_EVERY);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                ended = opening.join_next() => if ended.is_none() { break },
                _ = ticks.tick() => {
                    let OpeningProgress { opened, tenants, .. } = self.opened_ahead();
                    tracing::info!("{opened} of {tenants} tenants are open");
                }
                () = tokio::time::sleep_until(end) => break,
                () = self.0.closing.cancelled() => return,
            }
        }
        let OpeningProgress {
            opened,
            tenants,
            failed,
            ..
        } = self.opened_ahead();
        let seconds = began.elapsed().as_secs_f64();
        let why_not_all = match opened + failed < tenants {
            false => "",
            true if Instant::now() >= end => ": opening.within is over",
            true => ": opening.memory is reached",
        };
        tracing::info!(
            failed,
            seconds,
            "{opened} of {tenants} tenants were opened ahead{why_not_all}"
        );
    }

    /// Reads the secret that seals cursors. Lists need it, and the first list may be
    /// asked for while the database does not answer.
    async fn read_secret(&self) {
        if let Err(error) = self.cursor_secret().await {
            tracing::warn!(%error, "the secret that seals cursors could not be read");
        }
    }

    /// Opens tenants of the queue one after the other.
    async fn open_some(self, queue: Arc<Queue>) {
        loop {
            let is_over = Instant::now() >= queue.end || self.0.closing.is_cancelled();
            if is_over || resident_bytes().is_some_and(|bytes| bytes >= queue.budget.memory) {
                return;
            }
            let next = queue
                .left
                .lock()
                .unwrap_or_else(|lock| lock.into_inner())
                .pop();
            let Some(id) = next else { return };
            // An opening that outlasts the budget still completes.
            let opened = end_of(self.opening(id));
            let Ok(opened) = tokio::time::timeout_at(queue.end, opened).await else {
                return;
            };
            self.0.ahead.send_modify(|ahead| match opened {
                Ok(_) => ahead.opened += 1,
                Err(_) => ahead.failed += 1,
            });
        }
    }

    /// Returns all tenants, least recently written first. Retries until the database
    /// answers.
    async fn least_recent_first(&self) -> Vec<TenantId> {
        loop {
            match self.by_last_entry().await {
                Ok(tenants) => return tenants,
                Err(error) => {
                    tracing::warn!(error = %chain(&error), "the order of opening tenants is unknown");
                }
            }
            tokio::time::sleep(ASK_AGAIN).await;
        }
    }

    async fn by_last_entry(&self) -> Result<Vec<TenantId>, LogError> {
        let all = self.refresh().await?.all();
        let ids: Vec<TenantId> = all.iter().map(|row| row.id).collect();
        let heads = self.log().entries.heads(&ids).await?;
        let mut tenants: Vec<_> = heads.into_iter().zip(ids).collect();
        // Ids of entries are UUIDv7, so they sort by time.
        tenants.sort_by_key(|(head, _)| head.map(|head| head.entry));
        Ok(tenants.into_iter().map(|(_, id)| id).collect())
    }
}

/// Returns the resident memory of this process in bytes. `None` on systems that do not
/// report it.
fn resident_bytes() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kibibytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kibibytes * 1024)
}
