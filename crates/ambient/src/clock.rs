//! A clock that follows the machine's wall clock and ignores its leaps.
//!
//! A wall clock can be wrong for a second: a bad time server, an operator's mistake, a
//! suspended machine. A sweep during such a leap would end grants for ever, and entries
//! would carry a time in the future. So attache's time advances with the monotonic clock
//! and follows the wall clock only in small steps. A leap is followed after it is
//! confirmed: by a database's clock that did not leap too, or by a wall clock that ran
//! evenly for [`ClockSettings::confirm`] without contradiction from the database's clock.

use std::sync::Mutex;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use attache_core::Timestamp;

/// The interval between two readings of the wall clock, in microseconds.
const LOOK_EVERY: i64 = 50_000;

/// The clocks of a machine. Both return microseconds.
pub trait Clocks: Send + Sync {
    /// Returns the wall clock's time, in microseconds since 1970. May leap.
    fn wall(&self) -> i64;

    /// Returns the monotonic time since a fixed instant, in microseconds. Never leaps,
    /// and advances while the machine sleeps.
    fn steady(&self) -> i64;
}

/// When attache believes the wall clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClockSettings {
    /// The smallest step of the wall clock that counts as a leap. attache follows smaller
    /// steps, together at most this long within `confirm`.
    pub leap: Duration,
    /// How long the clock must run evenly after a leap, and after a start, before sweeps
    /// run.
    pub confirm: Duration,
}

impl Default for ClockSettings {
    fn default() -> Self {
        Self {
            leap: Duration::from_secs(5),
            confirm: Duration::from_secs(60),
        }
    }
}

/// The state of a clock, for health checks and metrics.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ClockState {
    /// Whether no leap is pending and the database's clock agrees.
    pub is_sound: bool,
    /// Whether sweeps may write down what has expired: the clock is sound and has run for
    /// [`ClockSettings::confirm`].
    pub is_confirmed: bool,
    /// How far the wall clock is ahead of attache's time, in seconds: not 0 only while a
    /// leap is unconfirmed.
    pub wall_ahead: f64,
    /// How far the database's clock is ahead of attache's time, in seconds. `None` if
    /// they agree.
    pub database_ahead: Option<f64>,
    /// The number of leaps since the start.
    pub leaps: u64,
}

impl ClockState {
    /// The state of a clock without leaps.
    pub const SOUND: Self = Self {
        is_sound: true,
        is_confirmed: true,
        wall_ahead: 0.0,
        database_ahead: None,
        leaps: 0,
    };
}

/// attache's time, made from a wall clock that may leap and a monotonic clock.
#[derive(Debug)]
pub struct Clock<C> {
    clocks: C,
    leap: i64,
    confirm: i64,
    /// attache's time minus the monotonic clock's, in microseconds.
    offset: AtomicI64,
    /// The monotonic time of the next reading of the wall clock.
    look_at: AtomicI64,
    seen: Mutex<Seen>,
}

/// Readings of the wall clock and of the database's clock.
#[derive(Debug)]
struct Seen {
    /// The offset from which small steps are measured, and the monotonic time when it was
    /// set.
    base: (i64, i64),
    /// An unconfirmed leap: the wall clock's offset, and the monotonic time of the leap.
    leap: Option<(i64, i64)>,
    leaps: u64,
    started: i64,
    /// The offset of the database's clock, and the monotonic time since which it holds. A
    /// database on the same machine leaps together with the wall clock, so its clock
    /// confirms nothing.
    database: Option<(i64, i64)>,
    /// How far the database's clock is ahead of attache's time, in microseconds, if it
    /// agrees neither with that nor with the wall clock.
    database_ahead: Option<i64>,
}

impl<C: Clocks> Clock<C> {
    /// Makes a clock that starts with the wall clock's time.
    pub fn new(clocks: C, settings: ClockSettings) -> Self {
        let micros = |long: Duration| i64::try_from(long.as_micros()).unwrap_or(i64::MAX);
        let steady = clocks.steady();
        let offset = clocks.wall().saturating_sub(steady);
        Self {
            clocks,
            leap: micros(settings.leap),
            confirm: micros(settings.confirm),
            offset: AtomicI64::new(offset),
            look_at: AtomicI64::new(steady.saturating_add(LOOK_EVERY)),
            seen: Mutex::new(Seen {
                base: (offset, steady),
                leap: None,
                leaps: 0,
                started: steady,
                database: None,
                database_ahead: None,
            }),
        }
    }

