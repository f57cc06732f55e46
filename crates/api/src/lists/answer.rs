//! Answers lists whose items are in memory.

use attache_http::{Problem, Session};
use axum::response::Response;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::{Listing, Tag};
use crate::page::Paging;
use crate::weights::looked_at;

impl<C: Serialize + DeserializeOwned> Paging<C> {
    /// Answers with items that have an order: one page, or all if `listing` asks for the
    /// whole list. `name` returns the sort key of an item, which must increase along
    /// `all`. `show` returns the view of an item. `weight` is the weight of showing them,
    /// besides examining each.
    pub(in super::super) async fn answer<S: Clone, T: Serialize + Send + Sync + 'static>(
        &self,
        listing: &Listing,
        session: &Session,
        all: Vec<S>,
        name: impl Fn(&S) -> C,
        show: impl Fn(S) -> T,
        weight: usize,
    ) -> Result<Response, Problem>
    where
        C: Ord,
    {
        if listing.is_whole() {
            let all = all.into_iter().map(show).collect();
            return listing.all(session, all).await;
        }
        let weight = looked_at(all.len()) + weight;
        let page = |size| Ok(self.cut(size, &all, &name, &show));
        let answer = listing.page(session, Tag::Nothing, weight, self.size, page);
        answer.await
    }
}
