//! Answers lists that are made in one piece, and only if the caller does not have them
//! yet.

use axum::response::{IntoResponse, Response};
use http::header::{CONTENT_TYPE, ETAG};
use http::{HeaderValue, StatusCode};
use serde::Serialize;

use super::preconditions::Tags;
use super::{Preconditions, Problem, Session, pages, tags};

pub use super::tags::{ListForm, ListTag};
pub use super::written::ROOM;

impl Session {
    /// Returns the tag of every list that this session answers (RFC 9110, 8.8.3). A list
    /// follows from the state, the expired memberships and grants, and the caller, so its
    /// tag is made without the list.
    fn list_tag(&self) -> Result<ListTag, Problem> {
        tags::tag(self.present(), self.past(), self.caller.actor)
            .ok_or_else(|| Problem::internal("a tenant without an entry"))
    }

    /// Answers a page of a list, or 304 if the caller has it. Check permissions first.
    /// `weight` is the estimated work, see [`Session::weigh`]. `list` makes a page of at
    /// most the given number of items. It is called again for fewer items if the page has
    /// more bytes than an answer may have.
    ///
    /// # Errors
    /// Those of `list`.
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

    /// Answers a page of a list without a tag. Otherwise as [`Session::listed_page`].
    ///
    /// # Errors
    /// Those of `list`.
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

    /// Returns the tag of a list in a form, or `None` if the caller has the list.
    ///
    /// # Errors
    /// If `If-Match` does not hold or cannot be parsed.
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

    /// Returns the 304 answer for a list that the caller has in a form.
    ///
    /// # Errors
    /// If the tenant has no entry, which is a defect.
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

    /// Returns whether the caller has the list, by its `If-None-Match`. A header that is
    /// not a list of tags has none.
    fn has(&self, tag: &ListTag) -> bool {
        let known = Tags::of(self.known.iter(), "If-None-Match");
        let (Ok(Some(known)), Ok(tag)) = (known, tag.0.to_str()) else {
            return false;
        };
        known.know(tag)
    }
}

/// Writes a page of at most `most` bytes, or of one item, as JSON. `list` makes a page of
/// at most the given number of items.
///
/// # Errors
/// Those of `list`.
pub fn page_within<T: Serialize>(
    most: usize,
    size: usize,
    list: impl Fn(usize) -> Result<T, Problem>,
) -> Result<Response, Problem> {
    pages::within(most, size, list)
}

/// Writes a value as JSON into a buffer that starts with `room` bytes.
pub fn json(value: &impl Serialize, room: usize) -> Result<Response, Problem> {
    let mut bytes = Vec::with_capacity(room);
    serde_json::to_writer(&mut bytes, value).map_err(|error| {
        tracing::error!(%error, "an answer could not be written");
        Problem::Internal
    })?;
    let json = HeaderValue::from_static("application/json");
    Ok(([(CONTENT_TYPE, json)], bytes).into_response())
}
