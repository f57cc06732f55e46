//! The source of an import's files.

use std::path::{Path, PathBuf};

use super::fault::{Fault, Spot};
use super::strangers::Strangers;
use super::text;
use crate::FILES;
use crate::archive::Archive;

/// A folder, an archive, or files that are part of the program.
#[derive(Debug)]
pub enum Source {
    /// A folder.
    Folder(PathBuf),
    /// A zip archive.
    Archive(Archive),
    /// Names and texts of files.
    Texts(&'static [(&'static str, &'static str)]),
}

/// Why a folder is no source of an import.
#[derive(Debug, thiserror::Error)]
pub enum SourceError {
    /// The folder cannot be read.
    #[error("{}: {cause}", folder.display())]
    Unreadable {
        /// The folder.
        folder: PathBuf,
        /// The system's error.
        #[source]
        cause: std::io::Error,
    },
    /// The folder has none of the files, and none that may be meant as one.
    #[error("{} holds none of the files: {instead}", folder.display())]
    NoFiles {
        /// The folder.
        folder: PathBuf,
        /// The files in it, for people.
        instead: String,
    },
}

impl Source {
    /// Returns a folder as a source, if it has one of the files, or one that may be meant
    /// as one.
    ///
    /// # Errors
    /// If it has no such file, or cannot be read.
    pub fn folder(folder: &Path) -> Result<Self, SourceError> {
        let source = Self::Folder(folder.to_owned());
        if FILES.iter().any(|file| folder.join(file).exists()) {
            return Ok(source);
        }
        match source.strangers()?.alone() {
            None => Ok(source),
            Some(instead) => Err(SourceError::NoFiles {
                folder: folder.to_owned(),
                instead,
            }),
        }
    }

    /// Returns the files that an import does not read, with those that may be meant as
    /// others.
    ///
    /// # Errors
    /// If the folder cannot be read.
    pub fn strangers(&self) -> Result<Strangers, SourceError> {
        let mut strangers = Strangers::default();
        let folder = match self {
            Self::Folder(folder) => folder,
            Self::Archive(archive) => return Ok(archive.strangers()),
            Self::Texts(_) => return Ok(strangers),
        };
        let failed = |cause| SourceError::Unreadable {
            folder: folder.clone(),
            cause,
        };
        let mut names: Vec<(String, bool)> = Vec::new();
        for entry in std::fs::read_dir(folder).map_err(failed)? {
            let entry = entry.map_err(failed)?;
            let name = entry.file_name().to_string_lossy().into_owned();
            names.push((name, entry.path().is_dir()));
        }
        names.retain(|(name, _)| !FILES.contains(&name.as_str()));
        names.sort();
        for (name, is_folder) in names {
            match is_folder {
                true => strangers.pass_over(&name),
                false => strangers.note(&name, |file| folder.join(file).exists()),
            }
        }
        Ok(strangers)
    }

    /// Returns the text of a file; `None` if it does not exist.
    pub(super) fn read(&self, file: &'static str) -> Result<Option<String>, Fault> {
        let bytes = match self {
            Self::Texts(texts) => {
                let text = texts.iter().find(|(name, _)| *name == file);
                return Ok(text.map(|(_, text)| (*text).to_owned()));
            }
            Self::Archive(archive) => archive.read(file)?,
            // Reading something else than a file, such as a pipe, may never end.
            Self::Folder(folder) if is_other(&folder.join(file)) => {
                return Err(Fault::of_file(file, "is no file"));
            }
            Self::Folder(folder) => match std::fs::read(folder.join(file)) {
                Ok(bytes) => Some(bytes),
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => None,
                Err(error) => return Err(Fault::of_file(file, error.to_string())),
            },
        };
        let decode = |bytes| {
            text::decode(bytes).map_err(|no_text| {
                let line = no_text.line;
                Spot { file, line }.fault("", no_text.reason)
            })
        };
        bytes.map(decode).transpose()
    }
}

/// Returns whether a path exists and is not a file.
fn is_other(path: &Path) -> bool {
    std::fs::metadata(path).is_ok_and(|there| !there.is_file())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn other_files_are_named_and_a_csv_among_them_is_a_fault() {
        let folder = tempfile::tempdir().unwrap();
        for name in [
            "users.csv",
            "user.csv",
            "Kopie von users.csv",
            "Group Users (2).csv",
            "Grants.CSV",
            "Catalogue.toml",
            "notes.txt",
            "users.xlsx",
            "._users.csv",
        ] {
            std::fs::write(folder.path().join(name), "").unwrap();
        }
        std::fs::create_dir(folder.path().join("old")).unwrap();
        let strangers = Source::folder(folder.path()).unwrap().strangers().unwrap();
        let faults: Vec<String> = strangers.faults.iter().map(Fault::to_string).collect();
        let fault = "is none of the files that an import reads; the nearest is";
        assert_eq!(
            faults,
            [
                format!("Catalogue.toml: {fault} catalogue.toml"),
                format!("Grants.CSV: {fault} grants.csv"),
                format!("Group Users (2).csv: {fault} group_users.csv"),
                format!("Kopie von users.csv: {fault} users.csv"),
                format!("user.csv: {fault} users.csv"),
            ]
        );
        assert_eq!(
            strangers.passed_over,
            ["._users.csv", "notes.txt", "old", "users.xlsx"]
        );
    }

    #[test]
    fn what_is_no_file_is_a_fault() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("users.csv")).unwrap();
        let source = Source::folder(folder.path()).unwrap();
        let fault = source.read("users.csv").unwrap_err().to_string();
        assert_eq!(fault, "users.csv: is no file");
    }

    #[test]
    fn a_folder_without_anything_to_import_is_told() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("notes.txt"), "").unwrap();
        let error = Source::folder(folder.path()).unwrap_err().to_string();
        assert!(error.contains("holds none of the files"), "{error}");
        assert!(error.ends_with("(there is notes.txt)"), "{error}");
        assert!(Source::folder(&folder.path().join("none")).is_err());
        // What was meant is told with the faults.
        for name in [
            "users.tsv",
            "Users.CSV",
            ".users.csv",
            "users.csv.txt",
            "users.xlsx",
        ] {
            let folder = tempfile::tempdir().unwrap();
            std::fs::create_dir(folder.path().join("users")).unwrap();
            std::fs::write(folder.path().join(name), "").unwrap();
            let strangers = Source::folder(folder.path()).unwrap().strangers().unwrap();
            let fault = strangers.faults[0].to_string();
            assert!(fault.starts_with(name), "{fault}");
            assert!(fault.contains("the nearest is users.csv"), "{fault}");
            assert_eq!(strangers.passed_over, ["users"]);
        }
    }
}
