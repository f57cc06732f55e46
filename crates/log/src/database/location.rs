//! Where the log is, as an operator writes it.

use std::path::{Path, PathBuf};

use super::hosts;
use super::location_error::LocationError;

/// The place of the log: a file or a database server.
#[derive(Clone, PartialEq, Eq)]
pub enum Location {
    /// A SQLite file.
    Sqlite(PathBuf),
    /// A PostgreSQL database: a URL for each of its hosts.
    Postgres(Vec<String>),
}

impl Location {
    /// Parses `postgres://…`, with one host or several, or `sqlite:<file>`.
    ///
    /// # Errors
    /// [`LocationError`], if the text is neither.
    pub fn parse(text: &str) -> Result<Self, LocationError> {
        if let Some(file) = text.strip_prefix("sqlite:") {
            let file = file.strip_prefix("//").unwrap_or(file);
            return match file {
                "" => Err(LocationError::new(
                    "names no file: sqlite:/var/lib/attache/attache.db",
                )),
                file => Ok(Self::Sqlite(PathBuf::from(file))),
            };
        }
        if text.starts_with("postgres://") || text.starts_with("postgresql://") {
            return hosts::one_url_each(text).map(Self::Postgres);
        }
        Err(LocationError::new(
            "must be postgres://user@host/database or sqlite:FILE",
        ))
    }

    /// Returns the SQLite file, or `None` for PostgreSQL.
    #[must_use]
    pub fn file(&self) -> Option<&Path> {
        match self {
            Self::Sqlite(file) => Some(file),
            Self::Postgres(_) => None,
        }
    }
}

/// Without a password.
impl std::fmt::Display for Location {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Sqlite(file) => write!(f, "sqlite:{}", file.display()),
            Self::Postgres(urls) => {
                f.write_str("postgres://")?;
                for (position, url) in urls.iter().enumerate() {
                    let comma = if position == 0 { "" } else { "," };
                    write!(f, "{comma}{}", hosts::host_of(url))?;
                }
                let first = urls.first().map_or("", String::as_str);
                write!(f, "/{}", hosts::database_of(first))
            }
        }
    }
}

impl std::fmt::Debug for Location {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{self}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_named_with_or_without_slashes() {
        for text in ["sqlite:/a/b.db", "sqlite:///a/b.db"] {
            assert_eq!(
                Location::parse(text),
                Ok(Location::Sqlite("/a/b.db".into()))
            );
        }
        assert_eq!(
            Location::parse("sqlite:b.db"),
            Ok(Location::Sqlite("b.db".into()))
        );
        assert!(Location::parse("sqlite:").is_err());
        assert!(Location::parse("mysql://a/b").is_err());
    }

    #[test]
    fn what_is_shown_holds_no_password() {
        let location =
            Location::parse("postgres://me:hidden@a.example:5432,b.example/x?sslmode=require")
                .unwrap();
        assert_eq!(
            location.to_string(),
            "postgres://a.example:5432,b.example/x"
        );
        assert_eq!(format!("{location:?}"), location.to_string());
        for text in ["postgres://me:hidden@", "postgres://me:hidden@a:x/b"] {
            let error = Location::parse(text).unwrap_err().to_string();
            assert!(!error.contains("hidden"), "{error}");
        }
    }
}
