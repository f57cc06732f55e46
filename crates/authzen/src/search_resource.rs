//! `POST /access/v1/search/resource` (AuthZEN 1.0, section 8.5)

use std::sync::OnceLock;

use attache_core::catalogue::Pattern;
use attache_core::id::Node;
use attache_core::model::Subject;
use axum::extract::State;
use axum::response::Response;
use utoipa::ToSchema;

use super::SEARCH;
use super::body::Body;
use super::entity::{self, Entity, Given, Wanted};
use super::page::{PageBody, Paging};
use super::question::{ActionBody, EntityBody, says};
use super::search_subject::{Entities, LOOKS, SearchContext, TypeBody};
use super::unknown::Names;
use attache_http::{App, Problem, Session};

/// On which resources may a subject do something?
#[derive(ToSchema)]
#[schema(as = ResourceSearchRequest)]
#[allow(
    dead_code,
    reason = "read by hand, so that each fault is named at its place"
)]
pub(super) struct SearchBody {
    subject: EntityBody,
    action: ActionBody,
    /// Only the type and the properties count.
    resource: TypeBody,
    #[schema(nullable = false)]
    page: Option<PageBody>,
}

/// Search for the resources of a kind on which a subject may do something.
///
/// Resources are found through those above them and through the subject's
/// groups too. Needs the permission `tenants.access.search` on the tenant,
/// unless it is about the caller itself. A caller without
/// it is told about resources that it sees only.
#[utoipa::path(
    post,
    path = "/search/resource",
    tag = "Search",
    request_body = SearchBody,
    responses(
        (status = 200, description = "A page of resources.", body = Entities),
        (status = 400, description = "The question is wrong.", body = String, content_type = "text/plain"),
        (status = 401, description = "No credential, or not a good one.", body = String, content_type = "text/plain"),
        (status = 403, description = "The caller may not search.", body = String, content_type = "text/plain"),
        (status = 405, description = "Not with this method.", body = String, content_type = "text/plain"),
        (status = 408, description = "The body did not arrive in time.", body = String, content_type = "text/plain"),
        (status = 413, description = "The body is too large.", body = String, content_type = "text/plain"),
        (status = 415, description = "The body is compressed.", body = String, content_type = "text/plain"),
        (status = 503, description = "Not now; try again.", body = String, content_type = "text/plain"),
    ),
)]
pub(super) async fn search_resource(
    session: Session,
    State(app): State<App>,
    Body(mut body): Body,
) -> Result<Response, Problem> {
    let page_size = app.limits().page_size;
    let tenant = session.caller.tenant;
    let paging = Paging::<u32>::read(&mut body, "resource", tenant, page_size)?;
    let strict = says(entity::object(&mut body, "context")?.as_ref(), "strict");
    let subject = Given::named(Given::read(&mut body, "subject")?, "subject")?;
    let action = entity::action(&mut body)?.ok_or_else(|| entity::missing("action", "name"))?;
    let wanted = entity::wanted(&mut body, "resource")?;
    let state = &*session.state;
    let mut names = Names::default();
    names.subject(&session, &subject.kind);
    names.wanted(&session, &wanted);
    names.action(&session, &action);
    let subject = subject.subject(state);
    let _ = state.sight_about(&session.caller, subject, SEARCH, session.at)?;
    if strict {
        names.strictly(&session)?;
    }
    let weight = state.resource_count() / LOOKS;
    let once = OnceLock::new();
    let page = |take| {
        let told = state.sight_about(&session.caller, subject, SEARCH, session.at)?;
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

/// All of the kind, with their numbers, by number.
fn found(
    session: &Session,
    subject: Option<Subject>,
    action: &str,
    wanted: &Wanted,
) -> Vec<(u32, Node)> {
    let state = &*session.state;
    let (Some(subject), Some(kind), Ok(action)) = (
        subject,
        state.kind_index(&wanted.kind),
        Pattern::new(action),
    ) else {
        return Vec::new();
    };
    let parameters = entity::parameters(&wanted.properties, state);
    let nodes = state.reach_within(subject, &action, &parameters, kind, session.at);
    let mut found: Vec<(u32, Node)> = nodes
        .into_iter()
        .filter_map(|node| Some((state.resource(node)?.number.0, node)))
        .collect();
    found.sort_unstable();
    found
}
