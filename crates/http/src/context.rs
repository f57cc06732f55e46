//! The context of a request from its first byte to its last: its ids, and the revision
//! that answered it.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};

use attache_core::id::{Revision, TenantId};
use attache_core::{Actor, Caller, Origin, State as TenantState, Timestamp};
use axum::extract::{MatchedPath, Request, State};
use axum::middleware::Next;
use axum::response::Response;
use http::header::CACHE_CONTROL;
use http::{HeaderMap, HeaderName, HeaderValue};
use tracing::Instrument as _;
use uuid::Uuid;

use super::bodies::Held;
use super::connection::Peer;
use super::moment::{self, Asked};
use super::{App, Problem, problem};

/// The header with the caller's name for its request. The answer repeats it, and the log
/// has it.
pub const CORRELATION_ID: HeaderName = HeaderName::from_static("x-correlation-id");
/// The header with the tenant's revision that the answer reflects; 0 for an answer about
/// no tenant.
pub const REVISION: HeaderName = HeaderName::from_static("attache-revision");
/// `Cache-Control` of answers that are equal for everybody and may change with the next
/// release.
pub const PUBLIC: HeaderValue = HeaderValue::from_static("public, max-age=300");
/// `Cache-Control` of answers that must not be stored.
pub const NO_STORE: HeaderValue = HeaderValue::from_static("no-store");
/// The most bytes of a correlation id.
const MAX_CORRELATION_ID: usize = 128;

/// The context of a request: its ids, its caller and its body.
#[derive(Clone, Debug)]
pub struct Context(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    app: App,
    request_id: Uuid,
    correlation_id: String,
    revision: AtomicU64,
    /// The moment that is asked about, if the request names one.
    asked: OnceLock<Asked>,
    /// The instant that the answer shows, if it is another than now.
    shown_at: OnceLock<Timestamp>,
    /// The API that was asked.
    origin: OnceLock<Origin>,
    /// The caller and its tenant, for the log.
    asked_by: OnceLock<(Option<TenantId>, Actor)>,
    /// The caller whose body is being read, and the state that answers.
    body_of: OnceLock<(Caller, Arc<TenantState>)>,
    /// The request's body, held while the request is worked on.
    body: OnceLock<Held>,
}

impl Context {
    fn new(app: App, headers: &HeaderMap, request_id: Uuid) -> Self {
        let given = headers
            .get(CORRELATION_ID)
            .and_then(|value| value.to_str().ok());
        let fits = |id: &&str| {
            (1..=MAX_CORRELATION_ID).contains(&id.len()) && id.bytes().all(|b| b.is_ascii_graphic())
        };
        Self(Arc::new(Inner {
            app,
            request_id,
            correlation_id: given
                .filter(fits)
                .map_or_else(|| request_id.to_string(), str::to_owned),
            revision: AtomicU64::new(0),
            asked: OnceLock::new(),
            shown_at: OnceLock::new(),
            origin: OnceLock::new(),
            asked_by: OnceLock::new(),
            body_of: OnceLock::new(),
            body: OnceLock::new(),
        }))
    }

    /// Returns the caller's correlation id, or the generated one.
    #[must_use]
    pub fn correlation_id(&self) -> &str {
        &self.0.correlation_id
    }

    /// Returns the correlation id if it is a UUID, else the id that attache gave the
    /// request.
    #[must_use]
    pub fn correlation_uuid(&self) -> Uuid {
        Uuid::parse_str(&self.0.correlation_id).unwrap_or(self.0.request_id)
    }

    /// Returns the path at which this server is reached from outside: see
    /// [`App::public_path`].
    #[must_use]
    pub fn public_path(&self) -> &str {
        self.0.app.public_path()
    }

    /// Returns the limits of a single request.
    #[must_use]
    pub fn limits(&self) -> &super::Limits {
        self.0.app.limits()
    }

    /// Notes which API was asked.
    pub(super) fn came_through(&self, origin: Origin) {
        let _ = self.0.origin.set(origin);
    }

    /// The origin of what is written: the API that was asked.
    #[must_use]
    pub fn origin(&self) -> Origin {
        self.0.origin.get().copied().unwrap_or_default()
    }

    /// Records the authenticated caller. The operator may work on no tenant.
    pub(super) fn is_asked_by(&self, tenant: Option<TenantId>, actor: Actor) {
        let _ = self.0.asked_by.set((tenant, actor));
    }

