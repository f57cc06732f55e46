//! Pages of lists, connected by cursors.

use serde::Serialize;
use serde::de::DeserializeOwned;
use utoipa::ToSchema;

use super::query::Query;
use attache_http::cursor::ListId;
use attache_http::{App, Problem, Session};

/// The default number of items on a page.
const PAGE_SIZE: usize = 100;

/// A page of a list.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Page<T> {
    /// The items on this page.
    pub(super) items: Vec<T>,
    /// The number of items on all pages.
    #[schema(example = 1)]
    pub(super) total: u64,
    /// The `cursor` of the next page; null on the last page.
    #[schema(required = true)]
    pub(super) next: Option<String>,
}

/// The wanted page of a list.
#[derive(Debug)]
pub(super) struct Paging<C> {
    /// The most items.
    pub(super) size: usize,
    /// The place where the page starts, from the cursor.
    pub(super) after: Option<C>,
    /// The identity of the list: the tenant, its moment, the path, and the rest of the query.
    list: Vec<u8>,
}

impl<C: Serialize + DeserializeOwned> Paging<C> {
    /// Reads `page_size` and `cursor`. `path` and the rest of the query identify the
    /// list.
    pub(super) fn read(
        app: &App,
        session: &Session,
        path: &str,
        query: &mut Query,
    ) -> Result<Self, Problem> {
        let tenant = session.caller.tenant.0.as_bytes();
        let of = [&tenant[..], &session.moment_of_lists()].concat();
        Self::of(app, &of, path, query)
    }

    /// Reads `page_size` and `cursor` of a list that belongs to no tenant.
    pub(super) fn of_the_operator(
        app: &App,
        path: &str,
        query: &mut Query,
    ) -> Result<Self, Problem> {
        Self::of(app, b"operator", path, query)
    }

    fn of(app: &App, tenant: &[u8], path: &str, query: &mut Query) -> Result<Self, Problem> {
        let most = app.limits().page_size;
        let size = query.number("page_size", most)?;
        let cursor = query.take("cursor");
        let rest = query.rest();
        let list = [tenant, path.as_bytes(), rest.as_bytes()].concat();
        let after = match cursor {
            None => None,
            Some(text) => {
                let place = ListId::of(&list).place(&text);
                Some(place.map_err(|no| Problem::in_query("cursor", no.reason()))?)
            }
        };
        Ok(Self {
            size: size.unwrap_or(PAGE_SIZE.min(most)),
            after,
            list,
        })
    }

    /// Returns the identity of the list.
    pub(super) fn list(&self) -> &[u8] {
        &self.list
    }

    /// Makes a page. `next` is the place of its last item, if more follow.
    pub(super) fn page<T>(&self, items: Vec<T>, total: u64, next: Option<C>) -> Page<T> {
        let next = next.and_then(|after| ListId::of(&self.list).cursor(after));
        Page { items, total, next }
    }

    /// Makes a page of at most `size` items out of all.
    pub(super) fn cut<S: Clone, T>(
        &self,
        size: usize,
        all: &[S],
        name: impl Fn(&S) -> C,
        show: impl Fn(S) -> T,
    ) -> Page<T>
    where
        C: Ord,
    {
        let total = all.len() as u64;
        let begin = self
            .after
            .as_ref()
            .map_or(0, |after| all.partition_point(|it| name(it) <= *after));
        let rest = all.len().saturating_sub(begin);
        let last = all.get((begin + size).wrapping_sub(1)).map(&name);
        let next = last.filter(|_| rest > size);
        let items = all.iter().skip(begin).take(size).cloned();
        let items = items.map(show).collect();
        self.page(items, total, next)
    }
}
