//! Entity tags of single things (RFC 9110, 8.8.3).

use axum::Json;
use axum::response::{IntoResponse, Response};
use http::header::ETAG;
use http::{HeaderMap, HeaderValue, StatusCode};
use serde::Serialize;
use sha2::{Digest, Sha256};

use attache_http::{Preconditions, Problem};

/// The bytes of the hash in a tag.
const LENGTH: usize = 16;

/// Returns the tag of a thing, from its JSON.
pub(super) fn of(thing: &impl Serialize) -> Option<String> {
    let json = serde_json::to_vec(thing).ok()?;
    let hash = Sha256::digest(json);
    let hex: String = hash
        .iter()
        .take(LENGTH)
        .map(|byte| format!("{byte:02x}"))
        .collect();
    Some(format!("\"{hex}\""))
}

/// Answers with a thing and its tag, or 304 if the caller has it.
pub(super) fn answer(headers: &HeaderMap, thing: impl Serialize) -> Result<Response, Problem> {
    let tag = of(&thing).ok_or_else(|| Problem::internal("a thing that has no tag"))?;
    let preconditions = Preconditions::read(headers)?;
    if !preconditions.match_tag(&tag) {
        return Err(Problem::Changed);
    }
    let mut response = match preconditions.know(&tag) {
        true => StatusCode::NOT_MODIFIED.into_response(),
        false => Json(thing).into_response(),
    };
    put(&mut response, &tag);
    Ok(response)
}

/// Adds the tag of a thing to an answer.
pub(super) fn put(response: &mut Response, tag: &str) {
    if let Ok(value) = HeaderValue::from_str(tag) {
        response.headers_mut().insert(ETAG, value);
    }
}
