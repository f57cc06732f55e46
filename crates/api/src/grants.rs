//! Grants of roles to subjects on resources.

use std::collections::BTreeMap;

use attache_core::ask::View;
use attache_core::catalogue::RoleName;
use attache_core::command::GrantRef;
use attache_core::id::{Node, ResourceId};
use attache_core::model::{Grant, GrantKey, Parameters, SubjectId};
use attache_core::{Actor, Change, Command, Locator, Origin, Refusal, State, Timestamp};
use axum::response::Response;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::HeaderMap;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use utoipa::ToSchema;
use uuid::Uuid;

use super::answer::{created, gone};
use super::call::{Call, not_found};
use super::list_request::{List, ListRequest};
use super::lists::{Rows, Tag};
use super::page::{Page, Paging};
use super::query::NoQuery;
use super::weights::LOOKS;
use super::{etag, parameters, via, words};
use attache_http::naming;
use attache_http::{Current, PathIds, Problem, Session};

/// A grant: a subject holds a role on a resource and on everything below it.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Grant)]
pub(super) struct GrantView {
    /// Made from what identifies the grant: resource, subject, role and parameters.
    #[schema(example = "p8Yx0Jr3T0y8cQm1")]
    id: String,
    /// The id of the resource.
    resource: Uuid,
    /// The subject: `user:…`, `group:…` or `service:…` with the id.
    #[schema(example = "user:019f91a9-38c7-7014-a46e-75b4618c9ce3")]
    subject: String,
    #[schema(example = "owner")]
    role: String,
    /// The role's parameters.
    parameters: BTreeMap<String, String>,
    #[schema(value_type = String, format = DateTime)]
    granted_at: Timestamp,
    /// The caller who first granted it: `user:…`, `service:…`, `operator` or `attache`.
    #[schema(value_type = Option<String>, required = true, example = "user:019f91a9-38c7-7014-a46e-75b4618c9ce3")]
    granted_by: Option<Actor>,
    /// Through which door it came first, such as `api` or `import`; `unknown` for one of an
    /// older version.
    #[schema(value_type = String, example = "api")]
    origin: Origin,
    /// When it ends; null if never.
    #[schema(value_type = Option<String>, format = DateTime, required = true)]
    expires_at: Option<Timestamp>,
}

/// The identity of a grant.
#[derive(Clone, Debug)]
struct Which {
    resource: ResourceId,
    subject: SubjectId,
    role: RoleName,
    parameters: Parameters,
}

impl Which {
    fn of(state: &State, node: Node, key: &GrantKey) -> Option<Self> {
        Some(Self {
            resource: state.resource(node)?.id,
            subject: state.subject_id(key.subject)?,
            role: state.role(key.role)?.name.clone(),
            parameters: key.parameters.clone(),
        })
    }

    fn of_change(change: &Change) -> Option<Self> {
        match change {
            Change::RoleGranted {
                resource,
                subject,
                role,
                parameters,
                ..
            } => Some(Self {
                resource: *resource,
                subject: *subject,
                role: role.clone(),
                parameters: parameters.clone(),
            }),
            _ => None,
        }
    }

    /// Returns a name that fits into an address.
    fn id(&self) -> String {
        let mut hash = Sha256::new();
        hash.update(self.resource.0.as_bytes());
        for text in [self.subject.to_string().as_str(), self.role.as_str()] {
            hash.update(text.as_bytes());
            hash.update([0]);
        }
        for (name, value) in self.parameters.iter() {
            hash.update(name.as_bytes());
            hash.update([0]);
            hash.update(value.as_bytes());
            hash.update([0]);
        }
        URL_SAFE_NO_PAD.encode(hash.finalize().get(..15).unwrap_or_default())
    }

    fn find(&self, view: View<'_>) -> Option<GrantView> {
        let id = self.id();
        let node = view.state().find(&Locator::id(self.resource))?;
        on(view, node).into_iter().find(|grant| grant.id == id)
    }
}

impl GrantView {
    fn of(state: &State, which: &Which, grant: &Grant) -> Self {
        Self {
            id: which.id(),
            resource: which.resource.0,
            subject: which.subject.to_string(),
            role: which.role.to_string(),
            parameters: via::words(&which.parameters),
            granted_at: grant.granted_at(),
            granted_by: state.giver(grant.granted_by()),
            origin: state.origin(grant.granted_by()),
            expires_at: grant.expires_at().instant(),
        }
    }
}

/// A found grant of a list.
type Listed = (Node, GrantKey);

