//! Whether a token is good, remembered so that a signature is verified once.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use attache_core::Timestamp;
use attache_core::model::Trust;
use quick_cache::sync::Cache;
use sha2::{Digest as _, Sha256};

use super::keys::KeySet;
use super::{KeySets, Refused, Settings, Subject, Token, claims};
use attache_ambient::Ambient;

/// Tells whether tokens are good.
#[derive(Debug)]
pub struct Verifier {
    settings: Settings,
    key_sets: KeySets,
    /// SHA-256 of a set of keys and a token that one of them has signed.
    /// Nothing else of a token is remembered: all that it says is held against
    /// the trust and the clock each time, so nothing here can be out of date.
    signed: Cache<[u8; 32], ()>,
    verified: AtomicU64,
}

impl Verifier {
    /// It remembers nothing yet.
    #[must_use]
    pub fn new(settings: Settings, ambient: Ambient) -> Self {
        Self {
            key_sets: KeySets::new(settings.clone(), ambient),
            signed: Cache::new(settings.remembered_tokens),
            verified: AtomicU64::new(0),
            settings,
        }
    }

    /// The issuers' keys.
    #[must_use]
    pub fn key_sets(&self) -> &KeySets {
        &self.key_sets
    }

    /// How many signatures were verified so far, good and bad.
    #[must_use]
    pub fn signatures_verified(&self) -> u64 {
        self.verified.load(Ordering::Relaxed)
    }

    /// How many tokens are remembered.
    #[must_use]
    pub fn remembered(&self) -> usize {
        self.signed.len()
    }

    /// Take a token apart; nothing in it is trusted yet.
    ///
    /// # Errors
    /// [`Refused::Bad`] if nobody can accept it.
    pub fn parse<'a>(&self, text: &'a str) -> Result<Token<'a>, Refused> {
        Token::parse(text, self.settings.token_bytes)
    }

    /// How long a token waits for keys: one deadline for all that may accept it.
    #[must_use]
    pub fn deadline(&self) -> Duration {
        let settings = &self.settings;
        settings.fetch_within.saturating_add(settings.others_within)
    }

    /// How long a token that one tenant accepts waits for others that could.
    #[must_use]
    pub fn others_within(&self) -> Duration {
        self.settings.others_within
    }

    /// Whether nobody waits for the keys of a trust who can do without: to fetch
    /// them failed or took long of late, or takes long now.
    #[must_use]
    pub fn is_left_alone(&self, trust: &Trust) -> bool {
        self.key_sets.are_left_alone(trust)
    }

    /// Whom a token names, if a trust would accept it at an instant whose keys had
    /// signed it. Nothing of it is proven.
    ///
    /// # Errors
    /// [`Refused::Bad`] if it does not, whatever its keys are.
    pub fn unproven(
        &self,
        token: &Token<'_>,
        trust: &Trust,
        at: Timestamp,
    ) -> Result<Subject, Refused> {
        claims::check(token, trust, at, self.settings.leeway)
    }

    /// How far a token gets that a trust refuses whatever its keys are: a larger number, the
    /// more of the trust's terms it meets. At most 6.
    #[must_use]
    pub fn reached(&self, token: &Token<'_>, trust: &Trust, at: Timestamp) -> usize {
        claims::reached(token, trust, at, self.settings.leeway)
    }

    /// Whom a token names, if a trust accepts it at an instant. What needs no
    /// key is checked first: a token for somebody else fetches nothing.
    ///
    /// # Errors
    /// [`Refused`]: not all errors mean that the token is bad.
    pub async fn verify(
        &self,
        token: &Token<'_>,
        trust: &Trust,
        at: Timestamp,
    ) -> Result<Subject, Refused> {
        let subject = claims::check(token, trust, at, self.settings.leeway)?;
        let keys = self.key_sets.of(trust).await.map_err(Refused::NoKeys)?;
        if self.has_signed(&keys, token) {
            return Ok(subject);
        }
        // It may be signed with a key that is new, also one that took the place of
        // another under its name.
        let Some(newer) = self.key_sets.newer(trust, &keys).await else {
            return Err(Refused::Bad(keys.why_not_signed(token)));
        };
        match self.has_signed(&newer, token) {
            true => Ok(subject),
            false => Err(Refused::Bad(newer.why_not_signed(token))),
        }
    }

    /// A signature that is bad is not remembered: a flood of bad tokens pushes
    /// no good one out.
    fn has_signed(&self, keys: &KeySet, token: &Token<'_>) -> bool {
        let mut hash = Sha256::new();
        hash.update(keys.fingerprint());
        hash.update(token.message);
        hash.update(".");
        hash.update(token.signature);
        let hash: [u8; 32] = hash.finalize().into();
        if self.signed.get(&hash).is_some() {
            return true;
        }
        self.verified.fetch_add(1, Ordering::Relaxed);
        let is_signed = keys.has_signed(token);
        if is_signed {
            self.signed.insert(hash, ());
        }
        is_signed
    }
}
