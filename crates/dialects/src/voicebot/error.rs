//! Errors in Voicebot Studio's form.

use std::collections::BTreeMap;

use axum::Json;
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use serde::Serialize;
use utoipa::ToSchema;

use attache_http::{At, Context, Errors, Problem};

/// The errors of this API.
pub(super) const ERRORS: Errors = Errors::of::<Message>(render, "application/json");

/// An error.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Error)]
pub(super) struct Message {
    /// The message for a developer.
    message: String,
}

/// An error with the faults of the body, by field.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ValidationError)]
pub(super) struct Unprocessable {
    /// The message for a developer.
    message: String,
    /// The faults by field, such as `user_ids`, or `user_ids.3` for the fourth id.
    errors: BTreeMap<String, Vec<String>>,
}

fn render(problem: &Problem, _: &Context) -> Response {
    let faults = match problem {
        Problem::Invalid(faults) if faults.iter().all(|fault| fault.at == At::Field) => faults,
        _ => {
            let message = problem.message();
            return (problem.status(), Json(Message { message })).into_response();
        }
    };
    let mut errors: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for fault in faults {
        let said = format!("The {fault}.");
        errors.entry(fault.field.clone()).or_default().push(said);
    }
    let message = "The given data was invalid.".to_owned();
    let body = Json(Unprocessable { message, errors });
    (StatusCode::UNPROCESSABLE_ENTITY, body).into_response()
}
