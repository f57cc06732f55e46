//! Users.

use attache_core::ask::{Authority, Cut, Field, Filter, Include, MemberQuery, Sort, Value, View};
use attache_core::id::{Key, UserId, UserNumber};
use attache_core::model::{Email, ExternalId, Name, Status, Subject, User};
use attache_core::{Actor, Change, Command, Ref, State, Timestamp};
use axum::response::Response;
use http::HeaderMap;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::call::{Call, not_found};
use super::list_request::{List, ListRequest};
use super::lists::{Rows, Tag};
use super::page::{Page, Paging};
use super::place::{Place, Places};
use super::query::NoQuery;
use super::thing::{self, Thing};
use super::user_bodies::{NewUser, UserPatch, UserPut};
use super::weights::LOOKS;
use super::{parameters, words};
use attache_http::naming;
use attache_http::{PathIds, Problem, Session};

/// A user.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = User)]
pub(super) struct UserView<'a> {
    /// A UUID, unique among the tenant's users.
    pub(super) id: Uuid,
    /// Unique among the tenant's users, and never reused.
    #[schema(example = 7)]
    number: u32,
    /// The id of the user in another system.
    #[schema(value_type = Option<String>, required = true, example = "freya.holm")]
    key: Option<&'a Key>,
    /// Whether the user may act. An inactive user has no access, and keeps its
    /// memberships and grants; so does an invited user, until it accepts.
    #[schema(value_type = words::Status)]
    status: Status,
    #[schema(value_type = Option<String>, required = true, example = "Freya")]
    first_name: Option<&'a Name>,
    #[schema(value_type = Option<String>, required = true, example = "Holm")]
    last_name: Option<&'a Name>,
    #[schema(value_type = Option<String>, required = true, format = Email, example = "freya.holm@harbour-bakery.example")]
    email: Option<&'a Email>,
    #[schema(value_type = Option<String>, required = true)]
    phone: Option<&'a Name>,
    /// Whether the e-mail address was verified to be the user's.
    email_verified: bool,
    /// Whether the user has yet to log in to the product for the first time.
    first_login: bool,
    /// The user's id at the identity provider, such as `auth0|5f7c` or a UUID.
    #[schema(value_type = Option<String>, required = true, example = "auth0|5f7c1a2b3d4e")]
    external_auth_id: Option<&'a ExternalId>,
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    /// The caller who added it: `user:0195…`, `service:0195…`, `operator` or `attache`.
    #[schema(value_type = String)]
    created_by: Actor,
    #[schema(value_type = String, format = DateTime)]
    updated_at: Timestamp,
    #[schema(value_type = String)]
    updated_by: Actor,
}

impl<'a> UserView<'a> {
    pub(super) fn of(user: &'a User) -> Self {
        let profile = &user.profile;
        Self {
            id: user.id.0,
            number: user.number.0,
            key: user.key.as_ref(),
            status: user.status,
            first_name: profile.first_name.as_ref(),
            last_name: profile.last_name.as_ref(),
            email: profile.email.as_ref(),
            phone: profile.phone.as_ref(),
            email_verified: user.facts.email_verified,
            first_login: user.facts.first_login,
            external_auth_id: user.facts.external_auth_id.as_ref(),
            created_at: user.created_at,
            created_by: user.created_by,
            updated_at: user.updated_at,
            updated_by: user.updated_by,
        }
    }
}

/// The users of a tenant.
struct Users;

impl Thing for Users {
    type Name = Ref;
    type Number = UserNumber;
    type View<'a> = UserView<'a>;

    const NOUN: &'static str = "user";
    const PATH: &'static str = "users";

    fn find(state: &State, name: &Ref) -> Option<UserNumber> {
        state.find_user(name)
    }

    fn view<'a>(_: Authority<'a>, subject: View<'a>, number: UserNumber) -> Option<UserView<'a>> {
        let state = subject.state();
        state.user(number).map(UserView::of)
    }

    fn id(view: &UserView<'_>) -> Uuid {
        view.id
    }

    fn added(change: &Change) -> Option<Ref> {
        match change {
            Change::UserAdded { user, .. } => Some((*user).into()),
            _ => None,
        }
    }

    fn changed(change: &Change) -> Option<Ref> {
        match change {
            Change::UserChanged { user, .. }
            | Change::UserProfileSet { user }
            | Change::UserStatusChanged { user, .. } => Some((*user).into()),
            _ => None,
        }
    }

    fn refused(problem: Problem) -> Problem {
        words::absent(problem)
    }
}

