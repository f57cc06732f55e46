//! What an error of the database means: which fault it is, and whether it is known
//! that nothing was written.

use std::io::ErrorKind;

use sqlx::sqlite::SqliteError;

/// The kind of fault because of which a database takes no writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Fault {
    /// The disk, its quota or the file's size limit is full.
    DiskFull,
    /// The file, its disk or the server is read-only.
    ReadOnly,
    /// attache lacks the permission to write there.
    NotPermitted,
    /// The file cannot be opened, or was removed or replaced after it was opened.
    FileGone,
    /// The disk reported an error.
    Io,
    /// Another process held the write lock for longer than attache waits.
    Busy,
    /// The stored bytes are damaged.
    Corrupt,
    /// No memory is left, or the server accepts no more sessions.
    Resources,
    /// The database does not answer.
    Unreachable,
    /// Any other fault.
    Other,
}

impl Fault {
    /// All kinds of faults, for metrics that begin at 0.
    pub const ALL: [Self; 10] = [
        Self::DiskFull,
        Self::ReadOnly,
        Self::NotPermitted,
        Self::FileGone,
        Self::Io,
        Self::Busy,
        Self::Corrupt,
        Self::Resources,
        Self::Unreachable,
        Self::Other,
    ];

    /// The fault's name in metrics and in `/readyz`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::DiskFull => "disk_full",
            Self::ReadOnly => "read_only",
            Self::NotPermitted => "not_permitted",
            Self::FileGone => "file_gone",
            Self::Io => "io",
            Self::Busy => "busy",
            Self::Corrupt => "corrupt",
            Self::Resources => "resources",
            Self::Unreachable => "unreachable",
            Self::Other => "other",
        }
    }

    /// The fault behind an error. `None` if what was written is at fault, or
    /// another writer: the database is as good as before.
    pub(super) fn of(error: &sqlx::Error) -> Option<Self> {
        let Some(said) = error.as_database_error() else {
            return Some(match error {
                sqlx::Error::Io(error) => of_io(error),
                _ => Self::Unreachable,
            });
        };
        let code = said.code();
        let code = code.as_deref().unwrap_or_default();
        match said.try_downcast_ref::<SqliteError>() {
            Some(_) => of_sqlite(code.parse().unwrap_or_default(), said.message()),
            None => of_postgres(code),
        }
    }
}

fn of_io(error: &std::io::Error) -> Fault {
    match error.kind() {
        ErrorKind::NotFound => Fault::FileGone,
        ErrorKind::PermissionDenied => Fault::NotPermitted,
        ErrorKind::ReadOnlyFilesystem => Fault::ReadOnly,
        _ => Fault::Unreachable,
    }
}

/// The primary part of SQLite's result codes (sqlite.org/rescode.html).
mod primary {
    pub(super) const ERROR: u32 = 1;
    pub(super) const PERM: u32 = 3;
    pub(super) const BUSY: u32 = 5;
    pub(super) const LOCKED: u32 = 6;
    pub(super) const NOMEM: u32 = 7;
    pub(super) const READONLY: u32 = 8;
    pub(super) const INTERRUPT: u32 = 9;
    pub(super) const IOERR: u32 = 10;
    pub(super) const CORRUPT: u32 = 11;
    pub(super) const FULL: u32 = 13;
    pub(super) const CANTOPEN: u32 = 14;
    pub(super) const PROTOCOL: u32 = 15;
    pub(super) const SCHEMA: u32 = 17;
    pub(super) const TOOBIG: u32 = 18;
    pub(super) const CONSTRAINT: u32 = 19;
    pub(super) const MISMATCH: u32 = 20;
    pub(super) const AUTH: u32 = 23;
    pub(super) const RANGE: u32 = 25;
    pub(super) const NOTADB: u32 = 26;
}

fn of_sqlite(code: u32, message: &str) -> Option<Fault> {
    Some(match code % 256 {
        primary::FULL => Fault::DiskFull,
        primary::READONLY if code == 8 | (4 << 8) => Fault::FileGone, // READONLY_DBMOVED
        primary::READONLY => Fault::ReadOnly,
        primary::PERM | primary::AUTH => Fault::NotPermitted,
        primary::CANTOPEN => Fault::FileGone,
        primary::IOERR => Fault::Io,
        primary::BUSY | primary::LOCKED | primary::PROTOCOL => Fault::Busy,
        primary::CORRUPT | primary::NOTADB => Fault::Corrupt,
        primary::NOMEM => Fault::Resources,
        primary::CONSTRAINT | primary::TOOBIG | primary::MISMATCH | primary::RANGE => return None,
        primary::ERROR if message.starts_with("no such table") => Fault::Corrupt,
        _ => Fault::Other,
    })
}

