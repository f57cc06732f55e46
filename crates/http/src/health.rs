//! Is it alive, can it work, and how far is it behind the database?

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

/// `/healthz`: the process answers. `/readyz`: it can serve tenants, reads and writes.
/// `/readyz/reads`: it can serve reads.
pub(super) fn router() -> Router<App> {
    Router::new()
        .route(
            "/healthz",
            get(|| async { ([(CACHE_CONTROL, NO_STORE)], "ok\n") }),
        )
        .route("/readyz", get(ready))
        .route("/readyz/reads", get(ready_to_read))
}

/// What an operator who was woken wants to know first. Names no tenant:
/// anybody may ask.
#[derive(Debug, Serialize)]
struct Readiness {
    ready: bool,
    /// Whether reads are answered.
    reads: bool,
    writes: Writes,
    clock: Clock,
    /// How long ago the database answered last, in seconds; `null` if it never did.
    database_silent_seconds: Option<f64>,
    opening: Opening,
    tenants: Tenants,
}

/// How far opening tenants at the start is. Until it is done, this is not ready.
#[derive(Debug, Serialize)]
struct Opening {
    done: bool,
    opened: usize,
    /// How many there were to open.
    of: usize,
    /// How many of them could not be opened.
    failed: usize,
}

/// How writes go. What the database says of it stands in the log: it may name files.
#[derive(Debug, Serialize)]
struct Writes {
    ok: bool,
    /// What is wrong, such as `disk_full`; `null` if nothing is.
    fault: Option<&'static str>,
    /// For how long they have failed, in seconds.
    failing_seconds: Option<f64>,
}

/// Whether the machine's clock is believed.
#[derive(Debug, Serialize)]
struct Clock {
    ok: bool,
    /// By how much the machine's clock is ahead of the time that attache goes by, in seconds.
    ahead_seconds: f64,
    /// The same of the database's clock, where it has another time; else `null`.
    database_ahead_seconds: Option<f64>,
}

#[derive(Debug, Serialize)]
struct Tenants {
    open: usize,
    /// How many lack entries that the database is known to hold, and how many
    /// entries they lack together.
    stale: usize,
    entries_missing: u64,
    /// How many are not served: their entries cannot be read.
    stopped: usize,
    /// How long ago the stalest of them was last confirmed current, in seconds.
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

    /// Why it is not ready, for the log.
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
