//! `POST /access/v1/evaluation` (AuthZEN 1.0, section 6)

use axum::response::Response;

use super::body::OneQuestion;
use super::decision::Decision;
use super::question::QuestionBody;
use attache_http::listing::json;
use attache_http::{Problem, Session};

/// Room for a decision with its reason.
const ROOM: usize = 512;

/// May a subject do something on a resource?
///
/// Needs the permission `tenants.access.check` on the tenant, unless it is
/// about the caller itself. A caller without it is told about resources that it
/// sees only.
#[utoipa::path(
    post,
    path = "/evaluation",
    tag = "Evaluation",
    request_body = QuestionBody,
    responses(
        (status = 200, description = "Whether it may, and why.", body = Decision),
        (status = 400, description = "The question is wrong.", body = String, content_type = "text/plain"),
        (status = 401, description = "No credential, or not a good one.", body = String, content_type = "text/plain"),
        (status = 403, description = "The caller may not ask this.", body = String, content_type = "text/plain"),
        (status = 405, description = "Not with this method.", body = String, content_type = "text/plain"),
        (status = 408, description = "The body did not arrive in time.", body = String, content_type = "text/plain"),
        (status = 413, description = "The body is too large.", body = String, content_type = "text/plain"),
        (status = 415, description = "The body is compressed.", body = String, content_type = "text/plain"),
        (status = 503, description = "Not now; try again.", body = String, content_type = "text/plain"),
    ),
)]
pub(super) async fn evaluation(
    session: Session,
    OneQuestion(asked): OneQuestion,
) -> Result<Response, Problem> {
    let question = asked.question()?;
    json(&Decision::of(&session, &question)?, ROOM)
}
