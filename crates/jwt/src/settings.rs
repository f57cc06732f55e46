//! How tokens are read and keys are kept.

use std::time::Duration;

/// How tokens are read and keys are kept. Each of these stands in the configuration.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The longest token that is read, in bytes.
    pub token_bytes: usize,
    /// How far an issuer's clock may be off.
    pub leeway: Duration,
    /// How many verified tokens are remembered.
    pub remembered_tokens: usize,
    /// How long fetched keys are good where the issuer does not say.
    pub keys_last: Duration,
    /// How long they are good at least, whatever the issuer says.
    pub keys_last_at_least: Duration,
    /// How long they are good at most, whatever the issuer says.
    pub keys_last_at_most: Duration,
    /// How often the keys of one source are fetched at most.
    pub refetch_after: Duration,
    /// How long keys go on after their time while the issuer is down.
    pub stale_for: Duration,
    /// How long the keys of one source may take to be fetched, with all that leads to them.
    pub fetch_within: Duration,
    /// How long others wait for a source: a token that one tenant accepts for the
    /// keys of other tenants that could accept it too, and keys whose time is over
    /// for newer ones. A source that takes longer, or fails, is left alone for a while.
    pub others_within: Duration,
    /// How much one fetch may bring, in bytes.
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
