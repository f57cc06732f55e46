//! Kinds of resources in the catalogue.

use attache_core::catalogue::{self, Catalogue, Kind, KindName, Pattern};
use attache_core::{Actor, Command, State, Timestamp};
use axum::extract::RawQuery;
use axum::response::Response;
use http::HeaderMap;
use serde::de::IgnoredAny;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::call::{Call, CallWithQuery};
use super::catalogue_thing::{self, CatalogueThing};
use super::doubts::Written;

use super::list_request::{List, ListRequest};
use super::page::{Page, Paging};
use super::query::NoQuery;
use super::weights::of_catalogue;
use super::{parameters, words};
use attache_http::{PathIds, Problem, Session};

/// A kind of resource.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Kind)]
pub(super) struct KindView {
    /// Its name. The permissions on its resources begin with the name and an `s`.
    #[schema(value_type = String, example = "customer")]
    name: KindName,
    /// The kinds that the parent of such a resource may have. Empty for the root.
    #[schema(value_type = Vec<String>, example = json!(["tenant", "reseller"]))]
    parents: Vec<KindName>,
    /// The permissions of a member on the resource itself, and not below it.
    #[schema(value_type = Vec<String>, example = json!(["customers.view"]))]
    members_may: Vec<Pattern>,
    /// Whether only members of the parent resource can be members.
    members_from_parent: bool,
    /// When it was added to the catalogue.
    #[schema(value_type = Option<String>, format = DateTime, required = true)]
    created_at: Option<Timestamp>,
    /// The caller who added it: `user:…`, `service:…` or `operator`; null if unknown.
    #[schema(value_type = Option<String>, required = true, example = "operator")]
    created_by: Option<Actor>,
}

/// A kind to set. The answer of a read can be sent back unchanged.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewKind)]
pub(super) struct NewKind {
    /// May be left out if the path names it.
    #[schema(example = "customer")]
    pub(super) name: Option<String>,
    #[serde(default)]
    #[schema(value_type = Vec<String>, example = json!(["tenant", "reseller"]))]
    parents: Vec<KindName>,
    #[serde(default)]
    #[schema(value_type = Vec<String>, example = json!(["customers.view"]))]
    members_may: Vec<Pattern>,
    #[serde(default)]
    members_from_parent: bool,
    /// Ignored: fields of answers.
    #[serde(default, rename = "created_at")]
    #[schema(ignore)]
    _created_at: IgnoredAny,
    #[serde(default, rename = "created_by")]
    #[schema(ignore)]
    _created_by: IgnoredAny,
    #[serde(default, rename = "warnings")]
    #[schema(ignore)]
    _warnings: IgnoredAny,
}

impl KindView {
    pub(super) fn of(state: &State, kind: &Kind) -> Self {
        let made = state.kind_creation(kind.name.as_str());
        Self {
            name: kind.name.clone(),
            parents: kind.parents.clone(),
            members_may: kind.members_may.clone(),
            members_from_parent: kind.members_from_parent,
            created_at: made.map(|made| made.at),
            created_by: made.and_then(|made| state.giver(made.by)),
        }
    }
}

impl CatalogueThing for KindView {
    type Core = Kind;

    const NOUN: &'static str = "kind";
    const PATH: &'static str = "kinds";

    fn find<'a>(catalogue: &'a Catalogue, name: &str) -> Option<&'a Kind> {
        catalogue.kind(name)
    }

    fn view(state: &State, kind: &Kind) -> Self {
        Self::of(state, kind)
    }

    fn doubts(catalogue: &Catalogue, kind: &Kind) -> Vec<catalogue::Problem> {
        catalogue.doubts_about_kind(kind)
    }

    fn set(kind: Kind) -> Command {
        Command::SetKind {
            kind: Box::new(kind),
        }
    }
}

impl NewKind {
    pub(super) fn kind(self, name: &str) -> Kind {
        Kind {
            name: name.into(),
            parents: self.parents,
            members_may: self.members_may,
            members_from_parent: self.members_from_parent,
        }
    }
}

/// List the kinds.
///
/// For all callers that hold any permission on the tenant.
#[utoipa::path(
    get,
    operation_id = "list_kinds",
    path = "/kinds",
    tag = "catalogue",
    params(parameters::PageSize, parameters::Cursor),
    responses((status = 200, description = "A page of kinds, in the order of the catalogue.", body = Page<KindView>)),
)]
pub(super) async fn list(request: ListRequest) -> Result<Response, Problem> {
    let List {
        app,
        session,
        mut query,
        listing,
    } = request.read::<KindView>(&[])?;
    let paging = Paging::<usize>::read(&app, &session, "/kinds", &mut query)?;
    let state = session.subject().state();
    session.authority().authorize_catalogue()?;
    let kinds = state.catalogue().into_iter().flat_map(|it| it.kinds.iter());
    let kinds: Vec<(usize, &Kind)> = kinds.enumerate().collect();
    paging
        .answer(
            &listing,
            &session,
            kinds,
            |(place, _)| *place,
            |(_, kind)| KindView::of(state, kind),
            of_catalogue(state),
        )
        .await
}

/// Get a kind.
///
/// For all callers that hold any permission on the tenant.
#[utoipa::path(
    get,
    operation_id = "get_kind",
    path = "/kinds/{kind}",
    tag = "catalogue",
    params(("kind" = String, Path, description = "The kind's name."), parameters::IfNoneMatch),
    responses((status = 200, description = "The kind.", body = KindView), (status = 304, description = "The caller has it already (`If-None-Match`).")),
)]
pub(super) async fn get(
    session: Session,
    _: NoQuery,
    PathIds(kind): PathIds<String>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    catalogue_thing::get::<KindView>(&session, &headers, &kind)
}

/// Add a kind to the catalogue, or replace it.
///
/// Needs the permission `*`.
#[utoipa::path(
    put,
    operation_id = "put_kind",
    path = "/kinds/{kind}",
    tag = "catalogue",
    params(("kind" = String, Path, description = "The kind's name."), parameters::Strict, parameters::IdempotencyKey),
    request_body = NewKind,
    responses(
        (status = 200, description = "The changed kind.", body = Written<KindView>),
        (status = 201, description = "Added.", body = Written<KindView>),
    ),
)]
pub(super) async fn put(
    PathIds(name): PathIds<String>,
    RawQuery(query): RawQuery,
    CallWithQuery(mut call): CallWithQuery,
) -> Result<Response, Problem> {
    let new: NewKind = call.large_body().await?;
    words::same_name(&name, new.name.as_deref())?;
    let kind = new.kind(&name);
    catalogue_thing::put::<KindView>(call, query.as_deref(), name, kind).await
}

/// Remove a kind from the catalogue.
///
/// Refused while the tenant has resources of the kind, or roles for it: the problem lists
/// the resources. Needs the permission `*`.
#[utoipa::path(
    delete,
    operation_id = "remove_kind",
    path = "/kinds/{kind}",
    tag = "catalogue",
    params(("kind" = String, Path, description = "The kind's name."), parameters::IdempotencyKey),
    responses((status = 204, description = "Removed.")),
)]
pub(super) async fn remove(
    PathIds(name): PathIds<String>,
    call: Call,
) -> Result<Response, Problem> {
    let command = Command::RemoveKind {
        name: name.as_str().into(),
    };
    catalogue_thing::remove::<KindView>(call, command, name).await
}
