//! Answers to lists: made in one go, and only if the caller does not have them.

use axum::response::{IntoResponse, Response};
use http::header::{CONTENT_TYPE, ETAG};
use http::{HeaderValue, StatusCode};
use serde::Serialize;

use super::preconditions::Tags;
use super::{Preconditions, Problem, Session, pages, tags};

pub use super::tags::{ListForm, ListTag};
pub use super::written::ROOM;

impl Session {
    /// The tag of every list that is answered now (RFC 9110, 8.8.3). A list
    /// follows from the state, from what has expired by now, and from who asks;
    /// so does its tag, and need not see the list.
    fn list_tag(&self) -> Result<ListTag, Problem> {
        tags::tag(&self.state, self.caller.actor, self.at)
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
