//! Services.

use attache_core::ask::{Authority, View};
use attache_core::id::{Key, ServiceId, ServiceNumber};
use attache_core::model::{Name, Service};
use attache_core::{Actor, Change, Command, Ref, State, Timestamp};
use axum::response::Response;
use http::HeaderMap;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::call::{Call, not_found};
use super::list_request::{List, ListRequest};
use super::lists::{Rows, Tag};
use super::page::{Page, Paging};
use super::query::NoQuery;
use super::thing::{self, Thing};
use super::weights::looked_at;
use super::{parameters, words};
use attache_http::naming;
use attache_http::{Current, PathIds, Problem, Session};

/// A program that calls with an API token. It has grants, and no memberships.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Service)]
pub(super) struct ServiceView {
    /// A UUID, unique among the tenant's services.
    id: Uuid,
    /// Unique among the tenant's services, and never reused.
    #[schema(example = 2)]
    number: u32,
    /// The id of the service in another system.
    #[schema(value_type = Option<String>, required = true)]
    key: Option<Key>,
    #[schema(value_type = String, example = "Billing portal")]
    name: Name,
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    /// The caller who added it: `user:…`, `service:…`, `operator` or `attache`; null if
    /// unknown.
    #[schema(value_type = Option<String>, required = true, example = "user:019f91a9-38c7-7014-a46e-75b4618c9ce3")]
    created_by: Option<Actor>,
}

impl ServiceView {
    fn of(state: &State, service: &Service) -> Self {
        Self {
            id: service.id.0,
            number: service.number.0,
            key: service.key.clone(),
            name: service.name.clone(),
            created_at: service.created_at,
            created_by: state.giver(service.created_by),
        }
    }
}

/// The services of a tenant.
struct Services;

impl Thing for Services {
    type Name = Ref;
    type Number = ServiceNumber;
    type View<'a> = ServiceView;

    const NOUN: &'static str = "service";
    const PATH: &'static str = "services";

    fn find(state: &State, name: &Ref) -> Option<ServiceNumber> {
        state.find_service(name)
    }

    fn view<'a>(_: Authority<'a>, subject: View<'a>, number: ServiceNumber) -> Option<ServiceView> {
        let state = subject.state();
        let row = state.service_node(number)?;
        Some(ServiceView::of(state, &row.service))
    }

    fn id(view: &ServiceView) -> Uuid {
        view.id
    }

    fn added(change: &Change) -> Option<Ref> {
        match change {
            Change::ServiceAdded { service, .. } => Some((*service).into()),
            _ => None,
        }
    }

    fn changed(change: &Change) -> Option<Ref> {
        match change {
            Change::ServiceChanged { service, .. } => Some((*service).into()),
            _ => None,
        }
    }

    fn refused(problem: Problem) -> Problem {
        words::absent(problem)
    }
}

/// A service to add.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewService)]
pub(super) struct NewService {
    /// The number of the service in another system; if left out, the next number.
    #[schema(minimum = 1)]
    number: Option<u32>,
    /// The id of the service in another system. Unique among the tenant's services.
    #[schema(value_type = Option<String>)]
    #[serde(default, deserialize_with = "super::written::optional")]
    key: Option<Key>,
    #[schema(value_type = String, example = "Billing portal")]
    #[serde(deserialize_with = "super::written::required")]
    name: Name,
}

impl NewService {
    pub(super) fn command(self, id: ServiceId) -> Command {
        Command::AddService {
            id,
            number: self.number,
            key: self.key,
            name: self.name,
        }
    }
}

/// The changes of a service. Fields that are left out stay, null removes a value.
#[derive(Clone, Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ServiceChange)]
pub(super) struct ServicePatch {
    #[serde(default, deserialize_with = "super::written::given")]
    #[schema(value_type = Option<String>, nullable = false)]
    name: Option<Name>,
    #[serde(default, deserialize_with = "super::written::nullable")]
    #[schema(value_type = Option<String>)]
    key: Option<Option<Key>>,
}

impl ServicePatch {
    pub(super) fn command(self, service: Ref) -> Command {
        Command::ChangeService {
            service,
            name: self.name,
            key: self.key,
        }
    }
}

