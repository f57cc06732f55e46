//! attache's own API: everything that attache can do, for programs in any
//! language. One file a resource.

mod answer;
mod body;
mod bulk;
mod call;
mod catalogue;
mod docs;
mod document;
mod entries;
mod etag;
mod flat;
mod grants;
mod group_users;
mod groups;
mod issuers;
mod kinds;
mod me;
mod members;
mod page;
mod problem;
mod problem_pages;
mod query;
mod reach;
mod resources;
mod roles;
mod services;
mod tenants;
mod tokens;
mod users;
mod via;
mod words;

use axum::Router;
use axum::routing::any;
use serde_json::Value;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::speak::in_words;
use super::{App, Problem};

/// What its document is called.
pub(super) const NAME: &str = "attache";
/// What all its paths begin with.
pub(super) const PREFIX: &str = "/api/v1";

fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(me::get))
        .routes(routes!(users::list, users::create))
        .routes(routes!(users::get, users::change, users::remove))
        .routes(routes!(reach::list))
        .routes(routes!(groups::list, groups::create))
        .routes(routes!(groups::get, groups::change, groups::remove))
        .routes(routes!(group_users::list))
        .routes(routes!(group_users::add, group_users::remove))
        .routes(routes!(services::list, services::create))
        .routes(routes!(services::get, services::change, services::remove))
        .routes(routes!(tokens::list, tokens::create))
        .routes(routes!(tokens::get, tokens::revoke))
        .routes(routes!(resources::list, resources::create))
        .routes(routes!(
            resources::get,
            resources::change,
            resources::remove
        ))
        .routes(routes!(resources::children))
        .routes(routes!(resources::ancestors))
        .routes(routes!(resources::move_to))
        .routes(routes!(members::list, members::replace))
        .routes(routes!(members::get, members::put, members::remove))
        .routes(routes!(grants::list, grants::create))
        .routes(routes!(grants::get, grants::revoke))
        .routes(routes!(grants::of_subject))
        .routes(routes!(catalogue::get, catalogue::put))
        .routes(routes!(roles::list))
        .routes(routes!(roles::get, roles::put, roles::remove))
        .routes(routes!(kinds::list))
        .routes(routes!(kinds::get, kinds::put, kinds::remove))
        .routes(routes!(issuers::list, issuers::create))
        .routes(routes!(issuers::get, issuers::change, issuers::remove))
        .routes(routes!(issuers::keys))
        .routes(routes!(entries::list))
        .routes(routes!(entries::get))
        .routes(routes!(bulk::run))
        .routes(routes!(tenants::list, tenants::create))
        .routes(routes!(tenants::get, tenants::change))
}

/// What is served, as OpenAPI.
fn document() -> Value {
    document::complete(routes().split_for_parts().1)
}

/// The API at its paths, and the pages of its problems.
pub(super) fn router(app: &App) -> Router<App> {
    let (routes, _) = routes().split_for_parts();
    let routes = routes
        .fallback(|| async { Problem::NoSuchPath })
        .method_not_allowed_fallback(|| async { Problem::MethodNotAllowed });
    let beside = Router::new()
        // The prefix with a slash behind it is not passed on to what is nested.
        .route(&format!("{PREFIX}/"), any(|| async { Problem::NoSuchPath }))
        .merge(problem_pages::router())
        .method_not_allowed_fallback(|| async { Problem::MethodNotAllowed });
    Router::new()
        .merge(crate::http::document::served_open(NAME, document()))
        .nest(PREFIX, in_words(routes, app, problem::say))
        .merge(in_words(beside, app, problem::say))
}
