//! Streams long lists that their API does not page, or whose pages may not be shortened:
//! items are written while the answer is sent, so a list takes the memory of one piece.

use std::borrow::Cow;
use std::panic::AssertUnwindSafe;

use axum::body::{Body, Bytes};
use axum::response::{IntoResponse as _, Response};
use futures_util::{FutureExt as _, stream};
use http::HeaderValue;
use http::header::{CONTENT_TYPE, ETAG};
use serde::Serialize;

use super::tags::ListForm;
use super::written::ROOM;
use super::{Problem, Session};

/// Lists of at least this many items are streamed. 1,000 users have about 300 KB.
pub const LONG: usize = 1_000;
/// The most items of a piece.
pub const PIECE: usize = 1_000;
/// The most bytes of a piece, apart from its last item.
pub const PIECE_BYTES: usize = 1024 * 1024;
/// The error of a body that ends early.
const BROKEN: &str = "a list could not be finished";

/// A body in pieces. Each piece is made when the connection has room for it.
pub trait Pieces: Send + 'static {
    /// Returns the next piece; `None` after the last.
    fn next(&mut self) -> impl Future<Output = Option<Result<Bytes, Problem>>> + Send;

    /// Returns the last bytes of a body that cannot be finished. Empty if the form of the
    /// body has no place for an error.
    fn broken(&self, _problem: &Problem) -> Bytes {
        Bytes::new()
    }
}

/// The progress of a body.
#[derive(Clone, Copy)]
enum Stage {
    UnderWay,
    /// Its last bytes are sent, and the connection must be broken off.
    Broken,
    Over,
}

