//! The keys of one source: the last fetched set, its age, and the record of fetches.

use std::sync::{Arc, Mutex, MutexGuard};

use attache_core::Timestamp;
use attache_core::model::{KeySource, Trust};
use tokio::time::Instant;

use super::Settings;
use super::claims::millis;
use super::keys::KeySet;
use super::keys_error::KeysError;
use super::shown::shown;

/// A failed source counts as down for this many times [`Settings::refetch_after`].
const DOWN_FOR: i64 = 10;
/// The longest pause between fetches from a source that keeps failing, in multiples of
/// [`Settings::refetch_after`]. The pause is one multiple after the first failure, and
/// doubles with each further failure.
const LONGEST_PAUSE: i64 = 4;

/// Where keys are fetched. Two tenants that name the same source share its keys.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Source {
    /// The address in the discovery document of this issuer.
    Discovery(Box<str>),
    /// This address.
    Url(Box<str>),
}

impl Source {
    /// Returns where the keys of a trust are fetched. `Err` has the keys of a trust that
    /// holds them itself.
    pub(super) fn of(trust: &Trust) -> Result<Self, &str> {
        match &trust.keys {
            KeySource::Discovery => Ok(Self::Discovery(trust.issuer.clone())),
            KeySource::Url(url) => Ok(Self::Url(url.clone())),
            KeySource::Pasted(text) => Err(text),
        }
    }
}

/// Returns whether the keys of a trust come from the issuer's own address: by discovery,
/// or from the same scheme, host and port.
pub(super) fn come_from_the_issuer(trust: &Trust) -> bool {
    let origin = |address: &str| {
        let (scheme, rest) = address.split_once("://")?;
        let authority = rest.split(['/', '?', '#']).next()?;
        Some((scheme.to_ascii_lowercase(), authority.to_ascii_lowercase()))
    };
    match &trust.keys {
        KeySource::Discovery => true,
        KeySource::Url(url) => origin(url).is_some_and(|own| origin(&trust.issuer) == Some(own)),
        KeySource::Pasted(_) => false,
    }
}

/// Displays the source without parts that may be secret.
impl std::fmt::Display for Source {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Discovery(address) | Self::Url(address) => f.write_str(&shown(address)),
        }
    }
}

/// The age of keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Age {
    /// The keys are good.
    Fresh,
    /// The keys are good, and it is time to fetch newer ones.
    Ageing,
    /// The keys have expired, and serve only while no newer ones can be fetched.
    Old,
}

/// The keys of one source.
#[derive(Debug)]
pub(super) struct Held {
    pub(super) source: Source,
    /// Locked during a fetch, so that only one runs.
    pub(super) flight: Arc<tokio::sync::Mutex<()>>,
    now: Mutex<Now>,
}

#[derive(Debug, Default)]
struct Now {
    keys: Option<Fetched>,
    /// The start of the last fetch.
    asked_at: Option<Timestamp>,
    /// The start of the running fetch, if one runs.
    fetching_since: Option<Instant>,
    /// Whether the last fetch took longer than [`Settings::others_within`].
    slow: bool,
    /// The number of failed fetches in a row.
    failures: u32,
    /// The error of the last fetch, if it failed.
    failure: Option<KeysError>,
}

