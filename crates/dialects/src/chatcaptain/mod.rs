//! ChatCaptain: the users of a chatbot and their roles.

mod add;
mod credential;
mod error;
mod grant;
mod list;
mod remove;
mod revoke;
mod role;

use attache_core::{Locator, Ref};
use tower::util::MapRequestLayer;
use utoipa_axum::routes;

use super::Dialect;
use attache_http::document::{About, with_head};
use attache_http::prefixed;

const ABOUT: About = About {
    title: "ChatCaptain: users of a chatbot",
    description: "\
Lists, adds and removes the users of a chatbot, and grants and revokes their roles on it.\n\n\
Where this departs from the published document, or says what it leaves open:\n\
- A credential is needed. It may come in `Authorization: Bearer` or in the header `x-chatcaptain-key`.\n\
- Ids are the keys that things had in another system, or else UUIDs; both are accepted.\n\
- What cannot be done to a user (adding one who is attached already or is not attached to the workspace, removing \
one who is not attached, granting to one who is not attached, revoking what is not held) is answered with 2xx and `error`.\n\
- 403 is also the answer for what does not exist or must not be seen.\n\
- The answers 400, 401, 405, 408, 412, 413, 415 and 503 are documented; these and 403 have a body.",
    server: "/",
};

/// What all paths of this API begin with.
const PREFIX: &str = "/v1/workspaces";

pub(super) fn dialect() -> Dialect {
    let operations = [
        routes!(list::list, add::add),
        routes!(remove::remove),
        routes!(grant::grant),
        routes!(revoke::revoke),
    ];
    let (routes, document) = prefixed::routes(PREFIX, operations);
    let document = utoipa::openapi::OpenApi::default().nest(PREFIX, document);
    Dialect {
        name: "chatcaptain",
        prefix: PREFIX,
        routes: routes.layer(MapRequestLayer::new(credential::from_own_header)),
        document: revoke::documented(credential::documented(with_head(document, &ABOUT))),
        say: error::say,
    }
}

/// The chatbot of a workspace.
fn chatbot(workspace: &str, chatbot: &str) -> Locator {
    Locator::of("chatbot", Ref::text(chatbot)).under(Locator::of("workspace", Ref::text(workspace)))
}
