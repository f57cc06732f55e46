//! The settings of tokens and keys.

use std::time::Duration;

/// The settings of tokens and of issuers' keys. Each is a key of the configuration
/// (`[tokens]`).
#[derive(Clone, Debug)]
pub struct Settings {
    /// The size of the longest token that is read, in bytes.
    pub token_bytes: usize,
    /// How far an issuer's clock may differ from attache's.
    pub leeway: Duration,
    /// The most verified tokens whose signature is remembered.
    pub remembered_tokens: usize,
    /// How long fetched keys are good if the issuer names no time.
    pub keys_last: Duration,
    /// How long fetched keys are good at least, whatever the issuer says.
    pub keys_last_at_least: Duration,
    /// How long fetched keys are good at most, whatever the issuer says.
    pub keys_last_at_most: Duration,
    /// The least time between two fetches from one source.
    pub refetch_after: Duration,
    /// How long expired keys stay in use while the issuer is down.
    pub stale_for: Duration,
    /// The most time to fetch the keys of one source, discovery and redirects included.
    pub fetch_within: Duration,
    /// The most time that one issuer may delay tokens that need not wait for it: a token
    /// that one tenant accepts while the keys of other tenants that could accept it are
    /// fetched, and a token under expired keys while newer ones are fetched. A source
    /// that is slower, or fails, is not waited for during a while.
    pub others_within: Duration,
    /// The most bytes that one fetch may return.
    pub fetch_bytes: usize,
    /// Whether keys may be fetched from this machine and from private addresses.
    pub private_addresses: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            token_bytes: 8_192,
            leeway: Duration::from_secs(60),
            remembered_tokens: 100_000,
            keys_last: Duration::from_secs(3_600),
            keys_last_at_least: Duration::from_secs(300),
            keys_last_at_most: Duration::from_secs(86_400),
            refetch_after: Duration::from_secs(30),
            stale_for: Duration::from_secs(24 * 3_600),
            fetch_within: Duration::from_secs(5),
            others_within: Duration::from_millis(500),
            fetch_bytes: 256 * 1_024,
            private_addresses: false,
        }
    }
}
