//! Subjects, resources and actions, as they come in and as they are shown
//! (AuthZEN 1.0, sections 5.1 to 5.3).

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
    /// `user`, `group` or `service`; for a resource, its kind.
    #[serde(rename = "type")]
    #[schema(example = "user")]
    kind: String,
    /// Its key, else its UUID. In a question also its number, after `#`.
    #[schema(example = "ada")]
    id: String,
}

impl Entity {
    /// A subject that is there.
    pub(super) fn of_subject(state: &State, subject: Subject) -> Option<Self> {
        let (kind, id) = naming::of_subject(state, subject)?;
        Some(Self {
            kind: kind.to_owned(),
            id: id.into_owned(),
        })
    }

    /// A resource that is there.
    pub(super) fn of_node(state: &State, node: Node) -> Option<Self> {
        let resource = state.resource(node)?;
        Some(Self {
            kind: resource.kind.to_string(),
            id: naming::resource(resource).into_owned(),
        })
    }
}

/// An entity as it comes in: what is not given is not there yet.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Given {
    // Shared: a default may be large, and stands in for many.
    kind: Option<Arc<str>>,
    id: Option<Arc<str>>,
    properties: Arc<Map<String, Value>>,
}

/// A subject or a resource.
#[derive(Clone, Debug, ToSchema)]
#[schema(as = EntityRequest)]
pub(super) struct Named {
    /// `user`, `group` or `service`; for a resource, its kind.
    #[schema(rename = "type", value_type = String)]
    pub(super) kind: Arc<str>,
    /// A key, a UUID, or a number after `#`.
    #[schema(value_type = String)]
    pub(super) id: Arc<str>,
    /// Of a resource: strings and numbers name the part of it that is meant.
    #[schema(nullable = false, value_type = Option<Object>)]
    pub(super) properties: Arc<Map<String, Value>>,
}

/// An action.
#[derive(Clone, Debug, ToSchema)]
#[schema(as = ActionRequest)]
pub(super) struct Action {
    /// A permission.
    #[schema(value_type = String, required = true, example = "customers.users.list")]
    pub(super) name: Option<String>,
    /// Not looked at.
    #[schema(rename = "properties", nullable = false, value_type = Option<Object>)]
    _properties: Map<String, Value>,
}

impl Given {
    /// One of which nothing is said but its name.
    pub(super) fn plain(kind: &str, id: &str) -> Self {
        Self {
            kind: Some(kind.into()),
            id: Some(id.into()),
            properties: Arc::default(),
        }
    }

    /// A field of a body.
    ///
    /// # Errors
    /// If something in it is of the wrong type of JSON. That something is
    /// missing is no error yet.
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

    /// The same, with the type and the id of a default where it has none. The
    /// default's properties are another entity's.
    pub(super) fn or(self, default: &Self) -> Self {
        Self {
            kind: self.kind.or_else(|| default.kind.clone()),
            id: self.id.or_else(|| default.id.clone()),
            properties: self.properties,
        }
    }

    /// # Errors
    /// If it, its type or its id is missing.
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
    /// The subject of that name.
    pub(super) fn subject(&self, state: &State) -> Option<Subject> {
        naming::subject(state, &self.kind, &self.id)
    }

    /// The resource of that name, whether or not anybody may see it.
    pub(super) fn node(&self, state: &State) -> Option<Node> {
        naming::node(state, &self.kind, &self.id)
    }

    /// The part of the resource that is meant.
    pub(super) fn parameters(&self, state: &State) -> Parameters {
        parameters(&self.properties, state)
    }
}

/// The part of a resource that is meant: of its properties those that are
/// strings or numbers and that a role takes as a parameter, at most as many as
/// a grant may have.
pub(super) fn parameters(properties: &Map<String, Value>, state: &State) -> Parameters {
    let Some(catalogue) = state.catalogue().filter(|_| !properties.is_empty()) else {
        return Parameters::none();
    };
    // By what roles take, which are few; of properties there may be any number.
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
    /// The action in a body; `None` if there is none yet.
    ///
    /// # Errors
    /// If something in it is of the wrong type of JSON.
    pub(super) fn read(body: &mut Map<String, Value>) -> Result<Option<Self>, Problem> {
        let Some(mut action) = object(body, "action")? else {
            return Ok(None);
        };
        Ok(Some(Self {
            _properties: properties(&mut action, "action")?,
            name: string(&mut action, "action", "name")?,
        }))
    }

    /// The name of the action in a body.
    ///
    /// # Errors
    /// If it is missing, or something in it is of the wrong type of JSON.
    pub(super) fn named(body: &mut Map<String, Value>) -> Result<String, Problem> {
        let name = Self::read(body)?.and_then(|action| action.name);
        name.ok_or_else(|| missing("action", "name"))
    }
}

/// What is searched for.
#[derive(Clone, Debug, ToSchema)]
#[schema(as = SearchedEntity)]
pub(super) struct Wanted {
    /// `user`, `group` or `service`; for resources, their kind.
    #[schema(rename = "type")]
    pub(super) kind: String,
    /// Of resources: strings and numbers name the part of each that is meant.
    #[schema(nullable = false, value_type = Option<Object>)]
    pub(super) properties: Map<String, Value>,
}

impl Wanted {
    /// A field of a body. All but its type and properties is ignored (AuthZEN 1.0, section 8).
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

/// An object in a body, taken out of it. What is null is not there.
///
/// # Errors
/// If it is something else.
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

/// Something that a question cannot do without.
pub(super) fn missing(field: &str, name: &str) -> Problem {
    Problem::invalid(format!("{field}.{name}"), "is missing")
}
