//! Entity tags (RFC 9110, 8.8.3): what a thing looked like when it was read.

use std::sync::Arc;

use attache_core::State;
use axum::Json;
use axum::response::{IntoResponse, Response};
use http::header::{ETAG, IF_MATCH, IF_NONE_MATCH};
use http::{HeaderMap, HeaderValue, StatusCode};
use serde::Serialize;
use sha2::{Digest, Sha256};

use attache_http::{Problem, Session};
use attache_tenants::Condition;

/// How many bytes of the hash stand in a tag.
const LENGTH: usize = 16;

/// The tag of a thing as it is shown.
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

/// The header `If-Match`: the caller's word on what it has seen.
#[derive(Clone, Debug)]
pub(super) enum IfMatch {
    /// It says nothing.
    Absent,
    /// The thing must be there.
    Anything,
    /// The thing must look like one of these.
    Tags(Vec<String>),
}

impl IfMatch {
    pub(super) fn read(headers: &HeaderMap) -> Result<Self, Problem> {
        let Some(tags) = tags(headers, &IF_MATCH, "If-Match")? else {
            return Ok(Self::Absent);
        };
        Ok(match tags.iter().any(|tag| tag == "*") {
            true => Self::Anything,
            false => Self::Tags(tags),
        })
    }

    /// What must hold in the state that a write is decided on: that the thing
    /// still looks as the caller saw it. `tag` is the thing's; none where it is
    /// not there.
    pub(super) fn condition(
        &self,
        tag: impl Fn(&State) -> Option<String> + Send + Sync + 'static,
    ) -> Option<Condition> {
        let wanted = match self {
            Self::Absent => return None,
            Self::Anything => None,
            Self::Tags(tags) => Some(tags.clone()),
        };
        Some(Arc::new(move |state| match (tag(state), &wanted) {
            (Some(tag), Some(tags)) => tags.contains(&tag),
            (found, None) => found.is_some(),
            (None, Some(_)) => false,
        }))
    }
}

/// A single thing, with its tag; or only that it is as the caller has it.
pub(super) fn answer(headers: &HeaderMap, thing: impl Serialize) -> Result<Response, Problem> {
    let tag = of(&thing).ok_or(Problem::Internal)?;
    let known = tags(headers, &IF_NONE_MATCH, "If-None-Match")?.unwrap_or_default();
    let is_known = known
        .iter()
        .any(|known| known == "*" || known.trim_start_matches("W/") == tag);
    let mut response = match is_known {
        true => StatusCode::NOT_MODIFIED.into_response(),
        false => Json(thing).into_response(),
    };
    put(&mut response, &tag);
    Ok(response)
}

/// Put the tag of a thing on the answer that shows it.
pub(super) fn put(response: &mut Response, tag: &str) {
    if let Ok(value) = HeaderValue::from_str(tag) {
        response.headers_mut().insert(ETAG, value);
    }
}

/// The answer to a list, or only that it is as the caller has it.
pub(super) fn listed<T: Serialize>(
    session: &Session,
    list: impl FnOnce() -> Result<T, Problem>,
) -> Result<Response, Problem> {
    all_tags(session.known.iter(), "If-None-Match")?;
    session.listed(list)
}

fn tags(
    headers: &HeaderMap,
    name: &http::HeaderName,
    shown: &str,
) -> Result<Option<Vec<String>>, Problem> {
    all_tags(headers.get_all(name).iter(), shown)
}

fn all_tags<'a>(
    values: impl Iterator<Item = &'a HeaderValue>,
    shown: &str,
) -> Result<Option<Vec<String>>, Problem> {
    let mut tags = Vec::new();
    for value in values {
        let wrong = || Problem::invalid(shown, "must be a list of tags in quotes, or *");
        let text = value.to_str().map_err(|_| wrong())?;
        let mut rest = text.trim();
        while !rest.is_empty() {
            // A tag may hold commas: it ends where its quotes do.
            let weak = rest.strip_prefix("W/").unwrap_or(rest);
            let length = match (rest.strip_prefix('*'), weak.strip_prefix('"')) {
                (Some(_), _) => 1,
                (None, Some(inner)) => {
                    let end = inner.find('"').ok_or_else(wrong)?;
                    rest.len() - inner.len() + end + 1
                }
                (None, None) => return Err(wrong()),
            };
            let (tag, after) = rest.split_at(length);
            tags.push(tag.to_owned());
            let after = after.trim_start();
            rest = match after.strip_prefix(',') {
                Some(next) => next.trim_start(),
                None if after.is_empty() => after,
                None => return Err(wrong()),
            };
        }
    }
    Ok((!tags.is_empty()).then_some(tags))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Option<Vec<String>> {
        let mut headers = HeaderMap::new();
        headers.insert(IF_MATCH, HeaderValue::from_str(text).ok()?);
        tags(&headers, &IF_MATCH, "If-Match").ok()?
    }

    #[test]
    fn a_list_of_tags_is_read() {
        for (text, expected) in [
            ("\"a\"", &["\"a\""][..]),
            ("\"a\", W/\"b\"", &["\"a\"", "W/\"b\""]),
            ("\"a,b\" ,\"c\"", &["\"a,b\"", "\"c\""]),
            ("*", &["*"]),
        ] {
            let expected: Vec<String> = expected.iter().map(|tag| (*tag).to_owned()).collect();
            assert_eq!(read(text), Some(expected), "{text}");
        }
    }

    #[test]
    fn what_is_no_list_of_tags_is_refused() {
        for text in ["a", "\"a", "\"a\" \"b\"", "W/a", "\"a\"b", "**"] {
            assert_eq!(read(text), None, "{text}");
        }
    }
}
