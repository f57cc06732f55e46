//! OpenID AuthZEN Authorization API 1.0: may this subject do that, who may,
//! where, and what. No rule of access lives here: the wire becomes a question
//! to the core, and its answer a decision.

mod body;
mod configuration;
mod decision;
mod entity;
mod error;
mod evaluation;
mod evaluations;
mod page;
mod plain;
mod question;
mod reason;
mod request_id;
mod search_action;
mod search_resource;
mod search_subject;
mod semantic;
mod unknown;

use axum::Router;
use axum::middleware;
use axum::routing::get;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use attache_http::document::{self, About, with_head};
use attache_http::speak::in_words;
use attache_http::{App, Problem, prefixed};

const ABOUT: About = About {
    title: "AuthZEN Authorization API 1.0",
    description: "\
Says whether a subject may do something on a resource, and searches for the subjects, resources and actions for which \
it is so.\n\n\
- Subjects are of type `user`, `group` or `service`; a resource's type is its kind; an action is a permission.\n\
- Ids are keys, or else UUIDs, or numbers after `#`; `10` is a key. Results show the key where there is one, else the UUID.\n\
- Strings and numbers among the `properties` of a resource name the part of it that is meant, as far as a role takes \
such a parameter. All other properties are not looked at; of the `context`, `explain` and `strict` are.\n\
- To ask about others takes the permission `tenants.access.check`, to search `tenants.access.search`, on the tenant. \
About itself everybody may ask.",
    server: "/",
};

/// What the paths of all questions begin with (AuthZEN 1.0, section 10.1).
const PREFIX: &str = "/access/v1";
/// Where the metadata stands (section 9.2).
const CONFIGURATION: &str = "/.well-known/authzen-configuration";

/// The permission to ask what others may do, on the tenant.
const CHECK: &str = "access.check";
/// The permission to search, on the tenant.
const SEARCH: &str = "access.search";

/// The endpoints, the metadata and their document.
pub fn router(app: &App) -> Router<App> {
    let (questions, mut document) = OpenApiRouter::new()
        .routes(routes!(evaluation::evaluation))
        .routes(routes!(evaluations::evaluations))
        .routes(routes!(search_subject::search_subject))
        .routes(routes!(search_resource::search_resource))
        .routes(routes!(search_action::search_action))
        .split_for_parts();
    let (metadata, described) = OpenApiRouter::new()
        .routes(routes!(configuration::configuration))
        .split_for_parts();
    document.merge(described);
    let document = document::served_open(
        "authzen",
        move || document::as_json(&with_head(document, &ABOUT)),
        app,
    );

    let mut others = metadata;
    // The metadata stand at the same path behind the well-known one (section 9.2.1).
    let path = app.public_path();
    if !path.is_empty() {
        others = others.route(
            &format!("{CONFIGURATION}{path}"),
            get(configuration::configuration),
        );
    }
    let others = others.method_not_allowed_fallback(|| async { Problem::MethodNotAllowed });
    Router::new()
        .merge(prefixed::api(PREFIX, questions, app, error::say))
        .merge(in_words(others, app, error::say))
        .layer(middleware::from_fn(request_id::echo))
        .merge(document)
}
