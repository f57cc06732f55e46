//! One question: an evaluation (AuthZEN 1.0, section 6.1).

use std::sync::Arc;

use serde_json::{Map, Value};
use utoipa::ToSchema;

use super::entity::{Action, Given, Named, missing, object};
use attache_core::Locator;
use attache_core::command::SubjectRef;
use attache_http::{FocusOn, Problem, naming};

/// One of several questions. Missing parts take the defaults of the request.
#[derive(Clone, Debug, PartialEq, ToSchema)]
#[schema(as = EvaluationItem)]
pub(super) struct Asked {
    #[schema(nullable = false, value_type = Option<Named>)]
    pub(super) subject: Option<Given>,
    #[schema(nullable = false, value_type = Option<Action>)]
    pub(super) action: Option<Arc<str>>,
    #[schema(nullable = false, value_type = Option<Named>)]
    pub(super) resource: Option<Given>,
    /// As in a single evaluation.
    #[schema(nullable = false, value_type = Option<Object>)]
    pub(super) context: Context,
}

/// May a subject do an action on a resource?
#[derive(Clone, Debug, ToSchema)]
#[schema(as = EvaluationRequest)]
pub(super) struct Question {
    pub(super) subject: Named,
    #[schema(value_type = Action)]
    pub(super) action: Arc<str>,
    pub(super) resource: Named,
    /// The options. With `explain: true`, a denial names the roles that would allow the
    /// action. With `strict: true`, a name that the catalogue does not have is an error.
    /// Other fields are ignored.
    #[schema(required = false, nullable = false, value_type = Option<Object>)]
    pub(super) context: Context,
}

/// The options in the `context` of a question.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Context {
    /// Whether a denial names the roles that would allow the action.
    pub(super) explain: bool,
    /// Whether a name that the catalogue does not have is an error.
    pub(super) strict: bool,
}

impl Context {
    /// Takes the `context` out of a body.
    ///
    /// # Errors
    /// If it is not an object.
    pub(super) fn read(body: &mut Map<String, Value>) -> Result<Self, Problem> {
        let context = object(body, "context")?.unwrap_or_default();
        let is_set = |name: &str| context.get(name) == Some(&true.into());
        Ok(Self {
            explain: is_set("explain"),
            strict: is_set("strict"),
        })
    }
}

impl Question {
    /// What the question is about, if its names can mean something.
    pub(super) fn focus(&self) -> Option<FocusOn> {
        let subject = naming::reference(&self.subject.id);
        Some(FocusOn {
            resource: Locator::of(&self.resource.kind, naming::reference(&self.resource.id)),
            subject: Some(match &*self.subject.kind {
                "user" => SubjectRef::User(subject),
                "group" => SubjectRef::Group(subject),
                "service" => SubjectRef::Service(subject),
                _ => return None,
            }),
        })
    }
}

impl Asked {
    /// Makes a question from complete parts.
    pub(super) fn plain(subject: Given, action: &str, resource: Given) -> Self {
        Self {
            subject: Some(subject),
            action: Some(action.into()),
            resource: Some(resource),
            context: Context::default(),
        }
    }

    /// Reads a question from a body. Of `context`, only `explain` and `strict` count.
    ///
    /// # Errors
    /// If a part has the wrong JSON type. Missing parts are not an error yet.
    pub(super) fn read(body: &mut Map<String, Value>) -> Result<Self, Problem> {
        Ok(Self {
            context: Context::read(body)?,
            subject: Given::read(body, "subject")?,
            action: Action::read(body)?.and_then(|it| it.name).map(Arc::from),
            resource: Given::read(body, "resource")?,
        })
    }

    /// Fills in missing parts from defaults (AuthZEN 1.0, section 7.1.1): a whole entity,
    /// or the type or id of an entity that has only the other one, as the conformance
    /// suite asks.
    pub(super) fn or(self, default: &Self) -> Self {
        let entity = |own: Option<Given>, default: &Option<Given>| match (own, default) {
            (Some(own), Some(default)) => Some(own.or(default)),
            (own, default) => own.or_else(|| default.clone()),
        };
        Self {
            subject: entity(self.subject, &default.subject),
            action: self.action.or_else(|| default.action.clone()),
            resource: entity(self.resource, &default.resource),
            context: Context {
                explain: self.context.explain || default.context.explain,
                strict: self.context.strict || default.context.strict,
            },
        }
    }

    /// Returns the complete question.
    ///
    /// # Errors
    /// If a part is missing.
    pub(super) fn question(self) -> Result<Question, Problem> {
        Ok(Question {
            subject: Given::named(self.subject, "subject")?,
            action: self.action.ok_or_else(|| missing("action", "name"))?,
            resource: Given::named(self.resource, "resource")?,
            context: self.context,
        })
    }
}