    /// Records the authenticated caller whose body is read, and the state that answers.
    pub(super) fn body_is_of(&self, caller: Caller, state: Arc<TenantState>) {
        let _ = self.0.body_of.set((caller, state));
    }

    /// Returns the caller whose body is read, and the state that answers. `None` before
    /// authentication, and for the operator who works on no tenant.
    pub(super) fn body_of(&self) -> Option<&(Caller, Arc<TenantState>)> {
        self.0.body_of.get()
    }

    /// Holds a body while the request is worked on, so that its bytes count.
    pub(super) fn hold(&self, body: Held) {
        let _ = self.0.body.set(body);
    }

    /// Records the moment that is asked about.
    pub(super) fn asks_about(&self, asked: Asked) {
        let _ = self.0.asked.set(asked);
    }

    /// Returns the moment that is asked about, if the request names one.
    pub(super) fn asked(&self) -> Option<&Asked> {
        self.0.asked.get()
    }

    /// Checks that the request asks about no moment, for an operation that reads no tenant's
    /// state.
    ///
    /// # Errors
    /// [`Problem::AsOf`] if it does.
    pub fn must_ask_about_now(&self) -> Result<(), Problem> {
        self.asked().map_or(Ok(()), |asked| Err(asked.refused()))
    }

    /// Records that the answer shows another time, at an instant.
    pub(super) fn shows(&self, at: Timestamp) {
        let _ = self.0.shown_at.set(at);
    }

    /// Records the revision that answers.
    pub fn answered_at(&self, revision: Revision) {
        self.0.revision.store(revision.0, Ordering::Relaxed);
    }
}

/// Returns whether a route is a health check or metrics, which monitoring asks for.
fn is_probe(route: &str) -> bool {
    matches!(route, "/healthz" | "/readyz" | "/readyz/reads" | "/metrics")
}

/// Gives a request its context, logs its outcome, and adds the ids and the revision to
/// the answer.
pub(super) async fn accompany(
    State(app): State<App>,
    mut request: Request,
    next: Next,
) -> Response {
    let started = app.ambient().now();
    let context = Context::new(app.clone(), request.headers(), app.ambient().id());
    let method = request.method().clone();
    // Logs the route and not the path: callers put names of people into paths and
    // queries.
    let route = request
        .extensions()
        .get::<MatchedPath>()
        .map_or_else(|| "none".to_owned(), |path| path.as_str().to_owned());
    let peer = request.extensions().get::<Peer>().copied();
    let span = tracing::info_span!(
        "request",
        request_id = %context.0.request_id,
        correlation_id = context.correlation_id(),
    );
    request.extensions_mut().insert(context.clone());
    async move {
        let mut response = next.run(request).await;
        let revision = context.0.revision.load(Ordering::Relaxed);
        let millis = app
            .ambient()
            .now()
            .as_millis()
            .saturating_sub(started.as_millis());
        let status = response.status();
        let (tenant, actor) = match context.0.asked_by.get() {
            Some((tenant, actor)) => (*tenant, Some(*actor)),
            None => (None, None),
        };
        macro_rules! line {
            ($level:ident, $($rest:tt)*) => {
                tracing::$level!(
                    method = %method,
                    route,
                    status = status.as_u16(),
                    tenant = tenant.map(tracing::field::display),
                    caller = actor.map(tracing::field::display),
                    client = peer.map(|Peer(address)| tracing::field::display(address)),
                    revision,
                    millis,
                    $($rest)*
                )
            };
        }
        // Every 5xx is logged with its reason. Other answers to probes are logged at
        // debug, since probes come every few seconds.
        if status.is_server_error() {
            line!(warn, reason = problem::reason_of(&response), "not answered");
        } else if is_probe(&route) {
            line!(debug, "answered");
        } else {
            line!(info, "answered");
        }
        let headers = response.headers_mut();
        headers.insert(REVISION, HeaderValue::from(revision));
        if let Some(at) = context.0.shown_at.get()
            && let Ok(at) = HeaderValue::try_from(at.to_string())
        {
            headers.insert(moment::AT, at);
        }
        // Unless an answer is marked as public, it belongs to the caller. A client may
        // store it, and must revalidate it each time, so tags stay useful.
        headers
            .entry(CACHE_CONTROL)
            .or_insert(HeaderValue::from_static("private, no-cache"));
        if let Ok(id) = HeaderValue::from_str(context.correlation_id()) {
            headers.insert(CORRELATION_ID, id);
        }
        response
    }
    .instrument(span)
    .await
}
