//! One connection: its deadlines, and how it ends without losing the last answer.
//!
//! hyper parses and answers. The parts of a connection that hyper does not decide
//! are here: how long a client may be idle, how long it may take for a head, and
//! what happens to a body that nobody reads.

mod activity;
mod head_timer;
mod host;
mod request;
mod stream;

pub(super) use host::BadHost;

use std::sync::Arc;

use axum::Router;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto::Builder;
use hyper_util::server::graceful::GracefulConnection;
use hyper_util::service::TowerToHyperService;
use tokio::net::TcpStream;

use super::ServerLimits;
use activity::Activity;
use head_timer::HeadTimer;
use stream::Stream;

/// Returns the future that serves all requests of one client.
pub(super) fn serve(
    builder: &Builder<TokioExecutor>,
    socket: TcpStream,
    router: Router,
    limits: &ServerLimits,
) -> impl GracefulConnection + Send + use<> {
    let activity = Arc::new(Activity::default());
    let mut builder = builder.clone();
    builder
        .http1()
        .timer(HeadTimer::new(activity.clone(), limits))
        // The timer decides: it knows whether a head has begun.
        .header_read_timeout(limits.keep_alive_for);
    let stream = Stream::new(socket, activity.clone(), limits);
    let service = tower::service_fn(move |request| {
        request::answer(router.clone(), activity.clone(), request)
    });
    let service = TowerToHyperService::new(service);
    let connection = builder.serve_connection(TokioIo::new(stream), service);
    connection.into_owned()
}
