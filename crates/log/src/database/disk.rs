//! Why SQLite cannot open a file: what its disk says. SQLite names the step that failed, as
//! a number.

use std::fs::OpenOptions;
use std::io::{self, ErrorKind, Write as _};
use std::path::{Path, PathBuf};

/// How many bytes opening a database needs: its shared index (`-shm`) has 32 KiB.
const NEEDED: usize = 64 * 1_024;

/// Returns what is wrong with the disk of a file, and what to do. `None` if the disk takes
/// as many bytes as opening the file needs. Writes and removes a file to find out.
pub(crate) fn wrong_with(file: &Path) -> Option<String> {
    let probe = beside(file);
    let written = write(&probe);
    // Where it could not be made there is nothing to remove.
    let _ = std::fs::remove_file(&probe);
    written.err().as_ref().and_then(said_of)
}

/// Returns what an error of a disk means, and what to do. `None` for other errors.
pub(crate) fn said_of(error: &io::Error) -> Option<String> {
    let (what, advice) = match error.kind() {
        ErrorKind::StorageFull => ("the disk is full", "make space on it"),
        ErrorKind::QuotaExceeded => ("the quota of the disk is used up", "make space in it"),
        ErrorKind::FileTooLarge => (
            "a file may not grow further",
            "raise the limit of the process (`ulimit -f`)",
        ),
        ErrorKind::ReadOnlyFilesystem => ("the disk can only be read", "make it writable"),
        ErrorKind::PermissionDenied => (
            "the folder may not be written to",
            "give the user of this process the right to it",
        ),
        _ => return None,
    };
    Some(format!(
        "{what}: {advice}, then start again. SQLite opens no file without room for its shared index"
    ))
}

fn write(probe: &Path) -> io::Result<()> {
    let mut file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .open(probe)?;
    file.write_all(&[0; NEEDED])?;
    file.sync_all()
}

/// A name beside the file that no other process uses.
fn beside(file: &Path) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(format!("-probe-{}", std::process::id()));
    name.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_disk_with_room_is_not_to_blame_and_nothing_is_left_on_it() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(wrong_with(&folder.path().join("attache.db")), None);
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    }

    #[test]
    fn a_fault_of_the_disk_says_what_to_do() {
        for (kind, begins) in [
            (ErrorKind::StorageFull, "the disk is full: make space"),
            (
                ErrorKind::ReadOnlyFilesystem,
                "the disk can only be read: make it writable",
            ),
        ] {
            let said = said_of(&kind.into()).unwrap();
            assert!(said.starts_with(begins), "{said}");
        }
        assert_eq!(said_of(&ErrorKind::NotFound.into()), None);
    }
}
