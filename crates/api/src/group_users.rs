//! The users of a group.

use attache_core::model::{Group, User};
use attache_core::{Change, Command, Ref, State};
use axum::extract::{RawQuery, State as Shared};
use axum::response::Response;
use http::HeaderMap;

use super::answer::{gone, made};
use super::call::{Call, not_found};
use super::docs::{ReadProblems, WriteProblems};
use super::page::{Page, Paging, looked_at};
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
    let row = state.group_node(number).ok_or(Problem::Internal)?;
    let weight = looked_at(row.users.len());
    etag::listed(&session, weight, paging.size, |size| {
        let users = row.users.keys().filter_map(|user| state.user(*user));
        let users: Vec<_> = users.collect();
        Ok(paging.cut(size, &users, |user| user.number.0, users::Shown::of))
    })
    .await
}

/// Get a user of a group.
///
/// Needs the permission `tenants.groups.list`.
#[utoipa::path(
    get,
    operation_id = "get_group_user",
    path = "/groups/{group}/users/{user}",
    tag = "groups",
    params(words::GroupName, words::UserName, words::IfNoneMatch),
    responses((status = 200, description = "The user, who is in the group.", body = users::Shown), (status = 304, description = "As `If-None-Match` says."), ReadProblems),
)]
pub(super) async fn get(
    session: Session,
    PathIds((group, user)): PathIds<(String, String)>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    groups::find(&session, &group)?;
    let (group, user) = (naming::reference(&group), naming::reference(&user));
    let found = within(&session.state, &group, &user);
    let (_, user) = found.ok_or_else(|| not_found("user"))?;
    etag::answer(&headers, users::Shown::of(user))
}

/// A group and a user of it, if the user is in it.
fn within<'a>(state: &'a State, group: &Ref, user: &Ref) -> Option<(&'a Group, &'a User)> {
    let row = state.group_node(state.find_group(group)?)?;
    let number = state.find_user(user)?;
    let user = state.user(number).filter(|_| row.users.contains(&number))?;
    Some((&row.group, user))
}

/// The tag of a user in a group, if it is in it.
fn tag_of(group: Ref, user: Ref) -> impl Fn(&State) -> Option<String> + Send + Sync {
    move |state| etag::of(&users::Shown::of(within(state, &group, &user)?.1))
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
    responses(
        (status = 201, description = "It was not in the group, and is now."),
        (status = 204, description = "It was in the group already."),
        WriteProblems,
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
    let (group, user) = (naming::reference(&group), naming::reference(&user));
    let command = Command::RemoveGroupUser {
        group: group.clone(),
        user: user.clone(),
    };
    let done = call.write_to(command, tag_of(group, user)).await;
    let done = done.map_err(words::absent)?;
    Ok(gone(&done))
}
