//! Tenants of the installation, for the operator.

use std::collections::HashSet;

use attache_core::cause::Cause;
use attache_core::id::TenantId;
use attache_core::model::{Email, Name, Profile};
use attache_core::{Actor, Caller, Timestamp};
use axum::extract::{RawQuery, State as Shared};
use axum::response::Response;
use http::{HeaderMap, StatusCode};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::answer::placed;
use super::body;
use super::call::{idempotency_key, not_found};
use super::lists::{Accepted, Listing};
use super::page::{Page, Paging};
use super::query::{NoQuery, OfList as _, Query};
use super::{etag, parameters};
use attache_http::head;
use attache_http::{App, Context, Current, JsonText, Operator, PathIds, Preconditions, Problem};
use attache_tenants::{CreateError, beginning, check_domain, check_slug, first_admin};
use attache_tenants::{DirectoryError, Request, TenantRow};

/// How often a change is retried after a concurrent one.
const ATTEMPTS: usize = 8;

/// A tenant.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Tenant)]
pub(super) struct TenantView {
    id: Uuid,
    /// A short name, unique in this installation.
    #[schema(example = "lantern")]
    slug: String,
    /// The web domains at which the tenant's users reach its product.
    #[schema(example = json!(["lantern.example"]))]
    domains: Vec<String>,
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
}

impl TenantView {
    fn of(row: &TenantRow) -> Self {
        Self {
            id: row.id.0,
            slug: row.slug.clone(),
            domains: row.domains.clone(),
            created_at: row.created_at,
        }
    }
}

/// A tenant to create.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewTenant)]
pub(super) struct NewTenant {
    /// 1 to 63 of a-z, 0-9 and -, unique in this installation.
    #[schema(example = "lantern")]
    slug: String,
    /// Its display name; if left out, the slug.
    #[schema(value_type = Option<String>, example = "Lantern Talk")]
    #[serde(default, deserialize_with = "super::written::optional")]
    name: Option<Name>,
    #[serde(default)]
    #[schema(example = json!(["lantern.example"]))]
    domains: Vec<String>,
    /// The e-mail address of the first admin, if the tenant gets one.
    #[serde(default, deserialize_with = "super::written::optional")]
    #[schema(value_type = Option<String>, format = Email, example = "ada@lantern.example")]
    admin_email: Option<Email>,
}

impl NewTenant {
    /// Returns the name and digest of the request, if it has an Idempotency-Key.
    fn request(&self, name: Option<String>) -> Option<Request> {
        let text = |text: Option<&str>| text.unwrap_or_default().as_bytes().to_vec();
        let mut asked = vec![
            text(Some(&self.slug)),
            text(self.name.as_ref().map(Name::as_str)),
            text(self.admin_email.as_ref().map(Email::as_str)),
        ];
        asked.extend(self.domains.iter().map(|domain| text(Some(domain))));
        let asked: Vec<&[u8]> = asked.iter().map(Vec::as_slice).collect();
        name.map(|name| Request::new("operator", &name, &asked))
    }
}

/// The changes of a tenant. Fields that are left out stay.
#[derive(Clone, Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = TenantChange)]
pub(super) struct TenantPatch {
    #[serde(default, deserialize_with = "super::body::given")]
    #[schema(nullable = false)]
    slug: Option<String>,
    #[serde(default, deserialize_with = "super::body::given")]
    #[schema(nullable = false)]
    domains: Option<Vec<String>>,
}

