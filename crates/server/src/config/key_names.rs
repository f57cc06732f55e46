//! The names of keys: known ones, and the nearest to one that is not.

use std::collections::BTreeSet;
use std::path::Path;

use figment::Figment;
use figment::error::Kind;
use figment::value::Value;

use super::kubernetes::is_service_variable;
use super::{ConfigError, OTHER_VARIABLES, PREFIX};

/// The keys of a source, with their sections.
pub(super) fn keys(figment: &Figment) -> BTreeSet<String> {
    let mut keys = BTreeSet::new();
    for (name, value) in figment
        .extract::<figment::value::Dict>()
        .unwrap_or_default()
    {
        match value {
            Value::Dict(_, section) => {
                keys.extend(section.keys().map(|key| format!("{name}.{key}")));
            }
            _ => {
                keys.insert(name);
            }
        }
    }
    keys
}

pub(super) fn check(given: &Figment, known: &BTreeSet<String>) -> Result<(), ConfigError> {
    // What is no TOML at all is told by the extraction.
    given
        .extract::<figment::value::Dict>()
        .map_err(|error| explain(&error))?;
    match keys(given).into_iter().find(|key| !known.contains(key)) {
        Some(unknown) => Err(ConfigError(format!(
            "unknown key {unknown}; the nearest known one is {}",
            nearest(&unknown, known.iter().map(String::as_str))
        ))),
        None => Ok(()),
    }
}

pub(super) fn check_variables(
    variables: impl IntoIterator<Item = String>,
    known: &BTreeSet<String>,
) -> Result<(), ConfigError> {
    let known: Vec<String> = known
        .iter()
        .map(|key| format!("{PREFIX}{}", key.replace('.', "__").to_uppercase()))
        .collect();
    for name in variables {
        let is_other = OTHER_VARIABLES.contains(&name.as_str());
        let is_ours = name.starts_with(PREFIX) && !is_service_variable(&name);
        if is_ours && !is_other && !known.contains(&name) {
            return Err(ConfigError(format!(
                "unknown environment variable {name}; the nearest known one is {}",
                nearest(&name, known.iter().map(String::as_str))
            )));
        }
    }
    Ok(())
}

/// Which of some names somebody may have meant.
pub(super) fn nearest<'a>(name: &str, known: impl Iterator<Item = &'a str>) -> &'a str {
    known
        .max_by(|a, b| {
            let (a, b) = (strsim::jaro_winkler(name, a), strsim::jaro_winkler(name, b));
            a.total_cmp(&b)
        })
        .unwrap_or_default()
}

pub(super) fn explain(error: &figment::Error) -> ConfigError {
    let key = error.path.join(".");
    ConfigError(match &error.kind {
        Kind::InvalidType(found, wanted) | Kind::InvalidValue(found, wanted) => {
            format!("{key} must be {wanted}, and is {found}")
        }
        Kind::UnknownVariant(found, wanted) => {
            format!("{key} must be one of {}, and is {found}", wanted.join(", "))
        }
        other if key.is_empty() => other.to_string(),
        other => format!("{key}: {other}"),
    })
}

pub(super) fn within(file: &Path, error: &ConfigError) -> ConfigError {
    ConfigError(format!("{}: {error}", file.display()))
}
