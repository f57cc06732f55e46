//! Where the files come from.

use std::path::{Path, PathBuf};

use super::fault::{Fault, Spot, shown};
use super::text;
use crate::FILES;
use crate::archive::Archive;
use crate::nearest::nearest;

/// A folder with files, an archive of one, or files that are a part of the program.
#[derive(Debug)]
pub enum Source {
    /// A folder.
    Folder(PathBuf),
    /// A zip archive.
    Archive(Archive),
    /// Names and texts.
    Texts(&'static [(&'static str, &'static str)]),
}

/// The files of a folder that are none of those that an import knows.
#[derive(Debug, Default)]
pub struct Strangers {
    /// Files that were meant to be imported.
    pub faults: Vec<Fault>,
    /// Files that are passed over.
    pub passed_over: Vec<String>,
}

impl Strangers {
    /// Takes a file of such a name into account.
    pub(crate) fn note(&mut self, name: &str) {
        match stranger(name) {
            Some(fault) => self.faults.push(fault),
            None => self.passed_over.push(shown(name)),
        }
    }
}

/// The fault of a file that may have been meant as one of those that an import knows.
pub(crate) fn stranger(name: &str) -> Option<Fault> {
    let lower = name.to_lowercase();
    let meant = nearest(&lower, FILES.into_iter());
    // Programs leave hidden files beside those that they work on.
    let is_csv = lower.ends_with(".csv") && !name.starts_with('.');
    let cause = || format!("is none of the files that an import reads; the nearest is {meant}");
    (is_csv || lower == meant).then(|| Fault::of_file(shown(name), cause()))
}

impl Source {
    /// A folder that holds at least one of the files, or a file that may have been meant as one.
    ///
    /// # Errors
    /// If there is no such file, or the folder cannot be read.
    pub fn folder(folder: &Path) -> Result<Self, String> {
        let source = Self::Folder(folder.to_owned());
        let is_there = |file: &str| folder.join(file).exists();
        if FILES.iter().any(|file| is_there(file)) || !source.strangers()?.faults.is_empty() {
            return Ok(source);
        }
        Err(format!(
            "{} holds none of the files: {}",
            folder.display(),
            FILES.join(", ")
        ))
    }

    /// What else is in the folder.
    ///
    /// # Errors
    /// If the folder cannot be read.
    pub fn strangers(&self) -> Result<Strangers, String> {
        let mut strangers = Strangers::default();
        let folder = match self {
            Self::Folder(folder) => folder,
            Self::Archive(archive) => return Ok(archive.strangers()),
            Self::Texts(_) => return Ok(strangers),
        };
        let failed = |error| format!("{}: {error}", folder.display());
        let mut names: Vec<String> = Vec::new();
        for entry in std::fs::read_dir(folder).map_err(failed)? {
            let name = entry.map_err(failed)?.file_name();
            names.push(name.to_string_lossy().into_owned());
        }
        names.retain(|name| !FILES.contains(&name.as_str()));
        names.sort();
        names.iter().for_each(|name| strangers.note(name));
        Ok(strangers)
    }

    /// The text of a file; `None` if there is no such file.
    pub(super) fn read(&self, file: &'static str) -> Result<Option<String>, Fault> {
        let bytes = match self {
            Self::Texts(texts) => {
                let text = texts.iter().find(|(name, _)| *name == file);
                return Ok(text.map(|(_, text)| (*text).to_owned()));
            }
            Self::Archive(archive) => archive.read(file)?,
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn other_files_are_named_and_a_csv_among_them_is_a_fault() {
        let folder = tempfile::tempdir().unwrap();
        for name in [
            "users.csv",
            "user.csv",
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
                format!("user.csv: {fault} users.csv"),
            ]
        );
        assert_eq!(
            strangers.passed_over,
            ["._users.csv", "notes.txt", "old", "users.xlsx"]
        );
    }

    #[test]
    fn a_folder_without_anything_to_import_is_told() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("notes.txt"), "").unwrap();
        let error = Source::folder(folder.path()).unwrap_err();
        assert!(error.contains("holds none of the files"));
        assert!(Source::folder(&folder.path().join("none")).is_err());
        // What was meant is told with the faults.
        std::fs::write(folder.path().join("user.csv"), "").unwrap();
        assert!(Source::folder(folder.path()).is_ok());
    }
}
