//! Subjects, resources and actions, in requests and answers (AuthZEN 1.0, sections 5.1 to
//! 5.3).

use std::collections::BTreeSet;
use std::sync::Arc;

use attache_core::State;
use attache_core::id::Node;
use attache_core::model::{Parameters, Subject};
use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

use attache_http::Problem;
use attache_http::naming;

/// A subject or a resource, by its type and id.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub(super) struct Entity {
    /// The type: `user`, `group` or `service`; for a resource, its kind.
    #[serde(rename = "type")]
    #[schema(example = "user")]
    kind: String,
    /// The key, else the UUID. A question may also have the number, after `#`.
    #[schema(example = "ada")]
    id: String,
}

impl Entity {
    /// Returns the entity of a subject, if it exists.
    pub(super) fn of_subject(state: &State, subject: Subject) -> Option<Self> {
        let (kind, id) = naming::of_subject(state, subject)?;
        Some(Self {
            kind: kind.to_owned(),
            id: id.into_owned(),
        })
    }

    /// Returns the entity of a resource, if it exists.
    pub(super) fn of_node(state: &State, node: Node) -> Option<Self> {
        let resource = state.resource(node)?;
        Some(Self {
            kind: resource.kind.to_string(),
            id: naming::resource(resource).into_owned(),
        })
    }
}

/// An entity in a request, whose parts may be missing so far.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Given {
    // Shared, since a default may be large and stands in for many questions.
    kind: Option<Arc<str>>,
    id: Option<Arc<str>>,
    properties: Arc<Map<String, Value>>,
}

/// A subject or a resource.
#[derive(Clone, Debug, ToSchema)]
#[schema(as = EntityRequest)]
pub(super) struct Named {
    /// The type: `user`, `group` or `service`; for a resource, its kind.
    #[schema(rename = "type", value_type = String)]
    pub(super) kind: Arc<str>,
    /// The id: a key, a UUID, or a number after `#`.
    #[schema(value_type = String)]
    pub(super) id: Arc<str>,
    /// The properties. Of a resource, strings and numbers select a part of it.
    #[schema(nullable = false, value_type = Option<Object>)]
    pub(super) properties: Arc<Map<String, Value>>,
}

/// An action.
#[derive(Clone, Debug, ToSchema)]
#[schema(as = ActionRequest)]
pub(super) struct Action {
    /// The name: a permission.
    #[schema(value_type = String, required = true, example = "customers.users.list")]
    pub(super) name: Option<String>,
    /// Ignored.
    #[schema(rename = "properties", nullable = false, value_type = Option<Object>)]
    _properties: Map<String, Value>,
}

impl Given {
    /// Makes an entity that is only a name.
    pub(super) fn plain(kind: &str, id: &str) -> Self {
        Self {
            kind: Some(kind.into()),
            id: Some(id.into()),
            properties: Arc::default(),
        }
    }

    /// Reads a field of a body.
    ///
    /// # Errors
    /// If a part has the wrong JSON type. Missing parts are not an error yet.
    pub(super) fn read(
        body: &mut Map<String, Value>,
        field: &str,
    ) -> Result<Option<Self>, Problem> {
        let Some(mut entity) = object(body, field)? else {
            return Ok(None);
        };
        Ok(Some(Self {
            kind: string(&mut entity, field, "type")?.map(Arc::from),
            id: string(&mut entity, field, "id")?.map(Arc::from),
            properties: Arc::new(properties(&mut entity, field)?),
        }))
    }

    /// Takes a missing type and id from a default. The default's properties belong to
    /// another entity and are not taken.
    pub(super) fn or(self, default: &Self) -> Self {
        Self {
            kind: self.kind.or_else(|| default.kind.clone()),
            id: self.id.or_else(|| default.id.clone()),
            properties: self.properties,
        }
    }

    /// Returns the complete entity.
    ///
    /// # Errors
    /// If the entity, its type or its id is missing.
    pub(super) fn named(given: Option<Self>, field: &str) -> Result<Named, Problem> {
        let given = given.ok_or_else(|| Problem::invalid(field, "is missing"))?;
        Ok(Named {
            kind: given.kind.ok_or_else(|| missing(field, "type"))?,
            id: given.id.ok_or_else(|| missing(field, "id"))?,
            properties: given.properties,
        })
    }
}

impl Named {
    /// Returns the subject with this name, if it exists.
    pub(super) fn subject(&self, state: &State) -> Option<Subject> {
        naming::subject(state, &self.kind, &self.id)
    }

