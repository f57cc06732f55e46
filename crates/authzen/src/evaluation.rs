//! `POST /access/v1/evaluation` (AuthZEN 1.0, section 6)

use axum::response::Response;

use super::body::OneQuestion;
use super::decision::Decision;
use super::question::Question;
use attache_http::listing::json;
use attache_http::{AskingSession, Problem};

/// The first size of the buffer for a decision with its reason.
const ROOM: usize = 512;

/// May a subject do an action on a resource?
///
/// Needs the permission `tenants.access.check` on the tenant, unless the subject is the
/// caller. A caller without the permission gets answers about visible resources only.
#[utoipa::path(
    post,
    path = "/evaluation",
    tag = "Evaluation",
    request_body = Question,
    responses(
        (status = 200, description = "The decision, with its reason.", body = Decision),
        (status = 400, description = "The question is invalid.", body = String, content_type = "text/plain"),
        (status = 403, description = "The caller may not ask this.", body = String, content_type = "text/plain"),
    ),
)]
pub(super) async fn evaluation(
    session: AskingSession,
    OneQuestion(asked): OneQuestion,
) -> Result<Response, Problem> {
    let question = asked.question()?;
    let session = session.on(question.focus().as_ref()).await?;
    json(&Decision::of(&session, &question)?, ROOM)
}
