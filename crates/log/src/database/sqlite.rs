//! SQLite: how a file is opened.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use attache_core::cause::Cause;
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
        // It was made when it was opened. What is gone since is not made anew: others
        // may still write to what was there.
        .create_if_missing(false)
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

/// The SQLite file that holds everything, with what is needed to notice that it was removed
/// or replaced.
#[derive(Clone, Debug)]
pub(crate) struct File {
    path: PathBuf,
    /// Which file was there when it was opened.
    identity: Option<Identity>,
    /// Which write-ahead log is written to, once one is.
    log: Arc<Mutex<Option<Identity>>>,
}

/// Tells a file from another one at its path: its device and its place there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Identity(u64, u64);

impl File {
    /// Makes the file, if it is missing, and lets nobody else read it and those beside
    /// it, whoever could before. SQLite gives files that it makes the rights of the first.
    ///
    /// # Errors
    /// If it cannot be made, or others can read it and that cannot be changed.
    pub(super) fn open(path: &Path) -> io::Result<Self> {
        let mut options = std::fs::OpenOptions::new();
        options.append(true).create(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        drop(options.open(path)?);
        #[cfg(unix)]
        close_all_to_others(path)?;
        Ok(Self {
            identity: identity(path)?,
            path: path.to_owned(),
            log: Arc::default(),
        })
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Notes that the write-ahead log that exists now is the one that is written to.
    pub(crate) fn note_log(&self) {
        let mut log = self.known_log();
        if log.is_none() {
            *log = identity(&self.beside("-wal")).ok().flatten();
        }
    }

    /// Notes that nobody writes now, so that the next writer may begin another write-ahead
    /// log.
    pub(crate) fn forget_log(&self) {
        *self.known_log() = None;
    }

    /// Returns the length of the write-ahead log in bytes, 0 without one.
    pub(crate) fn log_length(&self) -> u64 {
        let log = std::fs::metadata(self.beside("-wal"));
        log.map_or(0, |log| log.len())
    }

    /// Checks that the files are those that were opened. SQLite does not check: it
    /// continues to write to a removed file, where nobody finds the data.
    ///
    /// # Errors
    /// If a file was removed or replaced.
    pub(crate) fn must_be_there(&self) -> Result<(), sqlx::Error> {
        must_be(&self.path, self.identity)?;
        let log = *self.known_log();
        match log {
            Some(_) => must_be(&self.beside("-wal"), log),
            None => Ok(()),
        }
    }

    fn known_log(&self) -> MutexGuard<'_, Option<Identity>> {
        // Which file it is stays true, whoever panicked beside it.
        self.log.lock().unwrap_or_else(|lock| lock.into_inner())
    }

    fn beside(&self, ending: &str) -> PathBuf {
        let mut name = self.path.clone().into_os_string();
        name.push(ending);
        name.into()
    }
}

fn must_be(path: &Path, known: Option<Identity>) -> Result<(), sqlx::Error> {
    match identity(path) {
        Ok(found) if found == known => Ok(()),
        found => Err(gone(path, found.err())),
    }
}

#[cfg(unix)]
fn identity(path: &Path) -> io::Result<Option<Identity>> {
    use std::os::unix::fs::MetadataExt as _;
    let found = std::fs::metadata(path)?;
    Ok(Some(Identity(found.dev(), found.ino())))
}

#[cfg(not(unix))]
fn identity(path: &Path) -> io::Result<Option<Identity>> {
    std::fs::metadata(path).map(|_| None)
}

fn gone(path: &Path, error: Option<io::Error>) -> sqlx::Error {
    let missing = io::ErrorKind::NotFound;
    let kind = error.as_ref().map_or(missing, io::Error::kind);
    let what = match error {
        Some(error) if kind != missing => Cause::new(error),
        Some(_) => Cause::text("it was removed while it was open"),
        None => Cause::text("it was replaced while it was open"),
    };
    let advice = Cause::text("put it back, or stop the server and restore a backup");
    let file = Cause::text(path.display().to_string());
    sqlx::Error::Io(io::Error::new(kind, file.because(what.because(advice))))
}

/// What SQLite puts behind the name of a file for those that it keeps beside it.
#[cfg(unix)]
const BESIDE: [&str; 4] = ["", "-wal", "-shm", "-journal"];

/// Lets nobody else read a database's files, whoever could before.
#[cfg(unix)]
fn close_all_to_others(file: &Path) -> io::Result<()> {
    for end in BESIDE {
        let mut name = file.as_os_str().to_owned();
        name.push(end);
        close_to_others(Path::new(&name))?;
    }
    Ok(())
}

#[cfg(unix)]
fn close_to_others(file: &Path) -> io::Result<()> {
    use std::io::ErrorKind;
    use std::os::unix::fs::PermissionsExt as _;
    let found = match std::fs::metadata(file) {
        Ok(found) => found,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(error),
    };
    let mut rights = found.permissions();
    if !found.is_file() || rights.mode() & 0o077 == 0 {
        return Ok(());
    }
    rights.set_mode(rights.mode() & 0o700);
    match std::fs::set_permissions(file, rights) {
        // The last one who had it open has removed it.
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
        Err(error) => {
            let kind = error.kind();
            let what = Cause::text("others can read it, and its rights cannot be changed");
            Err(io::Error::new(kind, what.because(Cause::new(error))))
        }
        Ok(()) => Ok(()),
    }
}

#[cfg(all(test, unix))]
mod tests {
    use std::fs;
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    #[test]
    fn files_that_others_could_read_become_their_owners_only() {
        let folder = tempfile::tempdir().unwrap();
        let path = |end: &str| folder.path().join(format!("log.sqlite{end}"));
        let mode = |end: &str| fs::metadata(path(end)).unwrap().permissions().mode() & 0o777;
        for end in BESIDE {
            fs::write(path(end), "").unwrap();
            fs::set_permissions(path(end), fs::Permissions::from_mode(0o664)).unwrap();
        }
        File::open(&path("")).unwrap();
        assert!(BESIDE.iter().all(|end| mode(end) == 0o600));
        let new = folder.path().join("new.sqlite");
        File::open(&new).unwrap();
        assert_eq!(
            fs::metadata(new).unwrap().permissions().mode() & 0o777,
            0o600
        );
    }
}
