//! The layer of an API that renders its problems and bounds the time of its answers.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use attache_core::Origin;
use axum::Router;
use axum::body::HttpBody as _;
use axum::extract::{Request, State};
use axum::middleware;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use futures_util::FutureExt as _;
use http::HeaderValue;
use http::header::{ACCEPT_ENCODING, ALLOW, RETRY_AFTER, WWW_AUTHENTICATE};

use super::connection::{BadHost, Received};
use super::errors::Render;
use super::moment::Times;
use super::problem::Carried;
use super::{App, Context, Problem};

/// The layer around the routes of an API. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Rendering(Arc<Parts>);

struct Parts {
    app: App,
    render: Render,
    origin: Origin,
    times: Option<Times>,
}

impl Rendering {
    /// Makes the layer. `render` renders the problems of the routes, and entries that are
    /// written through them have this origin. Moments in requests are ignored.
    pub(crate) fn new(app: &App, render: Render, origin: Origin) -> Self {
        Self(Arc::new(Parts {
            app: app.clone(),
            render,
            origin,
            times: None,
        }))
    }

    /// Makes the layer of an API, which heeds moments in requests.
    pub(crate) fn of_api(app: &App, render: Render, origin: Origin, times: Times) -> Self {
        Self(Arc::new(Parts {
            app: app.clone(),
            render,
            origin,
            times: Some(times),
        }))
    }

    /// Wraps routes so that they answer within `limits.answer_within`, also after a panic.
    pub(crate) fn around(&self, router: Router<App>) -> Router<App> {
        router.layer(middleware::from_fn_with_state(self.clone(), answer))
    }
}

/// Renders a problem with names shortened and as many faults as `limits.error_size`
/// allows, at least one.
fn bounded(problem: &Problem, context: &Context, render: Render) -> Response {
    let most = context.limits().error_bytes;
    let problem = problem.cut();
    let mut shown = problem.fitting(most);
    loop {
        let response = render(&problem.first(shown), context);
        let bytes = response.body().size_hint().exact();
        let bytes = bytes.and_then(|bytes| usize::try_from(bytes).ok());
        let bytes = bytes.unwrap_or_default();
        if bytes <= most || shown <= 1 {
            return response;
        }
        // Estimates from the faults' mean size, and tries fewer each time.
        shown = (shown * most / bytes).clamp(1, shown - 1);
    }
}

async fn answer(
    State(Rendering(parts)): State<Rendering>,
    mut request: Request,
    next: Next,
) -> Response {
    let Parts {
        app,
        render,
        origin,
        times,
    } = &*parts;
    let (render, origin) = (*render, *origin);
    let Some(context) = request.extensions().get::<Context>().cloned() else {
        return Problem::internal("a request without a context").into_response();
    };
    context.came_through(origin);
    if let Some(asked) = times.as_ref().and_then(|times| times.asked(&mut request)) {
        context.asks_about(asked);
    }
    if let Some(bad) = request.extensions().get::<BadHost>() {
        return bounded(&bad.problem(), &context, render);
    }
    let body = request.extensions().get::<Received>().cloned();
    let answer = AssertUnwindSafe(next.run(request)).catch_unwind();
    let response = match tokio::time::timeout(app.limits().answer_within, answer).await {
        Ok(Ok(response)) => response,
        Ok(Err(panic)) => {
            let message = panic.downcast_ref::<String>().map(String::as_str);
            let message = message.or_else(|| panic.downcast_ref::<&str>().copied());
            tracing::error!(message, "an endpoint panicked");
            Problem::Internal.into_response()
        }
        // An endpoint that waits for its body has not started its work (RFC 9110,
        // 15.5.9).
        Err(_) if body.is_some_and(|body| body.is_awaited()) => {
            Problem::BodyTimedOut.into_response()
        }
        Err(_) => Problem::TimedOut.into_response(),
    };
    let Some(Carried(problem)) = response.extensions().get::<Carried>() else {
        return response;
    };
    match &**problem {
        Problem::BadCredential(reason) => tracing::debug!(%reason, "a credential was refused"),
        Problem::Unauthenticated => tracing::debug!("no bearer credential was sent"),
        _ => {}
    }
    let mut rendered = bounded(problem, &context, render);
    // For the log line with the request's outcome.
    rendered.extensions_mut().insert(Carried(problem.clone()));
    let headers = rendered.headers_mut();
    if let Some(allow) = response.headers().get(ALLOW) {
        headers.insert(ALLOW, allow.clone());
    }
    match **problem {
        Problem::Unauthenticated => {
            headers.insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        // RFC 6750, 3.1.
        Problem::BadCredential(_) => {
            let challenge = HeaderValue::from_static("Bearer error=\"invalid_token\"");
            headers.insert(WWW_AUTHENTICATE, challenge);
        }
        // RFC 9110, 12.5.3: tells the client which encodings it may send.
        Problem::Encoded => {
            headers.insert(ACCEPT_ENCODING, HeaderValue::from_static("identity"));
        }
        Problem::Unavailable(_) | Problem::Stale(_) | Problem::PastNotReady => {
            headers.insert(RETRY_AFTER, HeaderValue::from_static("1"));
        }
        _ => {}
    }
    rendered
}
