//! The sources of settings: the keys of a file, overruled by environment variables.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::Path;

use toml::de::{DeTable, DeValue};

use attache_core::nearest::likest;

use super::ConfigError;
use super::declared::SECTIONS;
use super::kubernetes::is_service_variable;
use super::setting::{Section, Setting, path};

/// The prefix of the environment variables.
const PREFIX: &str = "ATTACHE_";
/// Variables with the prefix that are not keys of the configuration.
const OTHER_VARIABLES: [&str; 3] = ["ATTACHE_CONFIG", "ATTACHE_URL", "ATTACHE_TOKEN"];

/// The source of a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Origin {
    Default,
    /// The file, with the line.
    File(String, usize),
    Variable(String),
}

impl Origin {
    /// Returns the text before a fault.
    pub(super) fn before(&self) -> String {
        match self {
            Self::Default => String::new(),
            Self::File(name, line) => format!("{name}:{line}: "),
            Self::Variable(name) => format!("environment variable {name}: "),
        }
    }
}

/// The form of a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// In quotes.
    Text,
    /// A list, a table or a time of TOML.
    Plain,
    /// A list, a table, a time of TOML.
    Other,
    /// The text of a variable, without quotes.
    Variable,
}

/// A value, as it is given.
#[derive(Clone, Debug)]
pub(super) struct Given {
    pub(super) text: String,
    pub(super) form: Form,
    pub(super) origin: Origin,
}

/// All given values.
#[derive(Debug, Default)]
pub(super) struct Sources {
    /// The values by key with section. Former keys are listed under their new name.
    given: BTreeMap<String, Given>,
}

impl Sources {
    /// Reads a file, if one is named, and the variables. Records unknown and former keys
    /// as faults.
    ///
    /// # Errors
    /// If the file cannot be read, or is not TOML.
    pub(super) fn read(
        file: Option<&Path>,
        variables: impl IntoIterator<Item = (OsString, OsString)>,
        faults: &mut Vec<String>,
    ) -> Result<Self, ConfigError> {
        let mut sources = Self::default();
        if let Some(file) = file {
            let name = file.display().to_string();
            let text = std::fs::read_to_string(file)
                .map_err(|error| ConfigError::new(format!("{name}: {error}")))?;
            sources.file(&name, &text, faults)?;
        }
        sources.variables(variables, faults);
        Ok(sources)
    }

    /// Returns the value of a setting.
    pub(super) fn of(&self, section: &Section, setting: &Setting) -> Given {
        let given = self.given.get(&setting.path(section));
        given.cloned().unwrap_or_else(|| Given {
            text: setting.default_text().to_owned(),
            form: Form::Variable,
            origin: Origin::Default,
        })
    }

