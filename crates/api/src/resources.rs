//! Resources: the tenant's tree.

use attache_core::ask::{Authority, Sight, View};
use attache_core::id::{Key, Node, ResourceId};
use attache_core::model::Name;
use attache_core::{Actor, Change, Command, Locator, State, Timestamp};
use axum::extract::RawQuery;
use axum::response::Response;
use http::HeaderMap;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::call::Call;
use super::list_request::{List, ListRequest};
use super::lists::{Accepted, Listing, Rows, Tag};
use super::page::{Page, Paging};
use super::query::{NoQuery, PARAMETERS, Query};
use super::thing::{self, Thing};
use super::weights::looked_at;
use super::{parameters, words};
use attache_http::naming;
use attache_http::{PathIds, Problem, Session};

/// A resource.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Resource)]
pub(super) struct ResourceView<'a> {
    /// A UUID, unique among the tenant's resources.
    id: Uuid,
    /// Its kind, as the catalogue names it.
    #[schema(example = "customer")]
    kind: &'a str,
    /// Unique among the tenant's resources of this kind, and never reused.
    #[schema(example = 7)]
    number: u32,
    /// The id of the resource in another system.
    #[schema(value_type = Option<String>, required = true, example = "harbour-bakery")]
    key: Option<&'a Key>,
    #[schema(value_type = String, example = "Harbour Bakery")]
    name: &'a Name,
    /// The id of the parent resource; null for the root, and if the caller does not see
    /// the parent.
    #[schema(required = true)]
    parent: Option<Uuid>,
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    /// The caller who added it: `user:…`, `service:…`, `operator` or `attache`; null if
    /// unknown.
    #[schema(value_type = Option<String>, required = true, example = "user:019f91a9-38c7-7014-a46e-75b4618c9ce3")]
    created_by: Option<Actor>,
}

impl<'a> ResourceView<'a> {
    pub(super) fn of(sight: &Sight<'a>, node: Node) -> Option<Self> {
        let found = sight.subject().state().node(node)?;
        let resource = &found.resource;
        Some(Self {
            id: resource.id.0,
            kind: resource.kind.as_str(),
            number: resource.number.0,
            key: resource.key.as_ref(),
            name: &resource.name,
            parent: sight.parent(node).map(|parent| parent.id.0),
            created_at: resource.created_at,
            created_by: sight.subject().state().giver(resource.created_by),
        })
    }
}

/// The resources of a tenant.
struct Resources;

impl Thing for Resources {
    type Name = Locator;
    type Number = Node;
    type View<'a> = ResourceView<'a>;

    const NOUN: &'static str = "resource";
    const PATH: &'static str = "resources";

    fn find(state: &State, name: &Locator) -> Option<Node> {
        state.find(name)
    }

    fn view<'a>(
        authority: Authority<'a>,
        subject: View<'a>,
        node: Node,
    ) -> Option<ResourceView<'a>> {
        ResourceView::of(&authority.sight(subject), node)
    }

    fn id(view: &ResourceView<'_>) -> Uuid {
        view.id
    }

    fn added(change: &Change) -> Option<Locator> {
        match change {
            Change::ResourceAdded { resource, .. } => Some(Locator::id(*resource)),
            _ => None,
        }
    }

    fn changed(change: &Change) -> Option<Locator> {
        match change {
            Change::ResourceChanged { resource, .. } | Change::ResourceMoved { resource, .. } => {
                Some(Locator::id(*resource))
            }
            _ => None,
        }
    }
}

