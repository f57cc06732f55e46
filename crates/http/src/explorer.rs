//! `/docs`: all documents to read and to try, from the binary itself.

use std::sync::Arc;

use axum::Router;
use axum::extract::Path;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::get;
use http::HeaderValue;
use http::header::{CONTENT_SECURITY_POLICY, CONTENT_TYPE};
use utoipa_swagger_ui::{Config, Url};

use super::{App, Problem};

/// Where it is.
const PREFIX: &str = "/docs";

/// Nothing is fetched from elsewhere, and the page talks to this server only.
const POLICY: &str = "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; \
    script-src 'self' 'unsafe-inline'; frame-ancestors 'none'";

/// What each document is called, and where it is.
pub const DOCUMENTS: [(&str, &str); 6] = [
    ("attache", "/openapi/attache.json"),
    ("authzen", "/openapi/authzen.json"),
    ("voicebot", "/openapi/voicebot.json"),
    ("worth", "/openapi/worth.json"),
    ("cloudcockpit", "/openapi/cloudcockpit.json"),
    ("chatcaptain", "/openapi/chatcaptain.json"),
];

pub(super) fn router() -> Router<App> {
    let urls = DOCUMENTS.map(|(name, place)| Url::new(name, place));
    let config = Arc::new(
        Config::new(urls)
            .try_it_out_enabled(true)
            .persist_authorization(false),
    );
    let file =
        move |config: Arc<Config<'static>>, name: String| async move { serve(config, &name) };
    let (index, others) = (config.clone(), config);
    Router::new()
        .route(PREFIX, get(|| async { Redirect::permanent("/docs/") }))
        .route(
            "/docs/",
            get(move || file(index.clone(), "index.html".to_owned())),
        )
        .route(
            "/docs/{*file}",
            get(move |Path(name): Path<String>| file(others.clone(), name)),
        )
}

fn serve(config: Arc<Config<'static>>, name: &str) -> Response {
    match utoipa_swagger_ui::serve(name, config) {
        Ok(Some(file)) => {
            let mut response = file.bytes.into_owned().into_response();
            let headers = response.headers_mut();
            if let Ok(kind) = HeaderValue::from_str(&file.content_type) {
                headers.insert(CONTENT_TYPE, kind);
            }
            headers.insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
            response
        }
        Ok(None) => Problem::NoSuchPath.into_response(),
        Err(error) => {
            tracing::error!(%error, "the page of the documents cannot be made");
            Problem::Internal.into_response()
        }
    }
}
