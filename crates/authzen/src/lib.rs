//! OpenID AuthZEN Authorization API 1.0: whether a subject may do an action on a
//! resource, and searches for such subjects, actions and resources. A request becomes a
//! question to the core. This crate has no rule of access.

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
Decides whether a subject may do an action on a resource, and searches for such subjects, resources and actions.\n\n\
- Subjects are of type `user`, `group` or `service`; a resource's type is its kind; an action is a permission.\n\
- Ids are keys, or else UUIDs, or numbers after `#`; `10` is a key. Results show the key, or else the UUID.\n\
- Strings and numbers in a resource's `properties` select a part of it, if a role takes a parameter of that name. All \
other properties are ignored. Of the `context`, only `explain` and `strict` count.\n\
- Questions about others need the permission `tenants.access.check` on the tenant, searches \
`tenants.access.search`. Every caller may ask about itself.",
    server: "/",
};

/// The prefix of all questions' paths (AuthZEN 1.0, section 10.1).
const PREFIX: &str = "/access/v1";
/// The path of the metadata (AuthZEN 1.0, section 9.2).
const CONFIGURATION: &str = "/.well-known/authzen-configuration";

/// The permission to ask about others, on the tenant.
const CHECK: &str = "access.check";
/// The permission to search, on the tenant.
const SEARCH: &str = "access.search";

/// Returns the API: its endpoints and metadata.
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

/// Returns the metadata's route for a server whose public URL has a path: that path
/// follows the well-known one (AuthZEN 1.0, section 9.2.1).
fn metadata_of_a_path(app: &App) -> Router<App> {
    match app.public_path() {
        "" => Router::new(),
        path => Router::new().route(
            &format!("{CONFIGURATION}{path}"),
            get(configuration::configuration),
        ),
    }
}
