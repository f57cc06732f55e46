//! Answers to writes.

use std::fmt::Write as _;

use axum::Json;
use axum::response::{IntoResponse, Response};
use http::header::{CACHE_CONTROL, LOCATION};
use http::{HeaderValue, StatusCode};
use serde::Serialize;

use super::call::{Done, address, mark};
use super::etag;
use attache_http::context::NO_STORE;
use attache_http::{App, Problem};

/// Answers with a new thing and its address: `path` within this API.
pub(super) fn created<T: Serialize>(
    done: &Done,
    thing: T,
    path: impl Fn(&T) -> String,
) -> Result<Response, Problem> {
    let path = path(&thing);
    let mut response = shown(done, thing)?;
    made(&mut response, done, &path);
    Ok(response)
}

/// Answers with a new thing that has a secret, so that no cache stores the answer.
pub(super) fn created_secret<T: Serialize>(
    done: &Done,
    thing: T,
    path: impl Fn(&T) -> String,
) -> Result<Response, Problem> {
    let mut response = created(done, thing, path)?;
    response.headers_mut().insert(CACHE_CONTROL, NO_STORE);
    Ok(response)
}

/// Answers with a thing at a path within this API that is in no tenant's log.
pub(super) fn placed(
    app: &App,
    status: StatusCode,
    thing: impl Serialize,
    path: &str,
    is_replayed: bool,
) -> Response {
    let place = [(LOCATION, address(app, path))];
    let mut response = (status, place, Json(thing)).into_response();
    mark(response.headers_mut(), is_replayed);
    response
}

/// Marks an answer as that of a new thing with this address.
pub(super) fn made(response: &mut Response, done: &Done, path: &str) {
    *response.status_mut() = StatusCode::CREATED;
    if let Ok(place) = HeaderValue::from_str(&done.address(path)) {
        response.headers_mut().insert(LOCATION, place);
    }
}

/// Answers with a thing after a write.
pub(super) fn shown(done: &Done, thing: impl Serialize) -> Result<Response, Problem> {
    shown_as(done, &thing, &thing)
}

/// Answers with a thing after a write. `shown` also has fields beside the thing, which do
/// not affect its tag.
pub(super) fn shown_as(
    done: &Done,
    thing: &impl Serialize,
    shown: &impl Serialize,
) -> Result<Response, Problem> {
    let tag = etag::of(thing).ok_or_else(|| Problem::internal("a thing that has no tag"))?;
    let mut response = Json(shown).into_response();
    etag::put(&mut response, &tag);
    done.mark(response.headers_mut());
    Ok(response)
}

/// Answers that a thing was removed.
pub(super) fn gone(done: &Done) -> Response {
    let mut response = StatusCode::NO_CONTENT.into_response();
    done.mark(response.headers_mut());
    response
}

/// Returns a path of segments, each of which may have any character.
pub(super) fn path_of(segments: &[&str]) -> String {
    let mut path = String::new();
    for segment in segments {
        if !path.is_empty() {
            path.push('/');
        }
        for byte in segment.bytes() {
            // RFC 3986, 3.3: these need no encoding in a segment.
            if byte.is_ascii_alphanumeric() || b"-._~:@!$&'()*+,;=".contains(&byte) {
                path.push(char::from(byte));
            } else {
                // Writing to a string does not fail.
                let _ = write!(path, "%{byte:02X}");
            }
        }
    }
    path
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn segments_of_a_path_are_encoded() {
        assert_eq!(
            path_of(&["roles", "a b/\u{e4}%"]),
            "roles/a%20b%2F%C3%A4%25"
        );
        assert_eq!(path_of(&["users", "#7"]), "users/%237");
    }
}