    fn file(
        &mut self,
        name: &str,
        text: &str,
        faults: &mut Vec<String>,
    ) -> Result<(), ConfigError> {
        let of_file = |error: toml::de::Error| ConfigError::new(format!("{name}: {error}"));
        let table = DeTable::parse(text).map_err(of_file)?;
        let line = |at: usize| {
            let before = text.get(..at).unwrap_or_default();
            before.matches('\n').count() + 1
        };
        let mut keys: Vec<(usize, String, &DeValue<'_>)> = Vec::new();
        for (key, value) in table.get_ref() {
            let (at, key) = (key.span().start, key.get_ref());
            let is_section = SECTIONS.iter().any(|section| section.name == &**key);
            match value.get_ref() {
                DeValue::Table(section) if is_section || !section.is_empty() => {
                    keys.extend(section.iter().map(|(inner, value)| {
                        let path = path(key, inner.get_ref());
                        (inner.span().start, path, value.get_ref())
                    }));
                }
                _ if is_section => {
                    let before = Origin::File(name.to_owned(), line(at)).before();
                    faults.push(format!("{before}{key} is a section: write [{key}]"));
                }
                DeValue::Table(_) => {
                    let before = Origin::File(name.to_owned(), line(at)).before();
                    let names = SECTIONS.iter().map(|section| section.name.to_owned());
                    let nearest = nearest(key, names);
                    faults.push(format!(
                        "{before}unknown section [{key}]; the nearest known one is [{nearest}]"
                    ));
                }
                value => keys.push((at, key.to_string(), value)),
            }
        }
        keys.sort_by_key(|(at, ..)| *at);
        // New keys first, since they overrule former ones.
        let (new, other): (Vec<_>, Vec<_>) = keys
            .into_iter()
            .partition(|(_, path, _)| find(path).is_some());
        for (at, path, value) in new {
            let origin = Origin::File(name.to_owned(), line(at));
            self.given.insert(path, given(value, origin));
        }
        for (at, path, value) in other {
            let given = given(value, Origin::File(name.to_owned(), line(at)));
            let before = given.origin.before();
            let Some((section, setting)) =
                find_former(|section, key| self::path(section, key) == path)
            else {
                let nearest = nearest(&path, paths());
                faults.push(format!(
                    "{before}unknown key {path}; the nearest known one is {nearest}"
                ));
                continue;
            };
            let new = setting.path(section);
            let line = |value: &str| format!("{} = \"{value}\"", setting.key);
            let fault = self.former((&path, &new), given, (section, setting), line);
            faults.push(format!("{before}{fault}"));
        }
        Ok(())
    }

    fn variables(
        &mut self,
        variables: impl IntoIterator<Item = (OsString, OsString)>,
        faults: &mut Vec<String>,
    ) {
        let mut other = Vec::new();
        for (name, value) in variables {
            let Ok(name) = name.into_string() else {
                continue;
            };
            let origin = Origin::Variable(name.clone());
            let known = all().find(|(section, setting)| {
                let its = variable(&setting.path(section));
                its.eq_ignore_ascii_case(&name)
            });
            let is_other = OTHER_VARIABLES.contains(&name.as_str());
            let is_ours = name.starts_with(PREFIX) && !is_service_variable(&name);
            if known.is_none() && (is_other || !is_ours) {
                continue;
            }
            let Ok(text) = value.into_string() else {
                faults.push(format!("{}must be UTF-8", origin.before()));
                continue;
            };
            let form = Form::Variable;
            let given = Given { text, form, origin };
            match known {
                Some((section, setting)) => {
                    self.given.insert(setting.path(section), given);
                }
                None => other.push((name, given)),
            }
        }
        other.sort_by(|(one, _), (other, _)| one.cmp(other));
        for (name, given) in other {
            let is_its = |section: &str, key: &str| variable(&path(section, key)) == name;
            let Some((section, setting)) = find_former(is_its) else {
                let others = OTHER_VARIABLES.map(str::to_owned);
                let known = paths().map(|path| variable(&path)).chain(others);
                let nearest = nearest(&name, known);
                faults.push(format!(
                    "unknown environment variable {name}; the nearest known one is {nearest}"
                ));
                continue;
            };
            let new = variable(&setting.path(section));
            let line = |value: &str| format!("{new}={value}");
            let fault = self.former((&name, &new), given, (section, setting), line);
            faults.push(format!("environment variable {fault}"));
        }
    }

    /// Returns the fault of a former key or variable. Its value is read as the new key's,
    /// so that its other faults are reported too.
    fn former(
        &mut self,
        (old, new): (&str, &str),
        given: Given,
        (section, setting): (&Section, &Setting),
        line: impl Fn(&str) -> String,
    ) -> String {
        let path = setting.path(section);
        let is_variable = |given: &Given| matches!(given.origin, Origin::Variable(_));
        let beside = self.given.get(&path);
        if beside.is_some_and(|beside| is_variable(beside) == is_variable(&given)) {
            return format!("{old} is called {new} now, which is given too: remove {old}");
        }
        let written = setting
            .former
            .and_then(|(_, unit)| unit.written(&given.text));
        let Some(text) = written.filter(|text| (setting.fits)(setting, text)) else {
            let (least, most) = setting.range().unwrap_or_default();
            let line = line(setting.default_text());
            return format!(
                "{old} is called {new} now, and is written with its unit, from {least} to {most}, \
                 such as {line}"
            );
        };
        let line = line(&text);
        let form = Form::Variable;
        self.given.insert(
            path,
            Given {
                text,
                form,
                ..given
            },
        );
        format!("{old} is called {new} now, and is written with its unit: {line}")
    }
}

/// Returns the value of a key of a file.
fn given(value: &DeValue<'_>, origin: Origin) -> Given {
    let (text, form) = match value {
        DeValue::String(text) => (text.to_string(), Form::Text),
        DeValue::Boolean(it) => (it.to_string(), Form::Plain),
        DeValue::Integer(it) => (number(it), Form::Plain),
        DeValue::Float(it) => (it.as_str().to_owned(), Form::Other),
        DeValue::Datetime(it) => (it.to_string(), Form::Other),
        DeValue::Array(_) => ("a list".to_owned(), Form::Other),
        DeValue::Table(_) => ("a section".to_owned(), Form::Other),
    };
    Given { text, form, origin }
}

/// Returns an integer of TOML in decimal. Integers beyond any setting's bounds are not
/// converted.
fn number(it: &toml::de::DeInteger<'_>) -> String {
    let number = i128::from_str_radix(it.as_str(), it.radix());
    number.map_or_else(|_| it.as_str().to_owned(), |number| number.to_string())
}

/// Returns all settings in their order.
fn all() -> impl Iterator<Item = (&'static Section, &'static Setting)> {
    let sections = SECTIONS.iter();
    sections.flat_map(|section| section.settings.iter().map(move |it| (section, it)))
}

fn find(key: &str) -> Option<(&'static Section, &'static Setting)> {
    all().find(|(section, setting)| setting.path(section) == key)
}

/// Returns the setting with a wanted former key.
fn find_former(is_it: impl Fn(&str, &str) -> bool) -> Option<(&'static Section, &'static Setting)> {
    all().find(|(section, setting)| {
        let former = setting.former;
        former.is_some_and(|(former, _)| is_it(section.name, former))
    })
}

/// Returns all keys with their sections.
fn paths() -> impl Iterator<Item = String> {
    all().map(|(section, setting)| setting.path(section))
}

/// Returns a phrase with the most similar known name.
fn nearest(name: &str, names: impl Iterator<Item = String>) -> String {
    likest(name, names).unwrap_or_default()
}

/// Returns the environment variable of a key.
pub(super) fn variable(key: &str) -> String {
    format!("{PREFIX}{}", key.replace('.', "__").to_uppercase())
}
