//! `/docs`: a page with all documents, to read and to try, served from the binary itself.

use std::sync::Arc;

use axum::Router;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::get;
use http::HeaderValue;
use http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE};
use utoipa_swagger_ui::{Config, Url};

use super::context::PUBLIC;
use super::{App, Problem, document};

/// Where it is.
const PREFIX: &str = "/docs";

/// The page fetches nothing from other servers and talks to this server only.
const POLICY: &str = "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; \
    script-src 'self' 'unsafe-inline'; frame-ancestors 'none'";

/// Returns the routes of the page, for documents with these names.
pub(super) fn router(documents: Arc<[&'static str]>) -> Router<App> {
    let index_of = documents.clone();
    let page = async move |State(app): State<App>| serve(&app, &index_of, "index.html");
    let file = async move |State(app): State<App>, Path(name): Path<String>| {
        serve(&app, &documents, &name)
    };
    Router::new()
        .route(PREFIX, get(index))
        .route("/docs/", get(page))
        .route("/docs/{*file}", get(file))
}

async fn index(State(app): State<App>) -> Redirect {
    Redirect::permanent(&format!("{}{PREFIX}/", app.public_path()))
}

fn serve(app: &App, documents: &[&str], name: &str) -> Response {
    let place = |name| format!("{}{}", app.public_path(), document::place(name));
    let places: Vec<(&str, String)> = documents.iter().map(|name| (*name, place(name))).collect();
    let urls = places.iter().map(|(name, place)| Url::new(name, place));
    let config = Config::new(urls)
        .try_it_out_enabled(true)
        .persist_authorization(false);
    match utoipa_swagger_ui::serve(name, Arc::new(config)) {
        Ok(Some(file)) => {
            let mut response = file.bytes.into_owned().into_response();
            let headers = response.headers_mut();
            if let Ok(kind) = HeaderValue::from_str(&file.content_type) {
                headers.insert(CONTENT_TYPE, kind);
            }
            headers.insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
            headers.insert(CACHE_CONTROL, PUBLIC);
            response
        }
        Ok(None) => Problem::NoSuchPath.into_response(),
        Err(error) => {
            tracing::error!(%error, "the page of the documents cannot be made");
            Problem::Internal.into_response()
        }
    }
}
