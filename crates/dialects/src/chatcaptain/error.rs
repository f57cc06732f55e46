//! Errors as ChatCaptain renders them.

use attache_core::Refusal;
use axum::Json;
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use serde::Serialize;
use utoipa::ToSchema;

use attache_http::{Context, Errors, Problem};

/// The errors of this API.
pub(super) const ERRORS: Errors = Errors::of::<Error>(render, "application/json");

/// What went wrong.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Error {
    /// The HTTP status.
    #[schema(value_type = i32, example = 400)]
    status_code: u16,
    /// What to tell a developer.
    message: String,
    /// The name of the HTTP status.
    #[schema(value_type = String, example = "Bad Request")]
    error: &'static str,
}

fn render(problem: &Problem, _: &Context) -> Response {
    // What is not there, what must not be seen and what must not be done read
    // alike, to the byte.
    let forbidden = matches!(
        problem,
        Problem::Refused(
            Refusal::NotFound { .. } | Refusal::Forbidden { .. } | Refusal::Exceeds { .. }
        )
    );
    let (status, message) = if forbidden {
        (
            StatusCode::FORBIDDEN,
            "Insufficient permissions.".to_owned(),
        )
    } else {
        (problem.status(), problem.message())
    };
    let body = Error {
        status_code: status.as_u16(),
        message,
        error: status.canonical_reason().unwrap_or("Error"),
    };
    (status, Json(body)).into_response()
}