    /// Returns the time. Costs one reading of the monotonic clock, and a reading of the
    /// wall clock every 50 ms.
    pub fn now(&self) -> Timestamp {
        let steady = self.clocks.steady();
        if steady >= self.look_at.load(Ordering::Relaxed) {
            self.look(steady);
        }
        let offset = self.offset.load(Ordering::Acquire);
        Timestamp::from_millis(steady.saturating_add(offset).div_euclid(1_000))
    }

    /// Reads the wall clock and returns the state of the clock.
    pub fn state(&self) -> ClockState {
        let steady = self.clocks.steady();
        self.look(steady);
        let wall = self.clocks.wall().saturating_sub(steady);
        let offset = self.offset.load(Ordering::Acquire);
        let seen = self.lock();
        let is_sound = seen.leap.is_none() && seen.database_ahead.is_none();
        let is_old = steady.saturating_sub(seen.started) >= self.confirm;
        ClockState {
            is_sound,
            is_confirmed: is_sound && is_old,
            wall_ahead: match seen.leap {
                Some(_) => seconds(wall.saturating_sub(offset)),
                None => 0.0,
            },
            database_ahead: seen.database_ahead.map(seconds),
            leaps: seen.leaps,
        }
    }

    /// Compares the clock with a database's. `database` is the time that the database
    /// returned, `took` the time from the question to the answer. A slow answer (more
    /// than the smallest leap) is ignored. The first comparison overrules the wall clock,
    /// later ones confirm or deny a leap.
    pub fn judge(&self, database: Timestamp, took: Duration) {
        let half = i64::try_from(took.as_micros() / 2).unwrap_or(i64::MAX);
        if half > self.leap / 2 {
            // A slow answer does not tell when the time was read.
            return;
        }
        let steady = self.clocks.steady();
        self.look(steady);
        let micros = database.as_millis().saturating_mul(1_000);
        let said = micros.saturating_sub(steady.saturating_sub(half));
        let wall = self.clocks.wall().saturating_sub(steady);
        let mut seen = self.lock();
        let offset = self.offset.load(Ordering::Acquire);
        let is_first = seen.database.is_none();
        let since = match seen.database {
            None => steady.saturating_sub(self.confirm),
            Some((known, since)) if self.agree(said, known) => since,
            Some(_) => steady,
        };
        seen.database = Some((said, since));
        let is_witness = steady.saturating_sub(since) >= self.confirm;
        if self.agree(said, wall) {
            if is_witness && seen.leap.take().is_some() {
                tracing::warn!(
                    seconds = seconds(wall.saturating_sub(offset)),
                    "the database's clock confirms where this machine's clock leapt to"
                );
                self.believe(&mut seen, wall, steady);
            }
            seen.database_ahead = None;
        } else if self.agree(said, offset) {
            seen.database_ahead = None;
        } else if is_first {
            // So far, nothing has confirmed this machine's clock.
            tracing::error!(
                seconds = seconds(wall.saturating_sub(said)),
                "this machine's clock differs from the database's: attache follows the database's"
            );
            self.believe(&mut seen, said, steady);
            seen.leap = Some((wall, steady));
            seen.leaps += 1;
        } else {
            let ahead = said.saturating_sub(offset);
            if seen.database_ahead.replace(ahead).is_none() {
                tracing::error!(
                    seconds = seconds(ahead),
                    "the database's clock differs from this machine's: nothing is recorded as expired until they agree"
                );
            }
        }
    }

    /// Follows the wall clock in small steps and notices leaps.
    fn look(&self, steady: i64) {
        let next = steady.saturating_add(LOOK_EVERY);
        self.look_at.store(next, Ordering::Relaxed);
        // One thread reads the wall clock at a time; others go on with the known offset.
        let Ok(mut seen) = self.seen.try_lock() else {
            return;
        };
        let wall = self.clocks.wall().saturating_sub(steady);
        let (base, since) = seen.base;
        if self.agree(wall, base) {
            if seen.leap.take().is_some() {
                tracing::warn!("this machine's clock is back where it was before it leapt");
            }
            self.offset.store(wall, Ordering::Release);
            if steady.saturating_sub(since) >= self.confirm {
                seen.base = (wall, steady);
            }
            return;
        }
        match seen.leap {
            Some((to, at)) if self.agree(wall, to) => {
                let is_long = steady.saturating_sub(at) >= self.confirm;
                let is_denied = seen
                    .database
                    .is_some_and(|(said, _)| !self.agree(said, wall));
                if is_long && !is_denied {
                    seen.leap = None;
                    let leapt = wall.saturating_sub(base);
                    tracing::warn!(
                        seconds = seconds(leapt),
                        "this machine's clock has run evenly since its leap: attache follows it"
                    );
                    self.believe(&mut seen, wall, steady);
                }
            }
            _ => {
                seen.leap = Some((wall, steady));
                seen.leaps += 1;
                let leapt = wall.saturating_sub(base);
                tracing::error!(
                    seconds = seconds(leapt),
                    "this machine's clock leapt: time continues without the leap until it is confirmed"
                );
            }
        }
    }

