//! SQLite: how a file is opened.

use std::path::Path;
use std::time::Duration;

use sqlx::ConnectOptions as _;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous};

/// How long to wait for another process that is writing.
const BUSY: Duration = Duration::from_secs(10);
/// How long the write-ahead log may stay on disk after a checkpoint, in bytes.
const WAL_LIMIT: &str = "67108864";

/// How to open a file: a write-ahead log, synced on every commit, so that what
/// was acknowledged survives `kill -9` and power loss.
pub(super) fn options(file: &Path) -> SqliteConnectOptions {
    SqliteConnectOptions::new()
        .filename(file)
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .busy_timeout(BUSY)
        .pragma("journal_size_limit", WAL_LIMIT)
        // The statements hold what callers wrote.
        .disable_statement_logging()
}

/// The same, where a checkpoint is somebody else's work: it would hold up
/// whoever is waiting for this connection.
pub(super) fn options_to_append(file: &Path) -> SqliteConnectOptions {
    options(file).pragma("wal_autocheckpoint", "0")
}

/// Make the file, if it is missing, so that nobody else can read it. SQLite
/// gives its other files the same rights.
pub(super) fn make_for_its_owner(file: &Path) -> std::io::Result<()> {
    let mut options = std::fs::OpenOptions::new();
    options.append(true).create(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(file).map(drop)
}