/// A resource to add.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewResource)]
pub(super) struct NewResource {
    /// Its kind, as the catalogue names it.
    #[schema(example = "customer")]
    kind: String,
    /// The parent resource: its id, `kind:key`, `kind:#number` or `tenant`. If left out:
    /// the root.
    #[schema(example = "tenant")]
    parent: Option<String>,
    /// The number of the resource in another system; if left out, the next number of its
    /// kind.
    #[schema(minimum = 1)]
    number: Option<u32>,
    /// The id of the resource in another system. Unique among the tenant's resources of
    /// this kind.
    #[schema(value_type = Option<String>, example = "harbour-bakery")]
    #[serde(default, deserialize_with = "super::written::optional")]
    key: Option<Key>,
    #[schema(value_type = String, example = "Harbour Bakery")]
    #[serde(deserialize_with = "super::written::required")]
    name: Name,
}

impl NewResource {
    pub(super) fn command(self, id: ResourceId) -> Command {
        Command::AddResource {
            id,
            kind: self.kind.into(),
            parent: naming::locator(self.parent.as_deref().unwrap_or("tenant")),
            number: self.number,
            key: self.key,
            name: self.name,
        }
    }
}

/// The changes of a resource. Fields that are left out stay, null removes a value.
#[derive(Clone, Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ResourceChange)]
pub(super) struct ResourcePatch {
    #[serde(default, deserialize_with = "super::written::given")]
    #[schema(value_type = Option<String>, nullable = false)]
    name: Option<Name>,
    #[serde(default, deserialize_with = "super::written::nullable")]
    #[schema(value_type = Option<String>)]
    key: Option<Option<Key>>,
}

impl ResourcePatch {
    pub(super) fn command(self, resource: Locator) -> Command {
        Command::ChangeResource {
            resource,
            name: self.name,
            key: self.key,
        }
    }
}

/// The new place of a resource.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ResourceMove)]
pub(super) struct ResourceMove {
    /// The new parent resource.
    #[schema(example = "reseller:nordlicht")]
    parent: String,
}

/// List the resources that the caller may see.
#[utoipa::path(
    get,
    operation_id = "list_resources",
    path = "/resources",
    tag = "resources",
    params(parameters::IfNoneMatch,
        parameters::PageSize, parameters::Cursor,
        ("kind" = Option<String>, Query, nullable = false, example = "customer", description = "Only resources of this kind."),
        ("text" = Option<String>, Query, nullable = false, description = "Only resources whose name or key contains this text, ignoring case and accents."),
    ),
    responses((status = 200, description = "A page of resources, in the order in which they were added.", body = Page<ResourceView>), (status = 304, description = "The caller has it already (`If-None-Match`).")),
)]
pub(super) async fn list(request: ListRequest) -> Result<Response, Problem> {
    let List {
        app,
        session,
        mut query,
        listing,
    } = request.read::<ResourceView<'_>>(&["kind", "text"])?;
    let paging = Paging::<u32>::read(&app, &session, "/resources", &mut query)?;
    let state = session.subject().state();
    let kind = words::kind(&session, &mut query)?;
    let text = words::text(&mut query);
    let weight = looked_at(state.resource_count());
    let nodes = || {
        let mut nodes = kind.of(|kind| session.authority().visible(session.subject(), kind));
        nodes.retain(|node| {
            let resource = state.resource(*node);
            resource.is_some_and(|it| words::contains(text.as_ref(), &it.name, it.key.as_ref()))
        });
        nodes
    };
    answer(&listing, &session, &paging, weight, nodes).await
}

/// Answers with a page of these resources, or all of them.
async fn answer(
    listing: &Listing,
    session: &Session,
    paging: &Paging<u32>,
    weight: usize,
    nodes: impl Fn() -> Vec<Node>,
) -> Result<Response, Problem> {
    if listing.is_whole() {
        let answer = listing.whole(session, Tag::OfList, weight, || Ok(nodes()), show);
        return answer.await;
    }
    let page = |size| Ok(page(paging, size, &session.sight(), &nodes()));
    let answer = listing.page(session, Tag::OfList, weight, paging.size, page);
    answer.await
}