/// List services.
///
/// Needs the permission `tenants.services.list`.
#[utoipa::path(
    get,
    operation_id = "list_services",
    path = "/services",
    tag = "services",
    params(
        parameters::PageSize, parameters::Cursor,
        ("text" = Option<String>, Query, nullable = false, description = "Only services whose name or key contains this text, ignoring case and accents."),
    ),
    responses((status = 200, description = "A page of services, by number.", body = Page<ServiceView>)),
)]
pub(super) async fn list(request: ListRequest) -> Result<Response, Problem> {
    let List {
        app,
        session,
        mut query,
        listing,
    } = request.read::<ServiceView>(&["text"])?;
    let paging = Paging::<u32>::read(&app, &session, "/services", &mut query)?;
    let state = session.subject().state();
    session.authority().authorize_tenant("services.list")?;
    let text = words::text(&mut query);
    let services = state
        .services()
        .filter(|row| words::contains(text.as_ref(), &row.service.name, row.service.key.as_ref()));
    let services: Vec<&Service> = services.map(|row| &*row.service).collect();
    if listing.is_whole() {
        let weight = looked_at(services.len());
        let find = || Ok(services.iter().map(|service| service.number).collect());
        let show = |session: &Session, services: &[ServiceNumber], rows: &mut Rows<'_>| {
            let services = services
                .iter()
                .filter_map(|it| session.subject().state().service_node(*it));
            services.into_iter().try_for_each(|row| {
                rows.put(&ServiceView::of(session.subject().state(), &row.service))
            })
        };
        return listing
            .whole(&session, Tag::Nothing, weight, find, show)
            .await;
    }
    paging
        .answer(
            &listing,
            &session,
            services,
            |service| service.number.0,
            |service| ServiceView::of(state, service),
            0,
        )
        .await
}

/// Add a service.
///
/// Needs the permission `tenants.services.add`.
#[utoipa::path(
    post,
    operation_id = "add_service",
    path = "/services",
    tag = "services",
    params(parameters::IdempotencyKey),
    request_body = NewService,
    responses((status = 201, description = "Added.", body = ServiceView)),
)]
pub(super) async fn create(mut call: Call) -> Result<Response, Problem> {
    let id = ServiceId(call.id());
    let command = call.body::<NewService>()?.command(id);
    thing::create::<Services>(call, command, |_| Current::Untagged).await
}

/// Get a service.
///
/// Needs the permission `tenants.services.list`.
#[utoipa::path(
    get,
    operation_id = "get_service",
    path = "/services/{service}",
    tag = "services",
    params(parameters::ServiceName, parameters::IfNoneMatch),
    responses((status = 200, description = "The service.", body = ServiceView), (status = 304, description = "The caller has it already (`If-None-Match`).")),
)]
pub(super) async fn get(
    session: Session,
    _: NoQuery,
    PathIds(service): PathIds<String>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let number = find(&session, &service)?;
    thing::get::<Services>(&session, &headers, number)
}

/// Returns the service with a name.
pub(super) fn find(session: &Session, name: &str) -> Result<ServiceNumber, Problem> {
    let state = session.subject().state();
    session.authority().authorize_tenant("services.list")?;
    let found = state.find_service(&naming::reference(name));
    found.ok_or_else(|| not_found("service"))
}

/// Change a service's name or key.
///
/// Needs the permission `tenants.services.change`.
#[utoipa::path(
    patch,
    operation_id = "change_service",
    path = "/services/{service}",
    tag = "services",
    params(parameters::ServiceName, parameters::IdempotencyKey),
    request_body = ServicePatch,
    responses((status = 200, description = "The changed service.", body = ServiceView)),
)]
pub(super) async fn change(
    PathIds(service): PathIds<String>,
    mut call: Call,
) -> Result<Response, Problem> {
    let service = naming::reference(&service);
    let command = call.body::<ServicePatch>()?.command(service.clone());
    thing::change::<Services>(call, command, service).await
}

/// Remove a service, its tokens and its grants.
///
/// Needs the permission `tenants.services.remove`.
#[utoipa::path(
    delete,
    operation_id = "remove_service",
    path = "/services/{service}",
    tag = "services",
    params(parameters::ServiceName, parameters::IdempotencyKey),
    responses((status = 204, description = "Removed.")),
)]
pub(super) async fn remove(
    PathIds(service): PathIds<String>,
    call: Call,
) -> Result<Response, Problem> {
    let service = naming::reference(&service);
    let command = Command::RemoveService {
        service: service.clone(),
    };
    thing::remove::<Services>(call, command, service).await
}
