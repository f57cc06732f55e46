//! Verifies tokens, and remembers verified signatures.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use attache_core::Timestamp;
use attache_core::model::Trust;
use quick_cache::sync::Cache;
use sha2::{Digest as _, Sha256};

use super::keys::KeySet;
use super::{KeySets, Refused, Settings, Subject, Token, claims};
use attache_ambient::Ambient;

/// Verifies tokens. Remembers good signatures, so that each is verified once.
#[derive(Debug)]
pub struct Verifier {
    settings: Settings,
    key_sets: KeySets,
    /// SHA-256 hashes, each of a key set and a token that one of its keys has signed.
    /// Nothing else of a token is remembered: its claims are checked against the trust
    /// and the clock each time, so this cache cannot be stale.
    signed: Cache<[u8; 32], ()>,
    verified: AtomicU64,
}

impl Verifier {
    /// Makes a verifier with an empty cache.
    #[must_use]
    pub fn new(settings: Settings, ambient: Ambient) -> Self {
        Self {
            key_sets: KeySets::new(settings.clone(), ambient),
            signed: Cache::new(settings.remembered_tokens),
            verified: AtomicU64::new(0),
            settings,
        }
    }

    /// Returns the issuers' keys.
    #[must_use]
    pub fn key_sets(&self) -> &KeySets {
        &self.key_sets
    }

    /// Returns the number of signatures verified so far, good and bad.
    #[must_use]
    pub fn signatures_verified(&self) -> u64 {
        self.verified.load(Ordering::Relaxed)
    }

    /// Returns the number of remembered signatures.
    #[must_use]
    pub fn remembered(&self) -> usize {
        self.signed.len()
    }

    /// Parses a token. Nothing in it is trusted yet.
    ///
    /// # Errors
    /// [`Refused::Bad`] if no trust could accept the token.
    pub fn parse<'a>(&self, text: &'a str) -> Result<Token<'a>, Refused> {
        Token::parse(text, self.settings.token_bytes)
    }

    /// Returns the most time that a token waits for keys, for all trusts together that
    /// may accept it.
    #[must_use]
    pub fn deadline(&self) -> Duration {
        let settings = &self.settings;
        settings.fetch_within.saturating_add(settings.others_within)
    }

    /// Returns the most time that a token which one tenant accepts waits for the keys of
    /// other tenants that could accept it.
    #[must_use]
    pub fn others_within(&self) -> Duration {
        self.settings.others_within
    }

    /// Returns whether callers that can do without the keys of a trust should not wait
    /// for them: the last fetch failed or was slow recently, or the running fetch is
    /// slow.
    #[must_use]
    pub fn is_left_alone(&self, trust: &Trust) -> bool {
        self.key_sets.are_left_alone(trust)
    }

    /// Returns the user whom a token names, if the trust would accept the token at this
    /// instant under a good signature. The signature is not verified.
    ///
    /// # Errors
    /// [`Refused::Bad`] if the trust refuses the token whatever its keys are.
    pub fn unproven(
        &self,
        token: &Token<'_>,
        trust: &Trust,
        at: Timestamp,
    ) -> Result<Subject, Refused> {
        claims::check(token, trust, at, self.settings.leeway)
    }

    /// Returns how many of the trust's checks a token passes, in order, before one fails:
    /// 0 to 6. To tell which of several trusts refuses a token with the most specific
    /// reason.
    #[must_use]
    pub fn reached(&self, token: &Token<'_>, trust: &Trust, at: Timestamp) -> usize {
        claims::reached(token, trust, at, self.settings.leeway)
    }

    /// Returns the user whom a token names, if a trust accepts the token at this instant.
    /// Checks that need no key come first, so a token for another audience causes no
    /// fetch.
    ///
    /// # Errors
    /// [`Refused::Bad`] if the token is bad, [`Refused::NoKeys`] if that cannot be known
    /// now.
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
        // The key may be new, or may have replaced another key of the same `kid`.
        let Some(newer) = self.key_sets.newer(trust, &keys).await else {
            return Err(Refused::Bad(keys.why_not_signed(token)));
        };
        match self.has_signed(&newer, token) {
            true => Ok(subject),
            false => Err(Refused::Bad(newer.why_not_signed(token))),
        }
    }

    /// Returns whether one of the keys has signed the token. Only good signatures are
    /// remembered, so a flood of bad tokens displaces none.
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