/// Writes some resources of a list.
fn show(session: &Session, nodes: &[Node], rows: &mut Rows<'_>) -> Result<(), Problem> {
    let sight = session.sight();
    let shown = nodes
        .iter()
        .filter_map(|node| ResourceView::of(&sight, *node));
    shown.into_iter().try_for_each(|shown| rows.put(&shown))
}

fn page<'a>(
    paging: &Paging<u32>,
    size: usize,
    sight: &Sight<'a>,
    nodes: &[Node],
) -> Page<ResourceView<'a>> {
    let page = paging.cut(
        size,
        nodes,
        |node| node.0,
        |node| ResourceView::of(sight, node),
    );
    Page {
        items: page.items.into_iter().flatten().collect(),
        total: page.total,
        next: page.next,
    }
}

/// Add a resource.
///
/// Needs the permission to add such resources, such as `customers.add`, on its parent,
/// which the caller must see.
#[utoipa::path(
    post,
    operation_id = "add_resource",
    path = "/resources",
    tag = "resources",
    params(parameters::IdempotencyKey),
    request_body = NewResource,
    responses((status = 201, description = "Added.", body = ResourceView)),
)]
pub(super) async fn create(mut call: Call) -> Result<Response, Problem> {
    let id = ResourceId(call.id());
    let command = call.body::<NewResource>()?.command(id);
    let list = call.session.list();
    thing::create::<Resources>(call, command, list).await
}

/// Get a resource.
///
/// For all callers that see it, that is, that hold a permission there of the family of
/// its kind, such as `customers.view` on a customer.
#[utoipa::path(
    get,
    operation_id = "get_resource",
    path = "/resources/{resource}",
    tag = "resources",
    params(parameters::ResourceName, parameters::IfNoneMatch),
    responses((status = 200, description = "The resource.", body = ResourceView), (status = 304, description = "The caller has it already (`If-None-Match`).")),
)]
pub(super) async fn get(
    session: Session,
    _: NoQuery,
    PathIds(resource): PathIds<String>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let node = see(&session, &resource)?;
    thing::get::<Resources>(&session, &headers, node)
}

pub(super) fn see(session: &Session, name: &str) -> Result<Node, Problem> {
    let locator = naming::locator(name);
    Ok(session.see(&locator)?)
}

/// List the resources directly below a resource, as far as the caller sees them.
#[utoipa::path(
    get,
    operation_id = "list_children",
    path = "/resources/{resource}/children",
    tag = "resources",
    params(parameters::IfNoneMatch,
        parameters::ResourceName, parameters::PageSize, parameters::Cursor,
        ("kind" = Option<String>, Query, nullable = false, description = "Only resources of this kind."),
    ),
    responses((status = 200, description = "A page of resources, in the order in which they were added.", body = Page<ResourceView>), (status = 304, description = "The caller has it already (`If-None-Match`).")),
)]
pub(super) async fn children(
    request: ListRequest,
    PathIds(resource): PathIds<String>,
) -> Result<Response, Problem> {
    let List {
        app,
        session,
        mut query,
        listing,
    } = request.read::<ResourceView<'_>>(&["kind"])?;
    let node = see(&session, &resource)?;
    let path = format!("/resources/{}/children", node.0);
    let paging = Paging::<u32>::read(&app, &session, &path, &mut query)?;
    let state = session.subject().state();
    let kind = words::kind(&session, &mut query)?;
    let children = &state.node(node).ok_or(Problem::Internal)?.children;
    let of_kind = |node: &Node| {
        let found = state.node(*node);
        found.is_some_and(|found| kind.is(found.kind))
    };
    let weight = looked_at(children.len());
    let nodes = || {
        let sight = session.sight();
        let children = children.keys().copied().filter(of_kind);
        children.filter(|child| sight.sees(*child)).collect()
    };
    answer(&listing, &session, &paging, weight, nodes).await
}

