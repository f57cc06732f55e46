//! `POST /access/v1/evaluations` (AuthZEN 1.0, section 7)

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use serde::Serialize;
use serde_json::value::RawValue;
use serde_json::{Map, Value};
use utoipa::ToSchema;

use super::body::Body;
use super::decision::Decision;
use super::entity::{Action, Given, Named};
use super::question::{Asked, Context};
use super::search_action::patterns;
use super::search_subject::LOOKS;
use super::semantic::Options;
use attache_http::{App, Problem, Session};

/// Several questions. The fields beside `evaluations` are defaults for questions without
/// them.
#[derive(ToSchema)]
#[schema(as = EvaluationsRequest)]
pub(super) struct Questions {
    #[schema(nullable = false, value_type = Option<Named>)]
    subject: Option<Given>,
    #[schema(nullable = false, value_type = Option<Action>)]
    action: Option<Arc<str>>,
    #[schema(nullable = false, value_type = Option<Named>)]
    resource: Option<Given>,
    /// As in a single evaluation.
    #[schema(nullable = false, value_type = Option<Object>)]
    context: Context,
    /// The questions; at most `limits.evaluations`. If there are none, the other fields
    /// are one question.
    #[schema(nullable = false, value_type = Option<Vec<Asked>>)]
    evaluations: Vec<Value>,
    #[schema(nullable = false, value_type = Option<Options>)]
    options: Options,
}

impl Questions {
    /// Reads the questions of a body, at most `most`. Ignores the options of a body
    /// without a list.
    ///
    /// # Errors
    /// If the request as a whole is wrong.
    fn read(mut body: Map<String, Value>, most: usize) -> Result<Self, Problem> {
        let evaluations = match body.remove("evaluations") {
            None | Some(Value::Null) => Vec::new(),
            Some(Value::Array(items)) => items,
            Some(_) => return Err(Problem::invalid("evaluations", "must be a list")),
        };
        let defaults = Asked::read(&mut body)?;
        if evaluations.len() > most {
            let reason = format!("must be at most {most}");
            return Err(Problem::invalid("evaluations", reason));
        }
        let options = match evaluations.is_empty() {
            true => Options::default(),
            false => Options::read(&mut body)?,
        };
        Ok(Self {
            subject: defaults.subject,
            action: defaults.action,
            resource: defaults.resource,
            context: defaults.context,
            evaluations,
            options,
        })
    }
}

/// The decisions, in the order of the questions; or one decision.
#[derive(Debug, Serialize, ToSchema)]
#[serde(untagged)]
pub(super) enum Evaluations {
    /// The answer to several questions.
    Several {
        /// The decisions, up to the one that ended the list. If they would have more than
        /// `limits.answer_size` bytes in total, the last ones have only the decision and
        /// its code.
        #[schema(value_type = Vec<Decision>)]
        evaluations: Vec<Box<RawValue>>,
    },
    /// The answer to one question without a list.
    One(Box<Decision>),
}

/// May subjects do actions on resources?
///
/// Needs the permission `tenants.access.check` on the tenant for each question about
/// another subject than the caller. A fault of one question is reported in its place, and
/// the other questions are answered.
#[utoipa::path(
    post,
    path = "/evaluations",
    tag = "Evaluation",
    request_body = Questions,
    responses(
        (status = 200, description = "The decisions, with their reasons.", body = Evaluations),
        (status = 400, description = "The request as a whole is invalid.", body = String, content_type = "text/plain"),
        (status = 403, description = "The caller may not ask this; only without a list.", body = String, content_type = "text/plain"),
    ),
)]
pub(super) async fn evaluations(
    session: Session,
    State(app): State<App>,
    Body(body): Body,
) -> Result<Json<Evaluations>, Problem> {
    let questions = Questions::read(body, app.limits().evaluations)?;
    let (items, semantic) = (questions.evaluations, questions.options.semantic);
    let defaults = Asked {
        subject: questions.subject,
        action: questions.action,
        resource: questions.resource,
        context: questions.context,
    };
    if items.is_empty() {
        let decision = Decision::of(&session, &defaults.question()?)?;
        return Ok(Json(Evaluations::One(Box::new(decision))));
    }
    let most_bytes = app.limits().answer_bytes;
    // An explanation examines every role that could be granted.
    let asks = |item: &Value| item.pointer("/context/explain") == Some(&Value::Bool(true));
    let each = match defaults.context.explain || items.iter().any(asks) {
        true => 1 + session.subject().state().catalogue().map_or(0, patterns) / LOOKS,
        false => 1,
    };
    let evaluations = session.weigh(items.len().saturating_mul(each), || {
        let mut evaluations = Vec::with_capacity(items.len());
        // Each item has room for at least its decision.
        let bare = items.len().saturating_mul(Decision::BARE);
        let mut left = most_bytes.saturating_sub(bare);
        for item in items {
            let decision = answer(&session, item, &defaults)
                .unwrap_or_else(|problem| Decision::failed(&problem));
            let ends = semantic.ends_after(decision.decision);
            let written = decision.within(left.saturating_add(Decision::BARE))?;
            let beyond_bare = written.get().len().saturating_sub(Decision::BARE);
            left = left.saturating_sub(beyond_bare);
            evaluations.push(written);
            if ends {
                break;
            }
        }
        Ok(Json(Evaluations::Several { evaluations }))
    });
    evaluations.await?
}

fn answer(session: &Session, item: Value, defaults: &Asked) -> Result<Decision, Problem> {
    let Value::Object(mut item) = item else {
        return Err(Problem::invalid("evaluation", "must be an object"));
    };
    let question = Asked::read(&mut item)?.or(defaults).question()?;
    Decision::of(session, &question)
}
