//! Holds: a tenant's writers wait while another process does large work, such as an
//! import.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::Instant;

use attache_log::Hold;

/// The hold on a tenant's writer.
#[derive(Debug, Default)]
pub(super) struct Held {
    /// The last hold seen, when it was first seen, and when the writer stops waiting for
    /// it.
    seen: Mutex<Option<Seen>>,
    /// Whether there may be a hold. Read before each write.
    is_there: AtomicBool,
    changed: Notify,
}

#[derive(Clone, Copy, Debug)]
struct Seen {
    hold: Hold,
    since: Instant,
    until: Instant,
    /// Whether the writer waits for this hold.
    counts: bool,
}

impl Held {
    /// Takes in what the log says about this tenant's hold. A live holder renews its
    /// hold, and each renewal extends the wait to `lasts` from now, but to no more than
    /// `at_most` in total. A hold that `is_old`, since it existed before this process,
    /// counts only after a renewal. Returns the hold if it is over.
    pub(super) fn see(&self, hold: Option<Hold>, at_most: Duration, is_old: bool) -> Option<Hold> {
        let mut seen = self.lock();
        let now = Instant::now();
        let (hold, known) = match (hold, *seen) {
            (None, None) => return None,
            (None, Some(_)) => {
                *seen = None;
                self.is_there.store(false, Ordering::Release);
                self.changed.notify_waiters();
                return None;
            }
            (Some(hold), known) => (hold, known.filter(|known| known.hold.id == hold.id)),
        };
        if let Some(known) = known.filter(|known| known.hold == hold) {
            return (known.until <= now).then_some(hold);
        }
        let counts = known.is_some() || !is_old;
        let since = known.filter(|known| known.counts).map(|known| known.since);
        let since = since.unwrap_or(now);
        *seen = Some(Seen {
            hold,
            since,
            until: (now + hold.lasts.min(at_most)).min(since + at_most),
            counts,
        });
        self.is_there.store(counts, Ordering::Release);
        None
    }

    /// Returns since when and until when the writer waits, if it waits.
    pub(super) fn now(&self) -> Option<(Instant, Instant)> {
        if !self.is_there.load(Ordering::Acquire) {
            return None;
        }
        let seen = (*self.lock())?;
        (seen.counts && seen.until > Instant::now()).then_some((seen.since, seen.until))
    }

    /// Waits until an instant, or until the hold is gone.
    pub(super) async fn wait(&self, until: Instant) {
        let changed = self.changed.notified();
        if self.now().is_some() {
            let _ = tokio::time::timeout_at(until, changed).await;
        }
    }

    fn lock(&self) -> MutexGuard<'_, Option<Seen>> {
        // The value stays consistent if a holder of the lock panics.
        self.seen.lock().unwrap_or_else(|lock| lock.into_inner())
    }
}

#[cfg(test)]
mod tests {
    use attache_core::id::TenantId;
    use uuid::Uuid;

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
        assert_eq!(held.see(Some(hold(1, 20)), MOST, false), None);
        let seen = held.now();
        assert!(seen.is_some());
        tokio::time::advance(Duration::from_secs(15)).await;
        assert_eq!(held.see(Some(hold(1, 20)), MOST, false), None);
        assert_eq!(held.now(), seen);
        tokio::time::advance(Duration::from_secs(6)).await;
        assert_eq!(held.now(), None);
        // Its holder is gone: the hold is returned for removal, and holds nobody.
        assert_eq!(held.see(Some(hold(1, 20)), MOST, false), Some(hold(1, 20)));
        assert_eq!(held.now(), None);
        // Another one holds anew, and no longer than is allowed.
        held.see(Some(hold(2, 1_000)), MOST, false);
        let now = Instant::now();
        assert_eq!(held.now(), Some((now, now + MOST)));
    }

    #[tokio::test(start_paused = true)]
    async fn a_hold_lasts_while_it_is_renewed_and_no_longer_than_is_allowed() {
        let held = Held::default();
        let began = Instant::now();
        for beat in 0.. {
            held.see(Some(renewed(beat)), MOST, false);
            if held.now().is_none() {
                break;
            }
            tokio::time::advance(Duration::from_secs(1)).await;
        }
        assert_eq!(began.elapsed(), MOST);
        // Its holder dies: the writers go on when what was renewed last is over.
        let held = Held::default();
        held.see(Some(renewed(0)), MOST, false);
        tokio::time::advance(Duration::from_secs(4)).await;
        held.see(Some(renewed(1)), MOST, false);
        tokio::time::advance(Duration::from_secs(4)).await;
        assert!(held.now().is_some());
        tokio::time::advance(Duration::from_secs(2)).await;
        assert_eq!(held.now(), None);
        assert_eq!(held.see(Some(renewed(1)), MOST, false), Some(renewed(1)));
    }

    #[tokio::test(start_paused = true)]
    async fn a_hold_from_before_the_start_counts_once_it_is_renewed() {
        let held = Held::default();
        assert_eq!(held.see(Some(renewed(7)), MOST, true), None);
        assert_eq!(held.now(), None);
        tokio::time::advance(Duration::from_secs(1)).await;
        assert_eq!(held.see(Some(renewed(8)), MOST, false), None);
        assert_eq!(held.now().map(|(since, _)| since), Some(Instant::now()));
        // Where its holder is gone, it holds nobody, and is named to be removed.
        let held = Held::default();
        held.see(Some(renewed(7)), MOST, true);
        tokio::time::advance(Duration::from_secs(6)).await;
        assert_eq!(held.see(Some(renewed(7)), MOST, true), Some(renewed(7)));
        assert_eq!(held.now(), None);
    }

    /// A lease of 5 seconds that was renewed so many times.
    fn renewed(beat: u64) -> Hold {
        let lasts = Duration::from_millis(5_000 + beat);
        Hold {
            lasts,
            ..hold(1, 0)
        }
    }

    #[tokio::test(start_paused = true)]
    async fn who_waits_goes_on_when_the_hold_is_released() {
        let held = Held::default();
        held.see(Some(hold(1, 20)), MOST, false);
        let began = Instant::now();
        let release = async {
            tokio::time::sleep(Duration::from_secs(2)).await;
            held.see(None, MOST, false);
        };
        tokio::join!(held.wait(began + MOST), release);
        assert_eq!(began.elapsed(), Duration::from_secs(2));
    }
}