/// List the resources above a resource, as far as the caller sees them.
///
/// Starts with the parent and ends with the root.
#[utoipa::path(
    get,
    operation_id = "list_ancestors",
    path = "/resources/{resource}/ancestors",
    tag = "resources",
    params(parameters::IfNoneMatch, parameters::ResourceName),
    responses((status = 200, description = "All resources, on one page.", body = Page<ResourceView>), (status = 304, description = "The caller has it already (`If-None-Match`).")),
)]
pub(super) async fn ancestors(
    session: Session,
    accepted: Accepted,
    PathIds(resource): PathIds<String>,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    let mut query = Query::strict(query.as_deref(), &PARAMETERS[2..])?;
    let listing = Listing::read::<ResourceView<'_>>(accepted, &mut query)?;
    let node = see(&session, &resource)?;
    let state = session.subject().state();
    let nodes = || {
        let sight = session.sight();
        let above = state.up(node).skip(1).map(|(above, _)| above);
        above.filter(|above| sight.sees(*above)).collect::<Vec<_>>()
    };
    if listing.is_whole() {
        let answer = listing.whole(&session, Tag::OfList, 0, || Ok(nodes()), show);
        return answer.await;
    }
    // A tree has few levels, so they fit on one page.
    let page = |_| {
        let sight = session.sight();
        let items = nodes();
        let items = items
            .iter()
            .filter_map(|above| ResourceView::of(&sight, *above));
        let items: Vec<ResourceView<'_>> = items.collect();
        Ok(Page {
            total: items.len() as u64,
            items,
            next: None,
        })
    };
    listing.page(&session, Tag::OfList, 0, 1, page).await
}

/// Change a resource's name or key.
///
/// Needs the permission of its kind, such as `customers.change`.
#[utoipa::path(
    patch,
    operation_id = "change_resource",
    path = "/resources/{resource}",
    tag = "resources",
    params(parameters::ResourceName, parameters::IdempotencyKey),
    request_body = ResourcePatch,
    responses((status = 200, description = "The changed resource.", body = ResourceView)),
)]
pub(super) async fn change(
    PathIds(resource): PathIds<String>,
    mut call: Call,
) -> Result<Response, Problem> {
    let locator = naming::locator(&resource);
    let command = call.body::<ResourcePatch>()?.command(locator.clone());
    thing::change::<Resources>(call, command, locator).await
}

/// Move a resource under another parent, with everything below it.
///
/// Needs the permission of its kind, such as `customers.move`, on it and on its new
/// parent, which the caller must see, and everything that the subjects with roles above
/// its new place will hold on it.
#[utoipa::path(
    post,
    operation_id = "move_resource",
    path = "/resources/{resource}/move",
    tag = "resources",
    params(parameters::ResourceName, parameters::IdempotencyKey),
    request_body = ResourceMove,
    responses((status = 200, description = "The changed resource.", body = ResourceView)),
)]
pub(super) async fn move_to(
    PathIds(resource): PathIds<String>,
    mut call: Call,
) -> Result<Response, Problem> {
    let locator = naming::locator(&resource);
    let command = Command::MoveResource {
        resource: locator.clone(),
        parent: naming::locator(&call.body::<ResourceMove>()?.parent),
    };
    thing::change::<Resources>(call, command, locator).await
}

/// Remove a resource, its memberships and the grants on it.
///
/// Needs the permission of its kind, such as `customers.remove`. Refused while it has
/// resources below it: the problem names those that the caller sees.
#[utoipa::path(
    delete,
    operation_id = "remove_resource",
    path = "/resources/{resource}",
    tag = "resources",
    params(parameters::ResourceName, parameters::IdempotencyKey),
    responses((status = 204, description = "Removed.")),
)]
pub(super) async fn remove(
    PathIds(resource): PathIds<String>,
    call: Call,
) -> Result<Response, Problem> {
    let resource = naming::locator(&resource);
    let command = Command::RemoveResource {
        resource: resource.clone(),
    };
    thing::remove::<Resources>(call, command, resource).await
}