/// The sort orders of users, by their names in the query.
const SORTS: &[(&str, Sort)] = &[
    ("name", Sort::ascending(Field::FullName)),
    ("-name", Sort::descending(Field::FullName)),
    ("email", Sort::ascending(Field::Email)),
    ("-email", Sort::descending(Field::Email)),
    ("created_at", Sort::ascending(Field::CreatedAt)),
    ("-created_at", Sort::descending(Field::CreatedAt)),
    ("number", Sort::ascending(Field::Number)),
    ("-number", Sort::descending(Field::Number)),
];

/// List users.
///
/// Needs the permission `tenants.users.list`.
#[utoipa::path(
    get,
    operation_id = "list_users",
    path = "/users",
    tag = "users",
    params(parameters::IfNoneMatch,
        parameters::PageSize, parameters::Cursor,
        ("sort" = Option<String>, Query, nullable = false, example = "name", description = "`name`, `email`, `created_at` or `number`, with `-` before it for the other way round; by `number` if left out."),
        ("status" = Option<words::Status>, Query, nullable = false, description = "Only users with this status."),
        ("email" = Option<String>, Query, nullable = false, description = "Only users with this e-mail address, compared as at sign-in: ignoring case, and the domain as a domain."),
        ("key" = Option<String>, Query, nullable = false, description = "Only the user with this key. UUIDs are compared as UUIDs."),
        ("external_auth_id" = Option<String>, Query, nullable = false, description = "Only the user with this id at the identity provider. UUIDs are compared as UUIDs."),
        ("text" = Option<String>, Query, nullable = false, description = "Only users whose name, e-mail address or key contains this text, ignoring case and accents."),
    ),
    responses((status = 200, description = "A page of users.", body = Page<UserView>), (status = 304, description = "The caller has it already (`If-None-Match`).")),
)]
pub(super) async fn list(request: ListRequest) -> Result<Response, Problem> {
    let known = ["sort", "status", "email", "key", "external_auth_id", "text"];
    let List {
        app,
        session,
        mut query,
        listing,
    } = request.read::<UserView<'_>>(&known)?;
    let paging = Paging::<Place>::read(&app, &session, "/users", &mut query)?;
    let mut filters = Vec::new();
    filters.extend(query.word("status", words::STATUSES)?.map(Filter::Status));
    let email = query.take("email").map(|email| Value::email(&email));
    filters.extend(email.map(|email| Filter::Is(Field::Email, email)));
    let key = query.take("key");
    filters.extend(key.map(|key| Filter::Key(key.as_str().into())));
    let id = query.take("external_auth_id");
    filters.extend(id.map(|id| Filter::ExternalId(id.as_str().into())));
    filters.extend(words::text(&mut query).map(Filter::Text));
    let by_number = Sort::ascending(Field::Number);
    let sort = query.word("sort", SORTS)?.unwrap_or(by_number);
    let state = session.subject().state();
    session.authority().authorize_tenant("users.list")?;
    let branch = session.subject().branch(state.root());
    let branch = branch.ok_or(Problem::Internal)?;
    let mut members = MemberQuery {
        include: Include::Direct,
        filters,
        sort,
        cut: Cut::Start,
        take: usize::MAX,
    };
    if listing.is_whole() {
        let weight = branch.looks_at(&members) / LOOKS;
        let find = || {
            let users = branch.list(&members).items.into_iter();
            Ok(users.map(|member| member.user().number).collect())
        };
        return listing
            .whole(&session, Tag::OfList, weight, find, show)
            .await;
    }
    let places = Places::of(&app, &paging, sort).await?;
    members.cut = places.after(paging.after.as_ref())?;
    members.take = paging.size;
    check_place(&members)?;
    let weight = branch.looks_at(&members) / LOOKS;
    let page = |take| {
        let members = MemberQuery {
            take,
            ..members.clone()
        };
        let page = branch.list(&members);
        let items = page.items.iter().map(|member| UserView::of(member.user()));
        let next = places.place(page.next)?;
        Ok(paging.page(items.collect(), page.total as u64, next))
    };
    let answer = listing.page(&session, Tag::OfList, weight, paging.size, page);
    answer.await
}

/// Writes some users of a list.
pub(super) fn show(
    session: &Session,
    users: &[UserNumber],
    rows: &mut Rows<'_>,
) -> Result<(), Problem> {
    let users = users
        .iter()
        .filter_map(|user| session.subject().state().user(*user));
    users
        .into_iter()
        .try_for_each(|user| rows.put(&UserView::of(user)))
}

