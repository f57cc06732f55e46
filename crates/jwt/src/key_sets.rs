//! The keys of all issuers, cached and refreshed in time.

use std::convert::Infallible;
use std::sync::Arc;

use attache_core::cause::{Cause, chain};
use attache_core::model::Trust;
use quick_cache::sync::Cache;
use tokio::sync::OwnedMutexGuard;
use tokio::task::JoinHandle;

use super::Settings;
use super::claims::millis;
use super::discovery;
use super::fetch::Fetch;
use super::held::{Age, Held, Source};
use super::keys::{KeyInfo, KeySet};
use super::keys_error::KeysError;
use super::shown::shown;
use attache_ambient::Ambient;

/// The most sources whose keys are cached. Only issuers that tenants trust are sources:
/// no token adds one.
const MOST_SOURCES: usize = 10_000;
/// The most key sets written down by tenants that are cached in parsed form.
const MOST_PASTED: usize = 1_000;

/// The keys of all issuers, cached. Cheap to clone; clones share the cache.
#[derive(Clone, Debug)]
pub struct KeySets(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    settings: Settings,
    ambient: Ambient,
    fetch: Fetch,
    fetched: Cache<Source, Arc<Held>>,
    pasted: Cache<Box<str>, Arc<KeySet>>,
}

impl KeySets {
    /// Makes an empty cache.
    #[must_use]
    pub fn new(settings: Settings, ambient: Ambient) -> Self {
        Self(Arc::new(Inner {
            fetch: Fetch::new(&settings),
            settings,
            ambient,
            fetched: Cache::new(MOST_SOURCES),
            pasted: Cache::new(MOST_PASTED),
        }))
    }

    /// Fetches an issuer's keys now, and returns which of them are used and why the
    /// others are not. For diagnosis by people: not limited in its rate.
    ///
    /// # Errors
    /// [`KeysError`]: why the keys cannot be had.
    pub async fn check(&self, trust: &Trust) -> Result<Vec<KeyInfo>, KeysError> {
        let held = match Source::of(trust) {
            Ok(source) => self.held(&source),
            Err(text) => {
                let set = KeySet::read(text.as_bytes()).map_err(KeysError::Pasted)?;
                return Ok(set.infos());
            }
        };
        let flight = held.flight.clone().lock_owned().await;
        let set = self.fetch_behind(held, flight).await;
        let set = set.map_err(|error| KeysError::NoRequest(Cause::new(error)))?;
        Ok(set?.infos())
    }

    /// Returns the keys of an issuer. Good keys are returned at once. Missing or expired
    /// keys are fetched first, unless a fetch failed recently.
    pub(super) async fn of(&self, trust: &Trust) -> Result<Arc<KeySet>, KeysError> {
        let held = match Source::of(trust) {
            Ok(source) => self.held(&source),
            Err(text) => return Ok(self.pasted(text)),
        };
        match self.usable(&held) {
            Some((set, Age::Fresh)) => return Ok(set),
            Some((set, Age::Ageing)) => {
                self.refresh_behind(held);
                return Ok(set);
            }
            Some((set, Age::Old)) if self.is_known_to_be_down(&held) => {
                self.refresh_behind(held);
                return Ok(set);
            }
            Some((set, Age::Old)) => {
                let within = self.0.settings.others_within;
                if tokio::time::timeout(within, self.refresh(&held))
                    .await
                    .is_err()
                {
                    return Ok(set);
                }
            }
            None => self.refresh(&held).await,
        }
        let usable = self.usable(&held).map(|(set, _)| set);
        usable.ok_or_else(|| held.failure())
    }

    /// Returns newer keys than `seen`, if there are any: the issuer may have signed with
    /// a new key. Fetches at most once per [`Settings::refetch_after`].
    pub(super) async fn newer(&self, trust: &Trust, seen: &Arc<KeySet>) -> Option<Arc<KeySet>> {
        let held = self.held(&Source::of(trust).ok()?);
        let current = || self.usable(&held).map(|(set, _)| set);
        let is_newer = |set: &Arc<KeySet>| !Arc::ptr_eq(set, seen);
        if let Some(newer) = current().filter(is_newer) {
            return Some(newer);
        }
        if self.is_known_to_be_down(&held) {
            self.refresh_behind(held);
            return None;
        }
        self.refresh(&held).await;
        current().filter(is_newer)
    }

