//! The catalogue as a whole.

use attache_core::catalogue::{Catalogue, Pattern, PermissionEntry};
use attache_core::id::RoleId;
use attache_core::{Command, State};
use axum::extract::RawQuery;
use axum::response::Response;
use http::HeaderMap;
use serde::de::IgnoredAny;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::call::{CallWithQuery, not_found};
use super::doubts::{Doubts, Written};
use super::query::NoQuery;
use super::weights::{BYTES_READ, of_catalogue};
use super::{body, etag, kinds, parameters, roles};
use attache_http::{JsonText, Problem, Session};

/// The tenant's vocabulary: the kinds of its resources, the roles that can be granted on
/// them, and the permissions that are known by name.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Catalogue)]
pub(super) struct CatalogueView {
    kinds: Vec<kinds::KindView>,
    /// Their order decides which of a user's roles is the first.
    roles: Vec<roles::RoleView>,
    permissions: Vec<Permission>,
}

/// A permission that is known by name. A role may have others.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = Permission)]
pub(super) struct Permission {
    #[schema(value_type = String, example = "customers.users.list")]
    name: Pattern,
    #[schema(example = "List the users of a customer.")]
    description: String,
}

/// A catalogue to set.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewCatalogue)]
pub(super) struct NewCatalogue {
    kinds: Vec<kinds::NewKind>,
    roles: Vec<roles::NewRole>,
    permissions: Vec<Permission>,
    /// Ignored: a field of answers.
    #[serde(default, rename = "warnings")]
    #[schema(ignore)]
    _warnings: IgnoredAny,
}

impl From<&PermissionEntry> for Permission {
    fn from(entry: &PermissionEntry) -> Self {
        Self {
            name: entry.name.clone(),
            description: entry.description.clone(),
        }
    }
}

impl CatalogueView {
    fn by(state: &State) -> Option<Self> {
        let catalogue = state.catalogue()?;
        let permissions = catalogue.permissions.iter().map(Permission::from);
        let (kinds, roles) = (catalogue.kinds.iter(), catalogue.roles.iter());
        Some(Self {
            kinds: kinds.map(|kind| kinds::KindView::of(state, kind)).collect(),
            roles: roles.map(|role| roles::RoleView::of(state, role)).collect(),
            permissions: permissions.collect(),
        })
    }
}

impl NewCatalogue {
    fn catalogue(
        self,
        now: Option<&Catalogue>,
        id: impl Fn() -> Uuid,
    ) -> Result<Catalogue, Problem> {
        let kinds = self.kinds.into_iter().enumerate().map(|(place, mut kind)| {
            let name = named("kinds", place, kind.name.take())?;
            Ok(kind.kind(&name))
        });
        let roles = self.roles.into_iter().enumerate().map(|(place, mut role)| {
            let name = named("roles", place, role.name.take())?;
            let known = now.and_then(|now| now.role(&name)).map(|role| role.id);
            let given = role.id.map(RoleId).or(known);
            Ok(role.role(given.unwrap_or_else(|| RoleId(id())), &name))
        });
        let permissions = self.permissions.into_iter().map(|entry| PermissionEntry {
            name: entry.name,
            description: entry.description,
        });
        Ok(Catalogue {
            kinds: kinds.collect::<Result<_, Problem>>()?,
            roles: roles.collect::<Result<_, Problem>>()?,
            permissions: permissions.collect(),
        })
    }
}

/// Here no path names the kind or role.
fn named(list: &str, place: usize, name: Option<String>) -> Result<String, Problem> {
    name.ok_or_else(|| Problem::invalid(format!("{list}[{place}].name"), "is required"))
}

/// Get the catalogue.
///
/// For all callers that hold any permission on the tenant.
#[utoipa::path(
    get,
    operation_id = "get_catalogue",
    path = "/catalogue",
    tag = "catalogue",
    params(parameters::IfNoneMatch),
    responses((status = 200, description = "The catalogue.", body = CatalogueView), (status = 304, description = "The caller has it already (`If-None-Match`).")),
)]
pub(super) async fn get(
    session: Session,
    _: NoQuery,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    session.authority().authorize_catalogue()?;
    let state = session.subject().state();
    let answer = session.weigh(of_catalogue(state), || {
        let catalogue = CatalogueView::by(state);
        etag::answer(&headers, catalogue.ok_or_else(|| not_found("tenant"))?)
    });
    answer.await?
}

/// Set the catalogue.
///
/// Refused if a kind or role that is in use is missing or would have another meaning: the
/// problem lists the uses. Needs the permission `*`.
#[utoipa::path(
    put,
    operation_id = "put_catalogue",
    path = "/catalogue",
    tag = "catalogue",
    params(parameters::Strict, parameters::IdempotencyKey),
    request_body = NewCatalogue,
    responses((status = 200, description = "The changed catalogue.", body = Written<CatalogueView>)),
)]
pub(super) async fn put(
    RawQuery(query): RawQuery,
    CallWithQuery(mut call): CallWithQuery,
) -> Result<Response, Problem> {
    let text = call.text().object()?;
    let read = call.session.weigh(text.len() / BYTES_READ, || {
        let new: NewCatalogue = body::read(JsonText::Is(text))?;
        let catalogue = new.catalogue(call.session.subject().state().catalogue(), || call.id())?;
        let doubts = Doubts::read(query.as_deref(), catalogue.doubts())?;
        Ok::<_, Problem>((catalogue, doubts))
    });
    let (catalogue, doubts) = read.await??;
    let command = Command::SetCatalogue {
        catalogue: Box::new(catalogue),
    };
    let done = call
        .write_to(command, |state| etag::of(&CatalogueView::by(state)?))
        .await?;
    let state = call.session.subject().state();
    let answer = call.session.weigh(of_catalogue(state), || {
        doubts.answer(&done, done.shown(CatalogueView::by(state))?)
    });
    answer.await?
}