    fn believe(&self, seen: &mut Seen, offset: i64, steady: i64) {
        seen.base = (offset, steady);
        self.offset.store(offset, Ordering::Release);
    }

    fn agree(&self, one: i64, other: i64) -> bool {
        one.saturating_sub(other).saturating_abs() < self.leap
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Seen> {
        // A panic elsewhere leaves these readings consistent.
        self.seen.lock().unwrap_or_else(|lock| lock.into_inner())
    }
}

#[allow(
    clippy::cast_precision_loss,
    reason = "nobody needs the microseconds of centuries"
)]
fn seconds(micros: i64) -> f64 {
    micros as f64 / 1_000_000.0
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: i64 = 1_000_000;
    const DAY: i64 = 86_400 * SECOND;
    const THEN: i64 = 1_790_000_000 * SECOND;

    /// Clocks that go as they are told.
    #[derive(Debug)]
    struct Told {
        wall: AtomicI64,
        steady: AtomicI64,
    }

    impl Clocks for &Told {
        fn wall(&self) -> i64 {
            self.wall.load(Ordering::SeqCst)
        }

        fn steady(&self) -> i64 {
            self.steady.load(Ordering::SeqCst)
        }
    }

    impl Told {
        fn new() -> Self {
            Self {
                wall: AtomicI64::new(THEN),
                steady: AtomicI64::new(7 * SECOND),
            }
        }

        fn leap(&self, by: i64) {
            self.wall.fetch_add(by, Ordering::SeqCst);
        }

        /// Let time pass, looked at all the while.
        fn pass(&self, clock: &Clock<&Told>, time: i64) {
            for _ in 0..time / (SECOND / 4) {
                self.wall.fetch_add(SECOND / 4, Ordering::SeqCst);
                self.steady.fetch_add(SECOND / 4, Ordering::SeqCst);
                clock.now();
            }
        }
    }

    fn clock(told: &Told) -> Clock<&Told> {
        Clock::new(told, ClockSettings::default())
    }

    /// What the time is beyond its beginning, in seconds.
    fn time(clock: &Clock<&Told>) -> i64 {
        clock.now().as_millis() / 1_000 - THEN / SECOND
    }

    #[test]
    fn a_leap_of_sixty_days_for_a_second_changes_nothing() {
        let told = Told::new();
        let clock = clock(&told);
        told.pass(&clock, 100 * SECOND);
        assert!(clock.state().is_confirmed);
        for by in [60 * DAY, -60 * DAY] {
            let before = time(&clock);
            told.leap(by);
            told.pass(&clock, SECOND);
            assert_eq!(time(&clock), before + 1);
            let state = clock.state();
            assert!(!state.is_sound && !state.is_confirmed, "{state:?}");
            assert!((state.wall_ahead - seconds(by)).abs() < 1.0, "{state:?}");
            told.leap(-by);
            told.pass(&clock, SECOND);
            assert_eq!(time(&clock), before + 2);
            assert!(clock.state().is_confirmed);
        }
        assert_eq!(clock.state().leaps, 2);
    }

    #[test]
    fn a_leap_is_believed_once_the_clock_has_gone_on_evenly() {
        for by in [3_600, -3_600] {
            let told = Told::new();
            let clock = clock(&told);
            told.leap(by * SECOND);
            told.pass(&clock, 59 * SECOND);
            assert_eq!(time(&clock), 59);
            told.pass(&clock, 2 * SECOND);
            assert_eq!(time(&clock), 61 + by);
            assert!(clock.state().is_confirmed);
        }
    }

    #[test]
    fn a_clock_that_leaps_again_and_again_is_not_believed() {
        let told = Told::new();
        let clock = clock(&told);
        for _ in 0..10 {
            told.leap(DAY);
            told.pass(&clock, 30 * SECOND);
        }
        assert_eq!(time(&clock), 300);
        assert_eq!(clock.state().leaps, 10);
    }

    #[test]
    fn small_steps_are_followed_and_many_of_them_are_a_leap() {
        let told = Told::new();
        let clock = clock(&told);
        told.leap(4 * SECOND);
        told.pass(&clock, SECOND);
        assert_eq!(time(&clock), 5);
        assert!(clock.state().is_sound);
        told.leap(4 * SECOND);
        told.pass(&clock, SECOND);
        assert_eq!(time(&clock), 6);
        assert!(!clock.state().is_sound);
    }

    #[test]
    fn a_machine_that_slept_goes_on_at_once() {
        let told = Told::new();
        let clock = clock(&told);
        told.pass(&clock, 100 * SECOND);
        // Both went on meanwhile.
        told.wall.fetch_add(DAY, Ordering::SeqCst);
        told.steady.fetch_add(DAY, Ordering::SeqCst);
        assert_eq!(time(&clock), 100 + 86_400);
        assert!(clock.state().is_confirmed);
    }

    #[test]
    fn a_start_is_confirmed_by_time() {
        let told = Told::new();
        let alone = clock(&told);
        assert!(alone.state().is_sound && !alone.state().is_confirmed);
        told.pass(&alone, 60 * SECOND);
        assert!(alone.state().is_confirmed);
    }

    #[test]
    fn a_database_that_leaps_with_the_machine_confirms_nothing() {
        let told = Told::new();
        let clock = clock(&told);
        let judge = |seconds: i64| clock.judge(after(seconds), Duration::from_millis(2));
        judge(0);
        told.pass(&clock, 100 * SECOND);
        judge(100);
        for back in [-60 * DAY, 0] {
            told.leap(60 * DAY);
            told.pass(&clock, SECOND);
            judge(101 + 60 * 86_400);
            assert_eq!(time(&clock), 101);
            assert!(!clock.state().is_sound);
            if back != 0 {
                told.leap(back);
                judge(101);
                assert!(clock.state().is_confirmed);
                told.leap(-SECOND);
                told.steady.fetch_sub(SECOND, Ordering::SeqCst);
            }
        }
        // Where both go on evenly, it is believed.
        told.pass(&clock, 61 * SECOND);
        assert_eq!(time(&clock), 162 + 60 * 86_400);
        assert!(clock.state().is_confirmed);
    }

    fn after(seconds: i64) -> Timestamp {
        Timestamp::from_millis(THEN / 1_000 + seconds * 1_000)
    }

    #[test]
    fn the_database_decides_at_once_which_clock_is_right() {
        let told = Told::new();
        let clock = clock(&told);
        let quick = Duration::from_millis(2);
        clock.judge(after(0), quick);
        told.leap(DAY);
        told.pass(&clock, 10 * SECOND);
        // It contradicts: no time confirms the leap.
        for second in 1..=20 {
            clock.judge(after(second * 10), quick);
            told.pass(&clock, 10 * SECOND);
        }
        assert_eq!(time(&clock), 210);
        // It goes another way evenly, and the machine's clock comes there.
        told.leap(-DAY);
        told.pass(&clock, SECOND);
        for second in 0..7 {
            clock.judge(after(86_400 + 211 + second * 10), quick);
            told.pass(&clock, 10 * SECOND);
        }
        assert_eq!(time(&clock), 281);
        told.leap(DAY);
        told.pass(&clock, SECOND);
        assert_eq!(time(&clock), 282);
        clock.judge(after(86_400 + 282), quick);
        assert_eq!(time(&clock), 86_400 + 282);
        assert!(clock.state().is_confirmed);
    }

    #[test]
    fn a_machine_that_starts_with_a_wrong_clock_goes_by_the_database() {
        let told = Told::new();
        told.leap(60 * DAY);
        let clock = clock(&told);
        clock.judge(after(0), Duration::from_millis(2));
        told.pass(&clock, 100 * SECOND);
        assert_eq!(time(&clock), 100);
        assert!(!clock.state().is_sound);
        told.leap(-60 * DAY);
        told.pass(&clock, SECOND);
        assert_eq!(time(&clock), 101);
        assert!(clock.state().is_confirmed);
    }

    #[test]
    fn a_database_whose_clock_leaps_moves_nothing() {
        let told = Told::new();
        let clock = clock(&told);
        let quick = Duration::from_millis(2);
        clock.judge(after(0), quick);
        told.pass(&clock, 60 * SECOND);
        clock.judge(after(86_460), quick);
        assert_eq!(time(&clock), 60);
        assert!(!clock.state().is_sound);
        let ahead = clock.state().database_ahead.unwrap();
        assert!((ahead - 86_400.0).abs() < 1.0, "{ahead}");
        // One that took long to answer says nothing.
        clock.judge(after(60), Duration::from_secs(20));
        assert!(!clock.state().is_sound);
        clock.judge(after(60), quick);
        assert!(clock.state().is_confirmed);
    }
}
