//! `POST /access/v1/search/resource` (AuthZEN 1.0, section 8.5)

use std::sync::OnceLock;

use attache_core::catalogue::Pattern;
use attache_core::id::Node;
use attache_core::model::Subject;
use axum::response::Response;
use serde_json::{Map, Value};
use utoipa::ToSchema;

use super::SEARCH;
use super::body::Body;
use super::entity::{self, Action, Entity, Given, Named, Wanted};
use super::page::{PageBody, Paging};
use super::question::Context;
use super::search_subject::{Entities, LOOKS, SearchContext};
use super::unknown::Names;
use attache_http::{Problem, Session};

/// On which resources may a subject do an action?
#[derive(ToSchema)]
#[schema(as = ResourceSearchRequest)]
pub(super) struct ResourceSearch {
    subject: Named,
    #[schema(value_type = Action)]
    action: String,
    /// The type and the properties. Other fields are ignored.
    resource: Wanted,
    #[schema(nullable = false, value_type = Option<PageBody>)]
    page: Paging<u32>,
    #[schema(ignore)]
    context: Context,
}

impl ResourceSearch {
    fn read(mut body: Map<String, Value>, session: &Session) -> Result<Self, Problem> {
        Ok(Self {
            page: Paging::read(&mut body, "resource", session)?,
            context: Context::read(&mut body)?,
            subject: Given::named(Given::read(&mut body, "subject")?, "subject")?,
            action: Action::named(&mut body)?,
            resource: Wanted::read(&mut body, "resource")?,
        })
    }
}

/// Search for the resources of a kind on which a subject may do an action.
///
/// Also finds resources through grants above them and through the subject's groups. Needs
/// the permission `tenants.access.search` on the tenant, unless the subject is the
/// caller. A caller without the permission gets answers about visible resources only.
#[utoipa::path(
    post,
    path = "/search/resource",
    tag = "Search",
    request_body = ResourceSearch,
    responses(
        (status = 200, description = "A page of resources.", body = Entities),
        (status = 400, description = "The question is invalid.", body = String, content_type = "text/plain"),
        (status = 403, description = "The caller may not search.", body = String, content_type = "text/plain"),
    ),
)]
pub(super) async fn search_resource(
    session: Session,
    Body(body): Body,
) -> Result<Response, Problem> {
    let ResourceSearch {
        subject,
        action,
        resource: wanted,
        page: paging,
        context: Context { strict, .. },
    } = ResourceSearch::read(body, &session)?;
    let state = session.subject().state();
    let mut names = Names::default();
    names.subject(&session, &subject.kind);
    names.wanted(&session, &wanted);
    names.action(&session, &action);
    let subject = subject.subject(state);
    let _ = session
        .authority()
        .sight_about(session.subject(), subject, SEARCH)?;
    if strict {
        names.strictly(&session)?;
    }
    let weight = state.resource_count() / LOOKS;
    let once = OnceLock::new();
    let page = |take| {
        let told = session
            .authority()
            .sight_about(session.subject(), subject, SEARCH)?;
        let found = once.get_or_init(|| {
            let mut found = found(&session, subject, &action, &wanted);
            found.retain(|(_, node)| told.sees(*node));
            found
        });
        let context = match found.is_empty() {
            true => SearchContext::of(&session, names.clone()),
            false => None,
        };
        let (page, found) = paging.cut(take, found, |(number, _)| *number);
        let results = found.iter();
        let results = results.filter_map(|(_, node)| Entity::of_node(state, *node));
        Ok(Entities {
            page,
            context,
            results: results.collect(),
        })
    };
    session.page(weight, paging.most(), page).await
}

/// Returns the resources of the kind, with their numbers, sorted by number.
fn found(
    session: &Session,
    subject: Option<Subject>,
    action: &str,
    wanted: &Wanted,
) -> Vec<(u32, Node)> {
    let state = session.subject().state();
    let (Some(subject), Some(kind), Ok(action)) = (
        subject,
        state.kind_index(&wanted.kind),
        Pattern::new(action),
    ) else {
        return Vec::new();
    };
    let parameters = entity::parameters(&wanted.properties, state);
    let nodes = session
        .subject()
        .reach_within(subject, &action, &parameters, kind);
    let mut found: Vec<(u32, Node)> = nodes
        .into_iter()
        .filter_map(|node| Some((state.resource(node)?.number.0, node)))
        .collect();
    found.sort_unstable();
    found
}
