//! The users of a group.

use attache_core::id::UserNumber;
use attache_core::state::GroupNode;
use attache_core::{Actor, Change, Command, Origin, Ref, State, Timestamp};
use axum::response::Response;
use http::HeaderMap;
use serde::Serialize;
use utoipa::ToSchema;

use super::answer::{gone, made};
use super::call::{Call, not_found};
use super::list_request::{List, ListRequest};
use super::lists::{Rows, Tag};
use super::page::{Page, Paging};
use super::query::NoQuery;
use super::weights::looked_at;
use super::{etag, groups, parameters, users, words};
use attache_http::naming;
use attache_http::{PathIds, Problem, Session};

/// A user of a group.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = GroupUser)]
pub(super) struct GroupUserView<'a> {
    #[serde(flatten)]
    user: users::UserView<'a>,
    /// When the user was added to the group.
    #[schema(value_type = String, format = DateTime)]
    added_at: Timestamp,
    /// The caller who added the user to the group: `user:…`, `service:…`, `operator` or
    /// `attache`.
    #[schema(value_type = Option<String>, required = true, example = "user:019f91a9-38c7-7014-a46e-75b4618c9ce3")]
    added_by: Option<Actor>,
    /// Through which door it was put into the group, such as `api` or `import`; `unknown` by
    /// an older version.
    #[schema(value_type = String, example = "api")]
    origin: Origin,
}

impl<'a> GroupUserView<'a> {
    /// `None` if the user is not in the group.
    fn of(state: &'a State, group: &GroupNode, user: UserNumber) -> Option<Self> {
        let row = state.user_node(user)?;
        let given = row.groups.get(&group.group.number)?;
        Some(Self {
            user: users::UserView::of(&row.user),
            added_at: given.added_at(),
            added_by: state.giver(given.added_by()),
            origin: state.origin(given.added_by()),
        })
    }
}

/// List the users of a group.
///
/// Needs the permission `tenants.groups.list`.
#[utoipa::path(
    get,
    operation_id = "list_group_users",
    path = "/groups/{group}/users",
    tag = "groups",
    params(parameters::IfNoneMatch, parameters::GroupName, parameters::PageSize, parameters::Cursor),
    responses((status = 200, description = "A page of users, by number.", body = Page<GroupUserView>), (status = 304, description = "The caller has it already (`If-None-Match`).")),
)]
pub(super) async fn list(
    request: ListRequest,
    PathIds(group): PathIds<String>,
) -> Result<Response, Problem> {
    let List {
        app,
        session,
        mut query,
        listing,
    } = request.read::<GroupUserView<'_>>(&[])?;
    let number = groups::find(&session, &group)?;
    let path = format!("/groups/{}/users", number.0);
    let paging = Paging::<u32>::read(&app, &session, &path, &mut query)?;
    let state = session.subject().state();
    let row = state.group_node(number).ok_or(Problem::Internal)?;
    let weight = looked_at(row.users.len());
    if listing.is_whole() {
        let find = || Ok(row.users.keys().copied().collect());
        let show = move |session: &Session, users: &[UserNumber], rows: &mut Rows<'_>| {
            let state = session.subject().state();
            let row = state.group_node(number).ok_or(Problem::Internal)?;
            let users = users
                .iter()
                .filter_map(|user| GroupUserView::of(state, row, *user));
            users.into_iter().try_for_each(|user| rows.put(&user))
        };
        return listing
            .whole(&session, Tag::OfList, weight, find, show)
            .await;
    }
    let page = |size| {
        let users: Vec<UserNumber> = row.users.keys().copied().collect();
        let page = paging.cut(
            size,
            &users,
            |user| user.0,
            |user| GroupUserView::of(state, row, user),
        );
        Ok(Page {
            items: page.items.into_iter().flatten().collect::<Vec<_>>(),
            total: page.total,
            next: page.next,
        })
    };
    let answer = listing.page(&session, Tag::OfList, weight, paging.size, page);
    answer.await
}

/// Get a user of a group.
///
/// Needs the permission `tenants.groups.list`.
#[utoipa::path(
    get,
    operation_id = "get_group_user",
    path = "/groups/{group}/users/{user}",
    tag = "groups",
    params(parameters::GroupName, parameters::UserName, parameters::IfNoneMatch),
    responses((status = 200, description = "The user of the group.", body = GroupUserView), (status = 304, description = "The caller has it already (`If-None-Match`).")),
)]
pub(super) async fn get(
    session: Session,
    _: NoQuery,
    PathIds((group, user)): PathIds<(String, String)>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    groups::find(&session, &group)?;
    let (group, user) = (naming::reference(&group), naming::reference(&user));
    let user = within(session.subject().state(), &group, &user);
    etag::answer(&headers, user.ok_or_else(|| not_found("user"))?)
}

/// Returns a user of a group, if the user is in it.
fn within<'a>(state: &'a State, group: &Ref, user: &Ref) -> Option<GroupUserView<'a>> {
    let row = state.group_node(state.find_group(group)?)?;
    GroupUserView::of(state, row, state.find_user(user)?)
}

/// Returns the tag of a user in a group, if the user is in it.
fn tag_of(group: Ref, user: Ref) -> impl Fn(&State) -> Option<String> + Send + Sync {
    move |state| etag::of(&within(state, &group, &user)?)
}

/// Add a user to a group.
///
/// Needs the permission `tenants.groups.users.add`, and all that the group holds.
#[utoipa::path(
    put,
    operation_id = "add_group_user",
    path = "/groups/{group}/users/{user}",
    tag = "groups",
    params(parameters::GroupName, parameters::UserName, parameters::IdempotencyKey),
    responses(
        (status = 201, description = "The user was added to the group."),
        (status = 204, description = "The user was in the group already."),
    ),
)]
pub(super) async fn add(
    PathIds((group, user)): PathIds<(String, String)>,
    mut call: Call,
) -> Result<Response, Problem> {
    let (group, user) = (naming::reference(&group), naming::reference(&user));
    let command = Command::AddGroupUser {
        group: group.clone(),
        user: user.clone(),
    };
    let done = call.write_to(command, tag_of(group, user)).await;
    let done = done.map_err(words::absent)?;
    let mut response = gone(&done);
    let added = done.made(|change| match change {
        Change::GroupUserAdded { group, user } => Some((*group, *user)),
        _ => None,
    });
    if let Some((group, user)) = added {
        made(
            &mut response,
            &done,
            &format!("groups/{group}/users/{user}"),
        );
    }
    Ok(response)
}

/// Remove a user from a group.
///
/// Needs the permission `tenants.groups.users.remove`.
#[utoipa::path(
    delete,
    operation_id = "remove_group_user",
    path = "/groups/{group}/users/{user}",
    tag = "groups",
    params(parameters::GroupName, parameters::UserName, parameters::IdempotencyKey),
    responses((status = 204, description = "The user is not in the group.")),
)]
pub(super) async fn remove(
    PathIds((group, user)): PathIds<(String, String)>,
    mut call: Call,
) -> Result<Response, Problem> {
    let (group, user) = (naming::reference(&group), naming::reference(&user));
    let command = Command::RemoveGroupUser {
        group: group.clone(),
        user: user.clone(),
    };
    let done = call.write_to(command, tag_of(group, user)).await;
    let done = done.map_err(words::absent)?;
    Ok(gone(&done))
}
