//! Groups.

use attache_core::ask::{Authority, View};
use attache_core::id::{GroupId, GroupNumber, Key};
use attache_core::model::{Group, Name};
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

/// A group of users. Its grants are grants of each of its users.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Group)]
pub(super) struct GroupView {
    /// A UUID, unique among the tenant's groups.
    id: Uuid,
    /// Unique among the tenant's groups, and never reused.
    #[schema(example = 2)]
    number: u32,
    /// The id of the group in another system.
    #[schema(value_type = Option<String>, required = true)]
    key: Option<Key>,
    #[schema(value_type = String, example = "Night shift")]
    name: Name,
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    /// The caller who added it: `user:…`, `service:…`, `operator` or `attache`; null if
    /// unknown.
    #[schema(value_type = Option<String>, required = true, example = "user:019f91a9-38c7-7014-a46e-75b4618c9ce3")]
    created_by: Option<Actor>,
}

impl GroupView {
    pub(super) fn of(state: &State, group: &Group) -> Self {
        Self {
            id: group.id.0,
            number: group.number.0,
            key: group.key.clone(),
            name: group.name.clone(),
            created_at: group.created_at,
            created_by: state.giver(group.created_by),
        }
    }
}

/// The groups of a tenant.
struct Groups;

impl Thing for Groups {
    type Name = Ref;
    type Number = GroupNumber;
    type View<'a> = GroupView;

    const NOUN: &'static str = "group";
    const PATH: &'static str = "groups";

    fn find(state: &State, name: &Ref) -> Option<GroupNumber> {
        state.find_group(name)
    }

    fn view<'a>(_: Authority<'a>, subject: View<'a>, number: GroupNumber) -> Option<GroupView> {
        let state = subject.state();
        let row = state.group_node(number)?;
        Some(GroupView::of(state, &row.group))
    }

    fn id(view: &GroupView) -> Uuid {
        view.id
    }

    fn added(change: &Change) -> Option<Ref> {
        match change {
            Change::GroupAdded { group, .. } => Some((*group).into()),
            _ => None,
        }
    }

    fn changed(change: &Change) -> Option<Ref> {
        match change {
            Change::GroupChanged { group, .. } => Some((*group).into()),
            _ => None,
        }
    }

    fn refused(problem: Problem) -> Problem {
        words::absent(problem)
    }
}

/// A group to add.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewGroup)]
pub(super) struct NewGroup {
    /// The number of the group in another system; if left out, the next number.
    #[schema(minimum = 1)]
    number: Option<u32>,
    /// The id of the group in another system. Unique among the tenant's groups.
    #[schema(value_type = Option<String>)]
    #[serde(default, deserialize_with = "super::written::optional")]
    key: Option<Key>,
    #[schema(value_type = String, example = "Night shift")]
    #[serde(deserialize_with = "super::written::required")]
    name: Name,
}

impl NewGroup {
    pub(super) fn command(self, id: GroupId) -> Command {
        Command::AddGroup {
            id,
            number: self.number,
            key: self.key,
            name: self.name,
        }
    }
}

/// The changes of a group. Fields that are left out stay, null removes a value.
#[derive(Clone, Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = GroupChange)]
pub(super) struct GroupPatch {
    #[serde(default, deserialize_with = "super::written::given")]
    #[schema(value_type = Option<String>, nullable = false)]
    name: Option<Name>,
    #[serde(default, deserialize_with = "super::written::nullable")]
    #[schema(value_type = Option<String>)]
    key: Option<Option<Key>>,
}

impl GroupPatch {
    pub(super) fn command(self, group: Ref) -> Command {
        Command::ChangeGroup {
            group,
            name: self.name,
            key: self.key,
        }
    }
}

