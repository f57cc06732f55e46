//! CloudCockpit: the users of a customer.

mod description;
mod error;
mod list;
mod user;

use attache_http::Api;
use attache_http::document::About;
use utoipa_axum::routes;

pub(super) use description::DESCRIPTION;

const ABOUT: About = About {
    title: "CloudCockpit: users of a customer",
    description: "\
Lists the users who are attached to a customer.\n\n\
Where this departs from the published document, or says what it leaves open:\n\
- `X-Tenant` is required: the tenant's web domain.\n\
- `role` has a `name`: `Csp`, `Reseller` or `Customer`, for the place of the user's highest grant or membership. \
`groups` are objects of `id` and `name`.\n\
- The list is complete and not paged. Sorted by name with the Unicode collation algorithm, ignoring case, then by id. Deactivated users are not listed.\n\
- `resellerId`: another reseller than the customer's gives an empty list, an unknown one 404. A user of a reseller \
always works in the context of that reseller, and gets 403 if it names another.\n\
- `errors` has, by field, the `propertyName` and a list of descriptions.\n\
- The answers 405, 412 and 503 are documented.",
    server: "/",
};

pub(super) fn api() -> Api {
    Api::new(DESCRIPTION.name, DESCRIPTION.prefix, ABOUT, error::ERRORS)
        .operations([routes!(list::list)])
}
