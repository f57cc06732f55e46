//! attache's own API, which can do everything that attache can. One file per resource.

mod answer;
mod body;
mod bulk;
mod call;
mod catalogue;
mod catalogue_thing;
mod document;
mod doubts;
mod effective;
mod entries;
mod entry;
mod etag;
mod event;
mod explain;
mod export;
mod flat;
mod former_names;
mod grants;
mod group_users;
mod groups;
mod imports;
mod invitations;
mod issuers;
mod keys;
mod kinds;
mod list_request;
mod lists;
mod me;
mod members;
mod needed;
mod page;
mod parameters;
mod place;
mod problem;
mod problem_pages;
#[cfg(test)]
mod problem_reference;
mod query;
mod reach;
mod resources;
mod roles;
mod services;
mod tenants;
mod thing;
mod tokens;
mod user_bodies;
mod users;
mod via;
mod weights;
mod words;
mod written;

use utoipa_axum::router::UtoipaMethodRouter;
use utoipa_axum::routes;

use attache_core::Origin;
use attache_http::{Api, App};

/// The name of the document.
const NAME: &str = "attache";
/// The prefix of all paths.
const PREFIX: &str = "/api/v1";

fn operations() -> Vec<UtoipaMethodRouter<App>> {
    vec![
        routes!(me::get),
        routes!(users::list, users::create),
        routes!(users::get, users::put, users::change, users::remove),
        routes!(invitations::get, invitations::create, invitations::revoke),
        routes!(invitations::accept),
        routes!(reach::list),
        routes!(groups::list, groups::create),
        routes!(groups::get, groups::change, groups::remove),
        routes!(group_users::list),
        routes!(group_users::get, group_users::add, group_users::remove),
        routes!(services::list, services::create),
        routes!(services::get, services::change, services::remove),
        routes!(tokens::list, tokens::create),
        routes!(tokens::get, tokens::revoke),
        routes!(resources::list, resources::create),
        routes!(resources::get, resources::change, resources::remove),
        routes!(resources::children),
        routes!(resources::ancestors),
        routes!(resources::move_to),
        routes!(members::list, members::replace),
        routes!(members::get, members::put, members::remove),
        routes!(grants::list, grants::create),
        routes!(grants::get, grants::revoke),
        routes!(grants::of_subject),
        routes!(catalogue::get, catalogue::put),
        routes!(roles::list),
        routes!(roles::get, roles::put, roles::remove),
        routes!(kinds::list),
        routes!(kinds::get, kinds::put, kinds::remove),
        routes!(issuers::list, issuers::create),
        routes!(issuers::get, issuers::change, issuers::remove),
        routes!(bulk::run),
        routes!(imports::begin),
        routes!(export::run),
    ]
}

/// Returns the API, with the pages of its problems.
#[must_use]
pub fn api() -> Api {
    Api::new(NAME, PREFIX, document::ABOUT, problem::ERRORS)
        .through(Origin::API)
        .questions([routes!(explain::ask)])
        .operations(operations())
        .about_one("/resources/{resource}/members", members::focus)
        .of_no_state(
            "asks for a state, and entries are the history itself: use from, to and the revision",
            [routes!(entries::list), routes!(entries::get)],
        )
        .of_no_state(
            "asks for a state, and an import is no part of one: ask without it",
            [routes!(imports::get)],
        )
        .of_no_state(
            "asks for a state, and these keys are fetched now: ask without it",
            [routes!(issuers::keys)],
        )
        .of_no_state(
            "asks for a state of one tenant, and this is the list of tenants: ask without it",
            [
                routes!(tenants::list, tenants::create),
                routes!(tenants::get, tenants::change),
            ],
        )
        .moments_in_queries()
        .undocumented(|_| problem_pages::router())
        .finish(document::complete)
}
