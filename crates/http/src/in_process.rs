//! Sends requests to a router without a connection, for the command line on a data
//! folder.

use axum::Router;
use axum::body::{Body, Bytes};
use tower::ServiceExt as _;

/// The most bytes of an answer: unbounded, since the answer comes from this process.
const MOST: usize = usize::MAX;

/// Returns a router's answer to a request.
///
/// # Errors
/// If the answer's body breaks off.
pub async fn ask(
    router: Router,
    request: http::Request<Bytes>,
) -> Result<http::Response<Bytes>, axum::Error> {
    let answer = match router.oneshot(request.map(Body::from)).await {
        Ok(answer) => answer,
        Err(never) => match never {},
    };
    let (parts, body) = answer.into_parts();
    let bytes = axum::body::to_bytes(body, MOST).await?;
    Ok(http::Response::from_parts(parts, bytes))
}
