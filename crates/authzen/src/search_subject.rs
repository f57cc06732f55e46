//! `POST /access/v1/search/subject` (AuthZEN 1.0, section 8.4)

use std::sync::OnceLock;

use attache_core::catalogue::Pattern;
use attache_core::model::Subject;
use axum::response::Response;
use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

use super::SEARCH;
use super::body::Body;
use super::entity::{Action, Entity, Given, Named, Wanted};
use super::page::{Page, PageBody, Paging};
use super::question::Context;
use super::reason::Reason;
use super::unknown::Names;
use attache_http::{Problem, Session};

/// The number of subjects or resources that are examined in the time of a weight of 1.
pub(super) const LOOKS: usize = 16;

/// Which subjects may do an action on a resource?
#[derive(ToSchema)]
#[schema(as = SubjectSearchRequest)]
pub(super) struct SubjectSearch {
    /// The type. Other fields are ignored.
    subject: Wanted,
    #[schema(value_type = Action)]
    action: String,
    resource: Named,
    #[schema(nullable = false, value_type = Option<PageBody>)]
    page: Paging<u32>,
    #[schema(ignore)]
    context: Context,
}

impl SubjectSearch {
    fn read(mut body: Map<String, Value>, session: &Session) -> Result<Self, Problem> {
        Ok(Self {
            page: Paging::read(&mut body, "subject", session)?,
            context: Context::read(&mut body)?,
            subject: Wanted::read(&mut body, "subject")?,
            action: Action::named(&mut body)?,
            resource: Given::named(Given::read(&mut body, "resource")?, "resource")?,
        })
    }
}

/// The found subjects or resources.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = EntitySearchResponse)]
pub(super) struct Entities {
    pub(super) page: Page,
    /// Only if a name in the question is unknown.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub(super) context: Option<SearchContext>,
    /// The subjects or resources, sorted by number.
    pub(super) results: Vec<Entity>,
}

/// Why nothing was found.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct SearchContext {
    reason: Reason,
}

impl SearchContext {
    /// Returns the unknown name in a question, if there is one.
    pub(super) fn of(session: &Session, names: Names) -> Option<Self> {
        let reason = names.first(session).map(Reason::unknown);
        reason.map(|reason| Self { reason })
    }
}

/// Search for the subjects of a type that may do an action on a resource.
///
/// Also finds users through their groups, and groups through their own grants. Needs the
/// permission `tenants.access.search` on the tenant.
#[utoipa::path(
    post,
    path = "/search/subject",
    tag = "Search",
    request_body = SubjectSearch,
    responses(
        (status = 200, description = "A page of subjects.", body = Entities),
        (status = 400, description = "The question is invalid.", body = String, content_type = "text/plain"),
        (status = 403, description = "The caller may not search.", body = String, content_type = "text/plain"),
    ),
)]
pub(super) async fn search_subject(
    session: Session,
    Body(body): Body,
) -> Result<Response, Problem> {
    let SubjectSearch {
        subject: wanted,
        action,
        resource,
        page: paging,
        context: Context { strict, .. },
    } = SubjectSearch::read(body, &session)?;
    let state = session.subject().state();
    session.authority().authorize_tenant(SEARCH)?;
    let mut names = Names::default();
    names.subject(&session, &wanted.kind);
    names.kind(&session, &resource.kind);
    names.action(&session, &action);
    names.parameters(&session, &resource.properties);
    if strict {
        names.strictly(&session)?;
    }
    let weight = state.user_count() / LOOKS;
    let once = OnceLock::new();
    let page = |take| {
        let found = once.get_or_init(|| found(&session, &wanted.kind, &action, &resource));
        let context = match found.is_empty() {
            true => SearchContext::of(&session, names.clone()),
            false => None,
        };
        let (page, found) = paging.cut(take, found, |subject| number(*subject));
        let results = found.iter();
        let results = results.filter_map(|subject| Entity::of_subject(state, *subject));
        Ok(Entities {
            page,
            context,
            results: results.collect(),
        })
    };
    session.page(weight, paging.most(), page).await
}

/// Returns the subjects of a type that may do the action, sorted by number.
fn found(session: &Session, kind: &str, action: &str, resource: &Named) -> Vec<Subject> {
    let (state, shown) = (session.subject().state(), session.subject());
    let Some(node) = resource.node(state) else {
        return Vec::new();
    };
    let Ok(action) = Pattern::new(action) else {
        return Vec::new();
    };
    let parameters = resource.parameters(state);
    if kind == "group" {
        let groups = state.groups().map(|row| Subject::Group(row.group.number));
        return groups
            .filter(|group| {
                let access = shown.access(*group, &action, node, &parameters);
                access.is_allowed()
            })
            .collect();
    }
    let of_type = |subject: &Subject| match subject {
        Subject::User(_) => kind == "user",
        Subject::Service(_) => kind == "service",
        Subject::Group(_) => false,
    };
    if !["user", "service"].contains(&kind) {
        return Vec::new();
    }
    // Subjects of one type are sorted by number.
    let found = shown.who_within(&action, node, &parameters);
    found.into_iter().filter(of_type).collect()
}

fn number(subject: Subject) -> u32 {
    match subject {
        Subject::User(number) => number.0,
        Subject::Group(number) => number.0,
        Subject::Service(number) => number.0,
    }
}
