//! What went wrong, in AuthZEN's words: the status, and a message as the body
//! (section 10.1.2).

use axum::response::{IntoResponse, Response};

use attache_http::{Context, Problem};

pub(super) fn say(problem: &Problem, _: &Context) -> Response {
    (problem.status(), problem.message()).into_response()
}