/// Returns the wanted grants on these resources that count, sorted by id.
fn found(session: &Session, nodes: &[Node], is_wanted: impl Fn(&GrantView) -> bool) -> Vec<Listed> {
    let (state, at) = (session.subject().state(), session.subject().at());
    let mut found: Vec<(String, Listed)> = Vec::new();
    for node in nodes {
        let grants = state.node(*node).into_iter();
        for (key, grant) in grants.flat_map(|found| found.grants.iter()) {
            let which = Which::of(state, *node, key).filter(|_| grant.expires_at().is_live(at));
            let shown = which.map(|which| GrantView::of(state, &which, grant));
            if let Some(shown) = shown.filter(&is_wanted) {
                found.push((shown.id, (*node, key.clone())));
            }
        }
    }
    found.sort_by(|(a, _), (b, _)| a.cmp(b));
    found.into_iter().map(|(_, listed)| listed).collect()
}

/// Writes some grants of a list.
fn show(session: &Session, listed: &[Listed], rows: &mut Rows<'_>) -> Result<(), Problem> {
    let state = session.subject().state();
    let shown = listed.iter().filter_map(|(node, key)| {
        let grant = state.node(*node)?.grants.get(key)?;
        Some(GrantView::of(state, &Which::of(state, *node, key)?, grant))
    });
    shown.into_iter().try_for_each(|shown| rows.put(&shown))
}

/// Returns the grants on a resource that count in a view, sorted by id.
fn on(view: View<'_>, node: Node) -> Vec<GrantView> {
    let (state, at) = (view.state(), view.at());
    let grants = state
        .node(node)
        .into_iter()
        .flat_map(|found| found.grants.iter());
    let live = grants.filter(|(_, grant)| grant.expires_at().is_live(at));
    let shown = live.filter_map(|(key, grant)| {
        let which = Which::of(state, node, key)?;
        Some(GrantView::of(state, &which, grant))
    });
    let mut shown: Vec<GrantView> = shown.collect();
    shown.sort_by(|a, b| a.id.cmp(&b.id));
    shown
}

/// The least number of collected grants before those beyond the page are dropped.
const KEPT: usize = 4_096;

/// Tenants with more resources than this count their grants in a turn only.
const COUNTED: usize = 4_096;

/// Keeps the first `most` grants by id, sorted.
fn keep_first(grants: &mut Vec<GrantView>, most: usize) {
    grants.sort_unstable_by(|a, b| a.id.cmp(&b.id));
    grants.truncate(most);
}

/// A role to grant.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewGrant)]
pub(super) struct NewGrant {
    /// The subject: `user:…`, `group:…` or `service:…` with a key, an id or a number
    /// after `#`.
    #[schema(example = "user:freya.holm")]
    pub(super) subject: String,
    #[schema(example = "owner")]
    pub(super) role: String,
    /// The role's parameters, such as `inboxId`.
    #[serde(default)]
    pub(super) parameters: BTreeMap<String, String>,
    /// When the grant ends; left out if never.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub(super) expires_at: Option<Timestamp>,
}

impl NewGrant {
    pub(super) fn command(self, resource: Locator) -> Command {
        Command::Grant {
            grant: GrantRef {
                resource,
                subject: naming::subject_ref(&self.subject),
                role: self.role.into(),
                parameters: self.parameters.into_iter().collect(),
            },
            expires_at: self.expires_at,
        }
    }
}

/// List the grants on a resource itself.
///
/// Needs the permission of its kind, such as `customers.users.list`.
#[utoipa::path(
    get,
    operation_id = "list_grants",
    path = "/resources/{resource}/grants",
    tag = "grants",
    params(
        parameters::ResourceName, parameters::PageSize, parameters::Cursor,
        ("subject" = Option<String>, Query, nullable = false, example = "user:freya.holm", description = "Only grants to this subject itself."),
        ("role" = Option<String>, Query, nullable = false, example = "owner", description = "Only grants of this role."),
    ),
    responses((status = 200, description = "A page of grants, by id.", body = Page<GrantView>)),
)]
pub(super) async fn list(
    request: ListRequest,
    PathIds(resource): PathIds<String>,
) -> Result<Response, Problem> {
    let List {
        app,
        session,
        mut query,
        listing,
    } = request.read::<GrantView>(&["subject", "role"])?;
    let state = session.subject().state();
    let locator = naming::locator(&resource);
    let node = session.authorize(&locator, "users.list")?;
    let path = format!("/resources/{}/grants", node.0);
    let paging = Paging::<String>::read(&app, &session, &path, &mut query)?;
    let subject = match query.take("subject") {
        None => None,
        Some(name) => Some(words::wanted_subject(&session, &name)?.map(|it| it.to_string())),
    };
    let role = query.take("role");
    let all = state.node(node).map_or(0, |found| found.grants.len());
    let is_wanted = |grant: &GrantView| {
        let is_its = |subject: &Option<String>| Some(&grant.subject) == subject.as_ref();
        subject.as_ref().is_none_or(is_its) && role.as_ref().is_none_or(|role| *role == grant.role)
    };
    let weight = all / LOOKS;
    if listing.is_whole() {
        let find = || Ok(found(&session, &[node], is_wanted));
        return listing
            .whole(&session, Tag::Nothing, weight, find, show)
            .await;
    }
    let page = |size| {
        let mut grants = on(session.subject(), node);
        grants.retain(is_wanted);
        Ok(paging.cut(size, &grants, |grant| grant.id.clone(), |grant| grant))
    };
    let answer = listing.page(&session, Tag::Nothing, weight, paging.size, page);
    answer.await
}

