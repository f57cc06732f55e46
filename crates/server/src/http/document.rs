//! The OpenAPI document of an API.

use axum::Router;
use axum::body::Bytes;
use axum::routing::get;
use http::header::CONTENT_TYPE;
use utoipa::openapi::security::{Http, HttpAuthScheme, SecurityScheme};
use utoipa::openapi::{ComponentsBuilder, InfoBuilder, OpenApi, SecurityRequirement, Server};

use serde_json::Value;

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
    served_as(name, &as_json(document))
}

/// A route to a document that stands as it is to be served. What is any object
/// says so.
pub(in crate::http) fn served_open(name: &str, mut document: Value) -> Router<App> {
    open_objects(&mut document);
    served_as(name, &document)
}

fn served_as(name: &str, document: &Value) -> Router<App> {
    let text = Bytes::from(format!("{document:#}"));
    Router::new().route(
        &place(name),
        get(|| async move { ([(CONTENT_TYPE, "application/json")], text) }),
    )
}

/// A document as JSON.
#[allow(clippy::expect_used, reason = "made of maps, lists and strings only")]
pub(in crate::http) fn as_json(document: &OpenApi) -> Value {
    // Fails only for a map whose keys are not strings; there is none.
    serde_json::to_value(document).expect("a document is JSON")
}

/// Say of every object of which nothing is said that it may hold anything:
/// generators of clients take it for an empty one otherwise.
fn open_objects(value: &mut Value) {
    match value {
        Value::Object(object) => {
            let is_any = object.get("type").is_some_and(|kind| kind == "object")
                && ["properties", "additionalProperties", "oneOf", "allOf"]
                    .iter()
                    .all(|word| !object.contains_key(*word));
            if is_any {
                object.insert("additionalProperties".to_owned(), Value::Bool(true));
            }
            object.values_mut().for_each(open_objects);
        }
        Value::Array(items) => items.iter_mut().for_each(open_objects),
        _ => {}
    }
}
