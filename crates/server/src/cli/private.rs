//! Files and folders that only their owner may read, whatever their earlier permissions:
//! they have tokens or personal data.

use std::fs::{self, DirBuilder, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

/// A file that is written under a temporary name and renamed when it is complete. A
/// process that has the old file open reads nothing of the new one.
pub(super) enum PrivateFile {
    Beside(NamedTempFile, PathBuf),
    /// A pipe or a device, which cannot be replaced.
    AsItIs(File),
}

impl PrivateFile {
    /// Creates the file for a path. Follows links.
    ///
    /// # Errors
    /// If the path's folder is not writable.
    pub(super) fn create(path: &Path) -> io::Result<Self> {
        let place = match fs::metadata(path) {
            Ok(found) if !found.is_file() && !found.is_dir() => {
                let file = fs::OpenOptions::new().write(true).open(path)?;
                return Ok(Self::AsItIs(file));
            }
            Ok(_) => fs::canonicalize(path)?,
            Err(_) => path.to_owned(),
        };
        let folder = place.parent().filter(|it| !it.as_os_str().is_empty());
        let beside = NamedTempFile::new_in(folder.unwrap_or(Path::new(".")))?;
        Ok(Self::Beside(beside, place))
    }

    /// Puts the file in its place.
    ///
    /// # Errors
    /// If it cannot be renamed. Then the old file stays.
    pub(super) fn finish(mut self) -> io::Result<()> {
        self.flush()?;
        match self {
            Self::Beside(file, place) => file.persist(place).map(drop).map_err(|it| it.error),
            Self::AsItIs(_) => Ok(()),
        }
    }
}

impl Write for PrivateFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::Beside(file, _) => file.write(bytes),
            Self::AsItIs(file) => file.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::Beside(file, _) => file.flush(),
            Self::AsItIs(file) => file.flush(),
        }
    }
}

/// Creates a folder if it is missing. Makes an existing folder private if `is_own` holds
/// for all files in it: other folders may be shared with other programs.
///
/// # Errors
/// If the folder cannot be created.
pub(super) fn folder(path: &Path, is_own: impl Fn(&str) -> bool) -> io::Result<()> {
    let path = match path.as_os_str().is_empty() {
        true => Path::new("."),
        false => path,
    };
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)?;
    let is_own = |entry: io::Result<fs::DirEntry>| {
        entry.is_ok_and(|entry| entry.file_name().to_str().is_some_and(&is_own))
    };
    let all_own = fs::read_dir(path).is_ok_and(|mut entries| entries.all(is_own));
    #[cfg(unix)]
    if all_own {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = fs::metadata(path)?.permissions().mode();
        if mode & 0o077 != 0 {
            // Of a folder of another owner, that owner decides.
            let _ = fs::set_permissions(path, fs::Permissions::from_mode(0o700));
        }
    }
    Ok(())
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use std::io::Read as _;
    use std::os::unix::fs::{PermissionsExt as _, symlink};

    use super::*;

    fn mode(path: &Path) -> u32 {
        fs::metadata(path).unwrap().permissions().mode() & 0o777
    }

    fn open_to_all(path: &Path, text: &str) {
        fs::write(path, text).unwrap();
        fs::set_permissions(path, fs::Permissions::from_mode(0o666)).unwrap();
    }

    fn write(path: &Path, text: &str) {
        let mut file = PrivateFile::create(path).unwrap();
        file.write_all(text.as_bytes()).unwrap();
        file.finish().unwrap();
    }

    #[test]
    fn a_file_is_its_owners_only_whatever_it_was_before() {
        let folder = tempfile::tempdir().unwrap();
        let (file, link) = (folder.path().join("file"), folder.path().join("link"));
        open_to_all(&file, "old");
        let mut reader = File::open(&file).unwrap();
        write(&file, "new");
        assert_eq!(
            (fs::read_to_string(&file).unwrap().as_str(), mode(&file)),
            ("new", 0o600)
        );
        let mut seen = String::new();
        reader.read_to_string(&mut seen).unwrap();
        assert_eq!(seen, "old", "who has it open reads nothing new");
        open_to_all(&file, "old");
        symlink(&file, &link).unwrap();
        write(&link, "through a link");
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
        assert_eq!(fs::read_to_string(&file).unwrap(), "through a link");
        assert_eq!(mode(&file), 0o600);
        let names = fs::read_dir(folder.path()).unwrap().count();
        assert_eq!(names, 2, "nothing is left beside it");
    }

    #[test]
    fn a_file_that_was_not_finished_leaves_the_old_one() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        fs::write(&path, "old").unwrap();
        let mut file = PrivateFile::create(&path).unwrap();
        file.write_all(b"half").unwrap();
        drop(file);
        assert_eq!(fs::read_to_string(&path).unwrap(), "old");
    }

    #[test]
    fn a_device_is_written_to() {
        write(Path::new("/dev/null"), "gone");
        assert!(Path::new("/dev/null").exists());
    }

    #[test]
    fn a_folder_of_own_files_is_its_owners_only() {
        let parent = tempfile::tempdir().unwrap();
        let is_own = |name: &str| name == "own";
        let new = parent.path().join("a/b");
        folder(&new, is_own).unwrap();
        assert_eq!(mode(&new), 0o700);
        for (name, expected) in [("own", 0o700), ("another", 0o755)] {
            let path = parent.path().join(format!("with {name}"));
            fs::create_dir(&path).unwrap();
            fs::write(path.join(name), "").unwrap();
            fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
            folder(&path, is_own).unwrap();
            assert_eq!(mode(&path), expected, "{name}");
        }
    }
}