/// Refuses a cursor of a version of attache that sorted names differently.
pub(super) fn check_place(members: &MemberQuery) -> Result<(), Problem> {
    match members.cut_fits() {
        true => Ok(()),
        false => Err(Problem::invalid(
            "cursor",
            "is of an older version, which sorted names otherwise: begin at the first page",
        )),
    }
}

/// Add a user.
///
/// The user is attached to the tenant only. Needs the permission `tenants.users.add`; if
/// another user has the same verified e-mail address, also all that the other user holds,
/// since a credential would no longer find that user.
#[utoipa::path(
    post,
    operation_id = "add_user",
    path = "/users",
    tag = "users",
    params(parameters::IdempotencyKey),
    request_body = NewUser,
    responses((status = 201, description = "Added.", body = UserView)),
)]
pub(super) async fn create(mut call: Call) -> Result<Response, Problem> {
    let id = UserId(call.id());
    let command = call.body::<NewUser>()?.command(id);
    let list = call.session.list();
    thing::create::<Users>(call, command, list).await
}

/// Get a user.
///
/// Needs the permission `tenants.users.list`, unless the user is the caller.
#[utoipa::path(
    get,
    operation_id = "get_user",
    path = "/users/{user}",
    tag = "users",
    params(parameters::UserName, parameters::IfNoneMatch),
    responses((status = 200, description = "The user.", body = UserView), (status = 304, description = "The caller has it already (`If-None-Match`).")),
)]
pub(super) async fn get(
    session: Session,
    _: NoQuery,
    PathIds(user): PathIds<String>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let number = find(&session, &user)?;
    thing::get::<Users>(&session, &headers, number)
}

/// Returns the user with a name, if the caller may know of it.
pub(super) fn find(session: &Session, name: &str) -> Result<UserNumber, Problem> {
    let state = session.subject().state();
    let found = state.find_user(&naming::reference(name));
    let about = found.map(Subject::User);
    session.authority().authorize_about(about, "users.list")?;
    found.ok_or_else(|| not_found("user"))
}

/// Change a user.
///
/// Fields that are left out stay. Needs the permission `tenants.users.change`. To change
/// what a credential finds the user by, or to activate the user, the caller must hold all
/// that the user holds, and all that other users with the same verified e-mail address
/// hold. To deactivate the user also needs `tenants.users.remove`.
#[utoipa::path(
    patch,
    operation_id = "change_user",
    path = "/users/{user}",
    tag = "users",
    params(parameters::UserName, parameters::IdempotencyKey),
    request_body = UserPatch,
    responses((status = 200, description = "The changed user.", body = UserView)),
)]
pub(super) async fn change(
    PathIds(user): PathIds<String>,
    mut call: Call,
) -> Result<Response, Problem> {
    let user = naming::reference(&user);
    let command = call.body::<UserPatch>()?.command(user.clone());
    thing::change::<Users>(call, command, user).await
}

/// Add a user, or replace it.
///
/// If no user has the name in the path, a user is added with it as its key. Otherwise the
/// user is replaced: fields that the body leaves out become empty, or get the values of a
/// new user (`status` active, `first_login` true). The id, the number, memberships and
/// grants stay. Needs the permission `tenants.users.add` or `tenants.users.change`, and
/// what else adding or changing the user takes.
#[utoipa::path(
    put,
    operation_id = "put_user",
    path = "/users/{user}",
    tag = "users",
    params(parameters::UserName, parameters::IdempotencyKey),
    request_body = UserPut,
    responses(
        (status = 200, description = "Replaced.", body = UserView),
        (status = 201, description = "Added.", body = UserView),
    ),
)]
pub(super) async fn put(
    PathIds(user): PathIds<String>,
    mut call: Call,
) -> Result<Response, Problem> {
    let user = naming::reference(&user);
    let id = UserId(call.id());
    let command = call.body::<UserPut>()?.command(id, user.clone());
    thing::change::<Users>(call, command, user).await
}

/// Remove a user, its memberships and its grants.
///
/// Needs the permission `tenants.users.remove`; if another user has the same verified
/// e-mail address, also all that the other user holds, since a credential may find that
/// user afterwards.
#[utoipa::path(
    delete,
    operation_id = "remove_user",
    path = "/users/{user}",
    tag = "users",
    params(parameters::UserName, parameters::IdempotencyKey),
    responses((status = 204, description = "Removed.")),
)]
pub(super) async fn remove(
    PathIds(user): PathIds<String>,
    call: Call,
) -> Result<Response, Problem> {
    let user = naming::reference(&user);
    let command = Command::RemoveUser { user: user.clone() };
    thing::remove::<Users>(call, command, user).await
}
