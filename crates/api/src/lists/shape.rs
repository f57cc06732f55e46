//! The fields of a list's items, read from their schema in the OpenAPI document, so that
//! every documented field can be asked for.

use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock, Mutex};

use serde_json::{Map, Value};
use utoipa::ToSchema;
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::Schema;

/// The most levels of schemas that are followed. No schema is as deep.
const DEPTH: usize = 16;

/// The structure of a schema's values.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    /// A string, a number or a boolean.
    Single,
    /// An object with any fields.
    Open,
    /// An object with these fields, in the order of answers.
    Object(Vec<(String, Shape)>),
    /// A list.
    List(Box<Shape>),
}

/// The structures by the names of their schemas, cached.
static SHAPES: LazyLock<Mutex<BTreeMap<String, Arc<Shape>>>> = LazyLock::new(Mutex::default);

/// Returns the structure of a type in the document.
pub(super) fn of<T: ToSchema>() -> Arc<Shape> {
    // An unfinished structure is never inserted.
    let mut shapes = SHAPES.lock().unwrap_or_else(|lock| lock.into_inner());
    let shape = shapes.entry(T::name().into_owned()).or_insert_with(|| {
        let mut schemas: Vec<(String, RefOr<Schema>)> = Vec::new();
        T::schemas(&mut schemas);
        let named = schemas.into_iter();
        let named = named.filter_map(|(name, it)| Some((name, serde_json::to_value(it).ok()?)));
        let named: Map<String, Value> = named.collect();
        let own = serde_json::to_value(T::schema()).unwrap_or_default();
        Arc::new(read(&own, &named, DEPTH))
    });
    shape.clone()
}

fn read(schema: &Value, named: &Map<String, Value>, depth: usize) -> Shape {
    let Some(depth) = depth.checked_sub(1) else {
        return Shape::Open;
    };
    let reference = schema["$ref"].as_str();
    if let Some(name) = reference.and_then(|it| it.rsplit('/').next()) {
        return named
            .get(name)
            .map_or(Shape::Single, |it| read(it, named, depth));
    }
    for choice in ["allOf", "oneOf", "anyOf"] {
        if let Some(parts) = schema[choice].as_array() {
            let parts = parts.iter().filter(|part| part["type"] != "null");
            return joined(parts.map(|part| read(part, named, depth)));
        }
    }
    let is = |kind: &str| match &schema["type"] {
        Value::Array(kinds) => kinds.iter().any(|it| it == kind),
        own => own == kind,
    };
    if is("array") {
        return Shape::List(Box::new(read(&schema["items"], named, depth)));
    }
    match schema["properties"].as_object() {
        Some(properties) => {
            // Properties are sorted by name, `required` by the order of the type.
            let required = schema["required"].as_array().into_iter().flatten();
            let required: Vec<&str> = required.filter_map(Value::as_str).collect();
            let place = |name: &str| required.iter().position(|it| *it == name);
            let mut fields: Vec<(&String, &Value)> = properties.iter().collect();
            fields.sort_by_key(|(name, _)| place(name).unwrap_or(usize::MAX));
            let fields = fields.into_iter();
            let fields = fields.map(|(name, it)| (name.clone(), read(it, named, depth)));
            Shape::Object(fields.collect())
        }
        None if is("object") => Shape::Open,
        None => Shape::Single,
    }
}

/// Joins the structures of a choice or of parts: an object with all their fields.
fn joined(parts: impl Iterator<Item = Shape>) -> Shape {
    let mut all: Option<Shape> = None;
    for part in parts {
        all = Some(match (all, part) {
            (Some(Shape::Object(mut fields)), Shape::Object(more)) => {
                for (name, shape) in more {
                    if fields.iter().all(|(known, _)| *known != name) {
                        fields.push((name, shape));
                    }
                }
                Shape::Object(fields)
            }
            (Some(first), _) => first,
            (None, part) => part,
        });
    }
    all.unwrap_or(Shape::Single)
}

impl Shape {
    /// Returns the structure at a path, through the items of lists. `None` if it does not
    /// exist.
    pub(super) fn at<'a>(&'a self, path: &[&str]) -> Option<&'a Self> {
        let Some((name, rest)) = path.split_first() else {
            return Some(self);
        };
        match self {
            Self::Single => None,
            Self::Open => (!name.is_empty()).then_some(self),
            Self::Object(fields) => {
                let (_, field) = fields.iter().find(|(field, _)| field == name)?;
                field.at(rest)
            }
            Self::List(of) => of.at(path),
        }
    }

    /// Collects the columns of CSV, as dotted paths: each list and each object with any
    /// fields is one column.
    pub(super) fn columns(&self, path: &str, found: &mut Vec<String>) {
        match self {
            Self::Object(fields) => {
                for (name, shape) in fields {
                    shape.columns(&below(path, name), found);
                }
            }
            Self::Single | Self::Open | Self::List(_) => {
                if !found.iter().any(|known| known == path) {
                    found.push(path.to_owned());
                }
            }
        }
    }

    /// Collects all valid paths.
    pub(super) fn paths(&self, path: &str, found: &mut Vec<String>) {
        match self {
            Self::Object(fields) => {
                for (name, shape) in fields {
                    let path = below(path, name);
                    shape.paths(&path, found);
                    found.push(path);
                }
            }
            Self::List(of) => of.paths(path, found),
            Self::Single | Self::Open => {}
        }
    }
}

fn below(path: &str, name: &str) -> String {
    match path {
        "" => name.to_owned(),
        path => format!("{path}.{name}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{entry, issuers, members};

    fn columns<T: ToSchema>() -> Vec<String> {
        let mut columns = Vec::new();
        of::<T>().columns("", &mut columns);
        columns
    }

    #[test]
    fn columns_stand_in_the_order_in_which_fields_are_shown() {
        let columns = columns::<members::MemberView<'_>>();
        let begin = ["user.id", "user.number", "user.key", "user.status"];
        assert_eq!(columns[..4], begin, "{columns:?}");
        for column in ["roles", "via", "permissions", "access", "expires_at"] {
            assert!(
                columns.iter().any(|it| it == column),
                "{column}: {columns:?}"
            );
        }
    }

    #[test]
    fn what_is_made_of_parts_has_the_fields_of_all() {
        let columns = columns::<issuers::IssuerView>();
        for column in ["id", "issuer", "keys.url", "keys.from", "tenant_claim.name"] {
            assert!(
                columns.iter().any(|it| it == column),
                "{column}: {columns:?}"
            );
        }
    }

    #[test]
    fn paths_lead_through_lists_and_into_objects_with_any_fields() {
        let member = of::<members::MemberView<'_>>();
        for path in [
            &["via", "role"][..],
            &["user"],
            &["via", "parameters", "inboxId"],
        ] {
            assert!(member.at(path).is_some(), "{path:?}");
        }
        for path in [
            &["via", "rol"][..],
            &["user", "id", "x"],
            &[""],
            &["via", "parameters", ""],
        ] {
            assert!(member.at(path).is_none(), "{path:?}");
        }
        let entry = of::<entry::EntryView<'_>>();
        assert!(entry.at(&["events", "type"]).is_some());
    }
}
