//! Errors in AuthZEN's form: the status, with a message as the body (section 10.1.2).

use axum::response::{IntoResponse, Response};

use attache_http::{Context, Errors, Problem};

/// The errors of this API.
pub(super) const ERRORS: Errors = Errors::text(render);

fn render(problem: &Problem, _: &Context) -> Response {
    (problem.status(), problem.message()).into_response()
}
