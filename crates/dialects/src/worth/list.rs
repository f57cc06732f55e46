//! `GET /customers/{customerID}/users`

use std::borrow::Cow;
use std::sync::LazyLock;

use attache_core::id::{Node, UserNumber};
use attache_core::{Locator, Ref};
use axum::extract::RawQuery;
use axum::response::Response;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::error::Failure;
use super::query::Query;
use super::record::Record;
use attache_http::streamed::{Around, Items};
use attache_http::{FocusOn, PathIds, Problem, Session};

/// The number of users that a list examines in the time of a weight of 1.
const LOOKS: usize = 4;

/// A page of the users who are attached to the customer.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct CustomerUsers<'a> {
    #[schema(value_type = String, example = "success")]
    status: &'static str,
    #[schema(value_type = String, example = "Success")]
    message: &'static str,
    data: Data<'a>,
}

/// The page, and the size of the whole list.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = CustomerUsersData)]
struct Data<'a> {
    records: Vec<Record<'a>>,
    /// The number of pages; 0 if no user matches.
    total_pages: usize,
    /// The number of records on all pages, as a string.
    #[schema(value_type = String, example = "1")]
    total_items: String,
}

/// Get the users of a customer.
///
/// For users who are attached to the customer and hold `customers.users.list` on the
/// customer or above it, and for services that hold it.
#[utoipa::path(
    get,
    path = "/customers/{customerID}/users",
    tag = "Customers",
    params(
        ("customerID" = Uuid, Path, description = "The customer's id."),
        ("query" = Option<HashMap<String, String>>, Query, style = Form, explode,
            description = "Filters, pages and order: each key is a parameter of its own."),
    ),
    responses(
        (status = 200, description = "OK", body = CustomerUsers),
        (status = 400, description = "The request is invalid, or the customer does not exist.", body = Failure),
        (status = 403, description = "The customer is not the caller's, or the permission is missing.", body = Failure),
    ),
)]
pub(super) async fn list(
    session: Session,
    PathIds(id): PathIds<String>,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    if Uuid::parse_str(&id).is_err() {
        return Err(Problem::in_path("customerID", "must be a UUID"));
    }
    let customer = session.authority().authorize_attached(
        session.subject(),
        &Locator::of("customer", Ref::text(&id)),
        "users.list",
    )?;
    let query = Query::read(query.as_deref().unwrap_or_default())?;
    let branch = session
        .subject()
        .branch(customer)
        .ok_or_else(|| Problem::internal("the customer is gone"))?;
    let wanted = query.list();
    let weight = branch.looks_at(&wanted) / LOOKS;
    let around = |total: usize| CustomerUsers::around(total, query.position.pages(total));
    let write = |items: &mut Items| {
        let page = branch.list(&wanted);
        let mut members = page.items.iter();
        members.try_for_each(|member| items.put(&Record::of(&branch, member.row)))?;
        Ok(around(page.total).tail)
    };
    if let Some(answer) = session.listed_if_short(weight, &HEAD, write).await? {
        return Ok(answer);
    }
    // A page with a number must have as many items as the caller asks for.
    let page = session.weigh(weight, || branch.list(&wanted)).await?;
    let around = around(page.total);
    let find = || page.items.iter().map(|it| it.user().number).collect();
    session.streamed(around, find, show(customer)).await
}

/// The JSON before the records, equal for any number of records.
/// What a list is about.
pub(super) fn focus(names: &[&str], _: &str) -> Option<FocusOn> {
    let customer = Locator::of("customer", Ref::text(names.first()?));
    Some(FocusOn::users_of(customer))
}

static HEAD: LazyLock<Cow<'static, str>> = LazyLock::new(|| CustomerUsers::around(0, 0).head);

impl CustomerUsers<'_> {
    /// The JSON around the records of a page.
    fn around(total: usize, pages: usize) -> Around {
        Around::of(&Self {
            status: "success",
            message: "Success",
            data: Data {
                records: Vec::new(),
                total_pages: pages,
                total_items: total.to_string(),
            },
        })
    }
}

/// Writes a piece of a page.
fn show(
    customer: Node,
) -> impl Fn(&Session, &[UserNumber], &mut Items) -> Result<(), Problem> + Send + Sync + 'static {
    move |session, users, items| {
        let state = session.subject().state();
        let branch = session.subject().branch(customer);
        let branch = branch.ok_or(Problem::Internal)?;
        let mut rows = users.iter().filter_map(|user| state.user_node(*user));
        rows.try_for_each(|row| items.put(&Record::of(&branch, row)))
    }
}
