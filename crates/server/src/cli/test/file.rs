//! Parses the file of expectations.

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde::de::{Deserializer, Error, MapAccess, Visitor};
use serde_saphyr::Spanned;

use crate::cli::CliError;

/// The contents of the file.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct File {
    /// The catalogue: a file, or a folder with `catalogue.toml`. The starting catalogue
    /// if left out.
    pub(super) catalogue: Option<PathBuf>,
    /// A folder with facts in the form of `attache import`.
    pub(super) import: Option<PathBuf>,
    /// Facts in the file itself.
    pub(super) facts: Facts,
    /// The instant of questions without one; now if left out.
    pub(super) at: Option<Spanned<String>>,
    pub(super) can: Vec<Spanned<Can>>,
    pub(super) members: Vec<Spanned<Members>>,
    pub(super) resources: Vec<Spanned<Resources>>,
    pub(super) who_can: Vec<Spanned<WhoCan>>,
}

/// Facts, as rows of an import's files.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Facts {
    resources: Vec<Spanned<Row>>,
    users: Vec<Spanned<Row>>,
    groups: Vec<Spanned<Row>>,
    services: Vec<Spanned<Row>>,
    group_users: Vec<Spanned<Row>>,
    memberships: Vec<Spanned<Row>>,
    grants: Vec<Spanned<Row>>,
}

impl Facts {
    /// Returns the rows of each file, with its name.
    pub(super) fn sheets(&self) -> [(&'static str, &[Spanned<Row>]); 7] {
        [
            ("resources", &self.resources),
            ("users", &self.users),
            ("groups", &self.groups),
            ("services", &self.services),
            ("group_users", &self.group_users),
            ("memberships", &self.memberships),
            ("grants", &self.grants),
        ]
    }
}

/// A row: cells by column.
pub(super) type Row = BTreeMap<String, Cell>;

/// A cell as text. Parameters may be written as a map.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Cell(pub(super) String);

impl<'de> Deserialize<'de> for Cell {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(CellVisitor).map(Self)
    }
}

struct CellVisitor;

macro_rules! as_text {
    ($($visit:ident: $kind:ty),*) => {$(
        fn $visit<E: Error>(self, value: $kind) -> Result<String, E> {
            Ok(value.to_string())
        }
    )*};
}

impl<'de> Visitor<'de> for CellVisitor {
    type Value = String;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a text, a number, true or false, or parameters by name")
    }

    as_text!(visit_bool: bool, visit_i64: i64, visit_u64: u64, visit_f64: f64, visit_str: &str);

    fn visit_unit<E: Error>(self) -> Result<String, E> {
        Ok(String::new())
    }

    fn visit_none<E: Error>(self) -> Result<String, E> {
        Ok(String::new())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<String, A::Error> {
        let mut parameters = BTreeMap::new();
        while let Some((name, Cell(value))) = map.next_entry::<String, Cell>()? {
            parameters.insert(name, value);
        }
        serde_json::to_string(&parameters).map_err(A::Error::custom)
    }
}

/// An expectation about whether a subject may do something on a resource.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Can {
    pub(super) user: String,
    pub(super) permission: String,
    pub(super) resource: String,
    #[serde(default)]
    pub(super) parameters: BTreeMap<String, String>,
    pub(super) at: Option<String>,
    pub(super) expect: bool,
}

/// An expectation about who is attached to a resource, or sees it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Members {
    pub(super) resource: String,
    pub(super) direct: Option<Vec<String>>,
    pub(super) effective: Option<Vec<String>>,
    pub(super) at: Option<String>,
}

/// An expectation about which resources a user sees.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Resources {
    pub(super) user: String,
    pub(super) kind: Option<String>,
    pub(super) permission: Option<String>,
    pub(super) at: Option<String>,
    pub(super) expect: Vec<String>,
}

/// An expectation about who may do something on a resource.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct WhoCan {
    pub(super) permission: String,
    pub(super) resource: String,
    #[serde(default)]
    pub(super) parameters: BTreeMap<String, String>,
    pub(super) users: Option<Vec<String>>,
    pub(super) groups: Option<Vec<String>>,
    pub(super) services: Option<Vec<String>>,
    pub(super) at: Option<String>,
}

impl File {
    /// Reads a file.
    ///
    /// # Errors
    /// Its faults, with their lines.
    pub(super) fn read(path: &Path) -> Result<Self, CliError> {
        let shown = path.display();
        let text = std::fs::read_to_string(path)
            .map_err(|error| CliError::new(format!("{shown}: {error}")))?;
        Self::parse(&text).map_err(|(line, reason)| match line {
            Some(line) => CliError::new(format!("{shown}:{line}: {reason}")),
            None => CliError::new(format!("{shown}: {reason}")),
        })
    }

    fn parse(text: &str) -> Result<Self, (Option<u64>, String)> {
        let options = serde_saphyr::options! { with_snippet: false };
        // Some editors write a byte order mark.
        let text = text.trim_start_matches('\u{feff}');
        let file: Self = serde_saphyr::from_str_with_options(text, options).map_err(|error| {
            let Some(location) = error.location() else {
                return (None, error.to_string());
            };
            let (line, column) = (location.line(), location.column());
            let reason = error.to_string();
            // The line stands before it.
            let place = format!(" at line {line}, column {column}");
            let reason = reason.replace(&place, "");
            (Some(line), reason)
        })?;
        match file.is_empty() {
            false => Ok(file),
            true => Err((
                None,
                "holds no expectation: can, members, resources or who_can".to_owned(),
            )),
        }
    }

    fn is_empty(&self) -> bool {
        self.can.is_empty()
            && self.members.is_empty()
            && self.resources.is_empty()
            && self.who_can.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_texts_whatever_they_look_like() {
        let text = "
facts:
  users:
    - {key: kim, number: 7, email_verified: true, phone: null}
  grants:
    - subject: user:kim
      parameters: {inboxId: 7, line: a}
can: [{user: kim, permission: a.b, resource: tenant, expect: yes}]
";
        let file = File::parse(text).unwrap();
        let user = &file.facts.users[0];
        assert_eq!(user.referenced.line(), 4);
        let cell = |name: &str| user.value[name].0.as_str();
        assert_eq!(cell("number"), "7");
        assert_eq!(cell("email_verified"), "true");
        assert_eq!(cell("phone"), "");
        let parameters = &file.facts.grants[0].value["parameters"].0;
        assert_eq!(parameters, r#"{"inboxId":"7","line":"a"}"#);
        assert!(file.can[0].value.expect);
        assert_eq!(file.can[0].referenced.line(), 8);
    }

    #[test]
    fn what_is_wrong_is_told_with_its_line() {
        for (text, line, part) in [
            (
                "can:\n  - user: kim\n    permision: a\n",
                Some(3),
                "permision",
            ),
            (
                "can:\n  - user: kim\n    resource: tenant\n    expect: true\n",
                Some(4),
                "permission",
            ),
            ("can:\n\t- a\n", Some(2), ""),
            ("facts:\n  user: []\n", Some(2), "user"),
            (
                "can: [{user: a, permission: b, resource: c, expect: perhaps}]",
                Some(1),
                "",
            ),
            ("{}", None, "holds no expectation"),
        ] {
            let (found, reason) = File::parse(text).unwrap_err();
            assert_eq!(found, line, "{text}: {reason}");
            assert!(reason.contains(part), "{text}: {reason}");
            assert!(!reason.contains("column"), "{text}: {reason}");
        }
    }
}