    /// Returns whether callers that can do without the keys of a trust should not wait
    /// for them: the last fetch failed or was slow recently, or the running fetch is
    /// slow.
    pub(super) fn are_left_alone(&self, trust: &Trust) -> bool {
        let (now, settings) = (self.0.ambient.now(), &self.0.settings);
        Source::of(trust).is_ok_and(|source| self.held(&source).is_left_alone(now, settings))
    }

    fn held(&self, source: &Source) -> Arc<Held> {
        let new = || Ok::<_, Infallible>(Arc::new(Held::new(source.clone())));
        let Ok(held) = self.0.fetched.get_or_insert_with(source, new);
        held
    }

    /// Returns the keys that a tenant wrote down. A text that is not a key set counts as
    /// a set without keys.
    fn pasted(&self, text: &str) -> Arc<KeySet> {
        if let Some(set) = self.0.pasted.get(text) {
            return set;
        }
        let set = Arc::new(KeySet::read(text.as_bytes()).unwrap_or_default());
        self.0.pasted.insert(text.into(), set.clone());
        set
    }

    fn usable(&self, held: &Held) -> Option<(Arc<KeySet>, Age)> {
        held.usable(self.0.ambient.now(), &self.0.settings)
    }

    fn was_asked(&self, held: &Held) -> bool {
        held.was_asked(self.0.ambient.now(), &self.0.settings)
    }

    fn is_known_to_be_down(&self, held: &Held) -> bool {
        held.is_known_to_be_down(self.0.ambient.now(), &self.0.settings)
    }

    /// Fetches keys, unless that was tried a moment ago. Concurrent callers share one
    /// fetch.
    async fn refresh(&self, held: &Arc<Held>) {
        let flight = held.flight.clone().lock_owned().await;
        if !self.was_asked(held) {
            let fetching = self.fetch_behind(held.clone(), flight);
            // `held` has the result.
            let _ = fetching.await;
        }
    }

    /// Starts a refresh without waiting for it.
    fn refresh_behind(&self, held: Arc<Held>) {
        if !self.was_asked(&held)
            && let Ok(flight) = held.flight.clone().try_lock_owned()
        {
            drop(self.fetch_behind(held, flight));
        }
    }

    /// Fetches in a task of its own: if the caller gives up, the fetch continues for the
    /// next caller.
    fn fetch_behind(
        &self,
        held: Arc<Held>,
        flight: OwnedMutexGuard<()>,
    ) -> JoinHandle<Result<Arc<KeySet>, KeysError>> {
        let this = self.clone();
        tokio::spawn(async move {
            let _flight = flight;
            let at = this.0.ambient.now();
            held.asking(at, &this.0.settings);
            let fetched = this.fetch_in_time(&held.source).await;
            match &fetched {
                Ok(_) => tracing::debug!(issuer = %held.source, "the keys were fetched"),
                Err(error) => {
                    let reason = chain(error).to_string();
                    tracing::warn!(issuer = %held.source, reason, "the keys could not be fetched");
                }
            }
            held.answered(at, &this.0.settings, fetched.clone());
            fetched.map(|(set, _)| set)
        })
    }

    async fn fetch_in_time(&self, source: &Source) -> Result<(Arc<KeySet>, i64), KeysError> {
        let within = self.0.settings.fetch_within;
        let fetched = tokio::time::timeout(within, self.fetch(source)).await;
        fetched.unwrap_or_else(|_| {
            let at = source.to_string();
            Err(KeysError::TooLate { at, within })
        })
    }

    /// Fetches the keys of a source. Also returns how long they are good, in
    /// milliseconds.
    async fn fetch(&self, source: &Source) -> Result<(Arc<KeySet>, i64), KeysError> {
        let Inner {
            fetch, settings, ..
        } = &*self.0;
        let address = match source {
            Source::Discovery(issuer) => &discovery::address_of_keys(fetch, issuer).await?,
            Source::Url(address) => &**address,
        };
        let document = fetch.get(address).await?;
        let set =
            KeySet::read(&document.bytes).map_err(|why| KeysError::unfit(&shown(address), why))?;
        let says = document.max_age.unwrap_or(settings.keys_last);
        let lasts = says
            .min(settings.keys_last_at_most)
            .max(settings.keys_last_at_least);
        Ok((Arc::new(set), millis(lasts)))
    }
}
