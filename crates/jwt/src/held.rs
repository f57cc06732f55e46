//! The keys of one source, as they were fetched last, and how old they are.

use std::sync::{Arc, Mutex, MutexGuard};

use attache_core::Timestamp;
use attache_core::model::{KeySource, Trust};

use super::Settings;
use super::claims::millis;
use super::keys::KeySet;

/// For how many times the least time between two fetches a source that failed
/// is taken to be down still.
const DOWN_FOR: i64 = 10;

/// Where keys are fetched. Two tenants that name the same have the same keys.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Source {
    /// By the discovery document of this issuer.
    Discovery(Box<str>),
    /// Here.
    Url(Box<str>),
}

impl Source {
    /// Where the keys of a trust are fetched; `Err` if it holds them itself.
    pub(super) fn of(trust: &Trust) -> Result<Self, &str> {
        match &trust.keys {
            KeySource::Discovery => Ok(Self::Discovery(trust.issuer.clone())),
            KeySource::Url(url) => Ok(Self::Url(url.clone())),
            KeySource::Pasted(text) => Err(text),
        }
    }
}

impl std::fmt::Display for Source {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Discovery(address) | Self::Url(address) => f.write_str(address),
        }
    }
}

/// How old keys are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Age {
    /// They are good.
    Fresh,
    /// They are good, and it is time to look for newer ones.
    Ageing,
    /// Their time is over; they go on only while there are no newer ones to be had.
    Old,
}

/// The keys of one source.
#[derive(Debug)]
pub(super) struct Held {
    pub(super) source: Source,
    /// Held while they are fetched, so that it happens once.
    pub(super) flight: Arc<tokio::sync::Mutex<()>>,
    now: Mutex<Now>,
}

#[derive(Debug, Default)]
struct Now {
    keys: Option<Fetched>,
    /// When they were fetched last, or were to be.
    asked_at: Option<Timestamp>,
    /// Why that went wrong, if it did.
    failure: Option<String>,
}

#[derive(Debug)]
struct Fetched {
    set: Arc<KeySet>,
    at: Timestamp,
    /// How long they are good, in milliseconds.
    lasts: i64,
}

impl Held {
    pub(super) fn new(source: Source) -> Self {
        Self {
            source,
            flight: Arc::default(),
            now: Mutex::default(),
        }
    }

    fn now(&self) -> MutexGuard<'_, Now> {
        // Nothing that holds the lock can panic halfway through a change.
        self.now.lock().unwrap_or_else(|lock| lock.into_inner())
    }

    /// The keys that may be used at an instant. None if they were never
    /// fetched, or longer ago than they may go on.
    pub(super) fn usable(&self, at: Timestamp, settings: &Settings) -> Option<(Arc<KeySet>, Age)> {
        let now = self.now();
        let keys = now.keys.as_ref()?;
        let age = at.as_millis().saturating_sub(keys.at.as_millis());
        let age = if age < 0 {
            // The clock was put back: how old they are is not known.
            Age::Old
        } else if age < keys.lasts / 5 * 4 {
            Age::Fresh
        } else if age < keys.lasts {
            Age::Ageing
        } else if age < keys.lasts.saturating_add(millis(settings.stale_for)) {
            Age::Old
        } else {
            return None;
        };
        Some((keys.set.clone(), age))
    }

    /// Why there are no keys.
    pub(super) fn failure(&self) -> String {
        let failure = self.now().failure.clone();
        failure.unwrap_or_else(|| format!("{}: they were not fetched yet", self.source))
    }

    /// Whether they were asked for so short a time ago that it is not done again.
    pub(super) fn was_asked(&self, at: Timestamp, settings: &Settings) -> bool {
        let asked = self.now().asked_at;
        let since = asked.map(|asked| at.as_millis().saturating_sub(asked.as_millis()));
        since.is_some_and(|since| (0..millis(settings.refetch_after)).contains(&since))
    }

    /// Whether the last attempt to fetch them failed, and not long ago: then
    /// nobody waits for the next one.
    pub(super) fn is_known_to_be_down(&self, at: Timestamp, settings: &Settings) -> bool {
        let now = self.now();
        let since = now
            .asked_at
            .map(|asked| at.as_millis().saturating_sub(asked.as_millis()));
        let of_late = millis(settings.refetch_after).saturating_mul(DOWN_FOR);
        now.failure.is_some() && since.is_some_and(|since| (0..of_late).contains(&since))
    }

    /// They are being asked for.
    pub(super) fn asking(&self, at: Timestamp) {
        self.now().asked_at = Some(at);
    }

    /// What came of it. Old keys stay where there are no newer ones.
    pub(super) fn answered(&self, at: Timestamp, answer: Result<(Arc<KeySet>, i64), String>) {
        let mut now = self.now();
        match answer {
            Ok((set, lasts)) => {
                now.keys = Some(Fetched { set, at, lasts });
                now.failure = None;
            }
            Err(reason) => now.failure = Some(reason),
        }
    }
}
