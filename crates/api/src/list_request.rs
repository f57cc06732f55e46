//! Requests for lists of a tenant.

use attache_http::{App, Problem, Session};
use axum::extract::FromRequestParts;
use http::request::Parts;
use utoipa::ToSchema;

use super::lists::{Accepted, Listing};
use super::query::{OfList as _, Query};

/// A request for a list, of which the query is not read yet.
pub(super) struct ListRequest {
    app: App,
    session: Session,
    accepted: Accepted,
    query: Option<String>,
}

/// A request for a list, with the parameters that all lists have taken out of its query.
pub(super) struct List {
    pub(super) app: App,
    pub(super) session: Session,
    /// The parameters of pages, and those of the list's own.
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
    /// Reads the query of a list whose items are shown as `T`. `own` are the parameters of the
    /// list's own.
    ///
    /// # Errors
    /// Every parameter that is not known or stands twice; a field that is unknown; a parameter
    /// that goes with another form only.
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
