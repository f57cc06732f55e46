//! `GET /.well-known/authzen-configuration` (AuthZEN 1.0, section 9)

use axum::Json;
use axum::extract::State;
use axum::response::IntoResponse;
use http::header::CACHE_CONTROL;
use http::{HeaderMap, Uri};
use serde::Serialize;
use utoipa::ToSchema;

use super::PREFIX;
use attache_http::context::PUBLIC;
use attache_http::{App, Problem};

/// The address and the endpoints of the decision point.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = AuthZenConfiguration)]
pub(super) struct Configuration {
    /// The identifier of the decision point: the URL by which clients find it.
    #[schema(example = "https://access.acme.example")]
    policy_decision_point: String,
    access_evaluation_endpoint: String,
    access_evaluations_endpoint: String,
    search_subject_endpoint: String,
    search_resource_endpoint: String,
    search_action_endpoint: String,
}

/// The identifier and the endpoints of the decision point. Needs no credential.
#[utoipa::path(
    get,
    path = "/.well-known/authzen-configuration",
    tag = "Configuration",
    security(()),
    responses(
        (status = 200, description = "The identifier and the endpoints.", body = Configuration),
        (status = 400, description = "The host is missing or invalid.", body = String, content_type = "text/plain"),
    ),
)]
pub(super) async fn configuration(
    State(app): State<App>,
    uri: Uri,
    headers: HeaderMap,
) -> Result<impl IntoResponse, Problem> {
    let point = app.base_url(&uri, &headers)?;
    let endpoint = |name: &str| format!("{point}{PREFIX}/{name}");
    let configuration = Json(Configuration {
        access_evaluation_endpoint: endpoint("evaluation"),
        access_evaluations_endpoint: endpoint("evaluations"),
        search_subject_endpoint: endpoint("search/subject"),
        search_resource_endpoint: endpoint("search/resource"),
        search_action_endpoint: endpoint("search/action"),
        policy_decision_point: point,
    });
    // Values from the request's host must not be cached for others.
    let known = !app.public_url().is_empty();
    Ok((known.then_some([(CACHE_CONTROL, PUBLIC)]), configuration))
}
