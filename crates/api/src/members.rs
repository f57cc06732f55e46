//! The members of a resource: the users who are attached to it, and those who see it.

use std::collections::HashMap;
use std::rc::Rc;

use attache_core::ask::{
    Bounded, Branch, Cut, Effective, Field, Filter, Member, MemberQuery, Sight, Sort, View,
};
use attache_core::id::{Node, ResourceId, UserId, UserNumber};
use attache_core::model;
use attache_core::{Actor, Change, Command, Locator, Origin, Ref, State, Timestamp};
use axum::Json;
use axum::extract::{RawQuery, State as Shared};
use axum::response::{IntoResponse, Response};
use http::HeaderMap;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use utoipa::ToSchema;
use uuid::Uuid;

use super::answer::{created, gone, shown};
use super::call::{Call, CallWithQuery, not_found};
use super::effective::{Access, Asked, Included, OnAPart, on_parts};
use super::list_request::{List, ListRequest};
use super::lists::{Rows, Tag};
use super::page::{Page, Paging};
use super::place::{Place, Places};
use super::query::{NoQuery, Query};
use super::via::Via;
use super::weights::LOOKS;
use super::{etag, parameters, users, via, words};
use attache_http::held::HeldAsJson;
use attache_http::naming;
use attache_http::{App, Current, FocusOn, PathIds, Problem, Session};

/// The sort orders of members, by their names in the query.
const SORTS: &[(&str, Sort)] = &[
    ("name", Sort::ascending(Field::FullName)),
    ("-name", Sort::descending(Field::FullName)),
    ("email", Sort::ascending(Field::Email)),
    ("-email", Sort::descending(Field::Email)),
    ("added_at", Sort::ascending(Field::Added)),
    ("-added_at", Sort::descending(Field::Added)),
    ("number", Sort::ascending(Field::Number)),
    ("-number", Sort::descending(Field::Number)),
];

/// A user who is attached to a resource, or sees it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Member)]
pub(super) struct MemberView<'a> {
    user: users::UserView<'a>,
    /// The number of the membership: 1, 2, 3… within the tenant, never used again. A user who
    /// is attached again has another. Null if it is not attached, and for the tenant itself,
    /// whose memberships come with the users. `sort=number` sorts by the numbers of the users.
    #[schema(value_type = Option<u32>, required = true, minimum = 1, example = 57)]
    number: Option<u32>,
    /// When the user was attached; null if it is not.
    #[schema(value_type = Option<String>, format = DateTime, required = true)]
    added_at: Option<Timestamp>,
    /// The caller who attached the user: `user:…`, `service:…`, `operator` or `attache`;
    /// null if it is not attached.
    #[schema(value_type = Option<String>, required = true, example = "user:019f91a9-38c7-7014-a46e-75b4618c9ce3")]
    added_by: Option<Actor>,
    /// Through which door the membership came first, such as `api` or `import`; `unknown` for one
    /// of an older version; null if it is not attached. Of the tenant itself: through which the
    /// user was added.
    #[schema(value_type = Option<String>, required = true, example = "api")]
    origin: Option<Origin>,
    /// When the membership last changed: when it was attached, when the end became another, or
    /// when a role of its own on this very resource was granted, changed or revoked.
    /// Null if it is not attached.
    #[schema(value_type = Option<String>, format = DateTime, required = true)]
    updated_at: Option<Timestamp>,
    /// When the membership ends; null if never.
    #[schema(value_type = Option<String>, format = DateTime, required = true)]
    expires_at: Option<Timestamp>,
    /// The user's roles on this resource itself, its own and those of its groups, in the
    /// order of the catalogue.
    #[schema(example = json!(["owner"]))]
    roles: Vec<&'a str>,
    /// The memberships and grants through which the user reaches the resource, as far as
    /// the caller sees the resources that they are on: the closest 100.
    via: Vec<Via<'a>>,
    /// The number of memberships and grants beyond those in `via`. Left out if there are
    /// none.
    #[serde(skip_serializing_if = "via::none")]
    #[schema(required = false)]
    more_via: usize,
    /// Only with `include=effective`. `active`: the user sees the resource. `inactive`:
    /// it would see the resource if it were active. `expired`: it saw the resource
    /// through what has expired.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    access: Option<Access>,
    /// Only with `include=effective`: the user's permissions on the whole resource,
    /// sorted, without those that another covers. `*` at the end stands for every ending.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, value_type = Option<Vec<String>>, example = json!(["customers.users.list", "customers.view"]))]
    permissions: Option<Rc<RawValue>>,
    /// Only with `include=effective`: the user's further permissions on parts of the
    /// resource. Left out if there are none.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    scoped: Vec<OnAPart>,
    /// The number of parts beyond those in `scoped`. Left out if there are none.
    #[serde(skip_serializing_if = "via::none")]
    #[schema(required = false)]
    more_scoped: usize,
}

