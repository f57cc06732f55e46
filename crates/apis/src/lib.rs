//! All APIs together: the one list of them.

use attache_http::description::Description;
use attache_http::{Api, App};
use axum::Router;

/// Every API that attache serves.
#[must_use]
pub fn all() -> Vec<Api> {
    let mut all = vec![attache_api::api(), attache_authzen::api()];
    all.extend(attache_dialects::all().into_iter().map(|it| it.api));
    all
}

/// The descriptions of all published APIs.
#[must_use]
pub fn dialects() -> Vec<&'static Description> {
    let all = attache_dialects::all().into_iter();
    all.map(|it| it.description).collect()
}

/// A service of every API that attache serves.
pub fn router(app: App) -> Router {
    router_with(app, Router::new())
}

/// A service of every API that attache serves, with further routes beside them.
pub fn router_with(app: App, others: Router<App>) -> Router {
    attache_http::router(app, all(), others)
}
