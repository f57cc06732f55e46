//! Routes below a common prefix.

use axum::Router;
use axum::routing::any;

use super::render::Rendering;
use super::{App, Problem};

/// Returns the routes of an API with its layer, which is also around unserved paths below the
/// prefix.
pub(crate) fn api(prefix: &str, routes: Router<App>, rendering: &Rendering) -> Router<App> {
    let nothing = || async { Problem::NoSuchPath };
    // A nested router does not receive the prefix with a trailing slash.
    let routes = routes
        .route(&format!("{prefix}/"), any(nothing))
        .method_not_allowed_fallback(|| async { Problem::MethodNotAllowed });
    let others = Router::new().fallback(nothing);
    rendering
        .around(routes)
        .nest(prefix, rendering.around(others))
}
