//! `/metrics`, for Prometheus.

use attache_core::ask::What;
use axum::Router;
use axum::extract::State;
use axum::response::IntoResponse;
use axum::routing::get;
use http::header::CACHE_CONTROL;
use metrics::{counter, describe_counter, describe_gauge, gauge};
use metrics_exporter_prometheus::PrometheusBuilder;

use super::App;
use super::context::NO_STORE;
use attache_tenants::Fault;

/// Returns the route of `/metrics`. The metrics name no tenant, since the route needs no
/// credential.
pub(super) fn router() -> Router<App> {
    Router::new().route("/metrics", get(show))
}

/// Reads every metric at the time of the request, into a recorder of its own.
async fn show(State(app): State<App>) -> impl IntoResponse {
    let recorder = PrometheusBuilder::new().build_recorder();
    metrics::with_local_recorder(&recorder, || record(&app));
    ([(CACHE_CONTROL, NO_STORE)], recorder.handle().render())
}

#[allow(
    clippy::cast_precision_loss,
    reason = "nobody has so many that a gauge cannot hold them"
)]
fn record(app: &App) {
    let (tenants, lag) = (app.tenants(), app.tenants().lag());
    describe_gauge!(
        "attache_database_silent_seconds",
        "How long ago the database answered last."
    );
    if let Some(silence) = tenants.silence() {
        gauge!("attache_database_silent_seconds").set(silence.as_secs_f64());
    }
    let opening = tenants.opened_ahead();
    describe_gauge!(
        "attache_opening_tenants",
        "Tenants that the server opens as it starts, by what became of them."
    );
    let waiting = opening
        .tenants
        .saturating_sub(opening.opened + opening.failed);
    for (became, count) in [
        ("opened", opening.opened),
        ("failed", opening.failed),
        ("not_opened", waiting),
    ] {
        gauge!("attache_opening_tenants", "became" => became).set(count as f64);
    }
    describe_gauge!("attache_tenants_open", "Tenants that are open.");
    gauge!("attache_tenants_open").set(lag.open as f64);
    describe_gauge!(
        "attache_tenants_stale",
        "Open tenants that lack entries that the database is known to hold."
    );
    gauge!("attache_tenants_stale").set(lag.stale as f64);
    describe_gauge!(
        "attache_tenants_stopped",
        "Open tenants that are not served: their entries cannot be read."
    );
    gauge!("attache_tenants_stopped").set(lag.stopped as f64);
    describe_gauge!(
        "attache_entries_missing",
        "How many entries the open tenants lack together."
    );
    gauge!("attache_entries_missing").set(lag.entries as f64);
    describe_gauge!(
        "attache_staleness_seconds",
        "How long ago the stalest open tenant was last confirmed current."
    );
    gauge!("attache_staleness_seconds").set(lag.staleness.as_secs_f64());
    describe_counter!(
        "attache_append_collisions_total",
        "Appends that another server was faster than, and that were decided again."
    );
    counter!("attache_append_collisions_total").absolute(tenants.collisions());
    let writes = tenants.writes();
    describe_gauge!(
        "attache_writes_failing",
        "1 while the database takes no writes."
    );
    gauge!("attache_writes_failing").set(f64::from(u8::from(writes.failing.is_some())));
    describe_counter!(
        "attache_writes_failed_total",
        "Transactions that the database did not take, by fault."
    );
    for fault in Fault::ALL {
        let failed = writes.failed.get(&fault).copied().unwrap_or_default();
        counter!("attache_writes_failed_total", "fault" => fault.name()).absolute(failed);
    }
    describe_counter!(
        "attache_questions_unknown_total",
        "Questions of access with a name that the catalogue does not know, by what it was given for."
    );
    for what in What::ALL {
        let count = app.unknown_names(what);
        counter!("attache_questions_unknown_total", "what" => what.name()).absolute(count);
    }
    let clock = app.ambient().clock();
    describe_gauge!(
        "attache_clock_unsound",
        "1 while the machine's clock is not believed, or the database has another time."
    );
    gauge!("attache_clock_unsound").set(f64::from(u8::from(!clock.is_sound)));
    describe_gauge!(
        "attache_clock_ahead_seconds",
        "By how much the machine's clock is ahead of the time that attache goes by."
    );
    gauge!("attache_clock_ahead_seconds").set(clock.wall_ahead);
    describe_counter!(
        "attache_clock_leaps_total",
        "How often the machine's clock leapt."
    );
    counter!("attache_clock_leaps_total").absolute(clock.leaps);
}