    /// Returns the resource with this name, visible to the caller or not.
    pub(super) fn node(&self, state: &State) -> Option<Node> {
        naming::node(state, &self.kind, &self.id)
    }

    /// Returns the part of the resource that the properties select.
    pub(super) fn parameters(&self, state: &State) -> Parameters {
        parameters(&self.properties, state)
    }
}

/// Returns the part of a resource that properties select: those that are strings or
/// numbers and that a role takes as a parameter, at most as many as a grant may have.
pub(super) fn parameters(properties: &Map<String, Value>, state: &State) -> Parameters {
    let Some(catalogue) = state.catalogue().filter(|_| !properties.is_empty()) else {
        return Parameters::none();
    };
    // Iterates over the roles' parameters, which are few. A request may have any number
    // of properties.
    let taken: BTreeSet<&str> = catalogue
        .roles
        .iter()
        .flat_map(|role| &role.parameters)
        .map(|parameter| parameter.name.as_str())
        .collect();
    taken
        .into_iter()
        .filter_map(|name| match properties.get(name)? {
            Value::String(text) => Some((name, text.clone())),
            Value::Number(number) => Some((name, number.to_string())),
            _ => None,
        })
        .take(Parameters::MAX)
        .collect()
}

impl Action {
    /// Reads the action in a body; `None` if it is missing so far.
    ///
    /// # Errors
    /// If a part has the wrong JSON type.
    pub(super) fn read(body: &mut Map<String, Value>) -> Result<Option<Self>, Problem> {
        let Some(mut action) = object(body, "action")? else {
            return Ok(None);
        };
        Ok(Some(Self {
            _properties: properties(&mut action, "action")?,
            name: string(&mut action, "action", "name")?,
        }))
    }

    /// Reads the name of the action in a body.
    ///
    /// # Errors
    /// If it is missing, or a part has the wrong JSON type.
    pub(super) fn named(body: &mut Map<String, Value>) -> Result<String, Problem> {
        let name = Self::read(body)?.and_then(|action| action.name);
        name.ok_or_else(|| missing("action", "name"))
    }
}

/// The type of the subjects or resources to search for.
#[derive(Clone, Debug, ToSchema)]
#[schema(as = SearchedEntity)]
pub(super) struct Wanted {
    /// The type: `user`, `group` or `service`; for resources, their kind.
    #[schema(rename = "type")]
    pub(super) kind: String,
    /// The properties. Of resources, strings and numbers select a part of each.
    #[schema(nullable = false, value_type = Option<Object>)]
    pub(super) properties: Map<String, Value>,
}

impl Wanted {
    /// Reads a field of a body. Everything but its type and properties is ignored
    /// (AuthZEN 1.0, section 8).
    ///
    /// # Errors
    /// If the type is missing or not a string.
    pub(super) fn read(body: &mut Map<String, Value>, field: &str) -> Result<Self, Problem> {
        let mut entity = object(body, field)?.unwrap_or_default();
        Ok(Self {
            kind: string(&mut entity, field, "type")?.ok_or_else(|| missing(field, "type"))?,
            properties: properties(&mut entity, field)?,
        })
    }
}

/// Takes an object out of a body. Null counts as missing.
///
/// # Errors
/// If the field is something else.
pub(super) fn object(
    body: &mut Map<String, Value>,
    field: &str,
) -> Result<Option<Map<String, Value>>, Problem> {
    match body.remove(field) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::Object(object)) => Ok(Some(object)),
        Some(_) => Err(Problem::invalid(field, "must be an object")),
    }
}

fn string(
    entity: &mut Map<String, Value>,
    field: &str,
    name: &str,
) -> Result<Option<String>, Problem> {
    match entity.remove(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(_) => Err(Problem::invalid(
            format!("{field}.{name}"),
            "must be a string",
        )),
    }
}

fn properties(entity: &mut Map<String, Value>, field: &str) -> Result<Map<String, Value>, Problem> {
    match entity.remove("properties") {
        None | Some(Value::Null) => Ok(Map::new()),
        Some(Value::Object(properties)) => Ok(properties),
        Some(_) => Err(Problem::invalid(
            format!("{field}.properties"),
            "must be an object",
        )),
    }
}

/// Makes the problem for a required part that is missing.
pub(super) fn missing(field: &str, name: &str) -> Problem {
    Problem::invalid(format!("{field}.{name}"), "is missing")
}