/// Makes a body of these pieces. If a piece fails, the body ends with [`Pieces::broken`]
/// and the connection breaks off without the final chunk (RFC 9112, 8), which every
/// client notices.
pub fn body(pieces: impl Pieces) -> Body {
    let begin = (pieces, Stage::UnderWay);
    let pieces = stream::unfold(begin, |(mut pieces, stage)| async move {
        match stage {
            Stage::UnderWay => {}
            Stage::Broken => {
                // Lets the connection send what it has before the error ends it.
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

/// The number of items of a list's next piece, adapted to the items' size.
#[derive(Clone, Copy, Debug)]
pub struct Size(usize);

impl Default for Size {
    fn default() -> Self {
        Self(PIECE)
    }
}

impl Size {
    /// Makes a piece of the first of `all`, and returns it with the number of its items.
    /// `write` writes items within a number of bytes, and returns `None` if they do not
    /// fit. Then half as many are tried, down to one, which always fits.
    ///
    /// # Errors
    /// Those of `write`.
    pub fn fit<I, T>(
        &mut self,
        all: &[I],
        most: usize,
        write: impl Fn(&[I], usize) -> Result<Option<T>, Problem>,
    ) -> Result<(T, usize), Problem> {
        loop {
            let few = self.0.min(all.len());
            let room = if few > 1 { most } else { usize::MAX };
            let items = all.get(..few).unwrap_or_default();
            if let Some(written) = write(items, room)? {
                // The next items may be shorter.
                self.0 = self.0.saturating_mul(2).min(PIECE);
                return Ok((written, few));
            }
            self.0 = (few / 2).max(1);
        }
    }
}

/// The JSON around the items of a streamed list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Around {
    /// The JSON before the first item.
    pub head: Cow<'static, str>,
    /// The JSON after the last item.
    pub tail: Cow<'static, str>,
}

impl Around {
    /// Returns the JSON around the items, from the answer with an empty list. The list
    /// must be the first empty array in the JSON of `answer`.
    #[must_use]
    pub fn of(answer: &impl Serialize) -> Self {
        let json = serde_json::to_string(answer).unwrap_or_default();
        let (head, tail) = json.split_once("[]").unwrap_or_default();
        Self {
            head: format!("{head}[").into(),
            tail: format!("]{tail}").into(),
        }
    }

    /// Returns the JSON after the last item.
    #[must_use]
    pub fn tail(&self) -> Cow<'_, str> {
        Cow::Borrowed(&self.tail)
    }
}

/// The items of a piece, written one after the other.
#[derive(Debug)]
pub struct Items {
    bytes: Vec<u8>,
    is_first: bool,
    room: usize,
    is_full: bool,
}

impl Items {
    fn new(is_first: bool, room: usize, expected: usize) -> Self {
        Self {
            bytes: Vec::with_capacity(expected),
            is_first,
            room,
            is_full: false,
        }
    }

    /// Appends an item.
    ///
    /// # Errors
    /// If the piece has no room for it and may not grow; or if the item cannot be written
    /// as JSON, which is a defect.
    pub fn put(&mut self, item: &impl Serialize) -> Result<(), Problem> {
        if !std::mem::replace(&mut self.is_first, false) {
            self.bytes.push(b',');
        }
        // Moves the buffer: through a reference, each quote and comma would be a call.
        let bytes = std::mem::take(&mut self.bytes);
        let mut json = serde_json::Serializer::new(bytes);
        item.serialize(&mut json).map_err(|error| {
            tracing::error!(%error, "an answer could not be written");
            Problem::Internal
        })?;
        self.bytes = json.into_inner();
        self.is_full = self.bytes.len() > self.room;
        match self.is_full {
            true => Err(Problem::Internal),
            false => Ok(()),
        }
    }

    fn text(&mut self, text: &str) {
        self.bytes.extend_from_slice(text.as_bytes());
    }

    /// Returns the written bytes; `None` if they exceed the room.
    fn written(self, done: Result<(), Problem>) -> Result<Option<Vec<u8>>, Problem> {
        match self.is_full {
            true => Ok(None),
            false => done.map(|()| Some(self.bytes)),
        }
    }
}

impl Session {
    /// Answers a short list with its tag, or 304 if the caller has it. `write` writes the
    /// items and returns the JSON after them. Returns `None` if they have more bytes than
    /// an answer may have; [stream](Session::streamed) the list then.
    ///
    /// # Errors
    /// Those of `write`; if too much heavy work of the tenant is queued.
    pub async fn listed_if_short(
        &self,
        weight: usize,
        head: &str,
        write: impl FnOnce(&mut Items) -> Result<Cow<'static, str>, Problem>,
    ) -> Result<Option<Response>, Problem> {
        let Some(tag) = self.wanted_tag(ListForm::Json)? else {
            return self.as_known(ListForm::Json).map(Some);
        };
        let mut response = self.answered_if_short(weight, head, write).await?;
        if let Some(response) = &mut response {
            response.headers_mut().insert(ETAG, tag.0);
        }
        Ok(response)
    }

    /// Answers a short list without a tag, such as the answer of a write. Otherwise as
    /// [`Session::listed_if_short`].
    ///
    /// # Errors
    /// Those of `write`; if too much heavy work of the tenant is queued.
    pub async fn answered_if_short(
        &self,
        weight: usize,
        head: &str,
        write: impl FnOnce(&mut Items) -> Result<Cow<'static, str>, Problem>,
    ) -> Result<Option<Response>, Problem> {
        let most = self.limits().answer_bytes;
        let written = || {
            let mut items = Items::new(true, most, ROOM);
            items.text(head);
            let done = write(&mut items).map(|tail| items.text(&tail));
            items.written(done)
        };
        let written = self.weigh(weight, written).await??;
        Ok(written.map(|bytes| {
            let json = HeaderValue::from_static("application/json");
            ([(CONTENT_TYPE, json)], bytes).into_response()
        }))
    }

    /// Streams a long list with its tag, or answers 304 if the caller has it. `find`
    /// returns the items in a compact form, and `show` writes a piece of them. Both run
    /// in turns of the caller's tenant.
    ///
    /// # Errors
    /// If too much heavy work of the tenant is queued.
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

    /// Streams a long list without a tag, such as the answer of a write. Otherwise as
    /// [`Session::streamed`].
    ///
    /// # Errors
    /// If too much heavy work of the tenant is queued.
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
            size: Size::default(),
            is_over: false,
        };
        let json = HeaderValue::from_static("application/json");
        Ok(([(CONTENT_TYPE, json)], body(list)).into_response())
    }

    /// Does work for an answer that is being sent: in a turn of the caller's tenant, and
    /// never refused.
    pub async fn go_on<T>(&self, work: impl FnOnce() -> T) -> T {
        self.turns().go_on(self.caller.tenant, work).await
    }

    /// Checks the credential again during a long answer, on the newest state that the
    /// server has.
    ///
    /// # Errors
    /// If the credential no longer counts, the caller is inactive or holds nothing any
    /// more, or no state is current.
    pub async fn check_again(&self) -> Result<(), Problem> {
        let (tenant, at_least) = (self.caller.tenant, self.present().state().revision());
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

/// A list that is being streamed.
struct List<I, S> {
    session: Session,
    around: Around,
    items: Vec<I>,
    show: S,
    next: usize,
    size: Size,
    is_over: bool,
}

impl<I, S> Pieces for List<I, S>
where
    I: Send + Sync + 'static,
    S: Fn(&Session, &[I], &mut Items) -> Result<(), Problem> + Send + Sync + 'static,
{
    /// An error breaks the answer off, which the client notices by the missing end.
    async fn next(&mut self) -> Option<Result<Bytes, Problem>> {
        if self.is_over {
            return None;
        }
        let (mut size, most) = (
            self.size,
            PIECE_BYTES.min(self.session.limits().answer_bytes),
        );
        let rest = self.items.get(self.next..).unwrap_or_default();
        let write = || {
            size.fit(rest, most, |items, room| {
                self.write(items, rest.len(), room)
            })
        };
        let written = self.session.go_on(write).await;
        self.size = size;
        Some(written.map(|(bytes, items)| {
            self.next += items;
            self.is_over = self.next == self.items.len();
            bytes
        }))
    }
}

impl<I, S> List<I, S>
where
    S: Fn(&Session, &[I], &mut Items) -> Result<(), Problem>,
{
    /// Writes some of the remaining items, if they fit.
    fn write(&self, items: &[I], left: usize, room: usize) -> Result<Option<Bytes>, Problem> {
        let is_first = self.next == 0;
        let mut written = Items::new(is_first, room, items.len() * 256);
        if is_first {
            written.text(&self.around.head);
        }
        let done = (self.show)(&self.session, items, &mut written);
        if items.len() == left {
            written.text(&self.around.tail);
        }
        Ok(written.written(done)?.map(Bytes::from))
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

    /// Writes texts within a room, as a list does.
    fn texts(texts: &[String], room: usize) -> Result<Option<Vec<u8>>, Problem> {
        let mut items = Items::new(true, room, 0);
        let done = texts.iter().try_for_each(|text| items.put(text));
        items.written(done)
    }

    #[test]
    fn a_piece_has_as_many_items_as_fit_and_one_at_least() {
        let lengths = (0..3_000).map(|place| match place {
            // One that is larger than a piece, and some that fill one together.
            700 => 50_000,
            1_500..1_600 => 900,
            _ => 5,
        });
        let all: Vec<String> = lengths.map(|length| "x".repeat(length)).collect();
        let (mut next, mut size, most) = (0, Size::default(), 10_000);
        let (mut pieces, mut read) = (0, Vec::new());
        while next < all.len() {
            let fitting = size.fit(&all[next..], most, texts);
            let (piece, count) = fitting.unwrap();
            assert!(
                count == 1 || piece.len() <= most,
                "{count}: {}",
                piece.len()
            );
            read.extend(all[next..next + count].iter().map(String::len));
            (next, pieces) = (next + count, pieces + 1);
        }
        assert!(
            read.iter()
                .eq(all.iter().map(String::len).collect::<Vec<_>>().iter())
        );
        assert!(pieces < 100, "{pieces}");
        assert_eq!(size.0, PIECE, "pieces are long again");
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
