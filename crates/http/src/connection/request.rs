//! Passes one request to the router, and deals with the rest of its body.

use std::convert::Infallible;
use std::net::IpAddr;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard};
use std::task::{Context, Poll};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes, HttpBody};
use axum::response::Response;
use http::header::{CONNECTION, EXPECT};
use http::{HeaderValue, Request};
use hyper::body::{Frame, Incoming, SizeHint};
use tower::ServiceExt as _;

use super::activity::Activity;
use super::host;

/// The most bytes of an unread rest of a body that are waited for, so that the connection
/// can continue.
const SMALL: u64 = 64 * 1024;
/// The most time to wait for the rest of a body.
const SOON: Duration = Duration::from_millis(200);

/// The address that a connection comes from: the client's, or that of a proxy. An
/// extension of every request.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Peer(pub(crate) IpAddr);

/// Answers a request by the router. If the body was not read to its end, the answer
/// announces the end of the connection, and the socket discards the rest.
pub(super) async fn answer(
    router: Router,
    activity: Arc<Activity>,
    peer: Peer,
    mut request: Request<Incoming>,
) -> Result<Response, Infallible> {
    request.extensions_mut().insert(peer);
    host::check(&mut request);
    let has_body = !request.body().is_end_stream();
    activity.read_head(has_body);
    if !has_body {
        return router.oneshot(request).await;
    }
    // A client that waits for `100 Continue` sends nothing before it.
    let waits = request.headers().contains_key(EXPECT);
    let (head, body) = request.into_parts();
    let body = Received::new(body, activity.clone());
    let mut request = Request::from_parts(head, Body::new(body.clone()));
    request.extensions_mut().insert(body.clone());
    let mut response = router.oneshot(request).await?;
    let never_sent = waits && body.is_untouched();
    if body.is_small() && !body.is_over() && !never_sent {
        // The outcome does not matter any more.
        let _ = tokio::time::timeout(SOON, body.read_to_the_end()).await;
    }
    if !body.is_over() {
        activity.leaves_body();
        let close = HeaderValue::from_static("close");
        response.headers_mut().insert(CONNECTION, close);
    }
    Ok(response)
}

/// A body that stays readable after the router has dropped it. Also an extension of its
/// request, by which the time limit's layer learns whether the body has arrived.
#[derive(Clone)]
pub(crate) struct Received(Arc<Mutex<State>>);

struct State {
    body: Incoming,
    activity: Arc<Activity>,
    /// Whether nobody has asked for any of it.
    is_untouched: bool,
    /// Whether all of it was read.
    is_over: bool,
}

impl Received {
    fn new(body: Incoming, activity: Arc<Activity>) -> Self {
        Self(Arc::new(Mutex::new(State {
            body,
            activity,
            is_untouched: true,
            is_over: false,
        })))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // No holder of the lock panics halfway through a change.
        self.0.lock().unwrap_or_else(|lock| lock.into_inner())
    }

    fn is_over(&self) -> bool {
        self.state().is_over
    }

    fn is_untouched(&self) -> bool {
        self.state().is_untouched
    }

    /// Returns whether an endpoint has started to read the body and its end has not
    /// arrived.
    pub(crate) fn is_awaited(&self) -> bool {
        let state = self.state();
        !state.is_untouched && !state.is_over
    }

    /// Returns whether little of the body is left, as far as its length is known.
    fn is_small(&self) -> bool {
        let exact = self.state().body.size_hint().exact();
        exact.is_some_and(|left| left <= SMALL)
    }

    async fn read_to_the_end(&self) -> Result<(), hyper::Error> {
        let mut body = self.clone();
        std::future::poll_fn(|context| {
            loop {
                match std::task::ready!(Pin::new(&mut body).poll_frame(context)) {
                    None => return Poll::Ready(Ok(())),
                    Some(Ok(_)) => {}
                    Some(Err(error)) => return Poll::Ready(Err(error)),
                }
            }
        })
        .await
    }
}

impl HttpBody for Received {
    type Data = Bytes;
    type Error = hyper::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, hyper::Error>>> {
        let mut state = self.state();
        state.is_untouched = false;
        let polled = Pin::new(&mut state.body).poll_frame(context);
        let is_last = match &polled {
            Poll::Ready(None) => true,
            Poll::Ready(Some(Ok(_))) => state.body.is_end_stream(),
            // The rest of a broken body may still be on its way.
            Poll::Ready(Some(Err(_))) | Poll::Pending => false,
        };
        if is_last && !state.is_over {
            state.is_over = true;
            state.activity.read_body();
        }
        polled
    }

    fn is_end_stream(&self) -> bool {
        self.state().body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.state().body.size_hint()
    }
}