#[derive(Debug)]
struct Fetched {
    set: Arc<KeySet>,
    at: Timestamp,
    /// How long the keys are good, in milliseconds.
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
        // No holder of the lock panics halfway through a change.
        self.now.lock().unwrap_or_else(|lock| lock.into_inner())
    }

    /// Returns the keys that may be used at an instant. `None` if they were never
    /// fetched, or expired more than [`Settings::stale_for`] ago.
    pub(super) fn usable(&self, at: Timestamp, settings: &Settings) -> Option<(Arc<KeySet>, Age)> {
        let now = self.now();
        let keys = now.keys.as_ref()?;
        let age = at.as_millis().saturating_sub(keys.at.as_millis());
        let age = if age < 0 {
            // The clock was put back, so the age is unknown.
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

    /// Returns why there are no keys.
    pub(super) fn failure(&self) -> KeysError {
        let failure = self.now().failure.clone();
        failure.unwrap_or_else(|| KeysError::NotYet {
            at: self.source.to_string(),
        })
    }

    /// Returns whether the last fetch is too recent for another. The pause grows with
    /// each failure in a row.
    pub(super) fn was_asked(&self, at: Timestamp, settings: &Settings) -> bool {
        let now = self.now();
        let pause = match now.failures {
            0 => 1,
            failures => LONGEST_PAUSE.min(1 << (failures - 1).min(8)),
        };
        now.was_asked_within(at, millis(settings.refetch_after).saturating_mul(pause))
    }

    /// Returns whether the last fetch failed recently: then nobody waits for the next
    /// one.
    pub(super) fn is_known_to_be_down(&self, at: Timestamp, settings: &Settings) -> bool {
        let now = self.now();
        now.failure.is_some() && now.was_asked_of_late(at, settings)
    }

    /// Returns whether callers that can do without these keys should not wait for them:
    /// the last fetch failed or was slow recently, or the running fetch is slow.
    pub(super) fn is_left_alone(&self, at: Timestamp, settings: &Settings) -> bool {
        let now = self.now();
        let takes_long = |since: Instant| since.elapsed() >= settings.others_within;
        let bad = now.failure.is_some() || now.slow;
        now.fetching_since.is_some_and(takes_long) || bad && now.was_asked_of_late(at, settings)
    }

    /// Records the start of a fetch.
    pub(super) fn asking(&self, at: Timestamp, settings: &Settings) {
        let mut now = self.now();
        if !now.was_asked_of_late(at, settings) {
            now.failures = 0;
        }
        now.asked_at = Some(at);
        now.fetching_since = Some(Instant::now());
    }

    /// Records the result of a fetch. A failed fetch keeps the old keys.
    pub(super) fn answered(
        &self,
        at: Timestamp,
        settings: &Settings,
        answer: Result<(Arc<KeySet>, i64), KeysError>,
    ) {
        let mut now = self.now();
        let since = now.fetching_since.take();
        now.slow = since.is_some_and(|since| since.elapsed() >= settings.others_within);
        match answer {
            Ok((set, lasts)) => {
                now.keys = Some(Fetched { set, at, lasts });
                now.failure = None;
                now.failures = 0;
            }
            Err(error) => {
                now.failure = Some(error);
                now.failures = now.failures.saturating_add(1);
            }
        }
    }
}

impl Now {
    fn was_asked_within(&self, at: Timestamp, millis: i64) -> bool {
        let asked = self.asked_at;
        let since = asked.map(|asked| at.as_millis().saturating_sub(asked.as_millis()));
        since.is_some_and(|since| (0..millis).contains(&since))
    }

    fn was_asked_of_late(&self, at: Timestamp, settings: &Settings) -> bool {
        self.was_asked_within(at, millis(settings.refetch_after).saturating_mul(DOWN_FOR))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_millis(second * 1_000)
    }

    fn settings() -> Settings {
        Settings {
            others_within: std::time::Duration::from_secs(3_600),
            ..Settings::default()
        }
    }

    #[test]
    fn a_source_that_fails_again_and_again_is_asked_less_and_less_often() {
        let held = Held::new(Source::Url("https://mill.example/keys".into()));
        let mut second = 0;
        for pause in [30, 60, 120, 120] {
            held.asking(at(second), &settings());
            held.answered(
                at(second),
                &settings(),
                Err(KeysError::Pasted("it is down")),
            );
            assert!(
                held.was_asked(at(second + pause - 1), &settings()),
                "{pause}"
            );
            assert!(!held.was_asked(at(second + pause), &settings()), "{pause}");
            assert!(held.is_left_alone(at(second + 299), &settings()));
            second += pause;
        }
        // A failure of long ago does not count, nor does one before a success.
        held.asking(at(second + 300), &settings());
        held.answered(
            at(second + 300),
            &settings(),
            Err(KeysError::Pasted("it is down")),
        );
        assert!(!held.was_asked(at(second + 330), &settings()));
        held.asking(at(second + 330), &settings());
        held.answered(at(second + 330), &settings(), Ok((Arc::default(), 1_000)));
        assert!(!held.is_left_alone(at(second + 330), &settings()));
        assert!(!held.was_asked(at(second + 360), &settings()));
    }

    #[test]
    fn a_source_that_takes_longer_than_others_wait_is_left_alone() {
        let held = Held::new(Source::Url("https://mill.example/keys".into()));
        let impatient = Settings {
            others_within: std::time::Duration::ZERO,
            ..Settings::default()
        };
        assert!(!held.is_left_alone(at(0), &impatient));
        held.asking(at(0), &impatient);
        assert!(held.is_left_alone(at(0), &impatient));
        assert!(!held.is_left_alone(at(0), &settings()));
        held.answered(at(0), &impatient, Ok((Arc::default(), 1_000)));
        assert!(held.is_left_alone(at(299), &impatient));
        assert!(!held.is_left_alone(at(300), &impatient));
    }

    #[test]
    fn keys_come_from_the_issuer_by_discovery_or_from_its_own_address() {
        let trust = |keys| Trust {
            issuer: "https://login.mill.example:8443/realm".into(),
            keys,
            audience: "a".into(),
            subject_claim: "sub".into(),
            finds_by: attache_core::model::FindsBy::Key,
            tenant_claim: None,
            token_type: None,
            accepts_invitations: false,
        };
        let url = |text: &str| trust(KeySource::Url(text.into()));
        assert!(come_from_the_issuer(&trust(KeySource::Discovery)));
        assert!(come_from_the_issuer(&url(
            "https://LOGIN.mill.example:8443/keys"
        )));
        for other in [
            "https://login.mill.example/keys",
            "http://login.mill.example:8443/realm",
            "https://login.mill.example:8443.else.example/",
            "https://else.example/?https://login.mill.example:8443/",
        ] {
            assert!(!come_from_the_issuer(&url(other)), "{other}");
        }
        assert!(!come_from_the_issuer(&trust(KeySource::Pasted(
            "{}".into()
        ))));
    }
}
