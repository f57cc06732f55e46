//! `/healthz` and `/readyz`: whether the server is alive and ready, and how stale its
//! tenants are.

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use http::StatusCode;
use http::header::CACHE_CONTROL;
use serde::Serialize;

use super::App;
use super::context::NO_STORE;
use super::problem::Why;

/// Returns the routes. `/healthz`: the process answers. `/readyz`: the server is ready
/// for reads and writes. `/readyz/reads`: it is ready for reads.
pub(super) fn router() -> Router<App> {
    Router::new()
        .route(
            "/healthz",
            get(|| async { ([(CACHE_CONTROL, NO_STORE)], "ok\n") }),
        )
        .route("/readyz", get(ready))
        .route("/readyz/reads", get(ready_to_read))
}

/// The answer of `/readyz`: what an operator needs first in an incident. Names no tenant,
/// since the route needs no credential.
#[derive(Debug, Serialize)]
struct Readiness {
    ready: bool,
    /// Whether reads are answered.
    reads: bool,
    writes: Writes,
    clock: Clock,
    /// The time since the database last answered, in seconds; `null` if it never did.
    database_silent_seconds: Option<f64>,
    opening: Opening,
    tenants: Tenants,
}

/// The progress of opening tenants at the start. The server is ready once this is done.
#[derive(Debug, Serialize)]
struct Opening {
    done: bool,
    opened: usize,
    /// The number of tenants to open.
    of: usize,
    /// The number of tenants that could not be opened.
    failed: usize,
}

/// The state of writes. The database's own error stands in the log only, since it may
/// name files.
#[derive(Debug, Serialize)]
struct Writes {
    ok: bool,
    /// The fault, such as `disk_full`; `null` if writes work.
    fault: Option<&'static str>,
    /// How long writes have failed, in seconds.
    failing_seconds: Option<f64>,
}

/// The state of the machine's clock.
#[derive(Debug, Serialize)]
struct Clock {
    ok: bool,
    /// How far the machine's clock is ahead of attache's time, in seconds.
    ahead_seconds: f64,
    /// How far the database's clock is ahead of attache's time, in seconds; `null` if
    /// they agree.
    database_ahead_seconds: Option<f64>,
}

#[derive(Debug, Serialize)]
struct Tenants {
    open: usize,
    /// The number of tenants that lack entries which the database has, and the number of
    /// those entries.
    stale: usize,
    entries_missing: u64,
    /// The number of tenants that are not served, since their entries cannot be read.
    stopped: usize,
    /// The time since the stalest tenant was last confirmed current, in seconds.
    staleness_seconds: f64,
}

async fn ready(State(app): State<App>) -> Response {
    let readiness = Readiness::of(&app);
    let is_ready = readiness.ready;
    answer(is_ready, readiness)
}

async fn ready_to_read(State(app): State<App>) -> Response {
    let readiness = Readiness::of(&app);
    let is_ready = readiness.reads;
    answer(is_ready, readiness)
}

impl Readiness {
    fn of(app: &App) -> Self {
        let (tenants, lag) = (app.tenants(), app.tenants().lag());
        let (reads, writes) = (tenants.is_ready(), tenants.writes());
        let failing = writes.failing.as_ref();
        let opening = tenants.opened_ahead();
        let clock = app.ambient().clock();
        Self {
            ready: reads && failing.is_none(),
            reads,
            writes: Writes {
                ok: failing.is_none(),
                fault: failing.map(|it| it.fault.name()),
                failing_seconds: failing.map(|it| it.since.elapsed().as_secs_f64()),
            },
            clock: Clock {
                ok: clock.is_sound,
                ahead_seconds: clock.wall_ahead,
                database_ahead_seconds: clock.database_ahead,
            },
            database_silent_seconds: tenants.silence().map(|silence| silence.as_secs_f64()),
            opening: Opening {
                done: !opening.under_way,
                opened: opening.opened,
                of: opening.tenants,
                failed: opening.failed,
            },
            tenants: Tenants {
                open: lag.open,
                stale: lag.stale,
                entries_missing: lag.entries,
                stopped: lag.stopped,
                staleness_seconds: lag.staleness.as_secs_f64(),
            },
        }
    }

    /// Returns why the server is not ready, for the log.
    fn why(&self) -> String {
        match (self.reads, self.writes.fault) {
            (false, _) if !self.opening.done => {
                let Opening { opened, of, .. } = self.opening;
                format!("not ready: {opened} of {of} tenants were opened")
            }
            (false, _) => "not ready: the database was silent for too long".to_owned(),
            (true, fault) => format!(
                "not ready: the database takes no writes ({})",
                fault.unwrap_or("now")
            ),
        }
    }
}

fn answer(is_ready: bool, readiness: Readiness) -> Response {
    let why = readiness.why();
    let body = ([(CACHE_CONTROL, NO_STORE)], Json(readiness));
    if is_ready {
        return body.into_response();
    }
    let mut response = (StatusCode::SERVICE_UNAVAILABLE, body).into_response();
    response.extensions_mut().insert(Why(why.into()));
    response
}
