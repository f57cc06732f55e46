//! Pages of results, with a token for the next page (AuthZEN 1.0, section 8.2).
//!
//! A token has the fingerprint of its request, the size of a page, and the last result of
//! the page. Nothing in it is secret. Results have a fixed order, so that writes between
//! two pages neither repeat nor skip a result. A forged token gives nothing that a
//! request without a token would not give.

use attache_core::id::TenantId;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;

use super::entity::object;
use attache_http::{Problem, Session, cursor};

/// The page to return; the first page if it is left out.
#[derive(Debug, ToSchema)]
#[schema(as = PageRequest)]
pub(super) struct PageBody {
    /// The `next_token` of the previous page. The rest of the request must be unchanged.
    #[schema(nullable = false)]
    token: Option<String>,
    /// The most results on a page, from 1. Values above `limits.page_size` count as that.
    #[schema(nullable = false, minimum = 1)]
    limit: Option<u64>,
}

/// The position of a page in the results.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PageResponse)]
pub(super) struct Page {
    /// The token for the next page; empty on the last page.
    next_token: String,
    /// The number of results on this page.
    count: usize,
    /// The number of all results now.
    total: usize,
}

/// The contents of a token. The names are short, since the token travels in every
/// request.
#[derive(Serialize, Deserialize)]
struct Token<P> {
    /// The fingerprint of the request.
    f: String,
    /// The most results on a page.
    l: u64,
    /// The last result of the page.
    a: P,
}

/// A request for a page. `P` is the sort key of results.
#[derive(Debug)]
pub(super) struct Paging<P> {
    fingerprint: String,
    /// The limit as it was sent, since it is part of the request's fingerprint.
    limit: u64,
    /// The most results on any page.
    page_size: usize,
    after: Option<P>,
}

impl PageBody {
    /// Takes `page` out of a body.
    ///
    /// # Errors
    /// If a field is invalid.
    fn read(body: &mut Map<String, Value>) -> Result<Self, Problem> {
        let mut page = object(body, "page")?.unwrap_or_default();
        let limit = match page.remove("limit") {
            None | Some(Value::Null) => None,
            Some(limit) => match limit.as_u64() {
                Some(limit @ 1..) => Some(limit),
                _ => {
                    let reason = "must be a whole number from 1";
                    return Err(Problem::invalid("page.limit", reason));
                }
            },
        };
        let token = match page.remove("token") {
            None | Some(Value::Null) => None,
            Some(Value::String(text)) if text.is_empty() => None,
            Some(Value::String(text)) => Some(text),
            Some(_) => return Err(Problem::invalid("page.token", "must be a string")),
        };
        Ok(Self { token, limit })
    }
}

impl<P: Ord + Serialize + DeserializeOwned> Paging<P> {
    /// Takes `page` out of a search's body.
    ///
    /// # Errors
    /// If it is invalid, or its token belongs to another request.
    pub(super) fn read(
        body: &mut Map<String, Value>,
        search: &str,
        session: &Session,
    ) -> Result<Self, Problem> {
        let page_size = session.limits().page_size;
        let of = (session.caller.tenant, &session.moment_of_lists()[..]);
        Self::of(body, search, of, page_size)
    }

    fn of(
        body: &mut Map<String, Value>,
        search: &str,
        of: (TenantId, &[u8]),
        page_size: usize,
    ) -> Result<Self, Problem> {
        let PageBody { token, limit } = PageBody::read(body)?;
        let fingerprint = fingerprint(body, search, of);
        let Some(token) = token else {
            return Ok(Self {
                fingerprint,
                limit: limit.unwrap_or(page_size as u64),
                page_size,
                after: None,
            });
        };
        let token: Token<P> = cursor::decode(&token)
            .ok_or_else(|| Problem::invalid("page.token", "is none of this API's"))?;
        if token.f != fingerprint || limit.is_some_and(|limit| limit != token.l) {
            return Err(Problem::invalid("page.token", "is of another request"));
        }
        Ok(Self {
            fingerprint,
            limit: token.l,
            page_size,
            after: Some(token.a),
        })
    }

    /// Returns the most results of the page.
    pub(super) fn most(&self) -> usize {
        let limit = usize::try_from(self.limit).unwrap_or(usize::MAX);
        limit.min(self.page_size)
    }

    /// Returns the page of at most `take` results, out of all results, sorted by `place`.
    pub(super) fn cut<'a, T>(
        &self,
        take: usize,
        all: &'a [T],
        place: impl Fn(&T) -> P,
    ) -> (Page, &'a [T]) {
        let begin = self
            .after
            .as_ref()
            .map_or(0, |after| all.partition_point(|one| place(one) <= *after));
        let rest = all.get(begin..).unwrap_or_default();
        let take = take.min(self.most()).min(rest.len());
        let results = rest.get(..take).unwrap_or_default();
        let next_token = match results.last() {
            // Strings and numbers can always be written as JSON.
            Some(last) if take < rest.len() => cursor::encode(&Token {
                f: self.fingerprint.clone(),
                l: self.limit,
                a: place(last),
            })
            .unwrap_or_default(),
            _ => String::new(),
        };
        let page = Page {
            next_token,
            count: results.len(),
            total: all.len(),
        };
        (page, results)
    }
}

/// Returns the fingerprint of a request to a tenant, at a moment, without its page. It is
/// short, and reveals nothing of the request.
fn fingerprint(
    body: &Map<String, Value>,
    search: &str,
    (tenant, moment): (TenantId, &[u8]),
) -> String {
    let body = Value::Object(body.clone()).to_string();
    let tenant = tenant.0.as_bytes();
    cursor::fingerprint(
        &[tenant, moment, search.as_bytes(), &[0], body.as_bytes()],
        16,
    )
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn paging(body: &Value) -> Result<Paging<u32>, Problem> {
        let mut body = body.as_object().unwrap().clone();
        let of = (TenantId(uuid::Uuid::nil()), &[][..]);
        Paging::of(&mut body, "subject", of, 4)
    }

    #[test]
    fn pages_follow_one_another() {
        let all = [2, 3, 5, 7, 11];
        let mut body = json!({"a": 1, "page": {"limit": 2}});
        let mut seen = Vec::new();
        for _ in 0..3 {
            let (page, results) = paging(&body).unwrap().cut(9, &all, |it| *it);
            assert_eq!((page.count, page.total), (results.len(), 5));
            seen.extend_from_slice(results);
            body["page"] = json!({"token": page.next_token});
        }
        assert_eq!(seen, all);
        assert_eq!(body["page"]["token"], "");
    }

    #[test]
    fn no_page_has_more_than_the_limit() {
        let all: Vec<u32> = (0..9).collect();
        for body in [
            json!({}),
            json!({"page": {}}),
            json!({"page": {"limit": 9_000_000_000_u64}}),
        ] {
            let (page, results) = paging(&body).unwrap().cut(9, &all, |it| *it);
            assert_eq!(results, [0, 1, 2, 3], "{body}");
            assert!(!page.next_token.is_empty());
        }
    }

    #[test]
    fn what_is_no_limit_is_refused() {
        for limit in [json!(0), json!(-1), json!(1.5), json!("1"), json!([])] {
            assert!(
                paging(&json!({"page": {"limit": limit}})).is_err(),
                "{limit}"
            );
        }
    }
}
