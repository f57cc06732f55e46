//! The published APIs that are served as they are documented. No rule of
//! access lives here: a dialect turns the wire into a question or a command,
//! and the answer or the refusal back into the wire.

mod chatcaptain;
mod cloudcockpit;
mod ids;
mod voicebot;
mod worth;

use axum::Router;
use utoipa::openapi::OpenApi;

use attache_http::speak::Say;
use attache_http::{App, document, prefixed};

/// A published API.
struct Dialect {
    /// Its name in `/openapi/<name>.json`.
    name: &'static str,
    /// What all its paths begin with.
    prefix: &'static str,
    /// Its routes.
    routes: Router<App>,
    /// What is served, as OpenAPI.
    document: OpenApi,
    /// How it says what went wrong.
    say: Say,
}

/// All dialects, each at its own paths, and their documents.
pub fn router(app: &App) -> Router<App> {
    [
        voicebot::dialect(),
        worth::dialect(),
        cloudcockpit::dialect(),
        chatcaptain::dialect(),
    ]
    .into_iter()
    .fold(Router::new(), |router, dialect| {
        router
            .merge(prefixed::api(
                dialect.prefix,
                dialect.routes,
                app,
                dialect.say,
            ))
            .merge(document::served(dialect.name, dialect.document, app))
    })
}

/// The names of all dialects.
pub const NAMES: [&str; 4] = ["voicebot", "worth", "cloudcockpit", "chatcaptain"];
