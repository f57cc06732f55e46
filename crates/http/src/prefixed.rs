//! Routes that all begin with the same words.

use axum::Router;
use axum::routing::any;

use super::speak::{Say, in_words};
use super::{App, Problem};

/// Routes in the words of their API, which also says so where nothing is behind the
/// prefix.
pub(crate) fn api(prefix: &str, routes: Router<App>, app: &App, say: Say) -> Router<App> {
    let nothing = || async { Problem::NoSuchPath };
    // The prefix with a slash behind it is not passed on to what is nested.
    let routes = routes
        .route(&format!("{prefix}/"), any(nothing))
        .method_not_allowed_fallback(|| async { Problem::MethodNotAllowed });
    let others = Router::new().fallback(nothing);
    in_words(routes, app, say).nest(prefix, in_words(others, app, say))
}
