//! Errors in CloudCockpit's form.

use axum::Json;
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use serde::Serialize;
use utoipa::ToSchema;

use attache_http::{Context, Errors, Problem};

/// The errors of this API.
pub(super) const ERRORS: Errors =
    Errors::of::<Error>(render, "application/json").empty(&[401, 403]);

/// An error.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Error {
    /// The HTTP status.
    #[schema(value_type = i32)]
    status_code: u16,
    /// The kind of the error.
    #[serde(rename = "type")]
    #[schema(value_type = String, example = "ValidationError")]
    kind: &'static str,
    /// The message for a developer.
    description: String,
    /// The correlation id of the request.
    correlation_id: String,
    /// The faults, by field.
    errors: Vec<PropertyError>,
}

/// The faults of a field.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct PropertyError {
    /// The field.
    property_name: String,
    /// The faults.
    description: Vec<String>,
}

fn render(problem: &Problem, context: &Context) -> Response {
    let status = problem.status();
    let kind = match status {
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => return status.into_response(),
        StatusCode::NOT_FOUND => "NotFound",
        StatusCode::METHOD_NOT_ALLOWED => "MethodNotAllowed",
        StatusCode::SERVICE_UNAVAILABLE => "ServiceUnavailable",
        StatusCode::INTERNAL_SERVER_ERROR => "InternalServerError",
        _ => "ValidationError",
    };
    let faults = match problem {
        Problem::Invalid(faults) => faults.as_slice(),
        Problem::AsOf(fault) => std::slice::from_ref(fault),
        _ => &[],
    };
    let body = Error {
        status_code: status.as_u16(),
        kind,
        description: problem.message(),
        correlation_id: context.correlation_uuid().to_string(),
        errors: faults
            .iter()
            .map(|fault| PropertyError {
                property_name: fault.field.clone(),
                description: vec![format!("{fault}.")],
            })
            .collect(),
    };
    (status, Json(body)).into_response()
}
