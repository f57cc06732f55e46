//! The published APIs that are served as they are documented. No rule of
//! access lives here: a dialect turns the wire into a question or a command,
//! and the answer or the refusal back into the wire.

mod chatcaptain;
mod cloudcockpit;
mod ids;
mod voicebot;
mod worth;

use axum::Router;
use axum::routing::any;
use utoipa::openapi::OpenApi;

use super::speak::{Say, in_words};
use super::{App, Problem, document};

/// A published API.
struct Dialect {
    /// Its name in `/openapi/<name>.json`.
    name: &'static str,
    /// What all its paths begin with.
    prefix: &'static str,
    /// Its routes, without the prefix.
    routes: Router<App>,
    /// What is served, as OpenAPI.
    document: OpenApi,
    /// How it says what went wrong.
    say: Say,
}

/// All dialects, each at its own paths, and their documents.
pub(super) fn router(app: &App) -> Router<App> {
    [
        voicebot::dialect(),
        worth::dialect(),
        cloudcockpit::dialect(),
        chatcaptain::dialect(),
    ]
    .into_iter()
    .fold(Router::new(), |router, dialect| {
        let routes = dialect
            .routes
            .fallback(|| async { Problem::NoSuchPath })
            .method_not_allowed_fallback(|| async { Problem::MethodNotAllowed });
        // The prefix with a slash behind it is not passed on to what is nested.
        let end = Router::new().route(
            &format!("{}/", dialect.prefix),
            any(|| async { Problem::NoSuchPath }),
        );
        router
            .nest(dialect.prefix, in_words(routes, app, dialect.say))
            .merge(in_words(end, app, dialect.say))
            .merge(document::served(dialect.name, &dialect.document))
    })
}

/// The names of all dialects.
pub const NAMES: [&str; 4] = ["voicebot", "worth", "cloudcockpit", "chatcaptain"];
