//! The problems that operations can answer with, for the OpenAPI document.

use std::collections::BTreeMap;

use utoipa::openapi::{ContentBuilder, Ref, RefOr, Response, ResponseBuilder};
use utoipa::{IntoResponses, ToSchema as _};

use super::problem::Details;

/// What a read can answer with instead.
pub(super) struct ReadProblems;

/// What a write can answer with instead.
pub(super) struct WriteProblems;

/// What a question that stands in a body can answer with instead.
pub(super) struct QuestionProblems;

const READ: [(&str, &str); 7] = [
    ("400", "Something in the request cannot be."),
    ("401", "No credential, or not a good one."),
    ("403", "The permission is lacking."),
    ("404", "It is not there, or not to be seen by the caller."),
    ("405", "Not with this method."),
    ("412", "What `If-Match` demands does not hold."),
    ("503", "Not now; try again."),
];

const WRITE: [(&str, &str); 7] = [
    ("408", "The body did not arrive in time."),
    (
        "409",
        "It does not fit what is there, or the same request is being worked on.",
    ),
    ("410", "It was done before, and what it made is gone since."),
    (
        "412",
        "What `If-Match` or `If-None-Match` demand does not hold.",
    ),
    ("413", "The body is too large."),
    ("415", "The body is compressed."),
    ("422", "Something else was asked with this Idempotency-Key."),
];

impl IntoResponses for ReadProblems {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        READ.into_iter().map(problem).collect()
    }
}

impl IntoResponses for QuestionProblems {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        let of_bodies = |(status, _): &(&str, &str)| ["408", "413", "415"].contains(status);
        let bodies = WRITE.into_iter().filter(of_bodies);
        READ.into_iter().chain(bodies).map(problem).collect()
    }
}

impl IntoResponses for WriteProblems {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        READ.into_iter().chain(WRITE).map(problem).collect()
    }
}

fn problem((status, description): (&str, &str)) -> (String, RefOr<Response>) {
    let schema = Ref::from_schema_name(Details::name());
    let content = ContentBuilder::new().schema(Some(schema)).build();
    let response = ResponseBuilder::new()
        .description(description)
        .content("application/problem+json", content)
        .build();
    (status.to_owned(), response.into())
}
