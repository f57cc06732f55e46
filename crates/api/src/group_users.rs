//! The users of a group.

use attache_core::Command;
use axum::extract::{RawQuery, State as Shared};
use axum::response::Response;

use super::answer::gone;
use super::call::Call;
use super::docs::{ReadProblems, WriteProblems};
use super::page::{Page, Paging};
use super::query::Query;
use super::{etag, groups, users, words};
use attache_http::naming;
use attache_http::{App, PathIds, Problem, Session};

/// List the users of a group.
///
/// Needs the permission `tenants.groups.list`.
#[utoipa::path(
    get,
    operation_id = "list_group_users",
    path = "/groups/{group}/users",
    tag = "groups",
    params(words::IfNoneMatch, words::GroupName, words::PageSize, words::Cursor),
    responses((status = 200, description = "A page of users, by number.", body = Page<users::Shown>), (status = 304, description = "As `If-None-Match` says."), ReadProblems),
)]
pub(super) async fn list(
    Shared(app): Shared<App>,
    session: Session,
    PathIds(group): PathIds<String>,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    let mut query = Query::read(query.as_deref(), &["page_size", "cursor"])?;
    let number = groups::find(&session, &group)?;
    let path = format!("/groups/{}/users", number.0);
    let paging = Paging::<u32>::read(&app, &session, &path, &mut query)?;
    let state = &*session.state;
    let row = state.group_node(number).into_iter();
    let users = row.flat_map(|row| row.users.keys());
    let users = users.filter_map(|user| state.user(*user)).collect();
    etag::listed(&session, || {
        Ok(paging.cut(users, |user| user.number.0, users::Shown::of))
    })
}

/// Put a user into a group.
///
/// Needs the permission `tenants.groups.users.add`, and all that the group holds.
#[utoipa::path(
    put,
    operation_id = "add_group_user",
    path = "/groups/{group}/users/{user}",
    tag = "groups",
    params(words::GroupName, words::UserName, words::IdempotencyKey),
    responses((status = 204, description = "It is in the group."), WriteProblems),
)]
pub(super) async fn add(
    PathIds((group, user)): PathIds<(String, String)>,
    mut call: Call,
) -> Result<Response, Problem> {
    let command = Command::AddGroupUser {
        group: naming::reference(&group),
        user: naming::reference(&user),
    };
    let done = call.write(command).await.map_err(words::absent)?;
    Ok(gone(&done))
}

/// Take a user out of a group.
///
/// Needs the permission `tenants.groups.users.remove`.
#[utoipa::path(
    delete,
    operation_id = "remove_group_user",
    path = "/groups/{group}/users/{user}",
    tag = "groups",
    params(words::GroupName, words::UserName, words::IdempotencyKey),
    responses((status = 204, description = "It is not in the group."), WriteProblems),
)]
pub(super) async fn remove(
    PathIds((group, user)): PathIds<(String, String)>,
    mut call: Call,
) -> Result<Response, Problem> {
    let command = Command::RemoveGroupUser {
        group: naming::reference(&group),
        user: naming::reference(&user),
    };
    let done = call.write(command).await.map_err(words::absent)?;
    Ok(gone(&done))
}
