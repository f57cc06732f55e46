//! Routes that all begin with the same words.
//!
//! They are not nested: axum takes the prefix off the path of each request to
//! what is nested, which was 3.6 % of what a check takes without a connection,
//! and 5 % of an unchanged list.

use axum::Router;
use axum::routing::any;
use utoipa::openapi::OpenApi;
use utoipa_axum::router::{OpenApiRouter, UtoipaMethodRouter};

use super::speak::{Say, in_words};
use super::{App, Problem};

/// The routes, each at its path behind the prefix, and their document, in which
/// the paths go without it.
pub fn routes(
    prefix: &str,
    routes: impl IntoIterator<Item = UtoipaMethodRouter<App>>,
) -> (Router<App>, OpenApi) {
    let (mut served, mut documented) = (Router::new(), OpenApiRouter::new());
    for (schemas, paths, methods) in routes {
        for path in paths.paths.keys() {
            served = served.route(&format!("{prefix}{path}"), methods.clone());
        }
        documented = documented.routes((schemas, paths, methods));
    }
    (served, documented.into_openapi())
}

/// These routes in the words of their API, which also says so where nothing is
/// behind the prefix.
pub fn api(prefix: &str, routes: Router<App>, app: &App, say: Say) -> Router<App> {
    let nothing = || async { Problem::NoSuchPath };
    // The prefix with a slash behind it is not passed on to what is nested.
    let routes = routes
        .route(&format!("{prefix}/"), any(nothing))
        .method_not_allowed_fallback(|| async { Problem::MethodNotAllowed });
    let others = Router::new().fallback(nothing);
    in_words(routes, app, say).nest(prefix, in_words(others, app, say))
}