/// Grant a role on a resource.
///
/// If the grant exists, only its end changes. Needs the permission of the resource's
/// kind, such as `customers.users.roles.grant`, and all that the role gives there, until
/// the grant ends. An earlier end than before needs the permission to revoke, such as
/// `customers.users.roles.revoke`, and no other.
#[utoipa::path(
    post,
    operation_id = "grant",
    path = "/resources/{resource}/grants",
    tag = "grants",
    params(parameters::ResourceName, parameters::IdempotencyKey),
    request_body = NewGrant,
    responses((status = 201, description = "The grant.", body = GrantView)),
)]
pub(super) async fn create(
    PathIds(resource): PathIds<String>,
    mut call: Call,
) -> Result<Response, Problem> {
    let locator = naming::locator(&resource);
    let new: NewGrant = call.body()?;
    let asked = new.clone();
    let command = new.command(locator.clone());
    let done = call.write(command, |_| Current::Untagged).await;
    let done = done.map_err(|problem| match problem {
        // The body has one field for all of them.
        Problem::Refused(Refusal::Unknown { field, what }) if field != "role" => {
            Problem::Refused(Refusal::Unknown {
                field: "subject",
                what,
            })
        }
        other => other,
    })?;
    let state = call.session.subject().state();
    let which = match done.made(Which::of_change) {
        Some(which) => Some(which),
        // The grant existed already.
        None => state.find(&locator).and_then(|node| {
            let subject = words::subject(state, &asked.subject).ok()?;
            let wanted = GrantKey {
                subject: state.subject(subject)?,
                role: state.role_index(&asked.role)?,
                parameters: asked.parameters.into_iter().collect(),
            };
            let (key, _) = state.node(node)?.stored_grant(&wanted)?;
            Which::of(state, node, key)
        }),
    };
    let grant = which.and_then(|which| which.find(call.session.subject()));
    created(&done, done.shown(grant)?, |it| {
        format!("resources/{}/grants/{}", it.resource, it.id)
    })
}

/// Get a grant.
///
/// Needs the permission of the resource's kind, such as `customers.users.list`.
#[utoipa::path(
    get,
    operation_id = "get_grant",
    path = "/resources/{resource}/grants/{grant}",
    tag = "grants",
    params(parameters::ResourceName, ("grant" = String, Path, description = "The grant's id."), parameters::IfNoneMatch),
    responses((status = 200, description = "The grant.", body = GrantView), (status = 304, description = "The caller has it already (`If-None-Match`).")),
)]
pub(super) async fn get(
    session: Session,
    _: NoQuery,
    PathIds((resource, grant)): PathIds<(String, String)>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let locator = naming::locator(&resource);
    let node = session.authorize(&locator, "users.list")?;
    let found = on(session.subject(), node)
        .into_iter()
        .find(|it| it.id == grant);
    etag::answer(&headers, found.ok_or_else(|| not_found("grant"))?)
}

