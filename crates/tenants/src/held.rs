//! Waiting for large work of somebody else on a tenant, such as an import.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::Instant;
use uuid::Uuid;

use attache_log::Hold;

/// Whether a tenant's writer waits, and until when.
#[derive(Debug, Default)]
pub(super) struct Held {
    /// The hold that was seen last, since when, and when it is over for this writer.
    seen: Mutex<Option<Seen>>,
    /// Whether there may be one: asked before each write.
    is_there: AtomicBool,
    changed: Notify,
}

#[derive(Clone, Copy, Debug)]
struct Seen {
    id: Uuid,
    since: Instant,
    until: Instant,
}

impl Held {
    /// What the log says of holds now: one on this tenant, or none. Says which one is
    /// over, if it is: nobody waits for it any more.
    pub(super) fn see(&self, hold: Option<Hold>, at_most: Duration) -> Option<Hold> {
        let mut seen = self.lock();
        match (hold, *seen) {
            (None, None) => None,
            (None, Some(_)) => {
                *seen = None;
                self.is_there.store(false, Ordering::Release);
                self.changed.notify_waiters();
                None
            }
            (Some(hold), Some(seen)) if hold.id == seen.id => {
                (seen.until <= Instant::now()).then_some(hold)
            }
            (Some(hold), _) => {
                let since = Instant::now();
                *seen = Some(Seen {
                    id: hold.id,
                    since,
                    until: since + hold.lasts.min(at_most),
                });
                self.is_there.store(true, Ordering::Release);
                None
            }
        }
    }

    /// Since when and until when the writer waits, if it does.
    pub(super) fn now(&self) -> Option<(Instant, Instant)> {
        if !self.is_there.load(Ordering::Acquire) {
            return None;
        }
        let seen = (*self.lock())?;
        (seen.until > Instant::now()).then_some((seen.since, seen.until))
    }

    /// Wait until an instant, or until there is no hold any more.
    pub(super) async fn wait(&self, until: Instant) {
        let changed = self.changed.notified();
        if self.now().is_some() {
            let _ = tokio::time::timeout_at(until, changed).await;
        }
    }

    fn lock(&self) -> MutexGuard<'_, Option<Seen>> {
        // Which hold it is stays true, whoever panicked beside it.
        self.seen.lock().unwrap_or_else(|lock| lock.into_inner())
    }
}

#[cfg(test)]
mod tests {
    use attache_core::id::TenantId;

    use super::*;

    const MOST: Duration = Duration::from_secs(60);

    fn hold(id: u128, seconds: u64) -> Hold {
        Hold {
            tenant: TenantId(Uuid::from_u128(1)),
            id: Uuid::from_u128(id),
            lasts: Duration::from_secs(seconds),
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_hold_is_counted_once_from_when_it_is_seen() {
        let held = Held::default();
        assert_eq!(held.now(), None);
        assert_eq!(held.see(Some(hold(1, 20)), MOST), None);
        let seen = held.now();
        assert!(seen.is_some());
        tokio::time::advance(Duration::from_secs(15)).await;
        assert_eq!(held.see(Some(hold(1, 20)), MOST), None);
        assert_eq!(held.now(), seen);
        tokio::time::advance(Duration::from_secs(6)).await;
        assert_eq!(held.now(), None);
        // Whoever placed it is gone: it is named, to be removed, and holds nobody.
        assert_eq!(held.see(Some(hold(1, 20)), MOST), Some(hold(1, 20)));
        assert_eq!(held.now(), None);
        // Another one holds anew, and no longer than is allowed.
        held.see(Some(hold(2, 1_000)), MOST);
        let now = Instant::now();
        assert_eq!(held.now(), Some((now, now + MOST)));
    }

    #[tokio::test(start_paused = true)]
    async fn who_waits_goes_on_when_the_hold_is_released() {
        let held = Held::default();
        held.see(Some(hold(1, 20)), MOST);
        let began = Instant::now();
        let release = async {
            tokio::time::sleep(Duration::from_secs(2)).await;
            held.see(None, MOST);
        };
        tokio::join!(held.wait(began + MOST), release);
        assert_eq!(began.elapsed(), Duration::from_secs(2));
    }
}
