//! Lists: in pages or whole, as JSON, lines of JSON or CSV, with all fields or some.

mod accept;
mod answer;
mod document;
mod fields;
mod rows;
mod shape;

pub(super) use accept::Accepted;
pub(super) use document::describe;
pub(super) use rows::Rows;

use std::sync::Arc;

use attache_http::listing::{ListForm, ROOM, json, page_within};
use attache_http::streamed::{PIECE_BYTES, Pieces, Size, body};
use attache_http::{Context, Problem, Session};
use axum::body::{Body, Bytes};
use axum::response::{IntoResponse as _, Response};
use http::header::{ACCEPT, CONTENT_TYPE, ETAG, VARY};
use http::{HeaderName, HeaderValue};
use serde::Serialize;
use utoipa::ToSchema;

use super::page::Page;
use super::query::{PARAMETERS, Query};
use fields::Fields;
use rows::Sheet;

/// The header with the number of items of a whole list.
pub(super) const TOTAL: HeaderName = HeaderName::from_static("attache-total");
/// Pieces of up to this many items are written at once, without a turn.
const FEW: usize = 32;

/// Whether the answer to a list has a tag.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Tag {
    /// The tag of the caller's lists.
    OfList,
    /// None.
    Nothing,
}

/// The form in which a list is answered.
#[derive(Clone, Debug)]
pub(super) struct Listing(Arc<Sheet>);

impl Listing {
    /// Reads the form from `Accept`, `fields` and `for_spreadsheets`. `T` is the type of
    /// items.
    ///
    /// # Errors
    /// If a field is unknown, or a parameter belongs to another form.
    pub(super) fn read<T: ToSchema>(
        Accepted(form): Accepted,
        query: &mut Query,
    ) -> Result<Self, Problem> {
        let for_spreadsheets = query.flag("for_spreadsheets")?;
        if for_spreadsheets && form != ListForm::Csv {
            let reason = "goes with Accept: text/csv only";
            return Err(Problem::invalid("for_spreadsheets", reason));
        }
        let is_whole = form != ListForm::Json;
        let of_pages = PARAMETERS[..2].iter();
        let mut of_pages = of_pages.filter(|name| is_whole && query.has(name));
        if let Some(name) = of_pages.next() {
            let reason = "goes with pages only: in the form that Accept names, the list is whole";
            return Err(Problem::invalid(*name, reason));
        }
        let wanted = query.take("fields");
        let mut columns = Vec::new();
        let fields = match wanted {
            Some(text) => {
                let (fields, its_columns) = Fields::read(&text, &shape::of::<T>())?;
                columns = its_columns;
                Some(fields)
            }
            None => {
                if form == ListForm::Csv {
                    shape::of::<T>().columns("", &mut columns);
                }
                None
            }
        };
        Ok(Self(Arc::new(Sheet {
            form,
            fields,
            columns,
            for_spreadsheets,
        })))
    }

    /// Returns whether the whole list is wanted in one answer.
    pub(super) fn is_whole(&self) -> bool {
        self.0.form != ListForm::Json
    }

    /// Answers with a page. `list` makes a page of at most the given number of items.
    /// `weight` is that of [`Session::weigh`].
    pub(super) async fn page<T: Serialize>(
        &self,
        session: &Session,
        tag: Tag,
        weight: usize,
        size: usize,
        list: impl Fn(usize) -> Result<Page<T>, Problem>,
    ) -> Result<Response, Problem> {
        let answer = match (tag, &self.0.fields) {
            (Tag::OfList, None) => {
                session.preconditions()?;
                session.listed_page(weight, size, list).await
            }
            (Tag::OfList, Some(fields)) => {
                session.preconditions()?;
                let list = |size| picked(fields, &list(size)?);
                session.listed_page(weight, size, list).await
            }
            (Tag::Nothing, None) => session.page(weight, size, list).await,
            (Tag::Nothing, Some(fields)) => {
                let list = |size| picked(fields, &list(size)?);
                session.page(weight, size, list).await
            }
        };
        answer.map(varying)
    }

    /// Streams the whole list. `find` returns the items in a compact form; `show` writes
    /// some of them. All items are of the session's state, whatever is written meanwhile.
    pub(super) async fn whole<I: Send + Sync + 'static>(
        &self,
        session: &Session,
        tag: Tag,
        weight: usize,
        find: impl FnOnce() -> Result<Vec<I>, Problem>,
        show: impl Fn(&Session, &[I], &mut Rows<'_>) -> Result<(), Problem> + Send + Sync + 'static,
    ) -> Result<Response, Problem> {
        let tag = match tag {
            Tag::Nothing => None,
            Tag::OfList => {
                session.preconditions()?;
                match session.wanted_tag(self.0.form)? {
                    None => return session.as_known(self.0.form).map(varying),
                    tag => tag,
                }
            }
        };
        let things = session.weigh(weight, find).await??;
        let total = things.len();
        let list = Whole {
            session: session.clone(),
            sheet: self.0.clone(),
            things,
            show,
            next: 0,
            size: Size::default(),
            is_over: false,
        };
        let mut response = self.streamed(total as u64, body(list));
        if let Some(tag) = tag {
            response.headers_mut().insert(ETAG, tag.0);
        }
        Ok(response)
    }

