//! The parameter `fields`: which fields of each item a list shows.

use serde::ser::{Error as _, SerializeMap as _, SerializeSeq as _};
use serde::{Serialize, Serializer};
use serde_json::Value;

use super::shape::Shape;
use attache_core::nearest::near;
use attache_http::Problem;

/// The most characters of an unknown field's name in an error.
const SHOWN: usize = 64;

/// The wanted fields, in the order of the request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Fields {
    /// All of it.
    All,
    /// These.
    Some(Vec<(String, Fields)>),
}

impl Fields {
    /// Parses dotted paths, separated by commas.
    ///
    /// # Errors
    /// If a path leads to no field of such items.
    pub(super) fn read(text: &str, shape: &Shape) -> Result<(Self, Vec<String>), Problem> {
        let mut wanted = Self::Some(Vec::new());
        let mut columns = Vec::new();
        for path in text.split(',').map(str::trim) {
            let names: Vec<&str> = path.split('.').collect();
            let Some(found) = shape.at(&names) else {
                return Err(Problem::invalid("fields", unknown(path, shape)));
            };
            wanted.add(&names);
            found.columns(path, &mut columns);
        }
        Ok((wanted, columns))
    }

    fn add(&mut self, path: &[&str]) {
        match (&mut *self, path.split_first()) {
            // A field that is wanted completely stays complete.
            (Self::All, _) => {}
            (_, None) => *self = Self::All,
            (Self::Some(fields), Some((name, rest))) => {
                match fields.iter_mut().find(|(known, _)| known == name) {
                    Some((_, below)) => below.add(rest),
                    None => {
                        let mut below = Self::Some(Vec::new());
                        below.add(rest);
                        fields.push(((*name).to_owned(), below));
                    }
                }
            }
        }
    }

    /// Returns the wanted part of an item.
    ///
    /// # Errors
    /// If the item cannot be written as JSON, which is a defect.
    pub(super) fn of<'a>(&'a self, thing: &impl Serialize) -> Result<Picked<'a>, Problem> {
        let value = value(thing)?;
        Ok(Picked {
            value,
            fields: self,
        })
    }
}

/// Converts an item into JSON.
pub(super) fn value(thing: &impl Serialize) -> Result<Value, Problem> {
    serde_json::to_value(thing).map_err(|error| {
        tracing::error!(%error, "an answer could not be written");
        Problem::Internal
    })
}

fn unknown(path: &str, shape: &Shape) -> String {
    let mut paths = Vec::new();
    shape.paths("", &mut paths);
    let shown: String = path.chars().take(SHOWN).collect();
    match near(&shown, &paths) {
        Some(nearest) => {
            format!("names {shown:?}, which is no field here; the nearest is {nearest}")
        }
        None => format!("names {shown:?}, which is no field here"),
    }
}

/// A part of an item.
#[derive(Debug)]
pub(super) struct Picked<'a> {
    value: Value,
    fields: &'a Fields,
}

impl Serialize for Picked<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Part(&self.value, self.fields).serialize(serializer)
    }
}

struct Part<'a>(&'a Value, &'a Fields);

impl Serialize for Part<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self(value, Fields::All) => value.serialize(serializer),
            Self(Value::Object(object), Fields::Some(fields)) => {
                let mut map = serializer.serialize_map(None)?;
                for (name, below) in fields {
                    if let Some(value) = object.get(name) {
                        map.serialize_entry(name, &Part(value, below))?;
                    }
                }
                map.end()
            }
            Self(Value::Array(items), fields) => {
                let mut list = serializer.serialize_seq(Some(items.len()))?;
                for item in items {
                    list.serialize_element(&Part(item, fields))?;
                }
                list.end()
            }
            Self(Value::Null, _) => serializer.serialize_unit(),
            Self(_, Fields::Some(_)) => Err(S::Error::custom("a field below none")),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn shape() -> Shape {
        let user = Shape::Object(vec![
            ("id".to_owned(), Shape::Single),
            ("key".to_owned(), Shape::Single),
        ]);
        let via = Shape::Object(vec![
            ("role".to_owned(), Shape::Single),
            ("parameters".to_owned(), Shape::Open),
        ]);
        Shape::Object(vec![
            ("user".to_owned(), user),
            ("roles".to_owned(), Shape::List(Box::new(Shape::Single))),
            ("via".to_owned(), Shape::List(Box::new(via))),
        ])
    }

    fn picked(fields: &str) -> (String, Vec<String>) {
        let (fields, columns) = Fields::read(fields, &shape()).unwrap();
        let thing = json!({
            "user": {"id": 7, "key": null},
            "roles": ["owner"],
            "via": [{"role": "owner", "parameters": {"a": "b"}}, {}],
        });
        let picked = serde_json::to_string(&fields.of(&thing).unwrap()).unwrap();
        (picked, columns)
    }

    #[test]
    fn fields_are_shown_in_the_order_in_which_they_are_asked_for() {
        for (fields, shown, columns) in [
            ("user.id", r#"{"user":{"id":7}}"#, &["user.id"][..]),
            (
                "roles, user.key",
                r#"{"roles":["owner"],"user":{"key":null}}"#,
                &["roles", "user.key"],
            ),
            (
                "user.id,user",
                r#"{"user":{"id":7,"key":null}}"#,
                &["user.id", "user.key"],
            ),
            (
                "user,user.id",
                r#"{"user":{"id":7,"key":null}}"#,
                &["user.id", "user.key"],
            ),
            (
                "via.role",
                r#"{"via":[{"role":"owner"},{}]}"#,
                &["via.role"],
            ),
            (
                "via.parameters.a",
                r#"{"via":[{"parameters":{"a":"b"}},{}]}"#,
                &["via.parameters.a"],
            ),
        ] {
            let (is, its_columns) = picked(fields);
            assert_eq!(is, shown, "{fields}");
            assert_eq!(its_columns, columns, "{fields}");
        }
    }

    #[test]
    fn an_unknown_field_is_refused_with_the_nearest() {
        for (fields, nearest) in [
            ("user.idd", "user.id"),
            ("rolles", "roles"),
            ("", ""),
            ("user.id,", ""),
            ("role", "roles"),
            ("via.rol", "via.role"),
        ] {
            let Err(problem) = Fields::read(fields, &shape()) else {
                panic!("{fields}");
            };
            let message = problem.message();
            assert!(message.starts_with("fields names "), "{message}");
            if !fields.ends_with(',') && !fields.is_empty() {
                assert!(
                    message.ends_with(&format!("the nearest is {nearest}.")),
                    "{message}"
                );
            }
        }
    }
}
