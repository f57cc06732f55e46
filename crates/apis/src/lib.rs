//! All APIs together: the one place that names each of them.

use attache_http::App;
use axum::Router;

/// A service of every API that attache serves.
pub fn router(app: App) -> Router {
    router_with(app, Router::new())
}

/// The same, with further routes beside the APIs.
pub fn router_with(app: App, others: Router<App>) -> Router {
    let apis = attache_dialects::router(&app)
        .merge(attache_api::router(&app))
        .merge(attache_authzen::router(&app));
    attache_http::router(app, apis, others)
}
