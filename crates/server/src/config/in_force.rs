//! The values in force, with their sources.

use std::ffi::OsString;
use std::path::Path;

use super::declared::SECTIONS;
use super::sources::{Origin, Sources};
use super::{Config, ConfigError};

/// A key of the configuration, with its value in force.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct InForce {
    /// The key with its section: `limits.body_size`.
    pub(crate) key: String,
    /// The value. Passwords and secrets are left out.
    pub(crate) value: String,
    /// The source: `default`, a file with a line, or an environment variable.
    pub(crate) from: String,
}

/// Returns all keys, in the order of the commented file.
///
/// # Errors
/// As [`Config::load`].
pub(crate) fn in_force(file: Option<&Path>) -> Result<Vec<InForce>, ConfigError> {
    in_force_with(file, std::env::vars_os())
}

fn in_force_with(
    file: Option<&Path>,
    variables: impl IntoIterator<Item = (OsString, OsString)>,
) -> Result<Vec<InForce>, ConfigError> {
    let mut faults = Vec::new();
    let sources = Sources::read(file, variables, &mut faults)?;
    // An invalid configuration is not shown.
    Config::of(&sources, faults)?;
    let mut all = Vec::new();
    for section in SECTIONS {
        for setting in section.settings {
            let given = sources.of(section, setting);
            let value = match given.text.is_empty() {
                true => String::new(),
                false => (setting.shown)(&given.text),
            };
            let from = match given.origin {
                Origin::Default => "default".to_owned(),
                Origin::File(name, line) => format!("{name}:{line}"),
                Origin::Variable(name) => format!("environment variable {name}"),
            };
            let key = setting.path(section);
            all.push(InForce { key, value, from });
        }
    }
    Ok(all)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(all: &[InForce], key: &str) -> (String, String) {
        let found = all.iter().find(|it| it.key == key).unwrap();
        (found.value.clone(), found.from.clone())
    }

    #[test]
    fn every_key_says_where_its_value_is_from() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("attache.toml");
        let text = "# mine\ndatabase = \"postgres://me:hidden@db.example/x\"\n\n[limits]\nbody_size = \"7B\"\n";
        std::fs::write(&file, text).unwrap();
        let variables = [("ATTACHE_LISTEN".into(), "127.0.0.1:9000".into())];
        let all = in_force_with(Some(&file), variables).unwrap();
        let name = file.display();
        let database = "postgres://db.example/x".to_owned();
        assert_eq!(of(&all, "database"), (database, format!("{name}:2")));
        assert_eq!(
            of(&all, "limits.body_size"),
            ("7B".to_owned(), format!("{name}:5"))
        );
        assert_eq!(of(&all, "limits.page_size").1, "default");
        assert_eq!(
            of(&all, "listen"),
            (
                "127.0.0.1:9000".to_owned(),
                "environment variable ATTACHE_LISTEN".to_owned()
            )
        );
        assert!(all.iter().all(|it| !it.value.contains("hidden")));
        assert_eq!(all.first().map(|it| it.key.as_str()), Some("data"));
    }

    #[test]
    fn a_secret_is_not_shown() {
        let hash = "0".repeat(64);
        let variables = [("ATTACHE_OPERATOR_TOKEN_SHA256".into(), hash.into())];
        let all = in_force_with(None, variables).unwrap();
        assert_eq!(of(&all, "operator_token_sha256").0, "(set)");
    }

    #[test]
    fn a_configuration_that_cannot_be_is_not_shown() {
        let unknown = [("ATTACHE_LISTN".into(), "x".into())];
        assert!(in_force_with(None, unknown).is_err());
    }
}
