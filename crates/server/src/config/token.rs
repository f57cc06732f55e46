//! The section `[jwt]`.

use std::time::Duration;

use serde::Deserialize;

use super::ConfigError;
use attache_jwt::Settings;

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawJwt {
    token_bytes: usize,
    leeway_seconds: u64,
    remembered_tokens: usize,
    keys_seconds: u64,
    keys_least_seconds: u64,
    keys_most_seconds: u64,
    refetch_seconds: u64,
    stale_hours: u64,
    fetch_seconds: u64,
    others_millis: u64,
    fetch_bytes: usize,
    private_addresses: bool,
}

impl RawJwt {
    /// What of it cannot be, if anything.
    pub(super) fn check(&self) -> Result<(), ConfigError> {
        for (key, value, range) in [
            ("jwt.token_bytes", self.token_bytes as u64, 256..=65_536),
            // Longer, and what has expired would be good for long.
            ("jwt.leeway_seconds", self.leeway_seconds, 0..=300),
            (
                "jwt.remembered_tokens",
                self.remembered_tokens as u64,
                1..=10_000_000,
            ),
            (
                "jwt.keys_least_seconds",
                self.keys_least_seconds,
                1..=86_400,
            ),
            ("jwt.keys_most_seconds", self.keys_most_seconds, 1..=604_800),
            (
                "jwt.keys_seconds",
                self.keys_seconds,
                self.keys_least_seconds..=self.keys_most_seconds,
            ),
            // Shorter, and bad tokens would make attache ask the issuer all the time.
            ("jwt.refetch_seconds", self.refetch_seconds, 5..=3_600),
            ("jwt.stale_hours", self.stale_hours, 0..=720),
            ("jwt.fetch_seconds", self.fetch_seconds, 1..=15),
            ("jwt.others_millis", self.others_millis, 0..=5_000),
            (
                "jwt.fetch_bytes",
                self.fetch_bytes as u64,
                1_024..=16_777_216,
            ),
        ] {
            if !range.contains(&value) {
                let (least, most) = range.into_inner();
                return Err(ConfigError(format!("{key} must be from {least} to {most}")));
            }
        }
        Ok(())
    }

    /// How tokens are read and keys are kept.
    pub(super) fn settings(&self) -> Settings {
        Settings {
            token_bytes: self.token_bytes,
            leeway: Duration::from_secs(self.leeway_seconds),
            remembered_tokens: self.remembered_tokens,
            keys_last: Duration::from_secs(self.keys_seconds),
            keys_last_at_least: Duration::from_secs(self.keys_least_seconds),
            keys_last_at_most: Duration::from_secs(self.keys_most_seconds),
            refetch_after: Duration::from_secs(self.refetch_seconds),
            stale_for: Duration::from_secs(self.stale_hours * 3_600),
            fetch_within: Duration::from_secs(self.fetch_seconds),
            others_within: Duration::from_millis(self.others_millis),
            fetch_bytes: self.fetch_bytes,
            private_addresses: self.private_addresses,
        }
    }
}
