//! attache's router with the limit beside it: routes that check the same
//! credential and then send bytes that are there already.

use attache_http::{App, Session};
use axum::Router;
use axum::body::Bytes;
use axum::extract::Path;
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};

/// The longest answer.
const MOST: usize = 4 * 1024 * 1024;

static BYTES: [u8; MOST] = [b' '; MOST];

/// The limit's paths.
pub(crate) fn routes() -> Router<App> {
    Router::new()
        .route("/limit/bytes/{length}", get(bytes))
        .route("/limit/unchanged", get(unchanged))
        .route("/limit/decision/{length}", post(decision))
}

fn json(bytes: &'static [u8]) -> Response {
    let mut response = Bytes::from_static(bytes).into_response();
    let json = HeaderValue::from_static("application/json");
    response.headers_mut().insert(CONTENT_TYPE, json);
    response
}

async fn bytes(_: Session, Path(length): Path<usize>) -> Response {
    json(BYTES.get(..length).unwrap_or_default())
}

async fn unchanged(_: Session) -> StatusCode {
    StatusCode::NOT_MODIFIED
}

/// The question is received, and not looked at.
async fn decision(_: Session, Path(length): Path<usize>, _: Bytes) -> Response {
    json(BYTES.get(..length).unwrap_or_default())
}
