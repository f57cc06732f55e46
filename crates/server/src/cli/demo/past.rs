//! A clock that can be set back, so that the demo has a past.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use attache_core::Timestamp;

use attache_ambient::{Ambient, Source};

const DAY: i64 = 24 * 60 * 60 * 1_000;

/// The machine's clock, set back by a number of days.
pub(super) struct Clock {
    machine: Ambient,
    back: AtomicI64,
}

/// Returns the machine's clock and randomness, and the handle that sets the clock back.
pub(super) fn ambient() -> (Ambient, Arc<Clock>) {
    let clock = Arc::new(Clock {
        machine: Ambient::of_the_machine(),
        back: AtomicI64::new(0),
    });
    (Ambient::new(clock.clone()), clock)
}

impl Clock {
    /// Sets the clock to `days` days ago.
    pub(super) fn days_ago(&self, days: i64) {
        self.back.store(days * DAY, Ordering::SeqCst);
    }

    /// Returns the instant `days` days ago.
    pub(super) fn at_days_ago(&self, days: i64) -> Timestamp {
        Timestamp::from_millis(self.machine.now().as_millis() - days * DAY)
    }
}

impl Source for Clock {
    fn now(&self) -> Timestamp {
        let back = self.back.load(Ordering::SeqCst);
        Timestamp::from_millis(self.machine.now().as_millis() - back)
    }

    fn fill(&self, bytes: &mut [u8]) {
        self.machine.fill(bytes);
    }
}
