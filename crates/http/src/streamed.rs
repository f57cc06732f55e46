//! Lists that have no pages on their wire: a long one is written while it is sent, so
//! that it takes no more memory than a piece of it.

use std::panic::AssertUnwindSafe;

use axum::body::{Body, Bytes};
use axum::response::{IntoResponse as _, Response};
use futures_util::{FutureExt as _, stream};
use http::HeaderValue;
use http::header::{CONTENT_TYPE, ETAG};
use serde::Serialize;

use super::listing::ListForm;
use super::{Problem, Session};

/// From so many items on a list is written while it is sent. One of 1,000 users has
/// about 300 KB.
pub const LONG: usize = 1_000;
/// How many items are written at once.
pub const PIECE: usize = 1_000;
/// Why a body ends before its end.
const BROKEN: &str = "a list could not be finished";

/// A body that is made while it is sent, a piece when the connection has room for it.
pub trait Pieces: Send + 'static {
    /// The next piece; `None` after the last.
    fn next(&mut self) -> impl Future<Output = Option<Result<Bytes, Problem>>> + Send;

    /// What the client finds at the end of a body that cannot be finished. Nothing, if the
    /// form of the body has no words for it.
    fn broken(&self, _problem: &Problem) -> Bytes {
        Bytes::new()
    }
}

/// How far a body has come.
#[derive(Clone, Copy)]
enum Stage {
    UnderWay,
    /// Its last words are said: what remains is to break it off.
    Broken,
    Over,
}

/// The body of these pieces. Where one cannot be had, the body ends with what
/// [`Pieces::broken`] says, and is then broken off: it lacks the chunk that ends a body
/// (RFC 9112, 8), which every client notices.
pub fn body(pieces: impl Pieces) -> Body {
    let begin = (pieces, Stage::UnderWay);
    let pieces = stream::unfold(begin, |(mut pieces, stage)| async move {
        match stage {
            Stage::UnderWay => {}
            Stage::Broken => {
                // The connection sends what it has before it is told of the end.
                tokio::task::yield_now().await;
                return Some((Err(BROKEN), (pieces, Stage::Over)));
            }
            Stage::Over => return None,
        }
        let next = AssertUnwindSafe(pieces.next()).catch_unwind().await;
        let next = next.unwrap_or_else(|_| Some(Err(Problem::internal("a list panicked"))));
        let (piece, stage) = match next? {
            Ok(piece) => (Ok(piece), Stage::UnderWay),
            Err(problem) => {
                let reason = problem.message();
                tracing::warn!(reason, "a list was broken off");
                match pieces.broken(&problem) {
                    last if last.is_empty() => (Err(BROKEN), Stage::Over),
                    last => (Ok(last), Stage::Broken),
                }
            }
        };
        Some((piece, (pieces, stage)))
    });
    Body::from_stream(pieces)
}

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
        let Some(tag) = self.wanted_tag(ListForm::Json)? else {
            return self.as_known(ListForm::Json);
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
        let json = HeaderValue::from_static("application/json");
        Ok(([(CONTENT_TYPE, json)], body(list)).into_response())
    }

    /// Does work for an answer that is under way: in a turn of the caller's tenant, and
    /// never refused.
    pub async fn go_on<T>(&self, work: impl FnOnce() -> T) -> T {
        self.turns().go_on(self.caller.tenant, work).await
    }

    /// Checks the credential again, on the newest state that the server knows, for an answer
    /// that takes long.
    ///
    /// # Errors
    /// If the credential no longer counts, the caller is inactive or holds nothing any more,
    /// or no state is current.
    pub async fn check_again(&self) -> Result<(), Problem> {
        let (tenant, at_least) = (self.caller.tenant, self.state.revision());
        let tenant = self.app().tenants().read(tenant, at_least).await?;
        let gone = || Problem::bad_credential("it stopped counting while the answer was under way");
        let state = tenant.ok_or_else(gone)?.state()?;
        let at = self.app().ambient().now().max(state.at());
        match self.counts_in(&state, at) {
            true => Ok(()),
            false => Err(gone()),
        }
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

impl<I, S> Pieces for List<I, S>
where
    I: Send + Sync + 'static,
    S: Fn(&Session, &[I], &mut Items) -> Result<(), Problem> + Send + Sync + 'static,
{
    /// An error breaks the answer off, which the client notices: it lacks its end.
    async fn next(&mut self) -> Option<Result<Bytes, Problem>> {
        if self.is_over {
            return None;
        }
        let begin = self.next;
        self.next = self.items.len().min(begin + PIECE);
        self.is_over = self.next == self.items.len();
        let items = self.items.get(begin..self.next).unwrap_or_default();
        let write = || self.write(begin == 0, items);
        let written = self.session.go_on(write).await;
        Some(written)
    }
}

impl<I, S> List<I, S>
where
    S: Fn(&Session, &[I], &mut Items) -> Result<(), Problem>,
{
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

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use futures_util::StreamExt as _;

    use super::*;

    /// Pieces that count how many of them were asked for; after so many, nothing more can be had.
    struct Counted(Arc<AtomicUsize>, usize);

    impl Pieces for Counted {
        async fn next(&mut self) -> Option<Result<Bytes, Problem>> {
            let nth = self.0.fetch_add(1, Ordering::SeqCst);
            Some(match nth < self.1 {
                true => Ok(Bytes::from_static(b"piece ")),
                false => Err(Problem::Internal),
            })
        }

        fn broken(&self, _: &Problem) -> Bytes {
            Bytes::from_static(b"broken")
        }
    }

    #[tokio::test]
    async fn a_body_is_made_no_faster_than_it_is_read() {
        let made = Arc::new(AtomicUsize::new(0));
        let mut read = body(Counted(made.clone(), 1_000)).into_data_stream();
        assert_eq!(made.load(Ordering::SeqCst), 0);
        for nth in 1..=3 {
            read.next().await.unwrap().unwrap();
            assert_eq!(made.load(Ordering::SeqCst), nth);
        }
    }

    #[tokio::test]
    async fn a_body_that_cannot_be_finished_says_so_and_breaks_off() {
        let mut read = body(Counted(Arc::default(), 1)).into_data_stream();
        assert_eq!(read.next().await.unwrap().unwrap(), "piece ");
        assert_eq!(read.next().await.unwrap().unwrap(), "broken");
        assert!(read.next().await.unwrap().is_err());
        assert!(read.next().await.is_none());
    }
}
