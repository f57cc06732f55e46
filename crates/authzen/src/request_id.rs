//! `X-Request-ID` (AuthZEN 1.0, section 10.1.3): every answer, also an error, repeats the
//! request's value.

use axum::extract::Request;
use axum::middleware::Next;
use axum::response::Response;
use http::HeaderName;

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

pub(super) async fn echo(request: Request, next: Next) -> Response {
    let id = request.headers().get(REQUEST_ID).cloned();
    let mut response = next.run(request).await;
    if let Some(id) = id {
        response.headers_mut().insert(REQUEST_ID, id);
    }
    response
}