impl<'a> MemberView<'a> {
    fn of(
        branch: &Branch<'a>,
        member: &Member<'a>,
        written: &mut HeldAsJson,
    ) -> Result<Self, Problem> {
        let state = branch.state();
        let sources = branch.user_sources(member.row);
        let roles = sources.roles(branch).into_iter();
        let node = branch.node();
        let via = match member.effective {
            Some(Effective::Expired) => {
                Via::of_all(state, node, member.row, sources.via_ever(branch))
            }
            _ => Via::of_all(state, node, member.row, sources.via(branch)),
        };
        let scoped = match member.effective {
            Some(_) => on_parts(sources.held_for_parts(branch)),
            None => Bounded::of(0, []),
        };
        let held = member.effective.map(|_| sources.held(branch));
        let permissions = held.map(|held| written.permissions(branch, held));
        Ok(Self {
            user: users::UserView::of(member.user()),
            number: member.membership.and_then(|it| Some(it.number()?.0)),
            added_at: member.membership.map(|it| it.added_at()),
            added_by: member.added_by(state),
            origin: member.origin(state),
            updated_at: member.updated_at(state),
            expires_at: member.membership.and_then(|it| it.expires_at().instant()),
            roles: roles.map(|role| role.name.as_str()).collect(),
            via: via.first,
            more_via: via.more,
            access: member.effective.map(Access::from),
            permissions: permissions.transpose()?,
            scoped: scoped.first,
            more_scoped: scoped.more,
        })
    }

    fn by(sight: &Sight<'a>, resource: &Locator, user: &Ref) -> Option<Self> {
        let (view, state) = (sight.subject(), sight.subject().state());
        let node = state.find(resource)?;
        let member = view.member(node, state.find_user(user)?)?;
        let branch = view.branch(node)?.shown_to(sight);
        // A direct member is shown without permissions, whose writing is all that can
        // fail.
        Self::of(&branch, &member.into(), &mut HeldAsJson::default()).ok()
    }
}

/// The parameters that ask for nothing but what stands at the resource and above it. `group` does,
/// and so may a name that is written in another way.
const OF_THE_RESOURCE: [&str; 10] = [
    "page_size",
    "cursor",
    "fields",
    "include",
    "inactive",
    "expired",
    "sort",
    "role",
    "status",
    "text",
];

/// What a list is about.
pub(super) fn focus(names: &[&str], query: &str) -> Option<FocusOn> {
    let name_of = |pair: &str| pair.split('=').next().unwrap_or_default().to_owned();
    let mut parameters = query.split('&').filter(|pair| !pair.is_empty());
    let is_known = parameters.all(|pair| OF_THE_RESOURCE.contains(&&*name_of(pair)));
    let resource = naming::locator(names.first()?);
    is_known.then(|| FocusOn::users_of(resource))
}

