//! Where the files come from.

use std::path::{Path, PathBuf};

use crate::cli::CliError;

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

impl Source {
    /// A folder that holds at least one of the files.
    pub(in crate::cli) fn folder(folder: &Path) -> Result<Self, CliError> {
        if FILES.iter().any(|file| folder.join(file).is_file()) {
            return Ok(Self::Folder(folder.to_owned()));
        }
        Err(CliError::new(format!(
            "{} holds none of the files: {}",
            folder.display(),
            FILES.join(", ")
        )))
    }

    /// The text of a file; `None` if there is no such file.
    pub(super) fn read(&self, file: &str) -> Result<Option<String>, String> {
        match self {
            Self::Texts(texts) => {
                let text = texts.iter().find(|(name, _)| *name == file);
                Ok(text.map(|(_, text)| (*text).to_owned()))
            }
            Self::Folder(folder) => match std::fs::read(folder.join(file)) {
                Ok(bytes) => match String::from_utf8(bytes) {
                    Ok(text) => Ok(Some(text)),
                    Err(error) => {
                        let good = error.utf8_error().valid_up_to();
                        let before = error.as_bytes().get(..good).unwrap_or_default();
                        let line = before.iter().filter(|byte| **byte == b'\n').count() + 1;
                        Err(format!("is not UTF-8 in line {line}; save it as CSV UTF-8"))
                    }
                },
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
                Err(error) => Err(error.to_string()),
            },
        }
    }
}
