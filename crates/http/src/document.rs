//! Makes and serves the OpenAPI document of an API.

use std::sync::{Arc, LazyLock};

use axum::Router;
use axum::body::Bytes;
use axum::routing::get;
use http::HeaderValue;
use http::header::{CACHE_CONTROL, CONTENT_TYPE};
use utoipa::openapi::security::{Http, HttpAuthScheme, SecurityScheme};
use utoipa::openapi::{ComponentsBuilder, InfoBuilder, OpenApi, SecurityRequirement, Server};

use serde_json::Value;

use super::App;
use super::context::PUBLIC;

/// The head of an API's document.
#[derive(Clone, Copy, Debug)]
pub struct About {
    /// Its title.
    pub title: &'static str,
    /// What to know about the API; for a dialect, where it departs from the published
    /// document.
    pub description: &'static str,
    /// The server's URL in the document, which all its paths are relative to.
    pub server: &'static str,
}

/// Adds the head to a document: title, server, credential.
pub(crate) fn with_head(mut document: OpenApi, about: &About) -> OpenApi {
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

/// Returns the path at which the document of an API is served.
pub fn place(name: &str) -> String {
    format!("/openapi/{name}.json")
}

/// Returns a route to a document. The document is made at its first request, so that
/// making a router stays fast.
pub(crate) fn served(
    name: &str,
    make: impl FnOnce() -> Value + Send + 'static,
    app: &App,
) -> Router<App> {
    let path = app.public_path().to_owned();
    let make: Box<dyn FnOnce() -> Bytes + Send> = Box::new(move || {
        let mut document = make();
        reached_at(&mut document, &path);
        format!("{document:#}").into()
    });
    let text = Arc::new(LazyLock::new(make));
    Router::new().route(
        &place(name),
        get(|| async move {
            let text = LazyLock::force(&text).clone();
            let json = HeaderValue::from_static("application/json");
            ([(CONTENT_TYPE, json), (CACHE_CONTROL, PUBLIC)], text)
        }),
    )
}

/// Adds the server's public path to the document's servers and to the types of its
/// problems.
fn reached_at(document: &mut Value, path: &str) {
    if path.is_empty() {
        return;
    }
    let servers = document.get_mut("servers").and_then(Value::as_array_mut);
    for server in servers.into_iter().flatten() {
        let own = server.get("url").and_then(Value::as_str);
        let url = format!("{path}{}", own.unwrap_or_default());
        server["url"] = url.trim_end_matches('/').into();
    }
    let types = document.pointer_mut("/components/schemas/ProblemType/enum");
    let types = types.and_then(Value::as_array_mut);
    for problem in types.into_iter().flatten() {
        let own = problem.as_str().unwrap_or_default();
        *problem = format!("{path}{own}").into();
    }
}

/// Converts a document into JSON.
#[allow(clippy::expect_used, reason = "made of maps, lists and strings only")]
pub fn as_json(document: &OpenApi) -> Value {
    // Serialising fails only for maps whose keys are not strings. A document has none.
    serde_json::to_value(document).expect("a document is JSON")
}

/// Adds `additionalProperties` to objects without any statement about their properties,
/// since generators of clients read them as empty objects otherwise.
pub fn open_objects(value: &mut Value) {
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