/// List the members of a resource.
///
/// The users who are attached to it, or, with `include=effective`, the active users who
/// see it: those with a permission there of the family of its kind, such as
/// `customers.view` on a customer. The list is complete. Needs the permission of its
/// kind, such as `customers.users.list`.
#[utoipa::path(
    get,
    operation_id = "list_members",
    path = "/resources/{resource}/members",
    tag = "members",
    params(parameters::IfNoneMatch,
        parameters::ResourceName, parameters::PageSize, parameters::Cursor,
        ("include" = inline(Option<Included>), Query, nullable = false, description = "`direct` (if left out): the attached users. `effective`: the active users who see the resource, attached or not, with their permissions there."),
        ("inactive" = Option<bool>, Query, nullable = false, description = "With `include=effective`: also list inactive users who would see the resource if they were active. `status=inactive` implies it."),
        ("expired" = Option<bool>, Query, nullable = false, description = "With `include=effective`: also list users who saw the resource through what has expired, until an entry records that."),
        ("sort" = Option<String>, Query, nullable = false, example = "name", description = "`name`, `email`, `added_at` or `number`, with `-` before it for the other way round; by `name` if left out."),
        ("role" = Option<String>, Query, nullable = false, example = "owner", description = "Only users to whom this role gives permissions on the resource, as far as the caller sees the resource of the grant."),
        ("group" = Option<String>, Query, nullable = false, description = "Only users in this group."),
        ("status" = Option<words::Status>, Query, nullable = false, description = "Only users with this status."),
        ("text" = Option<String>, Query, nullable = false, description = "Only users whose name, e-mail address or key contains this text, ignoring case and accents."),
    ),
    responses((status = 200, description = "A page of members.", body = Page<MemberView>), (status = 304, description = "The caller has it already (`If-None-Match`).")),
)]
pub(super) async fn list(
    request: ListRequest,
    PathIds(resource): PathIds<String>,
) -> Result<Response, Problem> {
    let known = [
        "include", "inactive", "expired", "sort", "role", "group", "status", "text",
    ];
    let List {
        app,
        session,
        mut query,
        listing,
    } = request.read::<MemberView<'_>>(&known)?;
    let locator = naming::locator(&resource);
    let node = session.authorize(&locator, "users.list")?;
    // A node of another time is another one.
    let resource = session.subject().state().resource(node).map(|it| it.id);
    let resource = resource.ok_or_else(|| Problem::internal("the resource is gone"))?;
    let path = format!("/resources/{resource}/members");
    let paging = Paging::<Place>::read(&app, &session, &path, &mut query)?;
    let asked = Asked::read(&mut query)?;
    let by_name = Sort::ascending(Field::FullName);
    let filters = match filters(&session, &mut query)? {
        Some(filters) => filters,
        None if listing.is_whole() => {
            let nobody = || Ok(Vec::<Listed>::new());
            let none = |_: &Session, _: &[Listed], _: &mut Rows<'_>| Ok(());
            let answer = listing.whole(&session, Tag::OfList, 0, nobody, none);
            return answer.await;
        }
        None => {
            let nobody = |_| Ok(paging.page::<MemberView<'_>>(Vec::new(), 0, None));
            return listing.page(&session, Tag::OfList, 0, 1, nobody).await;
        }
    };
    let sort = query.word("sort", SORTS)?.unwrap_or(by_name);
    let branch = session
        .subject()
        .branch(node)
        .ok_or_else(|| Problem::internal("the resource is gone"))?;
    let mut members = MemberQuery {
        include: asked.include(&filters),
        filters,
        sort,
        cut: Cut::Start,
        take: usize::MAX,
    };
    if listing.is_whole() {
        let weight = branch.looks_at(&members) / LOOKS;
        let find = || {
            let branch = branch.clone().shown_to(&session.sight());
            let members = branch.list(&members).items;
            Ok(members.iter().map(Listed::of).collect())
        };
        let show = move |session: &Session, listed: &[Listed], rows: &mut Rows<'_>| {
            show(session, node, listed, rows)
        };
        return listing
            .whole(&session, Tag::OfList, weight, find, show)
            .await;
    }
    let places = Places::of(&app, &paging, sort).await?;
    members.cut = places.after(paging.after.as_ref())?;
    members.take = paging.size;
    users::check_place(&members)?;
    let weight = branch.looks_at(&members) / LOOKS;
    let page = |take| {
        let branch = branch.clone().shown_to(&session.sight());
        let members = MemberQuery {
            take,
            ..members.clone()
        };
        let page = branch.list(&members);
        let mut written = HeldAsJson::default();
        let items = page.items.iter();
        let items = items.map(|member| MemberView::of(&branch, member, &mut written));
        let items = items.collect::<Result<_, _>>()?;
        let next = places.place(page.next)?;
        Ok(paging.page(items, page.total as u64, next))
    };
    let answer = listing.page(&session, Tag::OfList, weight, paging.size, page);
    answer.await
}