/// By PostgreSQL's classes of errors (its manual, appendix A).
fn of_postgres(code: &str) -> Option<Fault> {
    Some(match code {
        "53100" => Fault::DiskFull,
        "25006" => Fault::ReadOnly,
        "42501" => Fault::NotPermitted,
        "58030" => Fault::Io,
        "55P03" => Fault::Busy,
        "XX001" | "XX002" | "42P01" => Fault::Corrupt,
        code => match code.get(..2).unwrap_or_default() {
            "08" | "57" => Fault::Unreachable,
            "28" => Fault::NotPermitted,
            "53" => Fault::Resources,
            "58" => Fault::Io,
            // What was written is at fault, or another writer.
            "21" | "22" | "23" | "40" | "44" | "54" => return None,
            _ => Fault::Other,
        },
    })
}

/// Whether it is known that nothing came of a statement that stood alone, or of a
/// `COMMIT`, which SQLite answered with this code.
///
/// A commit writes its frames at the end of the write-ahead log, the one that makes
/// it a commit last, then syncs, then notes them in the shared index. An error
/// before the last frame stands whole leaves a tail that no checksum holds for. After
/// that, nobody sees the commit, but who opens the file after a crash may find it:
/// failed syncs (`IOERR_FSYNC`) and a failed index (`IOERR_SHMSIZE`, `IOERR_SHMMAP`,
/// no memory) leave in doubt what stands.
pub(super) fn sqlite_did_nothing(code: u32) -> bool {
    /// The extended codes of IOERR that come before the last frame stands.
    const BEFORE: [u32; 11] = [
        1,  // READ
        2,  // SHORT_READ
        3,  // WRITE
        7,  // FSTAT
        9,  // RDLOCK
        13, // ACCESS
        15, // LOCK
        18, // SHMOPEN
        20, // SHMLOCK
        32, // DATA: a checksum of a page that was read
        33, // CORRUPTFS
    ];
    match code % 256 {
        primary::IOERR => BEFORE.contains(&(code >> 8)),
        primary::ERROR
        | primary::PERM
        | primary::BUSY
        | primary::LOCKED
        | primary::READONLY
        | primary::INTERRUPT
        | primary::CORRUPT
        | primary::FULL
        | primary::CANTOPEN
        | primary::PROTOCOL
        | primary::SCHEMA
        | primary::TOOBIG
        | primary::CONSTRAINT
        | primary::MISMATCH
        | primary::AUTH
        | primary::RANGE
        | primary::NOTADB => true,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The codes of sqlite.org/rescode.html.
    #[test]
    fn a_full_or_read_only_file_is_known_to_have_written_nothing() {
        for (code, fault) in [
            (13, Fault::DiskFull),
            (8, Fault::ReadOnly),
            (1032, Fault::FileGone),
            (1544, Fault::ReadOnly),
            (14, Fault::FileGone),
            (3, Fault::NotPermitted),
            (266, Fault::Io),
            (522, Fault::Io),
            (778, Fault::Io),
            (5, Fault::Busy),
            (261, Fault::Busy),
            (11, Fault::Corrupt),
            (26, Fault::Corrupt),
        ] {
            assert!(sqlite_did_nothing(code), "{code}");
            assert_eq!(of_sqlite(code, ""), Some(fault), "{code}");
        }
    }

    #[test]
    fn a_failed_sync_or_shared_index_leaves_in_doubt_what_stands() {
        // IOERR, FSYNC, DIR_FSYNC, SHMSIZE, SHMMAP, NOMEM and memory that ran out.
        for code in [10, 1034, 1290, 4874, 5386, 3082, 7] {
            assert!(!sqlite_did_nothing(code), "{code}");
            assert!(of_sqlite(code, "").is_some(), "{code}");
        }
    }

    #[test]
    fn what_was_written_is_no_fault_of_the_database() {
        for code in [19, 18, 1555, 1299] {
            assert_eq!(of_sqlite(code, ""), None, "{code}");
        }
        for code in ["22021", "23505", "40001", "40P01"] {
            assert_eq!(of_postgres(code), None, "{code}");
        }
        for (code, fault) in [
            ("53100", Fault::DiskFull),
            ("25006", Fault::ReadOnly),
            ("42501", Fault::NotPermitted),
            ("28P01", Fault::NotPermitted),
            ("53300", Fault::Resources),
            ("57P01", Fault::Unreachable),
            ("58030", Fault::Io),
            ("XX001", Fault::Corrupt),
            ("0A000", Fault::Other),
        ] {
            assert_eq!(of_postgres(code), Some(fault), "{code}");
        }
    }
}