    /// Answers with a whole list of few items that are views already.
    pub(super) async fn all<T: Serialize + Send + Sync + 'static>(
        &self,
        session: &Session,
        things: Vec<T>,
    ) -> Result<Response, Problem> {
        let each = |_: &Session, things: &[T], rows: &mut Rows<'_>| {
            things.iter().try_for_each(|thing| rows.put(thing))
        };
        self.whole(session, Tag::Nothing, 0, || Ok(things), each)
            .await
    }

    /// Answers with a page of a list that belongs to no tenant, of at most `most` bytes.
    /// `list` makes a page of at most the given number of items.
    pub(super) fn page_within<T: Serialize>(
        &self,
        most: usize,
        size: usize,
        list: impl Fn(usize) -> Result<Page<T>, Problem>,
    ) -> Result<Response, Problem> {
        let answer = match &self.0.fields {
            None => page_within(most, size, list),
            Some(fields) => page_within(most, size, |size| picked(fields, &list(size)?)),
        };
        answer.map(varying)
    }

    /// Answers with a page that is made already.
    pub(super) fn one_page<T: Serialize>(&self, page: &Page<T>) -> Result<Response, Problem> {
        let answer = match &self.0.fields {
            None => json(page, ROOM),
            Some(fields) => json(&picked(fields, page)?, ROOM),
        };
        answer.map(varying)
    }

    /// Streams a whole list that belongs to no tenant. Its items are shared with others.
    pub(super) fn of_shared<I: Send + Sync + 'static, T: Serialize>(
        &self,
        things: Vec<Arc<I>>,
        show: impl Fn(&I) -> T + Send + Sync + 'static,
    ) -> Result<Response, Problem> {
        let total = things.len() as u64;
        let list = Shared {
            sheet: self.0.clone(),
            things,
            show,
            next: 0,
            size: Size::default(),
            is_over: false,
        };
        Ok(self.streamed(total, body(list)))
    }

    /// Answers with a streamed body.
    pub(super) fn streamed(&self, total: u64, body: Body) -> Response {
        let content = HeaderValue::from_static(self.0.content_type());
        let headers = [(CONTENT_TYPE, content), (TOTAL, HeaderValue::from(total))];
        varying((headers, body).into_response())
    }

    /// Starts rows of the list. The first ones include the head.
    pub(super) fn rows(&self, is_first: bool) -> Result<Rows<'_>, Problem> {
        self.0.rows(is_first)
    }

    /// Returns the last bytes of a list that cannot be finished.
    pub(super) fn last_words(&self, problem: &Problem, context: &Context) -> Bytes {
        self.0.last_words(problem, context)
    }
}

/// Marks an answer as depending on `Accept`.
fn varying(mut response: Response) -> Response {
    let accept = HeaderValue::from_name(ACCEPT);
    response.headers_mut().insert(VARY, accept);
    response
}

fn picked<'a, T: Serialize>(
    fields: &'a Fields,
    page: &Page<T>,
) -> Result<Page<fields::Picked<'a>>, Problem> {
    let items = page.items.iter().map(|item| fields.of(item));
    Ok(Page {
        items: items.collect::<Result<_, _>>()?,
        total: page.total,
        next: page.next.clone(),
    })
}

/// A list that is being streamed.
struct Whole<I, S> {
    session: Session,
    sheet: Arc<Sheet>,
    things: Vec<I>,
    show: S,
    next: usize,
    size: Size,
    is_over: bool,
}

impl<I, S> Pieces for Whole<I, S>
where
    I: Send + Sync + 'static,
    S: Fn(&Session, &[I], &mut Rows<'_>) -> Result<(), Problem> + Send + Sync + 'static,
{
    async fn next(&mut self) -> Option<Result<Bytes, Problem>> {
        if self.is_over {
            return None;
        }
        let begin = self.next;
        if begin > 0
            && let Err(problem) = self.session.check_again().await
        {
            return Some(Err(problem));
        }
        let mut size = self.size;
        let things = self.things.get(begin..).unwrap_or_default();
        let most = PIECE_BYTES.min(self.session.limits().answer_bytes);
        let mut write = || {
            size.fit(things, most, |things, room| {
                let mut rows = self.sheet.rows(begin == 0)?.within(room);
                let done = (self.show)(&self.session, things, &mut rows);
                rows.fitting(done)
            })
        };
        let written = match things.len() <= FEW {
            true => write(),
            false => self.session.go_on(write).await,
        };
        self.size = size;
        Some(written.map(|(bytes, count)| {
            self.next = begin + count;
            self.is_over = self.next == self.things.len();
            bytes.into()
        }))
    }

    fn broken(&self, problem: &Problem) -> Bytes {
        self.sheet.last_words(problem, self.session.context())
    }
}

/// A list of no tenant that is being streamed.
struct Shared<I, S> {
    sheet: Arc<Sheet>,
    things: Vec<Arc<I>>,
    show: S,
    next: usize,
    size: Size,
    is_over: bool,
}

impl<I, T, S> Pieces for Shared<I, S>
where
    I: Send + Sync + 'static,
    T: Serialize,
    S: Fn(&I) -> T + Send + Sync + 'static,
{
    async fn next(&mut self) -> Option<Result<Bytes, Problem>> {
        if self.is_over {
            return None;
        }
        let begin = self.next;
        let things = self.things.get(begin..).unwrap_or_default();
        let written = self.size.fit(things, PIECE_BYTES, |things, room| {
            let mut rows = self.sheet.rows(begin == 0)?.within(room);
            let mut shown = things.iter().map(|thing| (self.show)(thing));
            let done = shown.try_for_each(|thing| rows.put(&thing));
            rows.fitting(done)
        });
        Some(written.map(|(bytes, count)| {
            self.next = begin + count;
            self.is_over = self.next == self.things.len();
            bytes.into()
        }))
    }
}