/// List the tenants, by slug.
///
/// For the operator.
#[utoipa::path(
    get,
    operation_id = "list_tenants",
    path = "/tenants",
    tag = "tenants",
    params(parameters::PageSize, parameters::Cursor),
    responses((status = 200, description = "A page of tenants, by slug.", body = Page<TenantView>)),
)]
pub(super) async fn list(
    Shared(app): Shared<App>,
    _: Operator,
    accepted: Accepted,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    let mut query = Query::of_list(query.as_deref(), &[])?;
    let listing = Listing::read::<TenantView>(accepted, &mut query)?;
    let paging = Paging::of_the_operator(&app, "tenants", &mut query)?;
    let directory = app.tenants().refresh().await?;
    if listing.is_whole() {
        let rows = directory.page(None, usize::MAX);
        return listing.of_shared(rows, TenantView::of);
    }
    let after: Option<&String> = paging.after.as_ref();
    let page = |size: usize| {
        let mut rows = directory.page(after.map(String::as_str), size + 1);
        let has_more = rows.len() > size;
        rows.truncate(size);
        let next = rows.last().filter(|_| has_more).map(|row| row.slug.clone());
        let items = rows.iter().map(|row| TenantView::of(row)).collect();
        Ok(paging.page(items, directory.len() as u64, next))
    };
    listing.page_within(app.limits().answer_bytes, paging.size, page)
}

/// Create a tenant, with the starting catalogue.
///
/// For the operator. `Attache-Reason` stands in the tenant's first entry. The tenant has no
/// users yet for whom it could be created.
#[utoipa::path(
    post,
    operation_id = "create_tenant",
    path = "/tenants",
    tag = "tenants",
    params(parameters::IdempotencyKey),
    request_body = NewTenant,
    responses((status = 201, description = "Created.", body = TenantView)),
)]
pub(super) async fn create(
    Shared(app): Shared<App>,
    _: Operator,
    _: NoQuery,
    context: axum::Extension<Context>,
    headers: HeaderMap,
    json: JsonText,
) -> Result<Response, Problem> {
    let preconditions = Preconditions::read(&headers)?;
    let new: NewTenant = body::read(json)?;
    let request = new.request(idempotency_key(&headers)?);
    let ambient = app.tenants().ambient();
    let row = TenantRow {
        id: TenantId(ambient.id()),
        slug: slug(new.slug)?,
        domains: domains(&new.domains)?,
        created_at: ambient.now(),
    };
    let name = match new.name {
        Some(name) => name,
        None => Name::new(&row.slug).map_err(|reason| Problem::invalid("name", reason))?,
    };
    // The list of tenants has no tag, and always exists.
    if !preconditions.hold(|| Current::Untagged) {
        return match done_before(&app, &row.slug, request.as_ref()).await? {
            Some(row) => Ok(at_its_place(&app, &row, true)),
            None => Err(Problem::Changed),
        };
    }
    let beginning = beginning(ambient, name)
        .map_err(|_| Problem::internal("the starting catalogue is broken"))?;
    let mut commands = vec![beginning];
    if let Some(email) = new.admin_email {
        let profile = Profile {
            email: Some(email),
            ..Profile::default()
        };
        commands.extend(first_admin(ambient, profile));
    }
    let caller = Caller {
        tenant: row.id,
        actor: Actor::Operator,
    };
    let id = context.correlation_id();
    let head = head::read(&headers, context.origin()).map_err(Problem::of_head)?;
    let created = app.tenants();
    let created = created.create(row.clone(), caller, id, &head, &commands, request.clone());
    let created = created.await;
    match created {
        Ok(()) => Ok(at_its_place(&app, &row, false)),
        Err(CreateError::Refused(refusal)) => Err(Problem::of_head(refusal)),
        Err(CreateError::Directory(error)) => {
            match done_before(&app, &row.slug, request.as_ref()).await? {
                Some(row) => Ok(at_its_place(&app, &row, true)),
                None => Err(taken(error)),
            }
        }
    }
}

/// Returns the tenant that this request created before, if it did.
async fn done_before(
    app: &App,
    slug: &str,
    request: Option<&Request>,
) -> Result<Option<TenantRow>, Problem> {
    let (Some(row), Some(request)) = (app.tenants().find(slug).await?, request) else {
        return Ok(None);
    };
    match app.tenants().was_done(row.id, request).await? {
        Some(true) => Ok(Some(row)),
        Some(false) => Err(Problem::Differs),
        None => Ok(None),
    }
}

