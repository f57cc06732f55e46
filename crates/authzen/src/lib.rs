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
use utoipa_axum::routes;

use attache_http::document::{About, as_json, open_objects};
use attache_http::{Api, App};

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

/// The endpoints and the metadata.
#[must_use]
pub fn api() -> Api {
    Api::new("authzen", PREFIX, ABOUT, error::ERRORS)
        .questions([
            routes!(evaluation::evaluation),
            routes!(evaluations::evaluations),
            routes!(search_subject::search_subject),
            routes!(search_resource::search_resource),
            routes!(search_action::search_action),
        ])
        .beside([routes!(configuration::configuration)])
        .undocumented(metadata_of_a_path)
        .layer(|routes| routes.layer(middleware::from_fn(request_id::echo)))
        .finish(|document| {
            let mut document = as_json(&document);
            open_objects(&mut document);
            document
        })
}

/// The metadata of a server that is reached at a path: that path stands behind the
/// well-known one (section 9.2.1).
fn metadata_of_a_path(app: &App) -> Router<App> {
    match app.public_path() {
        "" => Router::new(),
        path => Router::new().route(
            &format!("{CONFIGURATION}{path}"),
            get(configuration::configuration),
        ),
    }
}