/// A found user of a list.
struct Listed {
    user: UserNumber,
    membership: Option<model::Membership>,
    effective: Option<Effective>,
}

impl Listed {
    fn of(member: &Member<'_>) -> Self {
        Self {
            user: member.user().number,
            membership: member.membership,
            effective: member.effective,
        }
    }
}

/// Writes some members of a resource.
fn show(
    session: &Session,
    node: Node,
    listed: &[Listed],
    rows: &mut Rows<'_>,
) -> Result<(), Problem> {
    let state = session.subject().state();
    let branch = session.subject().branch(node);
    let branch = branch.ok_or_else(|| Problem::internal("the resource is gone"))?;
    let branch = branch.shown_to(&session.sight());
    let mut written = HeldAsJson::default();
    for member in listed {
        let Some(row) = state.user_node(member.user) else {
            continue;
        };
        let shown = Member {
            row,
            membership: member.membership,
            effective: member.effective,
        };
        rows.put(&MemberView::of(&branch, &shown, &mut written)?)?;
    }
    Ok(())
}

/// Parses the filters. `None` if nobody can match. A caller that may not know of groups,
/// or of roles, gets an empty list for every name.
fn filters(session: &Session, query: &mut Query) -> Result<Option<Vec<Filter>>, Problem> {
    let state = session.subject().state();
    let mut filters = Vec::new();
    filters.extend(query.word("status", words::STATUSES)?.map(Filter::Status));
    filters.extend(words::text(query).map(Filter::Text));
    if let Some(name) = query.take("role") {
        let role = state
            .role_index(&name)
            .filter(|role| state.role(*role).is_some());
        match role {
            Some(role) => filters.push(Filter::Role(role)),
            None if words::reads_the_catalogue(session) => {
                return Err(Problem::invalid("role", "is no role of this tenant"));
            }
            None => return Ok(None),
        }
    }
    if let Some(name) = query.take("group") {
        if !words::may_list(session, "groups.list") {
            return Ok(None);
        }
        let group = state.find_group(&naming::reference(&name));
        let group = group.ok_or_else(|| Problem::invalid("group", "is no group"))?;
        filters.push(Filter::Group(group));
    }
    Ok(Some(filters))
}

/// The users to attach; all others are detached.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = MemberSet)]
pub(super) struct MemberSetRequest {
    /// The users, each by its key, its id, or its number after `#`. A repeated user
    /// counts once.
    #[schema(example = json!(["freya.holm", "owen.byrne"]))]
    users: Vec<String>,
    /// When the new memberships end; null or left out if never. Existing memberships keep
    /// their ends.
    #[serde(default)]
    #[schema(value_type = Option<String>, format = DateTime)]
    expires_at: Option<Timestamp>,
}

/// A user by its id and by a name that requests can use.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = NamedUser)]
pub(super) struct NamedUser {
    id: Uuid,
    /// The name in the request, if the request named the user. Otherwise the user's key,
    /// or its number after `#`; the id for a caller that may not list the users of the
    /// resource.
    #[schema(example = "freya.holm")]
    user: String,
}

