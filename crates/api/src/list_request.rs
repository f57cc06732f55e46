//! Requests for a tenant's lists.

use attache_http::{App, Problem, Session};
use axum::extract::FromRequestParts;
use http::request::Parts;
use utoipa::ToSchema;

use super::lists::{Accepted, Listing};
use super::query::{OfList as _, Query};

/// A request for a list whose query is not parsed yet.
pub(super) struct ListRequest {
    app: App,
    session: Session,
    accepted: Accepted,
    query: Option<String>,
}

/// A request for a list, with the parameters of all lists parsed.
pub(super) struct List {
    pub(super) app: App,
    pub(super) session: Session,
    /// The parameters of pages, and those of this list.
    pub(super) query: Query,
    /// The form in which the list is answered.
    pub(super) listing: Listing,
}

impl FromRequestParts<App> for ListRequest {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let session = Session::from_request_parts(parts, app).await?;
        let Ok(accepted) = Accepted::from_request_parts(parts, app).await;
        Ok(Self {
            app: app.clone(),
            session,
            accepted,
            query: parts.uri.query().map(str::to_owned),
        })
    }
}

impl ListRequest {
    /// Parses the query of a list whose items are shown as `T`. `own` are the parameters
    /// of this list.
    ///
    /// # Errors
    /// Every parameter that is unknown or repeated, an unknown field, or a parameter that
    /// belongs to another form.
    pub(super) fn read<T: ToSchema>(self, own: &[&'static str]) -> Result<List, Problem> {
        let mut query = Query::of_list(self.query.as_deref(), own)?;
        let listing = Listing::read::<T>(self.accepted, &mut query)?;
        Ok(List {
            app: self.app,
            session: self.session,
            query,
            listing,
        })
    }
}
