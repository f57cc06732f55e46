//! Answers to lists: made in one go, and only if the caller does not have them.

use attache_core::{Actor, State, Timestamp};
use axum::response::{IntoResponse, Response};
use http::header::{CONTENT_TYPE, ETAG};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use serde::Serialize;
use sha2::{Digest as _, Sha256};

use super::preconditions::Tags;
use super::{Preconditions, Problem, Session, pages};

/// How many bytes of the hash stand in a tag.
const LENGTH: usize = 16;
/// Room for the answer of a list of a few dozen users. A longer one grows.
pub const ROOM: usize = 16 * 1024;

/// What a caller's list was made from: equal tags, equal bytes.
#[derive(Clone, Debug)]
pub struct ListTag(pub HeaderValue);

/// In which form a list is answered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ListForm {
    /// As JSON.
    #[default]
    Json,
    /// As lines of JSON.
    Lines,
    /// As comma-separated values.
    Csv,
}

impl ListForm {
    /// What tells the tags of the form from those of JSON: other bytes, other tag (RFC 9110,
    /// 8.8.3).
    fn mark(self) -> &'static str {
        match self {
            Self::Json => "",
            Self::Lines => "-lines",
            Self::Csv => "-csv",
        }
    }

    /// The tag of the form, from that of JSON.
    fn tag(self, json: &ListTag) -> Option<ListTag> {
        let text = json.0.to_str().ok()?.trim_end_matches('"');
        HeaderValue::try_from(format!("{text}{}\"", self.mark()))
            .ok()
            .map(ListTag)
    }

    /// Whether a tag is that of a list in any form, of which the tag as JSON is given.
    pub(super) fn is_of(sent: &str, json: &str) -> bool {
        let bare = |tag: &str| {
            let inner = tag.strip_suffix('"')?;
            let marks = [Self::Lines.mark(), Self::Csv.mark()];
            let inner = marks.iter().find_map(|mark| inner.strip_suffix(mark));
            inner.map(|inner| format!("{inner}\""))
        };
        sent == json || bare(sent).is_some_and(|sent| sent == json)
    }
}

impl Session {
    /// The tag of every list that is answered now (RFC 9110, 8.8.3). A list
    /// follows from the state, from what has expired by now, and from who asks;
    /// so does its tag, and need not see the list.
    fn list_tag(&self) -> Result<ListTag, Problem> {
        tag(&self.state, self.caller.actor, self.at)
            .ok_or_else(|| Problem::internal("a tenant without an entry"))
    }

    /// The answer to a page of a list, or only that it is as the caller has it. What may be
    /// asked was checked before. `weight` is about how much work the list is, see
    /// [`Session::weigh`]. `list` makes a page of so many items at the
    /// most, and is asked again for fewer where that has more bytes than an answer
    /// may have.
    ///
    /// # Errors
    /// Those of the list.
    pub async fn listed_page<T: Serialize>(
        &self,
        weight: usize,
        size: usize,
        list: impl Fn(usize) -> Result<T, Problem>,
    ) -> Result<Response, Problem> {
        let Some(tag) = self.wanted_tag(ListForm::Json)? else {
            return self.as_known(ListForm::Json);
        };
        let mut response = self.page(weight, size, list).await?;
        response.headers_mut().insert(ETAG, tag.0);
        Ok(response)
    }

    /// The same without a tag.
    ///
    /// # Errors
    /// Those of the list.
    pub async fn page<T: Serialize>(
        &self,
        weight: usize,
        size: usize,
        list: impl Fn(usize) -> Result<T, Problem>,
    ) -> Result<Response, Problem> {
        let most = self.limits().answer_bytes;
        self.weigh(weight, || pages::within(most, size, list))
            .await?
    }

    /// The tag of the list that is to be answered in a form; `None` where the caller has it.
    ///
    /// # Errors
    /// If `If-Match` does not hold, or cannot be read.
    pub fn wanted_tag(&self, form: ListForm) -> Result<Option<ListTag>, Problem> {
        let tag = self.tag_in(form)?;
        if !self.seen.is_empty() {
            let seen = Preconditions::of(&self.seen, &[])?;
            let shown = tag
                .0
                .to_str()
                .map_err(|_| Problem::internal("a tag that is no text"))?;
            if !seen.match_tag(shown) {
                return Err(Problem::Changed);
            }
        }
        Ok((!self.has(&tag)).then_some(tag))
    }

    /// The answer to a list that the caller has in a form.
    ///
    /// # Errors
    /// If the tenant has no entry, which nothing known brings about.
    pub fn as_known(&self, form: ListForm) -> Result<Response, Problem> {
        let mut response = StatusCode::NOT_MODIFIED.into_response();
        response.headers_mut().insert(ETAG, self.tag_in(form)?.0);
        Ok(response)
    }

    fn tag_in(&self, form: ListForm) -> Result<ListTag, Problem> {
        let tag = self.list_tag()?;
        match form {
            ListForm::Json => Ok(tag),
            other => other
                .tag(&tag)
                .ok_or_else(|| Problem::internal("a tag that is no text")),
        }
    }

    /// Whether the caller has it, as its headers say. What is no list of tags
    /// holds none.
    fn has(&self, tag: &ListTag) -> bool {
        let known = Tags::of(self.known.iter(), "If-None-Match");
        let (Ok(Some(known)), Ok(tag)) = (known, tag.0.to_str()) else {
            return false;
        };
        known.know(tag)
    }
}

/// All lines of a header.
pub(super) fn lines(headers: &HeaderMap, name: &HeaderName) -> Vec<HeaderValue> {
    headers.get_all(name).iter().cloned().collect()
}

/// The same as a text.
pub(super) fn tag_of(state: &State, actor: Actor, at: Timestamp) -> Option<String> {
    let tag = tag(state, actor, at)?;
    tag.0.to_str().ok().map(str::to_owned)
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

/// A page as JSON, of no more bytes than this, and one item at least. `list` makes one of so
/// many items at the most.
///
/// # Errors
/// Those of the list.
pub fn page_within<T: Serialize>(
    most: usize,
    size: usize,
    list: impl Fn(usize) -> Result<T, Problem>,
) -> Result<Response, Problem> {
    pages::within(most, size, list)
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
    fn each_form_of_a_list_has_a_tag_of_its_own() {
        let json = ListTag(HeaderValue::from_static("\"ab\""));
        let tag = |form: ListForm| form.tag(&json).unwrap().0;
        assert_eq!(tag(ListForm::Json), "\"ab\"");
        assert_eq!(tag(ListForm::Lines), "\"ab-lines\"");
        assert_eq!(tag(ListForm::Csv), "\"ab-csv\"");
        for (sent, is_its) in [
            ("\"ab\"", true),
            ("\"ab-csv\"", true),
            ("\"ab-lines\"", true),
            ("\"ab-csv-csv\"", false),
            ("\"ab-other\"", false),
            ("\"a\"", false),
            ("W/\"ab-csv\"", false),
        ] {
            assert_eq!(ListForm::is_of(sent, "\"ab\""), is_its, "{sent}");
        }
    }
}
