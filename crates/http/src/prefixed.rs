//! Routes that all begin with the same words.

use axum::Router;
use axum::routing::any;

use super::errors::Render;
use super::render::rendered;
use super::{App, Problem};

/// The routes of an API, with problems as `render` renders them: also for a path below the
/// prefix that is not served.
pub(crate) fn api(prefix: &str, routes: Router<App>, app: &App, render: Render) -> Router<App> {
    let nothing = || async { Problem::NoSuchPath };
    // The prefix with a slash behind it is not passed on to what is nested.
    let routes = routes
        .route(&format!("{prefix}/"), any(nothing))
        .method_not_allowed_fallback(|| async { Problem::MethodNotAllowed });
    let others = Router::new().fallback(nothing);
    rendered(routes, app, render).nest(prefix, rendered(others, app, render))
}
