//! Renders problems as problem details (RFC 9457).

use attache_core::Refusal;
use attache_core::refusal::Use;
use axum::response::{IntoResponse, Response};
use http::header::CONTENT_TYPE;
use serde::Serialize;
use utoipa::ToSchema;

use super::problem_pages;
use attache_http::errors::{When, answer};
use attache_http::problem::{fitting, list_of};
use attache_http::{Context, Errors, Problem};

/// The errors of this API. Every write reads its body, since the body's digest belongs to
/// its Idempotency-Key.
pub(super) const ERRORS: Errors = Errors::of::<Details>(render, "application/problem+json")
    .writes_read_bodies()
    .own(&[
        answer(400, When::Always, "The request has faults."),
        answer(
            404,
            When::Always,
            "It does not exist, or the caller does not see it.",
        ),
        answer(
            409,
            When::Writes,
            "It conflicts with the present state, or the same request is being worked on.",
        ),
        answer(
            410,
            When::Writes,
            "The request was done before, and its result no longer exists.",
        ),
        answer(412, When::Always, "The precondition `If-Match` failed."),
        answer(
            422,
            When::Writes,
            "The Idempotency-Key was used for another request.",
        ),
    ]);

/// A problem (RFC 9457).
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Problem)]
pub(super) struct Details {
    /// The type of the problem: the address of a page about it.
    #[serde(rename = "type")]
    #[schema(example = "/problems/not-found")]
    kind: String,
    /// The type in words.
    #[schema(value_type = String, example = "Not found")]
    title: &'static str,
    /// The HTTP status.
    #[schema(value_type = i32, example = 404)]
    status: u16,
    /// The cause of this problem.
    #[schema(example = "No such customer.")]
    detail: String,
    /// The request's correlation id, which the server's log has too.
    correlation_id: String,
    /// The faults, by field. Left out if no field has one.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    errors: Vec<FieldError>,
    /// The missing permission, if one is missing.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "customers.users.list")]
    permission: Option<String>,
    /// The uses of something that is in use: the first hundred.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    in_use_by: Vec<InUseBy>,
    /// The index of the refused operation of a bulk, from 0.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    operation: Option<usize>,
}

/// A fault of a field.
#[derive(Debug, Serialize, ToSchema)]
struct FieldError {
    /// The field, such as `email` or `operations[3].user`.
    field: String,
    /// The fault, as the end of a sentence that starts with the field.
    reason: String,
}

/// A use of something that cannot be removed: a grant, or a resource.
#[derive(Debug, Serialize, ToSchema)]
struct InUseBy {
    /// The resource, or the resource of the grant.
    resource: uuid::Uuid,
    /// The subject of the grant, such as `user:0195…`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    subject: Option<String>,
    /// The role of the grant.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    role: Option<String>,
}

pub(super) fn render(problem: &Problem, context: &Context) -> Response {
    let status = problem.status();
    let content = [(CONTENT_TYPE, "application/problem+json")];
    match serde_json::to_vec(&details(problem, context)) {
        Ok(body) => (status, content, body).into_response(),
        Err(_) => status.into_response(),
    }
}

/// Returns the problem details of a problem.
pub(super) fn details(problem: &Problem, context: &Context) -> Details {
    let (operation, refusal) = match problem {
        Problem::Refused(refusal) => (None, Some(refusal)),
        Problem::RefusedAt(position, refusal) => (Some(*position), Some(refusal)),
        _ => (None, None),
    };
    let page = problem_pages::of(problem);
    let mut body = Details {
        kind: format!(
            "{}{}/{}",
            context.public_path(),
            problem_pages::PREFIX,
            page.name
        ),
        title: page.title,
        status: problem.status().as_u16(),
        detail: problem.message(),
        correlation_id: context.correlation_id().to_owned(),
        errors: Vec::new(),
        permission: match refusal {
            Some(
                Refusal::Forbidden { permission }
                | Refusal::Exceeds { permission }
                | Refusal::Outlasts { permission, .. },
            ) => Some(permission.to_string()),
            _ => None,
        },
        in_use_by: match refusal {
            Some(Refusal::InUse { uses, .. }) => uses.iter().map(in_use_by).collect(),
            _ => Vec::new(),
        },
        operation,
    };
    let rest = context.limits().error_bytes.saturating_sub(length(&body));
    body.errors = bounded(errors(problem, operation), rest);
    body
}

/// Returns the number of bytes of a value as JSON.
fn length(of: &impl Serialize) -> usize {
    serde_json::to_vec(of).map_or(0, |json| json.len())
}

/// The bytes of the list around the errors, with the last one, which counts the rest.
const AROUND: usize = 128;

/// Returns the errors that fit into `most` bytes, and one that counts the others.
fn bounded(mut errors: Vec<FieldError>, most: usize) -> Vec<FieldError> {
    // Each is followed by a comma.
    let bytes = |error: &FieldError| length(error) + 1;
    let most = most.saturating_sub(AROUND);
    let rest = errors.len() - fitting(&errors, most, bytes);
    if rest > 0 {
        errors.truncate(errors.len() - rest);
        let list = errors.first().map(|first| list_of(&first.field).to_owned());
        errors.push(FieldError {
            field: list.unwrap_or_default(),
            reason: format!("has {rest} more faults"),
        });
    }
    errors
}

fn errors(problem: &Problem, operation: Option<usize>) -> Vec<FieldError> {
    let at = |field: &str| match operation {
        Some(operation) => format!("operations[{operation}].{field}"),
        None => field.to_owned(),
    };
    let one = |field: &str, reason: String| {
        vec![FieldError {
            field: at(field),
            reason,
        }]
    };
    match problem {
        Problem::AsOf(fault) => one(&fault.field, fault.reason.clone()),
        Problem::Invalid(faults) => faults
            .iter()
            .map(|fault| FieldError {
                field: fault.field.clone(),
                reason: fault.reason.clone(),
            })
            .collect(),
        Problem::Refused(refusal) | Problem::RefusedAt(_, refusal) => match refusal {
            Refusal::Invalid { field, reason } => one(field, reason.to_string()),
            Refusal::Unknown { field, what } => one(field, format!("is no {what}")),
            Refusal::Taken { field } => one(field, "is taken".to_owned()),
            Refusal::Outlasts {
                field: Some(field),
                until,
                ..
            } => one(field, format!("must be {until} at the latest")),
            Refusal::UnknownUsers { positions } => positions
                .iter()
                .map(|position| FieldError {
                    field: at(&format!("users[{position}]")),
                    reason: "is no user".to_owned(),
                })
                .collect(),
            Refusal::NotInParent {
                parent, positions, ..
            } => positions
                .iter()
                .map(|position| FieldError {
                    field: at(&format!("users[{position}]")),
                    reason: format!("is not attached to the {parent}"),
                })
                .collect(),
            _ => Vec::new(),
        },
        _ => Vec::new(),
    }
}

fn in_use_by(what: &Use) -> InUseBy {
    match what {
        Use::Grant {
            resource,
            subject,
            role,
        } => InUseBy {
            resource: resource.0,
            subject: Some(subject.to_string()),
            role: Some(role.to_string()),
        },
        Use::Resource(resource) => InUseBy {
            resource: resource.0,
            subject: None,
            role: None,
        },
    }
}
