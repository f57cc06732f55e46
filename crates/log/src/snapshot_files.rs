//! Snapshots of a SQLite log: each a file of its own, in a folder beside the
//! database. So nobody who writes waits for one: it is not in the file that
//! commits go to.
//!
//! A snapshot is written aside, synced, and renamed: what has its name is whole.

use std::fs::{DirBuilder, File, OpenOptions, TryLockError};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use attache_core::State;
use attache_core::cause::chain;
use attache_core::id::TenantId;
use uuid::Uuid;

use super::snapshot::{self, Head};

/// How much is written between two syncs, in bytes. The disk is never handed so
/// much at once that a commit would wait for it.
const PIECE: usize = 1 << 20;

/// How the name of one ends that is whole, and of one that is being written.
const WHOLE: &str = "snapshot";
const ASIDE: &str = "new";

/// The folder for the snapshots of a SQLite database: `attache.db-snapshots`
/// beside `attache.db`. It can be deleted at any time.
#[must_use]
pub fn snapshots_beside(database: &Path) -> PathBuf {
    let mut name = database.file_name().unwrap_or_default().to_owned();
    name.push("-snapshots");
    database.with_file_name(name)
}

/// The folder. All of this blocks: not for an async thread.
#[derive(Clone, Debug)]
pub(super) struct SnapshotFiles {
    folder: PathBuf,
}

impl SnapshotFiles {
    /// Of a database. Removes what a process that was killed left half written.
    pub(super) fn open(database: &Path) -> Self {
        let files = Self {
            folder: snapshots_beside(database),
        };
        files.remove_leftovers();
        files
    }

    fn whole(&self, tenant: TenantId) -> PathBuf {
        self.folder.join(format!("{tenant}.{WHOLE}"))
    }

    /// A process that writes one holds a lock on it.
    fn remove_leftovers(&self) {
        let Ok(files) = std::fs::read_dir(&self.folder) else {
            return;
        };
        for path in files.flatten().map(|file| file.path()) {
            if path.extension().is_none_or(|end| end != ASIDE) {
                continue;
            }
            let locked = OpenOptions::new()
                .append(true)
                .open(&path)
                .map(|file| file.try_lock());
            if !matches!(locked, Ok(Err(TryLockError::WouldBlock))) {
                remove(&path);
            }
        }
    }

    /// The state of a tenant's snapshot. One that cannot be used is said and
    /// removed.
    pub(super) fn load(&self, tenant: TenantId) -> Option<State> {
        let path = self.whole(tenant);
        let reason = match std::fs::read(&path) {
            Ok(bytes) => match snapshot::read(&bytes) {
                Ok(state) if state.tenant() == tenant => return Some(state),
                Ok(_) => "it is another tenant's".to_owned(),
                Err(error) => chain(&error).to_string(),
            },
            Err(error) if error.kind() == io::ErrorKind::NotFound => return None,
            Err(error) => error.to_string(),
        };
        tracing::warn!(%tenant, file = %path.display(), reason, "a snapshot was thrown away; the tenant is made from its entries");
        remove(&path);
        None
    }

    /// The head of a tenant's snapshot, if there is one that can be used.
    pub(super) fn head(&self, tenant: TenantId) -> Option<Head> {
        let mut file = File::open(self.whole(tenant)).ok()?;
        let head = Head::read(&mut file).ok()?;
        (head.tenant == tenant).then_some(head)
    }

    pub(super) fn remove(&self, tenant: TenantId) {
        remove(&self.whole(tenant));
    }

    /// The same, where it must be gone.
    pub(super) fn remove_surely(&self, tenant: TenantId) -> io::Result<()> {
        match std::fs::remove_file(self.whole(tenant)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }

    /// Let bytes be a tenant's snapshot.
    pub(super) fn save(&self, tenant: TenantId, bytes: &[u8]) -> io::Result<()> {
        make_folder(&self.folder)?;
        let name = format!("{tenant}.{}.{ASIDE}", Uuid::now_v7());
        let aside = Aside(self.folder.join(name));
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut file = options.open(&aside.0)?;
        // Where there are no locks, a server that starts meanwhile removes it,
        // and this is an error.
        let _ = file.try_lock();
        for piece in bytes.chunks(PIECE) {
            file.write_all(piece)?;
            file.sync_data()?;
        }
        file.sync_all()?;
        std::fs::rename(&aside.0, self.whole(tenant))?;
        sync_folder(&self.folder)
    }
}

/// A file that is being written. It goes with this, unless it was renamed.
struct Aside(PathBuf);

impl Drop for Aside {
    fn drop(&mut self) {
        remove(&self.0);
    }
}

/// It holds names and addresses: nobody else may look.
fn make_folder(folder: &Path) -> io::Result<()> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

#[cfg(unix)]
fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

#[cfg(not(unix))]
fn sync_folder(_: &Path) -> io::Result<()> {
    Ok(())
}

fn remove(path: &Path) {
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            tracing::warn!(file = %path.display(), %error, "a file could not be removed");
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(folder: &Path) -> Vec<String> {
        let names = std::fs::read_dir(folder).unwrap();
        let mut names: Vec<String> = names
            .map(|file| file.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }

    #[test]
    fn leftovers_of_a_killed_process_are_removed_at_start_and_no_others() {
        let folder = tempfile::tempdir().unwrap();
        let database = folder.path().join("attache.db");
        let files = SnapshotFiles::open(&database);
        assert!(!files.folder.exists(), "it is made when it is needed");
        let tenant = TenantId(Uuid::from_u128(1));
        files.save(tenant, b"whole").unwrap();
        let left = files.folder.join(format!("{tenant}.1.new"));
        std::fs::write(&left, b"ha").unwrap();
        let path = files.folder.join(format!("{tenant}.2.new"));
        let under_way = File::create(&path).unwrap();
        under_way.lock().unwrap();
        SnapshotFiles::open(&database);
        assert_eq!(
            names(&files.folder),
            [format!("{tenant}.2.new"), format!("{tenant}.snapshot")]
        );
        drop(under_way);
        SnapshotFiles::open(&database);
        assert_eq!(names(&files.folder), [format!("{tenant}.snapshot")]);
    }

    #[test]
    fn what_cannot_be_saved_leaves_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let files = SnapshotFiles::open(&folder.path().join("attache.db"));
        let tenant = TenantId(Uuid::from_u128(1));
        // Its place is taken by what cannot be replaced.
        std::fs::create_dir_all(files.whole(tenant).join("x")).unwrap();
        assert!(files.save(tenant, b"whole").is_err());
        assert_eq!(names(&files.folder), [format!("{tenant}.snapshot")]);
        assert!(files.load(tenant).is_none());
    }

    #[cfg(unix)]
    #[test]
    fn snapshots_are_their_owners_only() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().unwrap();
        let files = SnapshotFiles::open(&folder.path().join("attache.db"));
        let tenant = TenantId(Uuid::from_u128(1));
        files.save(tenant, b"whole").unwrap();
        let mode = |path: &Path| path.metadata().unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(&files.folder), 0o700);
        assert_eq!(mode(&files.whole(tenant)), 0o600);
    }
}
