//! Worth: the users of a customer.

mod description;
mod error;
mod list;
mod query;
mod record;

use attache_http::Api;
use attache_http::document::About;
use utoipa_axum::routes;

pub(super) use description::DESCRIPTION;

const ABOUT: About = About {
    title: "Worth: users of a customer",
    description: "\
Lists the users who are attached to a customer.\n\n\
Where this departs from the published document, or says what it leaves open:\n\
- Filters: any scalar field of a record, and `subrole` by its code, as a query parameter of its own; \
`filter[x]` and `search_filter[x]` are the same as `x`. Exact match: names and mobile ignore case and accents, other texts ignore case; several filters must all hold.\n\
- Paging: `page` from 1, `items_per_page` from 1 to 1000, 100 if left out. Order: `sort=field` or `sort=-field`, \
by `created_at` if left out; equal ones by id.\n\
- An unknown or repeated parameter, or a bad value, is answered with 400.\n\
- Errors have `status: fail` besides `message` and `errorCode`.\n\
- An unknown customer is answered with 400 to a caller who may see all customers, and to every other with 403, \
like a customer that is not the caller's.\n\
- `created_by`, `updated_by`, `ext_auth_ref_id`, `email` and `subrole` are left out if there is none; `mobile` is null.",
    server: DESCRIPTION.prefix,
};

pub(super) fn api() -> Api {
    Api::new(DESCRIPTION.name, DESCRIPTION.prefix, ABOUT, error::ERRORS)
        .operations_on(list::focus, [routes!(list::list)])
}
