//! `POST /access/v1/evaluation` (AuthZEN 1.0, section 6)

use axum::response::Response;

use super::body::OneQuestion;
use super::decision::Decision;
use super::question::Question;
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
    request_body = Question,
    responses(
        (status = 200, description = "Whether it may, and why.", body = Decision),
        (status = 400, description = "The question is wrong.", body = String, content_type = "text/plain"),
        (status = 403, description = "The caller may not ask this.", body = String, content_type = "text/plain"),
    ),
)]
pub(super) async fn evaluation(
    session: Session,
    OneQuestion(asked): OneQuestion,
) -> Result<Response, Problem> {
    let question = asked.question()?;
    json(&Decision::of(&session, &question)?, ROOM)
}
