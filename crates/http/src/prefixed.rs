//! Routes below a common prefix.

use attache_core::Origin;
use axum::Router;
use axum::routing::any;

use super::errors::Render;
use super::render::rendered;
use super::{App, Problem};

/// Returns the routes of an API. `render` renders its problems, also those of unserved
/// paths below the prefix.
pub(crate) fn api(
    prefix: &str,
    routes: Router<App>,
    app: &App,
    render: Render,
    origin: Origin,
) -> Router<App> {
    let nothing = || async { Problem::NoSuchPath };
    // A nested router does not receive the prefix with a trailing slash.
    let routes = routes
        .route(&format!("{prefix}/"), any(nothing))
        .method_not_allowed_fallback(|| async { Problem::MethodNotAllowed });
    let others = Router::new().fallback(nothing);
    rendered(routes, app, render, origin).nest(prefix, rendered(others, app, render, origin))
}