/// Revoke a grant.
///
/// Needs the permission of the resource's kind, such as `customers.users.roles.revoke`.
#[utoipa::path(
    delete,
    operation_id = "revoke",
    path = "/resources/{resource}/grants/{grant}",
    tag = "grants",
    params(parameters::ResourceName, ("grant" = String, Path, description = "The grant's id."), parameters::IdempotencyKey),
    responses((status = 204, description = "Revoked.")),
)]
pub(super) async fn revoke(
    PathIds((resource, grant)): PathIds<(String, String)>,
    mut call: Call,
) -> Result<Response, Problem> {
    let locator = naming::locator(&resource);
    let (state, at) = (call.session.subject().state(), call.session.now());
    let node = call.session.authorize(&locator, "users.roles.revoke")?;
    let found = state.node(node).and_then(|found| {
        let live = found
            .grants
            .iter()
            .filter(|(_, it)| it.expires_at().is_live(at));
        let mut all = live.filter_map(|(key, _)| Which::of(state, node, key));
        all.find(|which| which.id() == grant)
    });
    let Some(which) = found else {
        let before = call
            .done_before()
            .await?
            .ok_or_else(|| not_found("grant"))?;
        return Ok(gone(&before));
    };
    let command = Command::Revoke {
        grant: GrantRef {
            resource: Locator::id(which.resource),
            subject: words::subject_ref(which.subject),
            role: which.role.as_str().into(),
            parameters: which.parameters.clone(),
        },
    };
    let done = call
        .write_to(command, move |state| etag::of(&which.find(state.view(at))?))
        .await?;
    Ok(gone(&done))
}

/// List the grants of a subject or of a role, or all.
///
/// Lists grants on resources whose users the caller may list.
#[utoipa::path(
    get,
    operation_id = "list_subject_grants",
    path = "/grants",
    tag = "grants",
    params(
        parameters::PageSize, parameters::Cursor,
        ("subject" = Option<String>, Query, nullable = false, example = "user:freya.holm", description = "Only grants to this subject itself. A group's grants are not listed for its users."),
        ("role" = Option<String>, Query, nullable = false, example = "owner", description = "Only grants of this role."),
    ),
    responses((status = 200, description = "A page of grants, by id.", body = Page<GrantView>)),
)]
pub(super) async fn of_subject(request: ListRequest) -> Result<Response, Problem> {
    let List {
        app,
        session,
        mut query,
        listing,
    } = request.read::<GrantView>(&["subject", "role"])?;
    let paging = Paging::<String>::read(&app, &session, "/grants", &mut query)?;
    let state = session.subject().state();
    let (name, role) = (query.take("subject"), query.take("role"));
    let subject = match &name {
        None => None,
        Some(name) => words::wanted_subject(&session, name)?,
    };
    let granted_to = subject.and_then(|subject| state.subject(subject));
    let granted = || -> Vec<Node> {
        match &name {
            // Resources without grants need no check of permissions.
            None => {
                let all = state.resources();
                let all = all.filter(|(_, found)| !found.grants.is_empty());
                all.map(|(node, _)| node).collect()
            }
            Some(_) => granted_to
                .map(|subject| session.subject().granted_on(subject))
                .unwrap_or_default(),
        }
    };
    let weight = match name.is_none() && state.resource_count() > COUNTED {
        true => state.resource_count(),
        false => {
            let nodes = granted().into_iter();
            let on_each = nodes.filter_map(|node| state.node(node));
            on_each.map(|found| found.grants.len()).sum::<usize>() / LOOKS
        }
    };
    let subject = subject.map(|it| it.to_string());
    let may_list = |node: &Node| {
        let resource = state.resource(*node);
        resource.is_some_and(|resource| {
            let locator = Locator::id(resource.id);
            let may = session.authorize(&locator, "users.list");
            may.is_ok()
        })
    };
    let is_wanted = |grant: &GrantView| {
        (name.is_none() || Some(&grant.subject) == subject.as_ref())
            && role.as_ref().is_none_or(|role| *role == grant.role)
    };
    if listing.is_whole() {
        let find = || {
            let nodes: Vec<Node> = granted().into_iter().filter(may_list).collect();
            Ok(found(&session, &nodes, is_wanted))
        };
        return listing
            .whole(&session, Tag::Nothing, weight, find, show)
            .await;
    }
    let page = |size: usize| {
        let mut total = 0;
        let mut grants: Vec<GrantView> = Vec::new();
        for node in granted().into_iter().filter(may_list) {
            let here = on(session.subject(), node).into_iter();
            let here = here.filter(&is_wanted).inspect(|_| total += 1);
            grants.extend(here.filter(|grant| Some(&grant.id) > paging.after.as_ref()));
            // A tenant may have millions of grants, so only those that fit on the page
            // are kept.
            if grants.len() > KEPT.max(2 * size) {
                keep_first(&mut grants, size + 1);
            }
        }
        keep_first(&mut grants, size + 1);
        let is_last = grants.len() <= size;
        grants.truncate(size);
        let next = grants.last().map(|grant| grant.id.clone());
        let next = next.filter(|_| !is_last);
        Ok(paging.page(grants, total, next))
    };
    let answer = listing.page(&session, Tag::Nothing, weight, paging.size, page);
    answer.await
}
