//! Errors in Worth's form.

use attache_core::Refusal;
use axum::Json;
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use serde::Serialize;
use utoipa::ToSchema;

use attache_http::{Context, Errors, Problem};

/// The errors of this API.
pub(super) const ERRORS: Errors = Errors::of::<Failure>(render, "application/json");

/// An error.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Error)]
pub(super) struct Failure {
    #[schema(value_type = String, example = "fail")]
    status: &'static str,
    /// The message for a developer.
    message: String,
    #[serde(rename = "errorCode")]
    #[schema(value_type = String, example = "ERR_BAD_REQUEST")]
    error_code: &'static str,
}

fn render(problem: &Problem, _: &Context) -> Response {
    // The published document has no 404 for a customer.
    let status = match problem {
        Problem::Refused(Refusal::NotFound { .. }) => StatusCode::BAD_REQUEST,
        other => other.status(),
    };
    let error_code = match status {
        StatusCode::UNAUTHORIZED => "ERR_UNAUTHORIZED",
        StatusCode::FORBIDDEN => "ERR_FORBIDDEN",
        StatusCode::NOT_FOUND => "ERR_NOT_FOUND",
        StatusCode::METHOD_NOT_ALLOWED => "ERR_METHOD_NOT_ALLOWED",
        StatusCode::SERVICE_UNAVAILABLE => "ERR_SERVICE_UNAVAILABLE",
        StatusCode::INTERNAL_SERVER_ERROR => "ERR_INTERNAL_SERVER",
        _ => "ERR_BAD_REQUEST",
    };
    let body = Failure {
        status: "fail",
        message: problem.message(),
        error_code,
    };
    (status, Json(body)).into_response()
}
