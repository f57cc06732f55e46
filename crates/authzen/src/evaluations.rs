//! `POST /access/v1/evaluations` (AuthZEN 1.0, section 7)

use axum::Json;
use axum::extract::State;
use serde::Serialize;
use serde_json::Value;
use serde_json::value::RawValue;
use utoipa::ToSchema;

use super::body::Body;
use super::decision::Decision;
use super::question::{ActionBody, Asked, EntityBody};
use super::search_action::patterns;
use super::search_subject::LOOKS;
use super::semantic::Semantic;
use attache_http::{App, Problem, Session};

/// One of several questions: what is left out is as it stands beside them.
#[derive(utoipa::ToSchema)]
#[allow(dead_code, reason = "read by hand")]
pub(super) struct EvaluationItem {
    #[schema(nullable = false)]
    subject: Option<EntityBody>,
    #[schema(nullable = false)]
    action: Option<ActionBody>,
    #[schema(nullable = false)]
    resource: Option<EntityBody>,
    /// As in a single evaluation.
    #[schema(nullable = false, value_type = Option<Object>)]
    context: Option<Value>,
}

/// Several questions. What stands beside `evaluations` holds for those that do
/// not say it themselves.
#[derive(ToSchema)]
#[schema(as = EvaluationsRequest)]
#[allow(
    dead_code,
    reason = "read by hand, so that each fault is named at its place"
)]
pub(super) struct QuestionsBody {
    #[schema(nullable = false)]
    subject: Option<EntityBody>,
    #[schema(nullable = false)]
    action: Option<ActionBody>,
    #[schema(nullable = false)]
    resource: Option<EntityBody>,
    /// As in a single evaluation.
    #[schema(nullable = false, value_type = Option<Object>)]
    context: Option<Value>,
    /// The questions; at most `limits.evaluations`. Without any, the rest is one question.
    #[schema(nullable = false, value_type = Option<Vec<EvaluationItem>>)]
    evaluations: Option<Vec<Value>>,
    #[schema(nullable = false)]
    options: Option<OptionsBody>,
}

/// How to answer several questions.
#[derive(ToSchema)]
#[schema(as = EvaluationsOptions)]
#[allow(dead_code, reason = "read by hand")]
struct OptionsBody {
    /// `execute_all` (if it is left out), `deny_on_first_deny` or `permit_on_first_permit`.
    #[schema(nullable = false)]
    evaluations_semantic: Option<String>,
}

/// The decisions in the order of the questions, or the one decision.
#[derive(Debug, Serialize, ToSchema)]
#[serde(untagged)]
pub(super) enum Evaluations {
    /// There were several questions.
    Several {
        /// Up to the one that ended it. Where they would have more than `limits.answer_size`
        /// together, the last have no more than the decision and its code.
        #[schema(value_type = Vec<Decision>)]
        evaluations: Vec<Box<RawValue>>,
    },
    /// There was one, without a list.
    One(Box<Decision>),
}

/// May subjects do things on resources?
///
/// Needs the permission `tenants.access.check` on the tenant for each that is
/// not about the caller itself. What is wrong with one question is said in its
/// place, and the others are answered.
#[utoipa::path(
    post,
    path = "/evaluations",
    tag = "Evaluation",
    request_body = QuestionsBody,
    responses(
        (status = 200, description = "Whether they may, and why.", body = Evaluations),
        (status = 400, description = "The request is wrong as a whole.", body = String, content_type = "text/plain"),
        (status = 401, description = "No credential, or not a good one.", body = String, content_type = "text/plain"),
        (status = 403, description = "The caller may not ask this; only without a list.", body = String, content_type = "text/plain"),
        (status = 405, description = "Not with this method.", body = String, content_type = "text/plain"),
        (status = 408, description = "The body did not arrive in time.", body = String, content_type = "text/plain"),
        (status = 413, description = "The body is too large.", body = String, content_type = "text/plain"),
        (status = 415, description = "The body is compressed.", body = String, content_type = "text/plain"),
        (status = 503, description = "Not now; try again.", body = String, content_type = "text/plain"),
    ),
)]
pub(super) async fn evaluations(
    session: Session,
    State(app): State<App>,
    Body(mut body): Body,
) -> Result<Json<Evaluations>, Problem> {
    let items = match body.remove("evaluations") {
        None | Some(Value::Null) => Vec::new(),
        Some(Value::Array(items)) => items,
        Some(_) => return Err(Problem::invalid("evaluations", "must be a list")),
    };
    let defaults = Asked::read(&mut body)?;
    if items.is_empty() {
        let decision = Decision::of(&session, &defaults.question()?)?;
        return Ok(Json(Evaluations::One(Box::new(decision))));
    }
    let most = app.limits().evaluations;
    if items.len() > most {
        return Err(Problem::invalid(
            "evaluations",
            format!("must be at most {most}"),
        ));
    }
    let semantic = Semantic::read(&mut body)?;
    let most_bytes = app.limits().answer_bytes;
    // An explanation looks at every role that could be granted.
    let asks = |item: &Value| item.pointer("/context/explain") == Some(&Value::Bool(true));
    let each = match defaults.explain || items.iter().any(asks) {
        true => 1 + session.state.catalogue().map_or(0, patterns) / LOOKS,
        false => 1,
    };
    let evaluations = session.weigh(items.len().saturating_mul(each), || {
        let mut evaluations = Vec::with_capacity(items.len());
        // Each has room for the decision at least.
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