/// List groups.
///
/// Needs the permission `tenants.groups.list`.
#[utoipa::path(
    get,
    operation_id = "list_groups",
    path = "/groups",
    tag = "groups",
    params(
        parameters::PageSize, parameters::Cursor,
        ("user" = Option<String>, Query, nullable = false, description = "Only groups of this user."),
        ("text" = Option<String>, Query, nullable = false, description = "Only groups whose name or key contains this text, ignoring case and accents."),
    ),
    responses((status = 200, description = "A page of groups, by number.", body = Page<GroupView>)),
)]
pub(super) async fn list(request: ListRequest) -> Result<Response, Problem> {
    let List {
        app,
        session,
        mut query,
        listing,
    } = request.read::<GroupView>(&["user", "text"])?;
    let paging = Paging::<u32>::read(&app, &session, "/groups", &mut query)?;
    let state = session.subject().state();
    session.authority().authorize_tenant("groups.list")?;
    let wanted = query.take("user");
    let user = match &wanted {
        None => None,
        Some(name) => state.find_user(&naming::reference(name)),
    };
    // Only callers that may list users learn whether the user exists.
    let is_nobody = wanted.is_some() && user.is_none();
    if is_nobody && words::may_list(&session, "users.list") {
        return Err(Problem::invalid("user", "is no user"));
    }
    let text = words::text(&mut query);
    let groups = state.groups().filter(|row| {
        !is_nobody
            && user.is_none_or(|user| row.users.contains(&user))
            && words::contains(text.as_ref(), &row.group.name, row.group.key.as_ref())
    });
    let groups: Vec<&Group> = groups.map(|row| &*row.group).collect();
    if listing.is_whole() {
        let weight = looked_at(groups.len());
        let find = || Ok(groups.iter().map(|group| group.number).collect());
        let show = |session: &Session, groups: &[GroupNumber], rows: &mut Rows<'_>| {
            let groups = groups
                .iter()
                .filter_map(|it| session.subject().state().group_node(*it));
            groups
                .into_iter()
                .try_for_each(|row| rows.put(&GroupView::of(session.subject().state(), &row.group)))
        };
        return listing
            .whole(&session, Tag::Nothing, weight, find, show)
            .await;
    }
    paging
        .answer(
            &listing,
            &session,
            groups,
            |group| group.number.0,
            |group| GroupView::of(state, group),
            0,
        )
        .await
}

/// Add a group.
///
/// Needs the permission `tenants.groups.add`.
#[utoipa::path(
    post,
    operation_id = "add_group",
    path = "/groups",
    tag = "groups",
    params(parameters::IdempotencyKey),
    request_body = NewGroup,
    responses((status = 201, description = "Added.", body = GroupView)),
)]
pub(super) async fn create(mut call: Call) -> Result<Response, Problem> {
    let id = GroupId(call.id());
    let command = call.body::<NewGroup>()?.command(id);
    thing::create::<Groups>(call, command, |_| Current::Untagged).await
}

/// Get a group.
///
/// Needs the permission `tenants.groups.list`.
#[utoipa::path(
    get,
    operation_id = "get_group",
    path = "/groups/{group}",
    tag = "groups",
    params(parameters::GroupName, parameters::IfNoneMatch),
    responses((status = 200, description = "The group.", body = GroupView), (status = 304, description = "The caller has it already (`If-None-Match`).")),
)]
pub(super) async fn get(
    session: Session,
    _: NoQuery,
    PathIds(group): PathIds<String>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let number = find(&session, &group)?;
    thing::get::<Groups>(&session, &headers, number)
}

/// Returns the group with a name.
pub(super) fn find(session: &Session, name: &str) -> Result<GroupNumber, Problem> {
    let state = session.subject().state();
    session.authority().authorize_tenant("groups.list")?;
    let found = state.find_group(&naming::reference(name));
    found.ok_or_else(|| not_found("group"))
}

/// Change a group's name or key.
///
/// Needs the permission `tenants.groups.change`.
#[utoipa::path(
    patch,
    operation_id = "change_group",
    path = "/groups/{group}",
    tag = "groups",
    params(parameters::GroupName, parameters::IdempotencyKey),
    request_body = GroupPatch,
    responses((status = 200, description = "The changed group.", body = GroupView)),
)]
pub(super) async fn change(
    PathIds(group): PathIds<String>,
    mut call: Call,
) -> Result<Response, Problem> {
    let group = naming::reference(&group);
    let command = call.body::<GroupPatch>()?.command(group.clone());
    thing::change::<Groups>(call, command, group).await
}

/// Remove a group and its grants.
///
/// Needs the permission `tenants.groups.remove`.
#[utoipa::path(
    delete,
    operation_id = "remove_group",
    path = "/groups/{group}",
    tag = "groups",
    params(parameters::GroupName, parameters::IdempotencyKey),
    responses((status = 204, description = "Removed.")),
)]
pub(super) async fn remove(
    PathIds(group): PathIds<String>,
    call: Call,
) -> Result<Response, Problem> {
    let group = naming::reference(&group);
    let command = Command::RemoveGroup {
        group: group.clone(),
    };
    thing::remove::<Groups>(call, command, group).await
}
