//! Snapshots of a SQLite log: each a file of its own, in a folder for its tenant beside the
//! database. So nobody who writes waits for one: it is not in the file that commits go to.
//! With a folder for each tenant, looking for a tenant's snapshots costs nothing where there
//! are many tenants.
//!
//! A snapshot is written aside, synced, and renamed: what has its name is whole.

use std::fs::{DirBuilder, File, OpenOptions, TryLockError};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use attache_core::State;
use attache_core::cause::chain;
use attache_core::id::{Revision, TenantId};
use uuid::Uuid;

use super::snapshot::{self, FORMAT, Head, Unusable};
use super::stored_snapshots::{Condition, Stored};

/// How much is written between two syncs, in bytes. The disk is never handed so
/// much at once that a commit would wait for it.
const PIECE: usize = 1 << 20;

/// How the name of one ends that is whole, and of one that is being written.
const WHOLE: &str = "snapshot";
const ASIDE: &str = "new";

/// Returns the folder for the snapshots of a SQLite database: `attache.db-snapshots` beside
/// `attache.db`, with a file `<tenant>/<revision>.snapshot` for each snapshot. The folder
/// can be deleted at any time.
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
    /// Of a database. Removes what a process that was killed left half written, and moves what
    /// an older version wrote to its place.
    pub(super) fn open(database: &Path) -> Self {
        let files = Self {
            folder: snapshots_beside(database),
        };
        files.remove_leftovers();
        files
    }

    /// The folder of a tenant.
    fn of(&self, tenant: TenantId) -> PathBuf {
        self.folder.join(tenant.to_string())
    }

    fn file(&self, tenant: TenantId, revision: Revision) -> PathBuf {
        self.of(tenant).join(format!("{revision}.{WHOLE}"))
    }

    /// Where versions had the only one of a tenant, when it was found without its revision.
    fn older(&self, tenant: TenantId) -> PathBuf {
        self.folder.join(format!("{tenant}.{WHOLE}"))
    }

    /// A process that writes one holds a lock on it.
    fn remove_leftovers(&self) {
        let Ok(files) = std::fs::read_dir(&self.folder) else {
            return;
        };
        for path in files.flatten().map(|file| file.path()) {
            if path.extension().is_some_and(|end| end == WHOLE) {
                self.move_older(&path);
            }
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

    /// Moves a snapshot that an older version wrote to its place. One that cannot be used is
    /// removed: nobody would find it.
    fn move_older(&self, path: &Path) {
        let moved = File::open(path)
            .map_err(|error| error.to_string())
            .and_then(|mut file| Head::read(&mut file).map_err(|error| chain(&error).to_string()))
            .and_then(|head| {
                let moved = make_folder(&self.of(head.tenant))
                    .and_then(|()| std::fs::rename(path, self.file(head.tenant, head.revision)));
                moved.map_err(|error| error.to_string())
            });
        if let Err(reason) = moved {
            tracing::warn!(file = %path.display(), reason, "a snapshot of an older version was thrown away");
            remove(path);
        }
    }

    /// The revisions of a tenant's snapshots, the newest first.
    fn revisions(&self, tenant: TenantId) -> Vec<Revision> {
        let folder = self.of(tenant);
        let files = match std::fs::read_dir(&folder) {
            Ok(files) => files,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Vec::new(),
            Err(error) => {
                tracing::warn!(%tenant, folder = %folder.display(), %error, "snapshots cannot be read; the tenant is made from its entries");
                return Vec::new();
            }
        };
        let revision = |path: PathBuf| {
            let is_whole = path.extension()? == WHOLE;
            let number = is_whole.then_some(path.file_stem()?.to_str()?)?;
            // As a column of a database holds it.
            number.parse().ok().filter(|it| i64::try_from(*it).is_ok())
        };
        let paths = files.flatten().map(|file| file.path());
        let mut revisions: Vec<u64> = paths.filter_map(revision).collect();
        revisions.sort_unstable_by(|one, other| other.cmp(one));
        revisions.into_iter().map(Revision).collect()
    }

    /// The state of the newest usable snapshot of a tenant up to a revision. A damaged one is
    /// said and removed.
    pub(super) fn load(&self, tenant: TenantId, up_to: Revision) -> Option<State> {
        let revisions = self.revisions(tenant).into_iter();
        revisions
            .filter(|revision| *revision <= up_to)
            .find_map(|revision| self.load_one(tenant, revision))
    }

    /// The revision of the newest snapshot of a tenant up to a revision, usable or not.
    pub(super) fn revision(&self, tenant: TenantId, up_to: Revision) -> Option<Revision> {
        let mut revisions = self.revisions(tenant).into_iter();
        revisions.find(|revision| *revision <= up_to)
    }

    fn load_one(&self, tenant: TenantId, revision: Revision) -> Option<State> {
        let path = self.file(tenant, revision);
        let reason = match std::fs::read(&path) {
            Ok(bytes) => match snapshot::read(&bytes) {
                Ok(state) if (state.tenant(), state.revision()) == (tenant, revision) => {
                    return Some(state);
                }
                Ok(_) => "it is of another state than its name says".to_owned(),
                Err(Unusable::OtherForm(format)) => {
                    tracing::info!(%tenant, %revision, format, "a snapshot is of another version and is not used");
                    return None;
                }
                Err(error) => chain(&error).to_string(),
            },
            Err(error) if error.kind() == io::ErrorKind::NotFound => return None,
            Err(error) => error.to_string(),
        };
        tracing::warn!(%tenant, file = %path.display(), reason, "a snapshot was thrown away; the tenant is made from the one before it, or from its entries");
        remove(&path);
        None
    }

    /// All snapshots of a tenant, the newest first, as far as their heads tell.
    pub(super) fn stored(&self, tenant: TenantId) -> Vec<Stored> {
        let stored = |revision: Revision| {
            let mut file = File::open(self.file(tenant, revision)).ok()?;
            let (format, condition) = match Head::read(&mut file) {
                Ok(head) if (head.tenant, head.revision) == (tenant, revision) => {
                    (FORMAT, Condition::Own(head.last_entry))
                }
                Err(Unusable::OtherForm(format)) => (format, Condition::OtherForm),
                Ok(_) | Err(Unusable::Damaged(_)) => (FORMAT, Condition::Damaged),
            };
            Some(Stored {
                revision: i64::try_from(revision.0).ok()?,
                format: format.into(),
                condition,
            })
        };
        self.revisions(tenant)
            .into_iter()
            .filter_map(stored)
            .collect()
    }

    pub(super) fn remove(&self, tenant: TenantId, revision: Revision) {
        remove(&self.file(tenant, revision));
    }

    /// Removes all snapshots of a tenant, where they must be gone.
    pub(super) fn remove_surely(&self, tenant: TenantId) -> io::Result<()> {
        let gone = |done: io::Result<()>| match done {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        };
        gone(std::fs::remove_file(self.older(tenant)))?;
        let files = match std::fs::read_dir(self.of(tenant)) {
            Ok(files) => files,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            Err(error) => return Err(error),
        };
        for file in files {
            gone(std::fs::remove_file(file?.path()))?;
        }
        Ok(())
    }

    /// Let bytes be a tenant's snapshot at a revision. When this returns, it survives a loss of
    /// power.
    pub(super) fn save(
        &self,
        tenant: TenantId,
        revision: Revision,
        bytes: &[u8],
    ) -> io::Result<()> {
        make_folder(&self.of(tenant))?;
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
        std::fs::rename(&aside.0, self.file(tenant, revision))?;
        sync_folder(&self.of(tenant))?;
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

    /// The paths of all files in a folder and in the folders there, from it on.
    fn names(folder: &Path) -> Vec<String> {
        let mut names = Vec::new();
        for path in std::fs::read_dir(folder).unwrap() {
            let path = path.unwrap().path();
            let name = path.file_name().unwrap().to_str().unwrap().to_owned();
            match path.is_dir() {
                true => names.extend(self::names(&path).iter().map(|it| format!("{name}/{it}"))),
                false => names.push(name),
            }
        }
        names.sort();
        names
    }

    fn opened() -> (tempfile::TempDir, PathBuf, SnapshotFiles) {
        let folder = tempfile::tempdir().unwrap();
        let database = folder.path().join("attache.db");
        let files = SnapshotFiles::open(&database);
        (folder, database, files)
    }

    const TENANT: TenantId = TenantId(Uuid::from_u128(1));

    /// A state without entries, as a snapshot.
    fn empty() -> Vec<u8> {
        snapshot::of_nothing(TENANT)
    }

    #[test]
    fn leftovers_of_a_killed_process_are_removed_at_start_and_no_others() {
        let (_folder, database, files) = opened();
        assert!(!files.folder.exists(), "it is made when it is needed");
        files.save(TENANT, Revision(7), b"whole").unwrap();
        let left = files.folder.join(format!("{TENANT}.1.new"));
        std::fs::write(&left, b"ha").unwrap();
        let path = files.folder.join(format!("{TENANT}.2.new"));
        let under_way = File::create(&path).unwrap();
        under_way.lock().unwrap();
        SnapshotFiles::open(&database);
        let (saved, aside) = (format!("{TENANT}/7.snapshot"), format!("{TENANT}.2.new"));
        assert_eq!(names(&files.folder), [aside, saved.clone()]);
        drop(under_way);
        SnapshotFiles::open(&database);
        assert_eq!(names(&files.folder), [saved]);
    }

    #[test]
    fn a_snapshot_of_an_older_version_is_moved_and_a_damaged_one_removed() {
        let (_folder, database, files) = opened();
        std::fs::create_dir(&files.folder).unwrap();
        std::fs::write(files.older(TENANT), empty()).unwrap();
        let other = TenantId(Uuid::from_u128(2));
        std::fs::write(files.older(other), &empty()[1..]).unwrap();
        SnapshotFiles::open(&database);
        assert_eq!(names(&files.folder), [format!("{TENANT}/0.snapshot")]);
        assert!(files.load(TENANT, Revision(0)).is_some());
    }

    #[test]
    fn a_snapshot_of_a_newer_version_stays_and_is_not_used() {
        let (_folder, _, files) = opened();
        let newer = snapshot::in_form(empty(), 77);
        files.save(TENANT, Revision(0), &newer).unwrap();
        assert!(files.load(TENANT, Revision(9)).is_none());
        let stored = files.stored(TENANT);
        assert_eq!(stored.len(), 1);
        let found = (stored[0].format, stored[0].condition);
        assert_eq!(found, (77, Condition::OtherForm));
    }

    #[test]
    fn a_file_under_the_name_of_another_revision_is_not_believed() {
        let (_folder, _, files) = opened();
        files.save(TENANT, Revision(0), &empty()).unwrap();
        files.save(TENANT, Revision(3), &empty()).unwrap();
        std::fs::write(files.of(TENANT).join("x.snapshot"), empty()).unwrap();
        let conditions: Vec<_> = files.stored(TENANT).iter().map(|it| it.condition).collect();
        let own = Condition::Own(attache_core::id::EntryId(Uuid::nil()));
        assert_eq!(conditions, [Condition::Damaged, own]);
        let state = files.load(TENANT, Revision(9)).unwrap();
        assert_eq!(state.revision(), Revision(0));
        assert!(!files.file(TENANT, Revision(3)).exists());
        files.remove_surely(TENANT).unwrap();
        assert_eq!(names(&files.folder), <[String; 0]>::default());
        files.remove_surely(TENANT).unwrap();
    }

    #[test]
    fn what_cannot_be_saved_leaves_nothing() {
        let (_folder, _, files) = opened();
        // Its place is taken by what cannot be replaced.
        let place = files.file(TENANT, Revision(3));
        std::fs::create_dir_all(place.join("x")).unwrap();
        assert!(files.save(TENANT, Revision(3), b"whole").is_err());
        assert_eq!(names(&files.folder), <[String; 0]>::default());
        assert!(files.load(TENANT, Revision(9)).is_none());
    }

    #[cfg(unix)]
    #[test]
    fn snapshots_are_their_owners_only() {
        use std::os::unix::fs::PermissionsExt as _;
        let (_folder, _, files) = opened();
        files.save(TENANT, Revision(3), b"whole").unwrap();
        let mode = |path: &Path| path.metadata().unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(&files.folder), 0o700);
        assert_eq!(mode(&files.of(TENANT)), 0o700);
        assert_eq!(mode(&files.file(TENANT, Revision(3))), 0o600);
    }
}
