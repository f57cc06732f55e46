//! Query strings.

use axum::extract::FromRequestParts;
use http::request::Parts;

use attache_http::{App, Problem};

pub(super) use attache_http::query::Query;

/// The parameters of every list with pages.
pub(super) const PARAMETERS: [&str; 4] = ["page_size", "cursor", "fields", "for_spreadsheets"];

/// The query of a list.
pub(super) trait OfList: Sized {
    /// Parses the parameters of pages and those of the list.
    ///
    /// # Errors
    /// Every parameter that is unknown or repeated.
    fn of_list(text: Option<&str>, own: &[&'static str]) -> Result<Self, Problem>;
}

impl OfList for Query {
    fn of_list(text: Option<&str>, own: &[&'static str]) -> Result<Self, Problem> {
        Self::strict(text, &[&PARAMETERS[..], own].concat())
    }
}

/// Refuses every parameter: the operation takes none.
///
/// It stands behind the caller in the arguments of an operation, so that a request without a
/// credential is told nothing else.
pub(super) struct NoQuery;

impl FromRequestParts<App> for NoQuery {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &App) -> Result<Self, Problem> {
        Query::strict(parts.uri.query(), &[]).map(|_| Self)
    }
}
