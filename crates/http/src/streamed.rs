//! Lists that have no pages on their wire: a long one is written while it is sent, so
//! that it takes no more memory than a piece of it.

use axum::body::{Body, Bytes};
use axum::response::{IntoResponse as _, Response};
use futures_util::stream;
use http::HeaderValue;
use http::header::{CONTENT_TYPE, ETAG};
use serde::Serialize;

use super::{Problem, Session};

/// From so many items on a list is written while it is sent. One of 1,000 users has
/// about 300 KB.
pub const LONG: usize = 1_000;
/// How many items are written at once.
const PIECE: usize = 1_000;

/// What stands around the items of a list.
#[derive(Clone, Copy, Debug)]
pub struct Around {
    /// Before the first.
    pub head: &'static str,
    /// After the last.
    pub tail: &'static str,
}

/// The items of a piece, as they are written.
#[derive(Debug)]
pub struct Items {
    bytes: Vec<u8>,
    is_first: bool,
}

impl Items {
    /// Writes an item behind the others.
    ///
    /// # Errors
    /// If it cannot be written as JSON, which is a defect.
    pub fn put(&mut self, item: &impl Serialize) -> Result<(), Problem> {
        if !std::mem::replace(&mut self.is_first, false) {
            self.bytes.push(b',');
        }
        serde_json::to_writer(&mut self.bytes, item).map_err(|error| {
            tracing::error!(%error, "an answer could not be written");
            Problem::Internal
        })
    }
}

impl Session {
    /// The answer to a list of many items, with its tag; or only that it is as the
    /// caller has it. `find` names the items, which takes little memory for each, and
    /// `show` writes a piece of them. Both happen in turns of the caller's tenant.
    ///
    /// # Errors
    /// If too much heavy work of the tenant waits already.
    pub async fn streamed<I: Send + Sync + 'static>(
        &self,
        around: Around,
        find: impl FnOnce() -> Vec<I>,
        show: impl Fn(&Self, &[I], &mut Items) -> Result<(), Problem> + Send + Sync + 'static,
    ) -> Result<Response, Problem> {
        let Some(tag) = self.wanted_tag()? else {
            return self.as_known();
        };
        let mut response = self.streamed_untagged(around, find, show).await?;
        response.headers_mut().insert(ETAG, tag.0);
        Ok(response)
    }

    /// The same without a tag, as what a write is answered with.
    ///
    /// # Errors
    /// If too much heavy work of the tenant waits already.
    pub async fn streamed_untagged<I: Send + Sync + 'static>(
        &self,
        around: Around,
        find: impl FnOnce() -> Vec<I>,
        show: impl Fn(&Self, &[I], &mut Items) -> Result<(), Problem> + Send + Sync + 'static,
    ) -> Result<Response, Problem> {
        let items = self.weigh(usize::MAX, find).await?;
        let list = List {
            session: self.clone(),
            around,
            items,
            show,
            next: 0,
            is_over: false,
        };
        let pieces = stream::unfold(list, |mut list| async move {
            let piece = list.piece().await?;
            Some((piece, list))
        });
        let json = HeaderValue::from_static("application/json");
        Ok(([(CONTENT_TYPE, json)], Body::from_stream(pieces)).into_response())
    }
}

/// A list that is being written.
struct List<I, S> {
    session: Session,
    around: Around,
    items: Vec<I>,
    show: S,
    next: usize,
    is_over: bool,
}

impl<I, S> List<I, S>
where
    S: Fn(&Session, &[I], &mut Items) -> Result<(), Problem>,
{
    /// The next piece; `None` after the last. An error breaks the answer off, which
    /// the client notices: it lacks its end.
    async fn piece(&mut self) -> Option<Result<Bytes, &'static str>> {
        if self.is_over {
            return None;
        }
        let begin = self.next;
        self.next = self.items.len().min(begin + PIECE);
        self.is_over = self.next == self.items.len();
        let items = self.items.get(begin..self.next).unwrap_or_default();
        let write = || self.write(begin == 0, items);
        let turns = self.session.turns();
        let written = turns.go_on(self.session.caller.tenant, write).await;
        if written.is_err() {
            self.is_over = true;
        }
        Some(written.map_err(|_| "a list could not be written"))
    }

    fn write(&self, is_first: bool, items: &[I]) -> Result<Bytes, Problem> {
        let mut written = Items {
            bytes: Vec::with_capacity(items.len() * 256),
            is_first,
        };
        if is_first {
            written.bytes.extend_from_slice(self.around.head.as_bytes());
        }
        (self.show)(&self.session, items, &mut written)?;
        if self.is_over {
            written.bytes.extend_from_slice(self.around.tail.as_bytes());
        }
        Ok(written.bytes.into())
    }
}