/// The changes of a sync, or those of a dry run.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = MemberSetResult)]
pub(super) struct MemberSetResult {
    /// Whether this is a dry run, which writes nothing.
    dry_run: bool,
    /// The users who were or would be attached.
    attached: Vec<NamedUser>,
    /// The users who were or would be detached, with their roles on the resource.
    detached: Vec<NamedUser>,
    /// The number of users who stay attached.
    unchanged: usize,
    /// Whether so many users at once would be detached that it needs
    /// `allow_mass_detach=true`: more than half of ten or more.
    needs_allow_mass_detach: bool,
}

/// Attach exactly these users.
///
/// The sync happens completely or not at all. A detached user loses its roles on the
/// resource. Needs the permissions to add and to remove users of its kind, such as
/// `customers.users.add` and `customers.users.remove`.
#[utoipa::path(
    put,
    operation_id = "replace_members",
    path = "/resources/{resource}/members",
    tag = "members",
    params(
        parameters::ResourceName,
        ("dry_run" = Option<bool>, Query, nullable = false, description = "Only report who would be attached and detached."),
        ("allow_mass_detach" = Option<bool>, Query, nullable = false, description = "Detach more than half of ten or more members at once."),
        parameters::IdempotencyKey,
    ),
    request_body = MemberSetRequest,
    responses((status = 200, description = "The changes, or those of the dry run.", body = MemberSetResult)),
)]
pub(super) async fn replace(
    Shared(app): Shared<App>,
    PathIds(resource): PathIds<String>,
    RawQuery(query): RawQuery,
    CallWithQuery(mut call): CallWithQuery,
) -> Result<Response, Problem> {
    let mut query = Query::strict(query.as_deref(), &["dry_run", "allow_mass_detach"])?;
    let dry_run = query.flag("dry_run")?;
    let allow_mass_detach = query.flag("allow_mass_detach")?;
    let set: MemberSetRequest = call.large_body().await?;
    if set.users.len() > app.limits().sync_users {
        let reason = format!("must name at most {} users", app.limits().sync_users);
        return Err(Problem::invalid("users", reason));
    }
    let locator = naming::locator(&resource);
    let command = |allow_mass_detach| Command::SyncMembers {
        resource: locator.clone(),
        users: set
            .users
            .iter()
            .map(|user| naming::reference(user))
            .collect(),
        expires_at: set.expires_at,
        allow_mass_detach,
    };
    let before = |view: View<'_>| {
        let node = view.state().find(&locator);
        node.map(|node| view.members(node).count())
            .unwrap_or_default()
    };
    let session = &call.session;
    let (view, state) = (session.subject(), session.subject().state());
    if dry_run {
        let try_it = |command: &Command| -> Result<_, Problem> {
            let mut draft = session.draft()?;
            draft.run(command)?;
            Ok(draft.take_changes().list)
        };
        let node = state.find(&locator).and_then(|node| state.node(node));
        let weight = set.users.len() + node.map_or(0, |found| found.members.len());
        let outcome = session.weigh(weight, || {
            let changes = try_it(&command(true))?;
            if !call.preconditions.hold(|| session.list()(state)) {
                return Err(Problem::Changed);
            }
            let needs = allow_mass_detach || try_it(&command(false)).is_ok();
            let resource = state.find(&locator).and_then(|node| state.resource(node));
            let here = resource.ok_or_else(|| not_found("resource"))?.id;
            let of = Names::of(session, &locator, &set.users);
            let mut outcome = MemberSetResult::of(&changes, here, &of, before(view));
            outcome.dry_run = true;
            outcome.needs_allow_mass_detach = !needs;
            Ok(outcome)
        });
        return Ok(Json(outcome.await??).into_response());
    }
    let list = session.list();
    let done = call.write(command(allow_mass_detach), list).await?;
    let state = call.session.subject().state();
    let resource = state.find(&locator).and_then(|node| state.resource(node));
    let here = done.shown(resource)?.id;
    let after = before(call.session.subject());
    let outcome = call.session.weigh(done.all().len(), || {
        let of = Names::of(&call.session, &locator, &set.users);
        MemberSetResult::of(done.all(), here, &of, 0)
    });
    let mut outcome = outcome.await?;
    outcome.unchanged = after.saturating_sub(outcome.attached.len());
    let mut response = Json(outcome).into_response();
    done.mark(response.headers_mut());
    Ok(response)
}

