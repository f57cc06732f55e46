//! The clock and the source of random bytes, passed as parameters so that tests control
//! both.

mod clock;

pub use clock::{Clock, ClockSettings, ClockState, Clocks};

use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use attache_core::Timestamp;
use uuid::Uuid;

/// A source of time and random bytes: the machine, or a script of a test.
pub trait Source: Send + Sync + 'static {
    /// Returns the time.
    fn now(&self) -> Timestamp;

    /// Fills a buffer with random bytes that are fit for secrets.
    fn fill(&self, bytes: &mut [u8]);

    /// Returns the state of the clock. Sound, unless the source overrides this.
    fn clock(&self) -> ClockState {
        ClockState::SOUND
    }

    /// Compares the clock with a database's time, whose answer took `took`. Does nothing,
    /// unless the source overrides this.
    fn judge(&self, _database: Timestamp, _took: Duration) {}
}

/// A handle on the clock and on random bytes. Cheap to clone; clones share their ids'
/// order.
#[derive(Clone)]
pub struct Ambient {
    source: Arc<dyn Source>,
    /// The time of the last id in milliseconds, and 12 bits that count within the
    /// millisecond.
    last_id: Arc<AtomicU64>,
}

impl std::fmt::Debug for Ambient {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Ambient")
    }
}

impl Ambient {
    /// Returns the machine's clock and random bytes, with the default [`ClockSettings`].
    #[must_use]
    pub fn of_the_machine() -> Self {
        Self::of_the_machine_with(ClockSettings::default())
    }

    /// Returns the machine's clock and random bytes, with these settings of the clock.
    #[must_use]
    pub fn of_the_machine_with(settings: ClockSettings) -> Self {
        Self::new(Arc::new(Machine(Clock::new(ClocksOfTheMachine, settings))))
    }

    /// Makes a handle on a source.
    #[must_use]
    pub fn new(source: Arc<dyn Source>) -> Self {
        Self {
            source,
            last_id: Arc::default(),
        }
    }

    /// Makes a handle on another source. Its ids sort after those that this handle has
    /// made.
    #[must_use]
    pub fn over(&self, source: Arc<dyn Source>) -> Self {
        let last = self.last_id.load(Ordering::SeqCst);
        Self {
            source,
            last_id: Arc::new(AtomicU64::new(last)),
        }
    }

    /// Returns the time.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.source.now()
    }

    /// Returns the state of the clock.
    #[must_use]
    pub fn clock(&self) -> ClockState {
        self.source.clock()
    }

    /// Compares the clock with a database's time, whose answer took `took`: see
    /// [`Clock::judge`].
    pub fn judge(&self, database: Timestamp, took: Duration) {
        self.source.judge(database, took);
    }

    /// Returns random bytes that are fit for secrets.
    #[must_use]
    pub fn random<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0; N];
        self.source.fill(&mut bytes);
        bytes
    }

    /// Fills a buffer with random bytes that are fit for secrets.
    pub fn fill(&self, bytes: &mut [u8]) {
        self.source.fill(bytes);
    }

    /// Makes an id (UUIDv7) that sorts after all earlier ids of this handle and its
    /// clones.
    #[must_use]
    pub fn id(&self) -> Uuid {
        let now = u64::try_from(self.now().as_millis()).unwrap_or_default() << 12;
        let next = |last: u64| now.max(last + 1);
        let last = self
            .last_id
            .fetch_update(Ordering::SeqCst, Ordering::SeqCst, |last| Some(next(last)));
        let at = next(last.unwrap_or_default());
        let mut random = self.random::<10>();
        // RFC 9562, 6.2, method 3: the first random bits count within a millisecond.
        let count = u16::try_from(at & 0xFFF).unwrap_or_default();
        let [high, low, ..] = &mut random;
        [*high, *low] = count.to_be_bytes();
        uuid::Builder::from_unix_timestamp_millis(at >> 12, &random).into_uuid()
    }
}

struct Machine(Clock<ClocksOfTheMachine>);

