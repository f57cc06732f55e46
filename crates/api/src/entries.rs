//! Entries: what happened, who caused it, when.

use attache_core::id::Revision;
use attache_core::model::SubjectId;
use attache_core::{Actor, Entry, Timestamp};
use axum::Json;
use axum::extract::{RawQuery, State as Shared};
use axum::response::Response;
use http::HeaderMap;
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;
use uuid::Uuid;

use super::call::not_found;
use super::docs::ReadProblems;
use super::page::{Page, Paging};
use super::query::Query;
use super::{etag, words};
use attache_http::naming;
use attache_http::{App, PathIds, Problem, Session};
use attache_tenants::{EntryFilter, EntryPage};

/// One command's doing.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Entry)]
pub(super) struct Shown {
    /// Its position in the tenant's history: 1, 2, 3…
    #[schema(example = 42)]
    revision: u64,
    id: Uuid,
    #[schema(value_type = String, format = DateTime)]
    at: Timestamp,
    /// Who caused it: `user:…`, `service:…`, `operator` or `attache`.
    #[schema(example = "user:019f91a9-38c7-7014-a46e-75b4618c9ce3")]
    actor: String,
    /// What the caller called the request that caused it.
    correlation_id: String,
    /// What happened. Each has a `type`, such as `member_added`, and what it speaks of.
    #[schema(value_type = Vec<Object>)]
    changes: Vec<Value>,
    /// The personal data that the changes set, by user id. What was erased is not there.
    #[schema(value_type = Object)]
    profiles: Value,
}

impl Shown {
    fn of(entry: &Entry) -> Result<Self, Problem> {
        let json = |error: serde_json::Error| {
            tracing::error!(%error, "an entry cannot be shown");
            Problem::Internal
        };
        let changes = entry.changes.list.iter().map(|change| {
            let mut change = serde_json::to_value(change)?;
            // Only a hash, and still nobody's business.
            if let Some(token) = change.as_object_mut() {
                token.remove("hash");
            }
            Ok(change)
        });
        Ok(Self {
            revision: entry.revision.0,
            id: entry.id.0,
            at: entry.at,
            actor: entry.actor.to_string(),
            correlation_id: entry.correlation_id.to_string(),
            changes: changes.collect::<Result<_, _>>().map_err(json)?,
            profiles: serde_json::to_value(&entry.changes.profiles).map_err(json)?,
        })
    }
}

/// List entries, the newest first.
///
/// Needs the permission `tenants.entries.list`.
#[utoipa::path(
    get,
    operation_id = "list_entries",
    path = "/entries",
    tag = "entries",
    params(
        words::PageSize, words::Cursor,
        ("resource" = Option<String>, Query, nullable = false, example = "customer:harbour-bakery", description = "Only those that speak of this resource. One that is gone, or that the caller does not see, is named by its id."),
        ("subject" = Option<String>, Query, nullable = false, example = "user:freya.holm", description = "Only those that speak of this user, group or service. One that is gone is named by its id."),
        ("actor" = Option<String>, Query, nullable = false, example = "operator", description = "Only those that were caused by `user:<id>`, `service:<id>`, `operator` or `attache`."),
        ("correlation_id" = Option<String>, Query, nullable = false, description = "Only those of this request."),
        ("from" = Option<String>, Query, nullable = false, format = DateTime, description = "Only those from this time on."),
        ("to" = Option<String>, Query, nullable = false, format = DateTime, description = "Only those before this time."),
    ),
    responses((status = 200, description = "A page of entries.", body = Page<Shown>), ReadProblems),
)]
pub(super) async fn list(
    Shared(app): Shared<App>,
    session: Session,
    RawQuery(query): RawQuery,
) -> Result<Json<Page<Shown>>, Problem> {
    let known = [
        "page_size",
        "cursor",
        "resource",
        "subject",
        "actor",
        "correlation_id",
        "from",
        "to",
    ];
    let mut query = Query::read(query.as_deref(), &known)?;
    let paging = Paging::<u64>::read(&app, &session, "/entries", &mut query)?;
    let state = &*session.state;
    state.authorize_tenant(&session.caller, "entries.list", session.at)?;
    let filter = filter(&session, &mut query)?;
    // What other servers wrote after this state is left for the next answer.
    let end = Revision(paging.after.unwrap_or(state.revision().0.saturating_add(1)));
    let page = EntryPage {
        before: end,
        most: paging.size.saturating_add(1),
    };
    let tenant = session.caller.tenant;
    let tenants = app.tenants();
    let mut entries = tenants.find_entries(tenant, &filter, &page).await?;
    let total = tenants
        .count_entries(tenant, &filter, state.revision())
        .await?;
    let more = entries.len() > paging.size;
    entries.truncate(paging.size);
    let next = entries
        .last()
        .filter(|_| more)
        .map(|entry| entry.revision.0);
    let items: Result<Vec<Shown>, Problem> = entries.iter().map(Shown::of).collect();
    Ok(Json(paging.page(items?, total, next)))
}

