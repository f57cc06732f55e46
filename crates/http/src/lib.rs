//! HTTP for all APIs: connections, authentication, limits, lists, preconditions and
//! problems.

mod api;
pub mod api_token;
mod app;
pub mod auth;
mod base_url;
mod bodies;
mod connection;
pub mod context;
pub mod cursor;
pub mod cut;
pub mod description;
pub mod document;
pub mod errors;
mod explorer;
pub mod head;
mod health;
pub mod held;
pub mod in_process;
pub mod jobs;
pub mod json_body;
mod limits;
pub mod listing;
pub mod membership;
mod metrics;
pub mod moment;
mod moment_document;
pub mod naming;
pub mod number;
pub mod operator_token;
mod pages;
mod path_ids;
pub mod position;
mod preconditions;
mod prefixed;
pub mod problem;
pub mod query;
mod render;
pub mod seal;
mod serve;
pub mod spelling;
pub mod streamed;
mod suffix;
mod tags;
mod unknown_names;
mod weighing;
mod written;

pub use api::{Api, Route};
pub use app::App;
/// What a request about another time is about.
pub use attache_tenants::FocusOn;
pub use auth::{AskingSession, Operator, Reader, Session, WriteOptions};
pub use context::{CORRELATION_ID, Context, REVISION};
pub use errors::Errors;
pub use json_body::{JsonBody, JsonText};
pub use limits::{ImportLimits, Limits, ServerLimits};
pub use path_ids::PathIds;
pub use preconditions::{Current, Preconditions};
pub use problem::{At, Fault, Problem};
pub use serve::Server;

use attache_core::Origin;
use axum::Router;
use axum::middleware;
use axum::response::{IntoResponse, Response};

use connection::BadHost;

/// Returns the router of a server: the APIs, and the routes that every server has
/// (health, metrics, the documents' page). `others` are further routes with the same
/// context, limits and log lines.
pub fn router(app: App, apis: Vec<Api>, others: Router<App>) -> Router {
    let documents = apis.iter().map(Api::name).collect();
    let apis = apis
        .into_iter()
        .fold(Router::new(), |all, api| all.merge(api.mount(&app)));
    let beside = health::router()
        .merge(metrics::router())
        .merge(explorer::router(documents))
        .merge(others)
        .method_not_allowed_fallback(|| async { Problem::MethodNotAllowed });
    let beside = render::Rendering::new(&app, plain, Origin::UNKNOWN).around(beside);
    apis.merge(beside)
        .fallback(|request: axum::extract::Request| async move {
            let problem = match request.extensions().get::<BadHost>() {
                Some(bad) => bad.problem(),
                None => Problem::NoSuchPath,
            };
            match request.extensions().get::<Context>() {
                Some(context) => plain(&problem, context),
                None => Problem::internal("a request without a context").into_response(),
            }
        })
        .layer(middleware::from_fn_with_state(
            app.clone(),
            context::accompany,
        ))
        .with_state(app)
}

/// Renders a problem outside all APIs.
fn plain(problem: &Problem, _: &Context) -> Response {
    (problem.status(), format!("{}\n", problem.message())).into_response()
}
