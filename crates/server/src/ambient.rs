//! The clock and the source of randomness, as parameters.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use attache_core::Timestamp;
use uuid::Uuid;

/// What differs between one run and another.
pub trait Source: Send + Sync + 'static {
    /// The time.
    fn now(&self) -> Timestamp;

    /// Fill with random bytes, fit for secrets.
    fn fill(&self, bytes: &mut [u8]);
}

/// A handle on the clock and on randomness.
#[derive(Clone)]
pub struct Ambient(Arc<dyn Source>);

impl std::fmt::Debug for Ambient {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Ambient")
    }
}

impl Ambient {
    /// The clock and the randomness of the machine.
    #[must_use]
    pub fn of_the_machine() -> Self {
        Self(Arc::new(Machine))
    }

    /// Another source.
    #[must_use]
    pub fn new(source: Arc<dyn Source>) -> Self {
        Self(source)
    }

    /// The time.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.0.now()
    }

    /// Random bytes, fit for secrets.
    #[must_use]
    pub fn random<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0; N];
        self.0.fill(&mut bytes);
        bytes
    }

    /// Fill with random bytes, fit for secrets.
    pub fn fill(&self, bytes: &mut [u8]) {
        self.0.fill(bytes);
    }

    /// A new id, later than those before it.
    #[must_use]
    pub fn id(&self) -> Uuid {
        let millis = u64::try_from(self.now().as_millis()).unwrap_or_default();
        uuid::Builder::from_unix_timestamp_millis(millis, &self.random()).into_uuid()
    }
}

struct Machine;

impl Source for Machine {
    fn now(&self) -> Timestamp {
        let since = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default();
        Timestamp::from_millis(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
    }

    #[allow(
        clippy::expect_used,
        reason = "without randomness no secret can be made"
    )]
    fn fill(&self, bytes: &mut [u8]) {
        // Fails only where the system has no source of randomness at all, and
        // then nothing that attache does would be safe.
        getrandom::fill(bytes).expect("the system gives random bytes");
    }
}

/// A source for tests: a clock that only moves when it is told to, and bytes
/// that are the same in every run.
#[derive(Debug)]
pub struct Scripted {
    millis: AtomicI64,
    state: AtomicU64,
}

impl Scripted {
    /// A clock that stands at an instant.
    #[must_use]
    pub fn at(instant: Timestamp) -> Self {
        Self {
            millis: AtomicI64::new(instant.as_millis()),
            state: AtomicU64::new(1),
        }
    }

    /// Let time pass.
    pub fn pass(&self, millis: i64) {
        self.millis.fetch_add(millis, Ordering::SeqCst);
    }
}

impl Source for Scripted {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(self.millis.load(Ordering::SeqCst))
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
