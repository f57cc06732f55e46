//! Voicebot Studio: the users of a customer.

mod description;
mod error;
mod list;
mod sync;
mod user;

use attache_core::Locator;
use attache_http::document::About;
use attache_http::{Api, FocusOn, number};
use utoipa_axum::routes;

pub(super) use description::DESCRIPTION;

const ABOUT: About = About {
    title: "Voicebot Studio: users of a customer",
    description: "\
Lists and syncs the users who are attached to a customer.\n\n\
Where this departs from the published document:\n\
- `User.email` is a string, or null. The published document says integer, which is a mistake.\n\
- The answers 400, 401, 403, 404, 405, 408, 412, 413, 415, 422, 500 and 503 are documented; the published document has 200 only.\n\
- `user_ids` is required: a body without it is refused with 422, so that it cannot be taken for an empty list.\n\n\
Users who hold `admin` on the whole tenant are not shown.",
    server: DESCRIPTION.prefix,
};

pub(super) fn api() -> Api {
    Api::new(DESCRIPTION.name, DESCRIPTION.prefix, ABOUT, error::ERRORS)
        .operations_on(focus, [routes!(list::list, sync::sync)])
}

/// What a list is about.
fn focus(names: &[&str], _: &str) -> Option<FocusOn> {
    let id = names.first()?;
    Some(FocusOn::users_of(customer(id)))
}

/// Returns the locator of the customer with a number. A text that is not a number names
/// no customer.
fn customer(id: &str) -> Locator {
    Locator::of("customer", number::in_path(id))
}
