//! Errors in ChatCaptain's form.

use attache_core::Refusal;
use axum::Json;
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use serde::Serialize;
use utoipa::ToSchema;

use attache_http::{Context, Errors, Problem};

/// The errors of this API.
pub(super) const ERRORS: Errors = Errors::of::<Error>(render, "application/json");

/// An error.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Error {
    /// The HTTP status.
    #[schema(value_type = i32, example = 400)]
    status_code: u16,
    /// The message for a developer.
    message: String,
    /// The name of the HTTP status.
    #[schema(value_type = String, example = "Bad Request")]
    error: &'static str,
}

fn render(problem: &Problem, _: &Context) -> Response {
    // Missing, hidden and forbidden things get equal answers, byte for byte.
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
