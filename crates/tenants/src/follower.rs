//! Follows the writes of other servers: by polling for all open tenants, and at once
//! after a notification.

use std::collections::HashMap;
use std::time::Duration;

use attache_core::State;
use attache_core::cause::chain;
use attache_core::id::TenantId;
use tokio::sync::mpsc;
use tokio::time::{Instant, MissedTickBehavior};

use super::shared::Shared;
use super::{Tenant, Tenants};
use attache_log::{Head, Hold, LogError, Notification};

/// Whether a state is current.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Standing {
    /// The state has all entries that the log has.
    Current,
    /// The log has more or other entries.
    Stale,
}

/// Compares a state with the log's answer. `before` was the published state when the log
/// was asked.
pub(super) fn standing(before: &State, now: &Shared, head: Option<Head>) -> Standing {
    let Some(head) = head else {
        return match before.last_entry() {
            None => Standing::Current,
            Some(_) => Standing::Stale,
        };
    };
    // A state published since then includes entries appended or read since then.
    let is_newer = now.revision() > before.revision();
    let is_the_same = before.last_entry() == Some(head.entry);
    let has_lost = head.revision <= before.revision() && !is_the_same;
    match !has_lost && (is_the_same || (is_newer && now.revision() >= head.revision)) {
        true => Standing::Current,
        false => Standing::Stale,
    }
}

/// How stale the open tenants are.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Lag {
    /// The number of open tenants.
    pub open: usize,
    /// The number of open tenants that lack entries which the log has.
    pub stale: usize,
    /// The number of entries that they lack.
    pub entries: u64,
    /// The number of stopped tenants: their entries, or their rows in the directory,
    /// cannot be read.
    pub stopped: usize,
    /// The time since the stalest tenant was last confirmed current.
    pub staleness: Duration,
}

impl Tenants {
    /// Follows the log until the process ends.
    pub(super) async fn follow(self) {
        let mut ticks = tokio::time::interval(self.0.settings.poll_every);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut notifications = self.log().entries.notifications();
        let mut failing = false;
        let mut old = None;
        loop {
            tokio::select! {
                () = self.0.closing.cancelled() => return,
                _ = ticks.tick() => {
                    let looked = self.look(&mut old).await;
                    report(&looked, &mut failing);
                }
                heard = hear(notifications.as_mut()) => match heard {
                    Some(Notification::Written(tenant, revision)) => {
                        if let Some(open) = self.is_open(tenant)
                            && open.shared.revision() < revision
                        {
                            open.shared.awaited.notify_one();
                        }
                    }
                    // A notification was lost, so poll now.
                    Some(Notification::Missed) => ticks.reset_immediately(),
                    None => notifications = None,
                },
            }
        }
    }

    /// Asks the log for the last entry of each open tenant, and wakes the writers of
    /// stale tenants. `old` has the holds that existed before this process.
    async fn look(&self, old: &mut Option<Vec<Hold>>) -> Result<(), LogError> {
        let old = match old {
            Some(old) => old,
            // The holders of these may be gone for a long time.
            None => old.insert(self.log().holds.holds().await?),
        };
        let open: HashMap<TenantId, Tenant> = self.open_tenants();
        if open.is_empty() {
            return Ok(());
        }
        let ids: Vec<TenantId> = open.keys().copied().collect();
        let before: Vec<_> = open.values().map(|tenant| tenant.shared.state()).collect();
        let asked = Instant::now();
        let heads = self.log().entries.heads(&ids).await?;
        self.heard();
        for ((tenant, before), head) in open.values().zip(before).zip(heads) {
            let shared = &tenant.shared;
            shared.saw(head.map_or_else(Default::default, |head| head.revision));
            let is_current = standing(&before, shared, head) == Standing::Current;
            match is_current && !shared.is_stopped() {
                true => shared.confirm(asked),
                false => shared.awaited.notify_one(),
            }
        }
        self.look_for_holds(&open, old).await
    }

    /// Shows each open tenant the hold on its writers. Removes holds that are over, since
    /// their holder is gone.
    async fn look_for_holds(
        &self,
        open: &HashMap<TenantId, Tenant>,
        old: &[Hold],
    ) -> Result<(), LogError> {
        let holds = self.log().holds.holds().await?;
        let at_most = self.0.settings.hold_for;
        for (id, tenant) in open {
            let hold = holds.iter().find(|hold| hold.tenant == *id);
            let is_old = hold.is_some_and(|hold| old.contains(hold));
            if let Some(over) = tenant.shared.held.see(hold.copied(), at_most, is_old) {
                tracing::warn!(tenant = %id, "an import that held the tenant's writers ended without releasing them, or took too long: they go on");
                if let Err(error) = self.log().holds.release(&over).await {
                    tracing::debug!(error = %chain(&error), "a hold that is over could not be removed");
                }
            }
        }
        Ok(())
    }

    /// Returns how stale the open tenants are, as far as known.
    #[must_use]
    pub fn lag(&self) -> Lag {
        let mut lag = Lag {
            stopped: self.directory().broken(),
            ..Lag::default()
        };
        for tenant in self.open_tenants().values() {
            let missing = tenant.shared.entries_missing();
            lag.open += 1;
            lag.stale += usize::from(missing > 0);
            lag.entries += missing;
            lag.stopped += usize::from(tenant.shared.is_stopped());
            lag.staleness = lag.staleness.max(tenant.shared.age());
        }
        lag
    }
}

/// Returns the next notification. Never resolves if the database sends none.
async fn hear(notifications: Option<&mut mpsc::Receiver<Notification>>) -> Option<Notification> {
    match notifications {
        Some(notifications) => notifications.recv().await,
        None => std::future::pending().await,
    }
}

/// Logs when polling starts to fail, and when it works again.
fn report(looked: &Result<(), LogError>, failing: &mut bool) {
    match (looked, *failing) {
        (Err(error), false) => {
            tracing::warn!(error = %chain(error), "the database does not return other servers' entries");
        }
        (Ok(()), true) => tracing::info!("the database returns other servers' entries again"),
        _ => {}
    }
    *failing = looked.is_err();
}