impl MemberSetResult {
    fn of(changes: &[Change], here: ResourceId, names: &Names<'_>, before: usize) -> Self {
        let attached = changes.iter().filter_map(|change| match change {
            Change::MemberAdded { resource, user, .. } if *resource == here => Some(*user),
            _ => None,
        });
        let detached = changes.iter().filter_map(|change| match change {
            Change::MemberRemoved { resource, user } if *resource == here => Some(*user),
            _ => None,
        });
        let detached: Vec<UserId> = detached.collect();
        Self {
            dry_run: false,
            attached: names.sent(attached.collect()),
            unchanged: before.saturating_sub(detached.len()),
            detached: detached.into_iter().map(|id| names.own(id)).collect(),
            needs_allow_mass_detach: false,
        }
    }
}

/// How an answer names users: as the request did, or else by their own names.
struct Names<'a> {
    state: &'a State,
    sent: &'a [String],
    /// Whether the caller may know the keys of the resource's users.
    may_list: bool,
}

impl<'a> Names<'a> {
    fn of(session: &'a Session, resource: &Locator, sent: &'a [String]) -> Self {
        let state = session.subject().state();
        let may = session.authorize(resource, "users.list");
        Self {
            state,
            sent,
            may_list: may.is_ok(),
        }
    }

    /// Returns users whom the request named, in its words.
    fn sent(&self, users: Vec<UserId>) -> Vec<NamedUser> {
        let mut words = HashMap::with_capacity(users.len());
        if !users.is_empty() {
            for word in self.sent {
                if let Some(number) = self.state.find_user(&naming::reference(word)) {
                    words.entry(number).or_insert(word);
                }
            }
        }
        let named = users.into_iter().map(|id| {
            let number = self.state.find_user(&id.into());
            match number.and_then(|number| words.get(&number)) {
                Some(word) => NamedUser {
                    id: id.0,
                    user: (*word).clone(),
                },
                None => self.own(id),
            }
        });
        named.collect()
    }

    fn own(&self, id: UserId) -> NamedUser {
        let number = self.state.find_user(&id.into()).filter(|_| self.may_list);
        let user = number.and_then(|number| self.state.user(number));
        let user = user.map(|user| match user.key.as_ref().filter(|key| key.is_name()) {
            Some(key) => key.to_string(),
            None => format!("#{}", user.number.0),
        });
        NamedUser {
            id: id.0,
            user: user.unwrap_or_else(|| id.0.to_string()),
        }
    }
}

/// Get a member of a resource.
///
/// Needs the permission of its kind, such as `customers.users.list`.
#[utoipa::path(
    get,
    operation_id = "get_member",
    path = "/resources/{resource}/members/{user}",
    tag = "members",
    params(parameters::ResourceName, parameters::UserName, parameters::IfNoneMatch),
    responses((status = 200, description = "The member.", body = MemberView), (status = 304, description = "The caller has it already (`If-None-Match`).")),
)]
pub(super) async fn get(
    session: Session,
    _: NoQuery,
    PathIds((resource, user)): PathIds<(String, String)>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let locator = naming::locator(&resource);
    session.authorize(&locator, "users.list")?;
    let user = naming::reference(&user);
    let member = MemberView::by(&session.sight(), &locator, &user);
    etag::answer(&headers, member.ok_or_else(|| not_found("member"))?)
}

