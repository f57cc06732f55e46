//! Where the files come from.

use std::path::{Path, PathBuf};

use super::fault::{Fault, Spot, shown};
use super::text;
use crate::cli::CliError;
use crate::config::nearest;

/// A folder with files, or files that are a part of the program.
#[derive(Debug)]
pub(in crate::cli) enum Source {
    /// A folder.
    Folder(PathBuf),
    /// Names and texts.
    Texts(&'static [(&'static str, &'static str)]),
}

/// The names that files can have.
pub(in crate::cli) const FILES: [&str; 8] = [
    "catalogue.toml",
    "resources.csv",
    "users.csv",
    "groups.csv",
    "services.csv",
    "group_users.csv",
    "memberships.csv",
    "grants.csv",
];

/// The files of a folder that are none of those that an import knows.
#[derive(Debug, Default)]
pub(super) struct Strangers {
    /// Files that were meant to be imported.
    pub(super) faults: Vec<Fault>,
    /// Files that are passed over.
    pub(super) passed_over: Vec<String>,
}

impl Source {
    /// A folder that holds at least one of the files, or a file that may have been meant as one.
    pub(in crate::cli) fn folder(folder: &Path) -> Result<Self, CliError> {
        let source = Self::Folder(folder.to_owned());
        let is_there = |file: &str| folder.join(file).exists();
        if FILES.iter().any(|file| is_there(file)) || !source.strangers()?.faults.is_empty() {
            return Ok(source);
        }
        Err(CliError::new(format!(
            "{} holds none of the files: {}",
            folder.display(),
            FILES.join(", ")
        )))
    }

    /// What else is in the folder.
    pub(super) fn strangers(&self) -> Result<Strangers, CliError> {
        let mut strangers = Strangers::default();
        let Self::Folder(folder) = self else {
            return Ok(strangers);
        };
        let failed = |error| CliError::new(format!("{}: {error}", folder.display()));
        let mut names: Vec<String> = Vec::new();
        for entry in std::fs::read_dir(folder).map_err(failed)? {
            let name = entry.map_err(failed)?.file_name();
            names.push(name.to_string_lossy().into_owned());
        }
        names.retain(|name| !FILES.contains(&name.as_str()));
        names.sort();
        for name in names {
            let lower = name.to_lowercase();
            let meant = nearest(&lower, FILES.into_iter());
            // Programs leave hidden files beside those that they work on.
            let is_csv = lower.ends_with(".csv") && !name.starts_with('.');
            if is_csv || lower == meant {
                let cause =
                    format!("is none of the files that an import reads; the nearest is {meant}");
                strangers.faults.push(Fault::of_file(shown(&name), cause));
            } else {
                strangers.passed_over.push(shown(&name));
            }
        }
        Ok(strangers)
    }

    /// The text of a file; `None` if there is no such file.
    pub(super) fn read(&self, file: &'static str) -> Result<Option<String>, Fault> {
        match self {
            Self::Texts(texts) => {
                let text = texts.iter().find(|(name, _)| *name == file);
                Ok(text.map(|(_, text)| (*text).to_owned()))
            }
            Self::Folder(folder) => match std::fs::read(folder.join(file)) {
                Ok(bytes) => text::decode(bytes).map(Some).map_err(|no_text| {
                    let line = no_text.line;
                    Spot { file, line }.fault("", no_text.reason)
                }),
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
                Err(error) => Err(Fault::of_file(file, error.to_string())),
            },
        }
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
        assert!(error.message().contains("holds none of the files"));
        assert!(Source::folder(&folder.path().join("none")).is_err());
        // What was meant is told with the faults.
        std::fs::write(folder.path().join("user.csv"), "").unwrap();
        assert!(Source::folder(folder.path()).is_ok());
    }
}
