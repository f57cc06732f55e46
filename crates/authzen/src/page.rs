//! Pages of results, and the token that names the next one (AuthZEN 1.0,
//! section 8.2).
//!
//! A token holds all that a page begins with, and nothing that is secret: whose
//! request it continues, how many results a page has, and the last result that
//! was given. Results have a fixed order, so that writes between two pages
//! neither repeat a result nor pass one over. A token that somebody made up
//! leads to nothing that a request without one would not give.

use attache_core::id::TenantId;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;

use super::entity::object;
use attache_http::{Problem, Session, cursor};

/// Which page is wanted; the first if it is left out.
#[derive(Debug, ToSchema)]
#[schema(as = PageRequest)]
pub(super) struct PageBody {
    /// The `next_token` of the page before. The rest of the request must be as it was.
    #[schema(nullable = false)]
    token: Option<String>,
    /// The most results on a page, from 1; at most `limits.page_size` are given.
    #[schema(nullable = false, minimum = 1)]
    limit: Option<u64>,
}

/// Where in all results a page stands.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PageResponse)]
pub(super) struct Page {
    /// What to ask for the next page with; empty if this is the last.
    next_token: String,
    /// How many results are on this page.
    count: usize,
    /// How many results there are now.
    total: usize,
}

/// What a token says. Its names are short: it travels in every request.
#[derive(Serialize, Deserialize)]
struct Token<P> {
    /// The fingerprint of the request.
    f: String,
    /// The most results on a page.
    l: u64,
    /// The last result that was given.
    a: P,
}

/// Which page is wanted. `P` is what results are in the order of.
#[derive(Debug)]
pub(super) struct Paging<P> {
    fingerprint: String,
    /// As it was asked for, so that whoever asks again may ask alike.
    limit: u64,
    /// The most results that any page has.
    page_size: usize,
    after: Option<P>,
}

impl PageBody {
    /// The page that a body asks for; `page` is taken out of it.
    ///
    /// # Errors
    /// If a field cannot be.
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
    /// Which page of a search a body asks for; `page` is taken out of it.
    ///
    /// # Errors
    /// If that cannot be, or the token is of another request.
    pub(super) fn read(
        body: &mut Map<String, Value>,
        search: &str,
        session: &Session,
    ) -> Result<Self, Problem> {
        let page_size = session.limits().page_size;
        Self::of(body, search, session.caller.tenant, page_size)
    }

    fn of(
        body: &mut Map<String, Value>,
        search: &str,
        tenant: TenantId,
        page_size: usize,
    ) -> Result<Self, Problem> {
        let PageBody { token, limit } = PageBody::read(body)?;
        let fingerprint = fingerprint(body, search, tenant);
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

    /// The most results that the page may have.
    pub(super) fn most(&self) -> usize {
        let limit = usize::try_from(self.limit).unwrap_or(usize::MAX);
        limit.min(self.page_size)
    }

    /// The page, of at most `take` results, out of all in the order of their places.
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
            // Made of strings and numbers only, which always are JSON.
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

/// What a request without its page is recognised by: short, and of no use to
/// who does not know the request.
fn fingerprint(body: &Map<String, Value>, search: &str, tenant: TenantId) -> String {
    let body = Value::Object(body.clone()).to_string();
    let tenant = tenant.0.as_bytes();
    cursor::fingerprint(&[tenant, search.as_bytes(), &[0], body.as_bytes()], 16)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn paging(body: &Value) -> Result<Paging<u32>, Problem> {
        let mut body = body.as_object().unwrap().clone();
        Paging::of(&mut body, "subject", TenantId(uuid::Uuid::nil()), 4)
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
