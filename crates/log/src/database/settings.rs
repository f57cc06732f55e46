//! How to speak to a PostgreSQL.

use std::path::PathBuf;
use std::time::Duration;

/// Settings of the connections to a PostgreSQL database. A SQLite file uses only `migrate`
/// and `answer_within`.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The number of connections for reads. A server has five more, to look for entries,
    /// append, notify and listen.
    pub connections: usize,
    /// The longest time for a host to accept a connection.
    pub connect_within: Duration,
    /// The longest time for an answer. Large answers may take 24 times as long.
    pub answer_within: Duration,
    /// The file that holds the password, if the URL does not.
    pub password_file: Option<PathBuf>,
    /// Whether to listen for notifications of other servers' writes (`LISTEN`), besides
    /// polling.
    pub listen: bool,
    /// Whether opening the log applies missing migrations.
    pub migrate: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            connections: 8,
            connect_within: Duration::from_secs(3),
            answer_within: Duration::from_secs(5),
            password_file: None,
            listen: true,
            migrate: true,
        }
    }
}

impl Settings {
    /// Returns the longest time for a large answer, such as a snapshot or an import.
    pub(crate) fn large_within(&self) -> Duration {
        self.answer_within * 24
    }
}