/// The membership of a user.
#[derive(Clone, Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = Membership)]
pub(super) struct Membership {
    /// When it ends; null or left out if never.
    #[schema(value_type = Option<String>, format = DateTime)]
    expires_at: Option<Timestamp>,
}

/// Attach a user to a resource, or change the end of the membership.
///
/// Needs the permission of its kind, such as `customers.users.add`, until the membership
/// ends; for a later end than before, also all that the user holds there. An earlier end
/// needs the permission to remove, such as `customers.users.remove`, and no other.
#[utoipa::path(
    put,
    operation_id = "put_member",
    path = "/resources/{resource}/members/{user}",
    tag = "members",
    params(parameters::ResourceName, parameters::UserName, parameters::IdempotencyKey),
    request_body = Option<Membership>,
    responses(
        (status = 200, description = "The user was attached before; this is the membership now.", body = MemberView),
        (status = 201, description = "The user was attached.", body = MemberView),
    ),
)]
pub(super) async fn put(
    PathIds((resource, user)): PathIds<(String, String)>,
    mut call: Call,
) -> Result<Response, Problem> {
    let wanted = call.body_or_nothing::<Membership>()?.unwrap_or_default();
    let (resource, user) = (naming::locator(&resource), naming::reference(&user));
    let reader = call.session.reader();
    // Adding leaves an existing membership as it is, so its end is set separately.
    let add = Command::AddMember {
        resource: resource.clone(),
        user: user.clone(),
        expires_at: wanted.expires_at,
    };
    let change = Command::ChangeMember {
        resource: resource.clone(),
        user: user.clone(),
        expires_at: wanted.expires_at,
    };
    // A caller that may only remove can set an earlier end.
    let (view, state) = (call.session.subject(), call.session.subject().state());
    let is_member = || {
        let user = state.find_user(&user)?;
        view.member(state.find(&resource)?, user)
    };
    let may_add = call.session.authorize(&resource, "users.add").is_ok();
    let commands = match !may_add && is_member().is_some() {
        true => vec![change],
        false => vec![add, change],
    };
    let (on, who) = (resource.clone(), user.clone());
    let current = move |state: &State| {
        Current::tagged(
            MemberView::by(&reader.sight(state), &on, &who).and_then(|it| etag::of(&it)),
        )
    };
    let done = call.write_all(commands, current).await;
    let done = done.map_err(|error| words::absent(error.into()))?;
    let is_new = done
        .all()
        .iter()
        .any(|change| matches!(change, Change::MemberAdded { .. }));
    let state = call.session.subject().state();
    let sight = call.session.sight();
    let now = MemberView::by(&sight, &resource, &user);
    let now = done.shown(now)?;
    let on = state.find(&resource).and_then(|node| state.resource(node));
    match on.filter(|_| is_new) {
        Some(on) => created(&done, now, |it| {
            format!("resources/{}/members/{}", on.id, it.user.id)
        }),
        None => shown(&done, now),
    }
}

/// Detach a user from a resource, and revoke its grants there.
///
/// Needs the permission of its kind, such as `customers.users.remove`.
#[utoipa::path(
    delete,
    operation_id = "remove_member",
    path = "/resources/{resource}/members/{user}",
    tag = "members",
    params(parameters::ResourceName, parameters::UserName, parameters::IdempotencyKey),
    responses((status = 204, description = "The user is not attached.")),
)]
pub(super) async fn remove(
    PathIds((resource, user)): PathIds<(String, String)>,
    mut call: Call,
) -> Result<Response, Problem> {
    let (resource, user) = (naming::locator(&resource), naming::reference(&user));
    let command = Command::RemoveMember {
        resource: resource.clone(),
        user: user.clone(),
    };
    let reader = call.session.reader();
    let done = call
        .write_to(command, move |state| {
            let sight = reader.sight(state);
            etag::of(&MemberView::by(&sight, &resource, &user)?)
        })
        .await
        .map_err(words::absent)?;
    Ok(gone(&done))
}
