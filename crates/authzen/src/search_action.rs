//! `POST /access/v1/search/action` (AuthZEN 1.0, section 8.6)

use std::collections::BTreeSet;
use std::sync::OnceLock;

use attache_core::catalogue::{Catalogue, Pattern};
use attache_core::id::Node;
use attache_core::model::Subject;
use axum::response::Response;
use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

use super::SEARCH;
use super::body::Body;
use super::entity::{Given, Named};
use super::page::{Page, PageBody, Paging};
use super::question::Context;
use super::search_subject::{LOOKS, SearchContext};
use super::unknown::Names;
use attache_http::{Problem, Session};

/// Which actions may a subject do on a resource?
#[derive(ToSchema)]
#[schema(as = ActionSearchRequest)]
pub(super) struct ActionSearch {
    subject: Named,
    resource: Named,
    #[schema(nullable = false, value_type = Option<PageBody>)]
    page: Paging<String>,
    #[schema(ignore)]
    context: Context,
}

impl ActionSearch {
    fn read(mut body: Map<String, Value>, session: &Session) -> Result<Self, Problem> {
        Ok(Self {
            page: Paging::read(&mut body, "action", session)?,
            context: Context::read(&mut body)?,
            subject: Given::named(Given::read(&mut body, "subject")?, "subject")?,
            resource: Given::named(Given::read(&mut body, "resource")?, "resource")?,
        })
    }
}

/// The found actions.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ActionSearchResponse)]
pub(super) struct Actions {
    page: Page,
    /// Only if a name in the question is unknown.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    context: Option<SearchContext>,
    /// The actions, sorted by name.
    results: Vec<Action>,
}

/// An action.
#[derive(Debug, Serialize, ToSchema)]
struct Action {
    /// The name: a permission in the catalogue. `*` at its end stands for every ending.
    #[schema(example = "customers.users.list")]
    name: String,
}

/// Search for the actions that a subject may do on a resource.
///
/// Finds permissions that the tenant's catalogue names. Needs the permission
/// `tenants.access.search` on the tenant, unless the subject is the caller. A caller
/// without the permission gets answers about visible resources only.
#[utoipa::path(
    post,
    path = "/search/action",
    tag = "Search",
    request_body = ActionSearch,
    responses(
        (status = 200, description = "A page of actions.", body = Actions),
        (status = 400, description = "The question is invalid.", body = String, content_type = "text/plain"),
        (status = 403, description = "The caller may not search.", body = String, content_type = "text/plain"),
    ),
)]
pub(super) async fn search_action(session: Session, Body(body): Body) -> Result<Response, Problem> {
    let ActionSearch {
        subject,
        resource,
        page: paging,
        context: Context { strict, .. },
    } = ActionSearch::read(body, &session)?;
    let mut names = Names::default();
    names.subject(&session, &subject.kind);
    names.kind(&session, &resource.kind);
    names.parameters(&session, &resource.properties);
    let subject = subject.subject(session.subject().state());
    let state = session.subject().state();
    let node = {
        let told = session
            .authority()
            .sight_about(session.subject(), subject, SEARCH)?;
        resource.node(state).filter(|node| told.sees(*node))
    };
    if strict {
        names.strictly(&session)?;
    }
    let weight = state.catalogue().map_or(0, patterns) / LOOKS;
    let once = OnceLock::new();
    let page = |take| {
        let found = once.get_or_init(|| found(&session, subject, node, &resource));
        let context = match found.is_empty() {
            true => SearchContext::of(&session, names.clone()),
            false => None,
        };
        let (page, found) = paging.cut(take, found, |pattern| pattern.as_str().to_owned());
        let results = found.iter().map(|pattern| Action {
            name: pattern.to_string(),
        });
        Ok(Actions {
            page,
            context,
            results: results.collect(),
        })
    };
    session.page(weight, paging.most(), page).await
}

/// Returns the permissions of the catalogue that the subject holds, by name.
fn found<'a>(
    session: &'a Session,
    subject: Option<Subject>,
    node: Option<Node>,
    resource: &Named,
) -> Vec<&'a Pattern> {
    let state = session.subject().state();
    let (Some(subject), Some(node), Some(catalogue)) = (subject, node, state.catalogue()) else {
        return Vec::new();
    };
    let parameters = resource.parameters(state);
    let may = |name: &&Pattern| {
        let access = session.subject().access(subject, name, node, &parameters);
        access.is_allowed()
    };
    known(catalogue).into_iter().filter(may).collect()
}

/// Returns the number of patterns in a catalogue's roles.
pub(super) fn patterns(catalogue: &Catalogue) -> usize {
    let roles = catalogue.roles.iter();
    let of_roles: usize = roles.map(|role| role.permissions.len()).sum();
    of_roles + catalogue.permissions.len()
}

/// Returns every permission that a catalogue names: in its permissions, in a role, or in
/// `members_may`.
fn known(catalogue: &Catalogue) -> BTreeSet<&Pattern> {
    let known = catalogue.permissions.iter().map(|entry| &entry.name);
    let members_may = catalogue.kinds.iter().flat_map(|kind| &kind.members_may);
    let roles = catalogue.roles.iter().flat_map(|role| &role.permissions);
    let scoped = catalogue.roles.iter().flat_map(|role| &role.scoped);
    let scoped = scoped.flat_map(|scoped| &scoped.permissions);
    known
        .chain(members_may)
        .chain(roles)
        .chain(scoped)
        .collect()
}
