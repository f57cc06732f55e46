//! The settings of open tenants.

use std::time::Duration;

use attache_core::Timestamp;

/// The states from which reads are answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Reads {
    /// The state in memory. It may lack another server's writes for a moment.
    Local,
    /// A state with all entries that the log had when the read arrived.
    Latest,
}

/// The settings of open tenants. Each is a key of the configuration.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The states from which reads are answered.
    pub reads: Reads,
    /// How long the log may be silent before reads are refused.
    pub silent_for: Duration,
    /// How long to find out whether a write of unknown fate is stored.
    pub settle_within: Duration,
    /// How often to look for other processes' entries.
    pub poll_every: Duration,
    /// How long a caller waits for its tenant to open.
    pub open_within: Duration,
    /// How long an unused tenant stays open.
    pub close_after_idle: Duration,
    /// After how many changes a snapshot is saved.
    pub snapshot_after_changes: usize,
    /// The most commands in the queue of a tenant's writer.
    pub waiting_commands: usize,
    /// How often a colliding write is decided again.
    pub attempts: usize,
    /// Whether closing a tenant saves a snapshot of its changes. Commands of the command
    /// line leave that to the server.
    pub save_when_closing: bool,
    /// How long a request is remembered, so that a repetition does nothing.
    pub remember_requests: Duration,
    /// The most time that an import holds a tenant's writers.
    pub hold_for: Duration,
    /// The most time that a single write waits for an import.
    pub held_write_for: Duration,
    /// The most expired memberships and grants that one entry writes down.
    pub expire_at_once: usize,
    /// How many pieces of heavy work run at once; 0: one fewer than there are processors,
    /// and at least one.
    pub heavy_at_once: usize,
    /// How many pieces of one tenant's heavy work may wait.
    pub heavy_waiting: usize,
    /// How past states are made and kept.
    pub past: PastSettings,
}

/// How the states of tenants at earlier moments are made and kept. Each setting is a key of the
/// configuration.
#[derive(Clone, Copy, Debug)]
pub struct PastSettings {
    /// The most bytes of kept states, by an estimate. The newest one is kept however large.
    pub memory: u64,
    /// How long a caller waits for a state to be made.
    pub wait: Duration,
    /// How many states are made at once, each of another tenant.
    pub at_once: usize,
    /// How many states of one tenant may wait to be made.
    pub waiting: usize,
}

impl Default for PastSettings {
    fn default() -> Self {
        Self {
            memory: 256 * 1024 * 1024,
            wait: Duration::from_secs(10),
            at_once: 2,
            waiting: 16,
        }
    }
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            reads: Reads::Local,
            silent_for: Duration::from_secs(5),
            settle_within: Duration::from_secs(10),
            poll_every: Duration::from_millis(250),
            open_within: Duration::from_secs(3),
            close_after_idle: Duration::from_secs(900),
            snapshot_after_changes: 10_000,
            waiting_commands: 4_096,
            attempts: 64,
            save_when_closing: true,
            remember_requests: Duration::from_secs(24 * 60 * 60),
            hold_for: Duration::from_secs(60),
            held_write_for: Duration::from_secs(10),
            expire_at_once: 1_000,
            heavy_at_once: 0,
            heavy_waiting: 64,
            past: PastSettings::default(),
        }
    }
}

impl Settings {
    /// Returns the instant since which requests are remembered.
    pub(super) fn requests_since(&self, now: Timestamp) -> Timestamp {
        let long = i64::try_from(self.remember_requests.as_millis()).unwrap_or(i64::MAX);
        Timestamp::from_millis(now.as_millis().saturating_sub(long))
    }
}
