//! One evaluation, as it is asked (AuthZEN 1.0, section 6.1).

use std::sync::Arc;

use serde_json::{Map, Value};

use super::entity::{Given, Named, action, missing, object};
use attache_http::Problem;

/// What is asked, as far as it is given.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Asked {
    subject: Option<Given>,
    action: Option<Arc<str>>,
    resource: Option<Given>,
    /// Whether the roles that would allow it are wanted with a denial.
    pub(super) explain: bool,
    /// Whether a name that the catalogue does not know is an error.
    strict: bool,
}

/// Whether a subject may do something on a resource.
#[derive(Clone, Debug)]
pub(super) struct Question {
    /// Who.
    pub(super) subject: Named,
    /// What.
    pub(super) action: Arc<str>,
    /// Where.
    pub(super) resource: Named,
    /// Whether the roles that would allow it are wanted with a denial.
    pub(super) explain: bool,
    /// Whether a name that the catalogue does not know is an error.
    pub(super) strict: bool,
}

/// Whether the `context` of a request says something.
pub(super) fn says(context: Option<&Map<String, Value>>, name: &str) -> bool {
    context.is_some_and(|context| context.get(name) == Some(&true.into()))
}

impl Asked {
    /// A question of which all is given.
    pub(super) fn plain(subject: Given, action: &str, resource: Given) -> Self {
        Self {
            subject: Some(subject),
            action: Some(action.into()),
            resource: Some(resource),
            explain: false,
            strict: false,
        }
    }

    /// What a body asks. Of the `context` only `explain` and `strict` are looked at.
    ///
    /// # Errors
    /// If something is of the wrong type of JSON. That something is missing is
    /// no error yet.
    pub(super) fn read(body: &mut Map<String, Value>) -> Result<Self, Problem> {
        let context = object(body, "context")?;
        Ok(Self {
            explain: says(context.as_ref(), "explain"),
            strict: says(context.as_ref(), "strict"),
            subject: Given::read(body, "subject")?,
            action: action(body)?.map(Arc::from),
            resource: Given::read(body, "resource")?,
        })
    }

    /// The same, with defaults for what is missing (section 7.1.1): for an
    /// entity as a whole, and for the type or the id of one that has only the
    /// other, as the conformance suite asks it.
    pub(super) fn or(self, default: &Self) -> Self {
        let entity = |own: Option<Given>, default: &Option<Given>| match (own, default) {
            (Some(own), Some(default)) => Some(own.or(default)),
            (own, default) => own.or_else(|| default.clone()),
        };
        Self {
            subject: entity(self.subject, &default.subject),
            action: self.action.or_else(|| default.action.clone()),
            resource: entity(self.resource, &default.resource),
            explain: self.explain || default.explain,
            strict: self.strict || default.strict,
        }
    }

    /// # Errors
    /// If something is missing.
    pub(super) fn question(self) -> Result<Question, Problem> {
        Ok(Question {
            subject: Given::named(self.subject, "subject")?,
            action: self.action.ok_or_else(|| missing("action", "name"))?,
            resource: Given::named(self.resource, "resource")?,
            explain: self.explain,
            strict: self.strict,
        })
    }
}

/// May a subject do something on a resource?
#[derive(utoipa::ToSchema)]
#[schema(as = EvaluationRequest)]
#[allow(
    dead_code,
    reason = "read by hand, so that each fault is named at its place"
)]
pub(super) struct QuestionBody {
    subject: EntityBody,
    action: ActionBody,
    resource: EntityBody,
    /// With `explain: true`, a denial says which roles would allow it. With `strict: true`, a
    /// name that the catalogue does not know is an error. All else is not looked at.
    #[schema(required = false, nullable = false, value_type = Option<Object>)]
    context: Option<Value>,
}

/// A subject or a resource.
#[derive(utoipa::ToSchema)]
#[schema(as = EntityRequest)]
#[allow(dead_code, reason = "read by hand")]
pub(super) struct EntityBody {
    /// `user`, `group` or `service`; for a resource, its kind.
    r#type: String,
    /// A key, a UUID, or a number after `#`.
    id: String,
    /// Of a resource: strings and numbers name the part of it that is meant.
    #[schema(nullable = false, value_type = Option<Object>)]
    properties: Option<Value>,
}

/// An action.
#[derive(utoipa::ToSchema)]
#[schema(as = ActionRequest)]
#[allow(dead_code, reason = "read by hand")]
pub(super) struct ActionBody {
    /// A permission.
    #[schema(example = "customers.users.list")]
    name: String,
    /// Not looked at.
    #[schema(nullable = false, value_type = Option<Object>)]
    properties: Option<Value>,
}
