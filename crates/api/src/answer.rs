//! Answers to writes.

use axum::Json;
use axum::response::{IntoResponse, Response};
use http::header::LOCATION;
use http::{HeaderValue, StatusCode};
use serde::Serialize;

use super::call::Done;
use super::etag;
use attache_http::Problem;

/// What was made, and where it is from now on.
pub(super) fn created<T: Serialize>(
    done: &Done,
    thing: T,
    place: impl Fn(&T) -> String,
) -> Result<Response, Problem> {
    let place = format!("{}/{}", super::PREFIX, place(&thing));
    let mut response = shown(done, thing)?;
    *response.status_mut() = StatusCode::CREATED;
    if let Ok(place) = HeaderValue::from_str(&place) {
        response.headers_mut().insert(LOCATION, place);
    }
    Ok(response)
}

/// How something is now.
pub(super) fn shown(done: &Done, thing: impl Serialize) -> Result<Response, Problem> {
    let tag = etag::of(&thing).ok_or(Problem::Internal)?;
    let mut response = Json(thing).into_response();
    etag::put(&mut response, &tag);
    done.mark(response.headers_mut());
    Ok(response)
}

/// Something is no longer there.
pub(super) fn gone(done: &Done) -> Response {
    let mut response = StatusCode::NO_CONTENT.into_response();
    done.mark(response.headers_mut());
    response
}
