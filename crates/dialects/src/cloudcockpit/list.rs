//! `GET /v1/customer/{customerId}/users`

use std::sync::LazyLock;

use attache_core::ask::{Field, Filter, MemberQuery};
use attache_core::id::UserNumber;
use attache_core::model::Status;
use attache_core::{Locator, Ref};
use axum::extract::{RawQuery, State};
use axum::response::Response;
use http::{HeaderMap, HeaderName};
use uuid::Uuid;

use super::error::Error;
use super::user::WireUser;
use attache_http::query::Query;
use attache_http::streamed::{Around, Items, LONG};
use attache_http::{App, CORRELATION_ID, PathIds, Problem, Session};

const TENANT: HeaderName = HeaderName::from_static("x-tenant");

/// List all users for a customer.
///
/// The list is complete and sorted by name. Needs the permission `customers.users.list`
/// on the customer.
#[utoipa::path(
    get,
    path = "/{customerId}/users",
    tag = "Customer",
    params(
        ("X-Tenant" = String, Header, description = "The tenant's web domain."),
        ("X-Correlation-Id" = Option<Uuid>, Header, nullable = false,
            description = "The caller's id for this request. The answer repeats it, and the server's log has it."),
        ("customerId" = Uuid, Path, description = "The customer's id."),
        ("resellerId" = Option<Uuid>, Query,
            description = "List only if the customer is below this reseller. For a user of a reseller, the default is that reseller."),
    ),
    responses(
        (status = 200, description = "OK", body = [WireUser]),
        (status = 400, description = "The request is invalid.", body = Error),
        (status = 403, description = "The permission is missing, or the tenant or reseller is not the caller's."),
        (status = 404, description = "The customer or reseller does not exist, or the caller does not see it.", body = Error),
    ),
)]
pub(super) async fn list(
    State(app): State<App>,
    session: Session,
    headers: HeaderMap,
    PathIds(id): PathIds<String>,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    for value in headers.get_all(CORRELATION_ID) {
        let id = value.to_str().ok().and_then(|id| Uuid::parse_str(id).ok());
        id.ok_or_else(|| Problem::header("X-Correlation-Id", "must be a UUID"))?;
    }
    check_tenant(&app, &session, &headers).await?;
    let customer = locator("customer", &id, |reason| {
        Problem::in_path("customerId", reason)
    })?;
    let reseller = reseller(query.as_deref().unwrap_or_default())?;
    let customer = session.authorize(&customer, "users.list")?;
    let is_in_context =
        session
            .authority()
            .in_context(session.subject(), customer, reseller.as_ref())?;
    let members = || {
        let active = Filter::StatusIsNot(Status::Inactive);
        let query = MemberQuery::all(Field::FullName).only(active);
        match is_in_context {
            true => session.subject().list(customer, &query).items,
            false => Vec::new(),
        }
    };
    let attached = session.subject().branch(customer).map(|it| it.attached());
    if attached.is_none_or(|attached| attached <= LONG) {
        let write = |items: &mut Items| {
            let members = members();
            let wire = |row| WireUser::of(session.subject(), row);
            let mut members = members.iter();
            members.try_for_each(|member| items.put(&wire(member.row)))?;
            Ok(AROUND.tail())
        };
        if let Some(answer) = session.listed_if_short(0, &AROUND.head, write).await? {
            return Ok(answer);
        }
    }
    let find = || members().iter().map(|it| it.user().number).collect();
    session.streamed(AROUND.clone(), find, show).await
}

/// The JSON around the users.
static AROUND: LazyLock<Around> = LazyLock::new(|| Around::of(&Vec::<WireUser<'_>>::new()));

/// Writes a piece of a long list.
fn show(session: &Session, users: &[UserNumber], items: &mut Items) -> Result<(), Problem> {
    let state = session.subject().state();
    for row in users.iter().filter_map(|user| state.user_node(*user)) {
        items.put(&WireUser::of(session.subject(), row))?;
    }
    Ok(())
}

/// Checks that the header names the credential's tenant.
async fn check_tenant(app: &App, session: &Session, headers: &HeaderMap) -> Result<(), Problem> {
    let mut values = headers.get_all(TENANT).iter();
    let (Some(value), None) = (values.next(), values.next()) else {
        return Err(Problem::header(
            "X-Tenant",
            "is required, once: the tenant's web domain",
        ));
    };
    let domain = value.to_str().map_err(|_| Problem::OtherTenant)?;
    let found = app
        .tenants()
        .look_up(|directory| directory.by_domain(domain).map(|row| row.id))
        .await?;
    // An unknown domain is answered like another tenant's, so that callers cannot find
    // out which domains are served.
    match found == Some(session.caller.tenant) {
        true => Ok(()),
        false => Err(Problem::OtherTenant),
    }
}

/// Returns the locator of a thing that is named by a UUID.
fn locator(kind: &str, id: &str, wrong: impl Fn(&str) -> Problem) -> Result<Locator, Problem> {
    match Uuid::parse_str(id) {
        Ok(_) => Ok(Locator::of(kind, Ref::text(id))),
        Err(_) => Err(wrong("must be a UUID")),
    }
}

fn reseller(query: &str) -> Result<Option<Locator>, Problem> {
    let id = Query::once(Some(query), &["resellerId"])?.take("resellerId");
    let wrong = |reason: &str| Problem::in_query("resellerId", reason);
    id.map(|id| locator("reseller", &id, wrong)).transpose()
}
