//! ChatCaptain: the users of a chatbot and their roles.

mod add;
mod credential;
mod description;
mod error;
mod grant;
mod list;
mod remove;
mod revoke;
mod role;

use attache_core::{Locator, Ref};
use attache_http::document::{About, as_json};
use attache_http::{Api, FocusOn};
use tower::util::MapRequestLayer;
use utoipa_axum::routes;

pub(super) use description::DESCRIPTION;

const ABOUT: About = About {
    title: "ChatCaptain: users of a chatbot",
    description: "\
Lists, adds and removes the users of a chatbot, and grants and revokes their roles on it.\n\n\
Where this departs from the published document, or says what it leaves open:\n\
- A credential is needed. It may come in `Authorization: Bearer` or in the header `x-chatcaptain-key`.\n\
- Ids are the keys that things had in another system, or else UUIDs; both are accepted.\n\
- Operations that do not fit the user (adding an attached user, or one who is not attached to the workspace; removing \
or granting to a user who is not attached; revoking a missing grant) are answered with 2xx and `error`.\n\
- 403 is also the answer for missing and hidden things.\n\
- The answers 400, 401, 405, 408, 412, 413, 415, 500 and 503 are documented; these and 403 have a body.",
    server: "/",
};

pub(super) fn api() -> Api {
    Api::new(DESCRIPTION.name, DESCRIPTION.prefix, ABOUT, error::ERRORS)
        .operations_on(focus, [routes!(list::list, add::add)])
        .operations([
            routes!(remove::remove),
            routes!(grant::grant),
            routes!(revoke::revoke),
        ])
        .layer(|routes| routes.layer(MapRequestLayer::new(credential::from_own_header)))
        .finish(|document| as_json(&revoke::documented(credential::documented(document))))
}

/// What a list is about.
fn focus(names: &[&str], _: &str) -> Option<FocusOn> {
    match names {
        [workspace, own] => Some(FocusOn::users_of(chatbot(workspace, own))),
        _ => None,
    }
}

/// Returns the locator of a workspace's chatbot.
fn chatbot(workspace: &str, chatbot: &str) -> Locator {
    Locator::of("chatbot", Ref::text(chatbot)).under(Locator::of("workspace", Ref::text(workspace)))
}
