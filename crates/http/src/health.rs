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

/// `/healthz`: the process answers. `/readyz`: it can serve tenants.
pub(super) fn router() -> Router<App> {
    Router::new()
        .route(
            "/healthz",
            get(|| async { ([(CACHE_CONTROL, NO_STORE)], "ok\n") }),
        )
        .route("/readyz", get(ready))
}

/// What an operator who was woken wants to know first. Names no tenant:
/// anybody may ask.
#[derive(Debug, Serialize)]
struct Readiness {
    ready: bool,
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

#[derive(Debug, Serialize)]
struct Tenants {
    open: usize,
    /// How many lack entries that the database is known to hold, and how many
    /// entries they lack together.
    behind: usize,
    entries_behind: u64,
    /// How many are not served: their entries cannot be read.
    stopped: usize,
    /// How long ago the one that is furthest behind was known to hold all that
    /// the database held, in seconds.
    level_seconds_ago: f64,
}

async fn ready(State(app): State<App>) -> Response {
    let (tenants, lag) = (app.tenants(), app.tenants().lag());
    let (ready, opening) = (tenants.is_ready(), tenants.opened_ahead());
    let readiness = Readiness {
        ready,
        database_silent_seconds: tenants.silence().map(|silence| silence.as_secs_f64()),
        opening: Opening {
            done: !opening.under_way,
            opened: opening.opened,
            of: opening.tenants,
            failed: opening.failed,
        },
        tenants: Tenants {
            open: lag.open,
            behind: lag.behind,
            entries_behind: lag.entries,
            stopped: lag.stopped,
            level_seconds_ago: lag.age.as_secs_f64(),
        },
    };
    let status = match ready {
        true => StatusCode::OK,
        false => StatusCode::SERVICE_UNAVAILABLE,
    };
    (status, [(CACHE_CONTROL, NO_STORE)], Json(readiness)).into_response()
}
