//! Roles of the catalogue.

use attache_core::catalogue::{
    self, Catalogue, KindName, Parameter, Pattern, Role, RoleName, Scope, ScopedPermissions,
};
use attache_core::id::RoleId;
use attache_core::{Actor, Command, State, Timestamp};
use axum::extract::RawQuery;
use axum::response::Response;
use http::HeaderMap;
use serde::de::IgnoredAny;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::call::{Call, CallWithQuery};
use super::catalogue_thing::{self, CatalogueThing};
use super::doubts::Written;

use super::list_request::{List, ListRequest};
use super::page::{Page, Paging};
use super::query::NoQuery;
use super::weights::of_catalogue;
use super::{parameters, words};
use attache_http::{PathIds, Problem, Session};

/// A role: a named bundle of permissions for one kind of resource.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Role)]
pub(super) struct RoleView {
    id: Uuid,
    #[schema(value_type = String, example = "owner")]
    name: RoleName,
    /// The kind of resource that it can be granted on.
    #[schema(example = "customer")]
    kind: String,
    /// Its display name.
    #[schema(example = "Owner")]
    label: String,
    /// Its purpose.
    #[schema(example = "Answers for the customer: keeps its users and their roles.")]
    description: String,
    /// Its permissions on the resource that it is granted on, and below. `*` ends a
    /// pattern.
    #[schema(value_type = Vec<String>, example = json!(["customers.*", "workspaces.*"]))]
    permissions: Vec<Pattern>,
    /// Its permissions within a part of the resource, which the grant's parameters
    /// select.
    scoped: Vec<RoleScope>,
    /// The parameters of its grants.
    parameters: Vec<RoleParameter>,
    /// When it was added to the catalogue.
    #[schema(value_type = Option<String>, format = DateTime, required = true)]
    created_at: Option<Timestamp>,
    /// The caller who added it: `user:…`, `service:…` or `operator`; null if unknown.
    #[schema(value_type = Option<String>, required = true, example = "operator")]
    created_by: Option<Actor>,
}

/// A role to set. The answer of a read can be sent back unchanged.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewRole)]
pub(super) struct NewRole {
    /// If left out: a new id, or that of the role with this name.
    pub(super) id: Option<Uuid>,
    /// May be left out if the path names it.
    #[schema(example = "owner")]
    pub(super) name: Option<String>,
    #[schema(example = "customer")]
    kind: String,
    #[schema(example = "Owner")]
    label: String,
    #[serde(default)]
    description: String,
    #[serde(default)]
    #[schema(value_type = Vec<String>, example = json!(["customers.*", "workspaces.*"]))]
    permissions: Vec<Pattern>,
    #[serde(default)]
    scoped: Vec<RoleScope>,
    #[serde(default)]
    parameters: Vec<RoleParameter>,
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

/// Permissions within a part of a resource.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ScopedPermissions)]
pub(super) struct RoleScope {
    #[schema(value_type = String, example = "chatbots/{chatbotId}/inboxes/{inboxId}")]
    scope: Scope,
    #[schema(value_type = Vec<String>)]
    permissions: Vec<Pattern>,
}

/// A parameter of a role.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = RoleParameter)]
pub(super) struct RoleParameter {
    #[schema(example = "inboxId")]
    name: String,
    /// Whether a grant must have it.
    #[serde(default)]
    required: bool,
}

impl From<&ScopedPermissions> for RoleScope {
    fn from(scoped: &ScopedPermissions) -> Self {
        Self {
            scope: scoped.scope.clone(),
            permissions: scoped.permissions.clone(),
        }
    }
}

impl From<&Parameter> for RoleParameter {
    fn from(parameter: &Parameter) -> Self {
        Self {
            name: parameter.name.clone(),
            required: parameter.required,
        }
    }
}

impl RoleView {
    pub(super) fn of(state: &State, role: &Role) -> Self {
        let made = state.role_creation(role.name.as_str());
        Self {
            id: role.id.0,
            name: role.name.clone(),
            kind: role.kind.to_string(),
            label: role.label.clone(),
            description: role.description.clone(),
            permissions: role.permissions.clone(),
            scoped: role.scoped.iter().map(RoleScope::from).collect(),
            parameters: role.parameters.iter().map(RoleParameter::from).collect(),
            created_at: made.map(|made| made.at),
            created_by: made.and_then(|made| state.giver(made.by)),
        }
    }
}

impl CatalogueThing for RoleView {
    type Core = Role;

    const NOUN: &'static str = "role";
    const PATH: &'static str = "roles";

