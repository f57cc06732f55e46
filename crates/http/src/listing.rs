//! Answers to lists: made in one go, and only if the caller does not have them.

use attache_core::{Actor, State, Timestamp};
use axum::response::{IntoResponse, Response};
use http::header::{CONTENT_TYPE, ETAG, IF_NONE_MATCH};
use http::{HeaderMap, HeaderValue, StatusCode};
use serde::Serialize;
use sha2::{Digest as _, Sha256};

use super::{Problem, Session};

/// How many bytes of the hash stand in a tag.
const LENGTH: usize = 16;
/// Room for the answer of a list of a few dozen users. A longer one grows.
pub const ROOM: usize = 16 * 1024;

/// What a caller's list was made from: equal tags, equal bytes.
#[derive(Clone, Debug)]
pub struct ListTag(HeaderValue);

impl Session {
    /// The tag of every list that is answered now (RFC 9110, 8.8.3). A list
    /// follows from the state, from what has expired by now, and from who asks;
    /// so does its tag, and need not see the list.
    fn list_tag(&self) -> Result<ListTag, Problem> {
        tag(&self.state, self.caller.actor, self.at).ok_or(Problem::Internal)
    }

    /// The answer to a list, or only that it is as the caller has it. What may
    /// be asked was checked before.
    ///
    /// # Errors
    /// Those of the list.
    pub fn listed<T: Serialize>(
        &self,
        list: impl FnOnce() -> Result<T, Problem>,
    ) -> Result<Response, Problem> {
        let tag = self.list_tag()?;
        let mut response = match self.has(&tag) {
            true => StatusCode::NOT_MODIFIED.into_response(),
            false => json(&list()?, ROOM)?,
        };
        response.headers_mut().insert(ETAG, tag.0);
        Ok(response)
    }

    fn has(&self, tag: &ListTag) -> bool {
        self.known.iter().any(|known| is_in(known, &tag.0))
    }
}

/// What the caller has, as its headers say.
pub fn known(headers: &HeaderMap) -> Vec<HeaderValue> {
    headers.get_all(IF_NONE_MATCH).iter().cloned().collect()
}

/// Whether a list of tags holds one. What is no list of tags holds none. No tag
/// of ours has a comma in it.
fn is_in(list: &HeaderValue, tag: &HeaderValue) -> bool {
    let (Ok(list), Ok(tag)) = (list.to_str(), tag.to_str()) else {
        return false;
    };
    let mut tags = list.split(',').map(str::trim);
    tags.any(|one| one == "*" || one.trim_start_matches("W/") == tag)
}

fn tag(state: &State, actor: Actor, at: Timestamp) -> Option<ListTag> {
    let mut hash = Sha256::new();
    // Another attache may show the same in another way.
    hash.update(env!("CARGO_PKG_VERSION"));
    hash.update(state.tenant().0);
    hash.update(state.revision().0.to_be_bytes());
    hash.update(state.last_entry()?.0);
    let (kind, id) = match actor {
        Actor::User(id) => (1, id.0),
        Actor::Service(id) => (2, id.0),
        Actor::Operator => (3, uuid::Uuid::nil()),
        Actor::Attache => (4, uuid::Uuid::nil()),
    };
    hash.update([kind]);
    hash.update(id);
    let expired = state.last_expired(at).map_or(0, Timestamp::as_millis);
    hash.update(expired.to_be_bytes());
    let mut text = [b'"'; LENGTH * 2 + 2];
    let digits = hash.finalize();
    let digits = digits.iter().take(LENGTH);
    let digits = digits.flat_map(|byte| [byte >> 4, byte & 15]);
    for (place, digit) in text.iter_mut().skip(1).zip(digits) {
        *place = char::from_digit(digit.into(), 16).map_or(b'0', |digit| digit as u8);
    }
    HeaderValue::from_bytes(&text).ok().map(ListTag)
}

/// A value as JSON, with room for so many bytes from the beginning.
pub fn json(value: &impl Serialize, room: usize) -> Result<Response, Problem> {
    let mut bytes = Vec::with_capacity(room);
    serde_json::to_writer(&mut bytes, value).map_err(|error| {
        tracing::error!(%error, "an answer could not be written");
        Problem::Internal
    })?;
    let json = HeaderValue::from_static("application/json");
    Ok(([(CONTENT_TYPE, json)], bytes).into_response())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_is_found_in_a_list_of_tags() {
        let tag = HeaderValue::from_static("\"ab\"");
        for list in [
            "\"ab\"",
            "W/\"ab\"",
            "\"x\", \"ab\"",
            "*",
            "\"x\",W/\"ab\" , \"y\"",
        ] {
            assert!(is_in(&HeaderValue::from_static(list), &tag), "{list}");
        }
        for list in ["", "ab", "\"a\"", "\"abc\"", "x\"ab\""] {
            assert!(!is_in(&HeaderValue::from_static(list), &tag), "{list}");
        }
    }
}
