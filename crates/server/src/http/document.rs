//! The OpenAPI document of an API.

use axum::Router;
use axum::body::Bytes;
use axum::routing::get;
use http::header::CONTENT_TYPE;
use utoipa::openapi::security::{Http, HttpAuthScheme, SecurityScheme};
use utoipa::openapi::{ComponentsBuilder, InfoBuilder, OpenApi, SecurityRequirement, Server};

use super::App;

/// What is said of an API as a whole.
pub(in crate::http) struct About {
    /// Its title.
    pub(in crate::http) title: &'static str,
    /// What to know of it; for a dialect, where it departs from the published document.
    pub(in crate::http) description: &'static str,
    /// What the paths in the document begin with.
    pub(in crate::http) server: &'static str,
}

/// A document with its head: title, server, credential.
pub(in crate::http) fn with_head(mut document: OpenApi, about: &About) -> OpenApi {
    document.info = InfoBuilder::new()
        .title(about.title)
        .version(env!("CARGO_PKG_VERSION"))
        .description(Some(about.description))
        .build();
    document.servers = Some(vec![Server::new(about.server)]);
    let bearer = SecurityScheme::Http(Http::new(HttpAuthScheme::Bearer));
    let mut components = document
        .components
        .take()
        .unwrap_or_else(|| ComponentsBuilder::new().build());
    components.add_security_scheme("bearerAuth", bearer);
    document.components = Some(components);
    document.security = Some(vec![SecurityRequirement::new::<_, _, String>(
        "bearerAuth",
        [],
    )]);
    document
}

/// Where the document of an API is served.
pub(in crate::http) fn place(name: &str) -> String {
    format!("/openapi/{name}.json")
}

/// A route to a document.
pub(in crate::http) fn served(name: &str, document: &OpenApi) -> Router<App> {
    let text = text(document);
    Router::new().route(
        &place(name),
        get(|| async move { ([(CONTENT_TYPE, "application/json")], text) }),
    )
}

/// The document as it is served.
#[allow(clippy::expect_used, reason = "made of maps, lists and strings only")]
fn text(document: &OpenApi) -> Bytes {
    // Fails only for a map whose keys are not strings; there is none.
    let text = document.to_pretty_json().expect("a document is JSON");
    Bytes::from(text)
}