struct ClocksOfTheMachine;

impl Clocks for ClocksOfTheMachine {
    fn wall(&self) -> i64 {
        let since = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default();
        i64::try_from(since.as_micros()).unwrap_or(i64::MAX)
    }

    /// Reads `CLOCK_BOOTTIME` on Linux, since `Instant` stops there while the machine
    /// sleeps.
    #[cfg(unix)]
    fn steady(&self) -> i64 {
        use rustix::time::{ClockId, clock_gettime};
        #[cfg(target_os = "linux")]
        let clock = ClockId::Boottime;
        #[cfg(not(target_os = "linux"))]
        let clock = ClockId::Monotonic;
        let time = clock_gettime(clock);
        time.tv_sec * 1_000_000 + time.tv_nsec / 1_000
    }

    #[cfg(not(unix))]
    fn steady(&self) -> i64 {
        use std::sync::LazyLock;
        use std::time::Instant;
        static STARTED: LazyLock<Instant> = LazyLock::new(Instant::now);
        i64::try_from(STARTED.elapsed().as_micros()).unwrap_or(i64::MAX)
    }
}

impl Source for Machine {
    fn now(&self) -> Timestamp {
        self.0.now()
    }

    fn clock(&self) -> ClockState {
        self.0.state()
    }

    fn judge(&self, database: Timestamp, took: Duration) {
        self.0.judge(database, took);
    }

    #[allow(
        clippy::expect_used,
        reason = "without randomness no secret can be made"
    )]
    fn fill(&self, bytes: &mut [u8]) {
        // Fails only on a system without any source of random bytes, where nothing would
        // be safe.
        getrandom::fill(bytes).expect("the system gives random bytes");
    }
}

/// A source for tests: a clock that moves only by [`Scripted::pass`], and the same random
/// bytes in every run.
#[derive(Debug)]
pub struct Scripted {
    millis: AtomicI64,
    state: AtomicU64,
    clock: Mutex<ClockState>,
}

impl Scripted {
    /// Makes a clock that stands at an instant.
    #[must_use]
    pub fn at(instant: Timestamp) -> Self {
        Self {
            millis: AtomicI64::new(instant.as_millis()),
            state: AtomicU64::new(1),
            clock: Mutex::new(ClockState::SOUND),
        }
    }

    /// Moves the clock on by milliseconds.
    pub fn pass(&self, millis: i64) {
        self.millis.fetch_add(millis, Ordering::SeqCst);
    }

    /// Makes another source that continues with this time and these random bytes.
    #[must_use]
    pub fn continued(&self) -> Self {
        Self {
            millis: AtomicI64::new(self.millis.load(Ordering::SeqCst)),
            state: AtomicU64::new(self.state.load(Ordering::SeqCst)),
            clock: Mutex::new(self.clock()),
        }
    }

    /// Sets the state that [`Source::clock`] reports. The time does not change.
    pub fn stand(&self, clock: ClockState) {
        *self.clock.lock().unwrap_or_else(PoisonError::into_inner) = clock;
    }
}

impl Source for Scripted {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(self.millis.load(Ordering::SeqCst))
    }

    fn clock(&self) -> ClockState {
        *self.clock.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn fill(&self, bytes: &mut [u8]) {
        for byte in bytes {
            // SplitMix64, one step a byte.
            let step = self
                .state
                .fetch_add(0x9E37_79B9_7F4A_7C15, Ordering::SeqCst);
            let mixed = (step ^ (step >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
            *byte = mixed.to_be_bytes()[0];
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_stand_in_the_order_in_which_they_were_made() {
        let clock = Scripted::at(Timestamp::from_millis(1_790_000_000_000));
        let ambient = Ambient::new(Arc::new(clock));
        let ids: Vec<Uuid> = (0..10_000).map(|_| ambient.id()).collect();
        assert!(ids.is_sorted_by(|a, b| a < b));
        assert!(ids.iter().all(|id| id.get_version_num() == 7));
    }
}
