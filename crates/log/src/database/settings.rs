//! How to speak to a PostgreSQL.

use std::path::PathBuf;
use std::time::Duration;

/// How to speak to a PostgreSQL. A file needs none of this.
#[derive(Clone, Debug)]
pub struct Settings {
    /// How many connections to read with. Five more look, append, tell and listen.
    pub connections: usize,
    /// How long a host may take to accept a connection.
    pub connect_within: Duration,
    /// How long an answer may take.
    pub answer_within: Duration,
    /// The file that holds the password, if it stands in one.
    pub password_file: Option<PathBuf>,
    /// Whether to hear of what others write (LISTEN), beside looking for it.
    pub listen: bool,
    /// Whether opening brings the tables up to date.
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
    /// How long an answer may take that brings much: a whole snapshot, a large
    /// import.
    pub(crate) fn large_within(&self) -> Duration {
        self.answer_within * 24
    }
}
