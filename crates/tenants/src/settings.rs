//! How open tenants behave.

use std::time::Duration;

use attache_core::Timestamp;

/// From what reads are answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Reads {
    /// From the state in memory: what another server wrote may be missing for
    /// a moment.
    Local,
    /// From a state that holds all that the log held when it was asked.
    Latest,
}

/// How open tenants behave.
#[derive(Clone, Debug)]
pub struct Settings {
    /// From what reads are answered.
    pub reads: Reads,
    /// For how long nothing may be heard from the log before reads are refused.
    pub silent_for: Duration,
    /// How long to find out whether a write stands whose answer was lost.
    pub settle_within: Duration,
    /// How often to look for entries that another process wrote.
    pub poll_every: Duration,
    /// How long a caller waits for its tenant to be opened.
    pub open_within: Duration,
    /// How long a tenant stays open that nobody asks for.
    pub close_after_idle: Duration,
    /// After how many changes to save a snapshot.
    pub snapshot_after_changes: usize,
    /// How many commands may wait for a tenant's writer.
    pub waiting_commands: usize,
    /// How often a write that collides is decided again.
    pub attempts: usize,
    /// Whether to save a snapshot of what changed when a tenant is closed. A
    /// command of the command line leaves that to the server.
    pub save_when_closing: bool,
    /// How long a request is remembered, so that it is not done twice.
    pub remember_requests: Duration,
    /// For how long an import may have a tenant's writers wait.
    pub hold_for: Duration,
    /// For how long a single write waits for it at the most.
    pub held_write_for: Duration,
    /// How many expired things one entry writes down at most.
    pub expire_at_once: usize,
    /// How much work that takes long is done at the same time; 0: one less than
    /// there are processors, and at least one.
    pub heavy_at_once: usize,
    /// How much work of one tenant that takes long may wait.
    pub heavy_waiting: usize,
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
        }
    }
}

impl Settings {
    /// Since when requests are remembered, now.
    pub(super) fn requests_since(&self, now: Timestamp) -> Timestamp {
        let long = i64::try_from(self.remember_requests.as_millis()).unwrap_or(i64::MAX);
        Timestamp::from_millis(now.as_millis().saturating_sub(long))
    }
}
