//! Query strings of lists.

use attache_http::Problem;

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