/// The id of something that is there no longer: alone, or behind its type.
fn id_in(name: &str) -> Option<Uuid> {
    let behind_type = || Uuid::parse_str(name.split_once(':')?.1).ok();
    Uuid::parse_str(name).ok().or_else(behind_type)
}

fn filter(session: &Session, query: &mut Query) -> Result<EntryFilter, Problem> {
    const TIME: &str = "must be a time such as 2026-03-03T09:30:00Z";
    let state = &*session.state;
    let mut about = Vec::new();
    if let Some(name) = query.take("resource") {
        // One that the caller does not see is named as one that is gone.
        let found = state.find(&naming::locator(&name));
        let found = found
            .filter(|node| session.sight().sees(*node))
            .and_then(|node| state.resource(node))
            .map(|it| it.id.0);
        about.push(
            found
                .or_else(|| id_in(&name))
                .ok_or_else(|| Problem::invalid("resource", "is no resource"))?,
        );
    }
    if let Some(name) = query.take("subject") {
        let found = words::subject(state, &name)
            .ok()
            .map(|subject| match subject {
                SubjectId::User(id) => id.0,
                SubjectId::Group(id) => id.0,
                SubjectId::Service(id) => id.0,
            });
        about.push(
            found
                .or_else(|| id_in(&name))
                .ok_or_else(|| Problem::invalid("subject", "is no user, group or service"))?,
        );
    }
    Ok(EntryFilter {
        actor: query.parsed::<Actor>(
            "actor",
            "must be user:<id>, service:<id>, operator or attache",
        )?,
        correlation_id: query.take("correlation_id"),
        from: query.parsed("from", TIME)?,
        to: query.parsed("to", TIME)?,
        about,
    })
}

/// Get an entry.
///
/// Needs the permission `tenants.entries.list`.
#[utoipa::path(
    get,
    operation_id = "get_entry",
    path = "/entries/{revision}",
    tag = "entries",
    params(("revision" = u64, Path, description = "Its position in the tenant's history."), words::IfNoneMatch),
    responses((status = 200, description = "The entry.", body = Shown), (status = 304, description = "As `If-None-Match` says."), ReadProblems),
)]
pub(super) async fn get(
    Shared(app): Shared<App>,
    session: Session,
    PathIds(revision): PathIds<String>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let state = &*session.state;
    state.authorize_tenant(&session.caller, "entries.list", session.at)?;
    let absent = || not_found("entry");
    let revision: u64 = revision.parse().map_err(|_| absent())?;
    if revision == 0 || revision > state.revision().0 {
        return Err(absent());
    }
    let page = EntryPage {
        before: Revision(revision.saturating_add(1)),
        most: 1,
    };
    let tenants = app.tenants();
    let found = tenants
        .find_entries(session.caller.tenant, &EntryFilter::default(), &page)
        .await?;
    let entry = found.first().filter(|entry| entry.revision.0 == revision);
    etag::answer(&headers, Shown::of(entry.ok_or_else(absent)?)?)
}
