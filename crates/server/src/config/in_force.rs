//! What is in force, and where it is said.

use std::collections::BTreeMap;
use std::path::Path;

use figment::value::{Dict, Value};
use toml::de::{DeTable, DeValue};

use super::key_names::{explain, within};
use super::{Config, ConfigError, DEFAULT, PREFIX, merged};

/// A key of the configuration, as it is in force.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct InForce {
    /// With its section: `limits.body_bytes`.
    pub(crate) key: String,
    /// Its value. Passwords and secrets are left out.
    pub(crate) value: String,
    /// Where that is said: `default`, a file with a line, or an environment variable.
    pub(crate) from: String,
}

/// All keys in the order of the commented file.
///
/// # Errors
/// As [`Config::load`].
pub(crate) fn in_force(file: Option<&Path>) -> Result<Vec<InForce>, ConfigError> {
    let variables: Vec<String> = std::env::vars_os()
        .filter_map(|(name, _)| name.into_string().ok())
        .collect();
    in_force_with(file, &variables)
}

fn in_force_with(file: Option<&Path>, variables: &[String]) -> Result<Vec<InForce>, ConfigError> {
    // What cannot be is no configuration.
    Config::load_with(file, variables.to_vec())?;
    let dict: Dict = merged(file, variables.to_vec())?
        .extract()
        .map_err(|error| explain(&error))?;
    let given = match file {
        None => BTreeMap::new(),
        Some(file) => {
            let text = std::fs::read_to_string(file)
                .map_err(|error| ConfigError(format!("{}: {error}", file.display())))?;
            lines(&text).map_err(|error| within(file, &error))?
        }
    };
    let mut keys: Vec<(String, usize)> = lines(DEFAULT)?.into_iter().collect();
    keys.sort_by_key(|(_, line)| *line);
    let all = keys.into_iter().map(|(key, _)| {
        let variable = variable(&key);
        let set = variables
            .iter()
            .find(|it| it.eq_ignore_ascii_case(&variable));
        let from = match (set, file, given.get(&key)) {
            (Some(name), ..) => format!("environment variable {name}"),
            (None, Some(file), Some(line)) => format!("{}:{line}", file.display()),
            _ => "default".to_owned(),
        };
        InForce {
            value: shown(&key, find(&dict, &key)),
            key,
            from,
        }
    });
    Ok(all.collect())
}

/// The environment variable of a key.
fn variable(key: &str) -> String {
    format!("{PREFIX}{}", key.replace('.', "__").to_uppercase())
}

fn find<'a>(dict: &'a Dict, key: &str) -> Option<&'a Value> {
    match key.split_once('.') {
        None => dict.get(key),
        Some((section, key)) => match dict.get(section)? {
            Value::Dict(_, section) => section.get(key),
            _ => None,
        },
    }
}

/// A value for people, without secrets.
fn shown(key: &str, value: Option<&Value>) -> String {
    let text = match value {
        None => String::new(),
        Some(Value::String(_, text)) => text.clone(),
        Some(other) => serde_json::to_value(other)
            .map(|value| value.to_string())
            .unwrap_or_default(),
    };
    match key {
        _ if text.is_empty() => text,
        // It holds a password, perhaps.
        "database" => match attache_log::Location::parse(&text) {
            Ok(location) => location.to_string(),
            Err(_) => "(set)".to_owned(),
        },
        "operator_token_sha256" => "(set)".to_owned(),
        _ => text,
    }
}

/// The keys of a TOML text, each with the line on which it stands.
fn lines(text: &str) -> Result<BTreeMap<String, usize>, ConfigError> {
    let table = DeTable::parse(text).map_err(|error| ConfigError(error.to_string()))?;
    let line = |at: usize| {
        let before = text.get(..at).unwrap_or_default();
        before.matches('\n').count() + 1
    };
    let mut lines = BTreeMap::new();
    for (name, value) in table.get_ref() {
        match value.get_ref() {
            DeValue::Table(section) => lines.extend(section.keys().map(|key| {
                let full = format!("{}.{}", name.get_ref(), key.get_ref());
                (full, line(key.span().start))
            })),
            _ => {
                lines.insert(name.get_ref().to_string(), line(name.span().start));
            }
        }
    }
    Ok(lines)
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
        let text = "# mine\ndatabase = \"postgres://me:hidden@db.example/x\"\n\n[limits]\nbody_bytes = 7\n";
        std::fs::write(&file, text).unwrap();
        let all = in_force_with(Some(&file), &["ATTACHE_LISTEN".to_owned()]).unwrap();
        let name = file.display();
        let database = "postgres://db.example/x".to_owned();
        assert_eq!(of(&all, "database"), (database, format!("{name}:2")));
        assert_eq!(
            of(&all, "limits.body_bytes"),
            ("7".to_owned(), format!("{name}:5"))
        );
        assert_eq!(of(&all, "limits.page_size").1, "default");
        assert_eq!(of(&all, "listen").1, "environment variable ATTACHE_LISTEN");
        assert!(all.iter().all(|it| !it.value.contains("hidden")));
        assert_eq!(all.first().map(|it| it.key.as_str()), Some("data"));
    }

    #[test]
    fn a_configuration_that_cannot_be_is_not_shown() {
        assert!(in_force_with(None, &["ATTACHE_LISTN".to_owned()]).is_err());
    }
}