    fn find<'a>(catalogue: &'a Catalogue, name: &str) -> Option<&'a Role> {
        catalogue.role(name)
    }

    fn view(state: &State, role: &Role) -> Self {
        Self::of(state, role)
    }

    fn doubts(catalogue: &Catalogue, role: &Role) -> Vec<catalogue::Problem> {
        catalogue.doubts_about_role(role)
    }

    fn effects(catalogue: &Catalogue, role: &Role) -> Vec<catalogue::Problem> {
        catalogue.lost_granters(role)
    }

    fn set(role: Role) -> Command {
        Command::SetRole {
            role: Box::new(role),
        }
    }
}

impl NewRole {
    pub(super) fn role(self, id: RoleId, name: &str) -> Role {
        let scoped = self.scoped.into_iter().map(|scoped| ScopedPermissions {
            scope: scoped.scope,
            permissions: scoped.permissions,
        });
        let parameters = self.parameters.into_iter().map(|taken| Parameter {
            name: taken.name,
            required: taken.required,
        });
        Role {
            id,
            name: name.into(),
            kind: KindName::from(self.kind.as_str()),
            label: self.label,
            description: self.description,
            permissions: self.permissions,
            scoped: scoped.collect(),
            parameters: parameters.collect(),
        }
    }
}

/// List the roles.
///
/// For all callers that hold any permission on the tenant.
#[utoipa::path(
    get,
    operation_id = "list_roles",
    path = "/roles",
    tag = "catalogue",
    params(
        parameters::PageSize, parameters::Cursor,
        ("kind" = Option<String>, Query, nullable = false, description = "Only roles that can be granted on this kind of resource."),
    ),
    responses((status = 200, description = "A page of roles, in the order of the catalogue.", body = Page<RoleView>)),
)]
pub(super) async fn list(request: ListRequest) -> Result<Response, Problem> {
    let List {
        app,
        session,
        mut query,
        listing,
    } = request.read::<RoleView>(&["kind"])?;
    let paging = Paging::<usize>::read(&app, &session, "/roles", &mut query)?;
    let state = session.subject().state();
    session.authority().authorize_catalogue()?;
    let kind = words::kind(&session, &mut query)?;
    let roles = state.catalogue().into_iter().flat_map(|it| it.roles.iter());
    let wanted = |role: &&Role| {
        let own = state.kind_index(role.kind.as_str());
        kind.is_any() || own.is_some_and(|own| kind.is(own))
    };
    let roles: Vec<(usize, &Role)> = roles.filter(wanted).enumerate().collect();
    paging
        .answer(
            &listing,
            &session,
            roles,
            |(place, _)| *place,
            |(_, role)| RoleView::of(state, role),
            of_catalogue(state),
        )
        .await
}

/// Get a role.
///
/// For all callers that hold any permission on the tenant.
#[utoipa::path(
    get,
    operation_id = "get_role",
    path = "/roles/{role}",
    tag = "catalogue",
    params(("role" = String, Path, description = "The role's name."), parameters::IfNoneMatch),
    responses((status = 200, description = "The role.", body = RoleView), (status = 304, description = "The caller has it already (`If-None-Match`).")),
)]
pub(super) async fn get(
    session: Session,
    _: NoQuery,
    PathIds(role): PathIds<String>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    catalogue_thing::get::<RoleView>(&session, &headers, &role)
}

/// Add a role to the catalogue, or replace it.
///
/// Existing grants have the new permissions at once. Another kind or other parameters are
/// refused while the role is granted. Needs the permission `*`.
#[utoipa::path(
    put,
    operation_id = "put_role",
    path = "/roles/{role}",
    tag = "catalogue",
    params(("role" = String, Path, description = "The role's name."), parameters::Strict, parameters::IdempotencyKey),
    request_body = NewRole,
    responses(
        (status = 200, description = "The changed role.", body = Written<RoleView>),
        (status = 201, description = "Added.", body = Written<RoleView>),
    ),
)]
pub(super) async fn put(
    PathIds(name): PathIds<String>,
    RawQuery(query): RawQuery,
    CallWithQuery(mut call): CallWithQuery,
) -> Result<Response, Problem> {
    let new: NewRole = call.large_body().await?;
    words::same_name(&name, new.name.as_deref())?;
    let id = new.id.unwrap_or_else(|| call.id());
    let role = new.role(RoleId(id), &name);
    catalogue_thing::put::<RoleView>(call, query.as_deref(), name, role).await
}

/// Remove a role from the catalogue.
///
/// Refused while it is granted: the problem lists the grants. Needs the permission `*`.
#[utoipa::path(
    delete,
    operation_id = "remove_role",
    path = "/roles/{role}",
    tag = "catalogue",
    params(("role" = String, Path, description = "The role's name."), parameters::IdempotencyKey),
    responses((status = 204, description = "Removed.")),
)]
pub(super) async fn remove(
    PathIds(name): PathIds<String>,
    call: Call,
) -> Result<Response, Problem> {
    let command = Command::RemoveRole {
        name: name.as_str().into(),
    };
    catalogue_thing::remove::<RoleView>(call, command, name).await
}