fn at_its_place(app: &App, row: &TenantRow, replayed: bool) -> Response {
    let path = format!("tenants/{}", row.id);
    placed(
        app,
        StatusCode::CREATED,
        TenantView::of(row),
        &path,
        replayed,
    )
}

/// Get a tenant.
///
/// For the operator.
#[utoipa::path(
    get,
    operation_id = "get_tenant",
    path = "/tenants/{tenant}",
    tag = "tenants",
    params(("tenant" = String, Path, description = "The tenant's slug or id."), parameters::IfNoneMatch),
    responses((status = 200, description = "The tenant.", body = TenantView), (status = 304, description = "The caller has it already (`If-None-Match`).")),
)]
pub(super) async fn get(
    Shared(app): Shared<App>,
    _: Operator,
    _: NoQuery,
    PathIds(tenant): PathIds<String>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let found = app.tenants().find(&tenant).await?;
    etag::answer(
        &headers,
        TenantView::of(&found.ok_or_else(|| not_found("tenant"))?),
    )
}

/// Change a tenant's slug or web domains.
///
/// For the operator. Slug and domains stand in no entry, so the headers of entries are refused.
#[utoipa::path(
    patch,
    operation_id = "change_tenant",
    path = "/tenants/{tenant}",
    tag = "tenants",
    params(("tenant" = String, Path, description = "The tenant's slug or id.")),
    request_body = TenantPatch,
    responses((status = 200, description = "The changed tenant.", body = TenantView)),
)]
pub(super) async fn change(
    Shared(app): Shared<App>,
    _: Operator,
    _: NoQuery,
    PathIds(tenant): PathIds<String>,
    headers: HeaderMap,
    json: JsonText,
) -> Result<Response, Problem> {
    let preconditions = Preconditions::read(&headers)?;
    head::refuse(&headers, "must be left out: this write has no entry")
        .map_err(Problem::of_head)?;
    let change: TenantPatch = body::read(json)?;
    for _ in 0..ATTEMPTS {
        // The cached directory may lack another server's change.
        app.tenants().refresh().await?;
        let found = app.tenants().find(&tenant).await?;
        let was = found.ok_or_else(|| not_found("tenant"))?;
        if !preconditions.hold(|| Current::tagged(etag::of(&TenantView::of(&was)))) {
            return Err(Problem::Changed);
        }
        let mut row = was.clone();
        if let Some(new) = &change.slug {
            row.slug = slug(new.clone())?;
        }
        if let Some(new) = &change.domains {
            row.domains = domains(new)?;
        }
        match app.tenants().change(was, row.clone()).await {
            Ok(()) => return etag::answer(&HeaderMap::new(), TenantView::of(&row)),
            // A concurrent change: decide again.
            Err(DirectoryError::Changed) => {}
            Err(error) => return Err(taken(error)),
        }
    }
    Err(Problem::unavailable(
        "others change this tenant all the time",
    ))
}

fn slug(slug: String) -> Result<String, Problem> {
    match check_slug(&slug) {
        Ok(()) => Ok(slug),
        Err(reason) => Err(Problem::invalid("slug", reason)),
    }
}

/// Returns the domains in the form of the directory, each once.
fn domains(domains: &[String]) -> Result<Vec<String>, Problem> {
    let mut seen = HashSet::new();
    let mut kept = Vec::new();
    for (place, domain) in domains.iter().enumerate() {
        let domain = check_domain(domain)
            .map_err(|reason| Problem::invalid(format!("domains[{place}]"), reason))?;
        if seen.insert(domain.clone()) {
            kept.push(domain);
        }
    }
    Ok(kept)
}

fn taken(error: DirectoryError) -> Problem {
    match error {
        DirectoryError::Taken { field, .. } => {
            Problem::Refused(attache_core::Refusal::Taken { field })
        }
        DirectoryError::Unknown => not_found("tenant"),
        DirectoryError::Changed => Problem::Changed,
        DirectoryError::NotKnown(error) => Problem::Unknown(Cause::new(error)),
        DirectoryError::Log(error) => error.into(),
    }
}
