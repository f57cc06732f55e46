//! The OpenAPI document of an API.

use axum::body::Bytes;
use utoipa::openapi::security::{Http, HttpAuthScheme, SecurityScheme};
use utoipa::openapi::{ComponentsBuilder, InfoBuilder, OpenApi, SecurityRequirement, Server};

/// What is said of an API as a whole.
pub(super) struct About {
    /// Its title.
    pub(super) title: &'static str,
    /// What to know of it; for a dialect, where it departs from the published document.
    pub(super) description: &'static str,
    /// What the paths in the document begin with.
    pub(super) server: &'static str,
}

/// A document with its head: title, server, credential.
pub(super) fn with_head(mut document: OpenApi, about: &About) -> OpenApi {
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

/// The document as it is served.
#[allow(clippy::expect_used, reason = "made of maps, lists and strings only")]
pub(super) fn text(document: &OpenApi) -> Bytes {
    // Fails only for a map whose keys are not strings; there is none.
    let text = document.to_pretty_json().expect("a document is JSON");
    Bytes::from(text)
}
