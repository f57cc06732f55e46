//! Entries: what happened, who caused it, when.

use attache_core::Actor;
use attache_core::id::Revision;
use attache_core::model::SubjectId;
use axum::body::Bytes;
use axum::extract::{RawQuery, State as Shared};
use axum::response::Response;
use http::HeaderMap;
use uuid::Uuid;

use super::call::not_found;
use super::entry::EntryView;
use super::list_request::{List, ListRequest};
use super::lists::Listing;
use super::page::{Page, Paging};
use super::query::Query;
use super::{etag, parameters, words};
use attache_http::naming;
use attache_http::streamed::{PIECE, Pieces, body};
use attache_http::{App, PathIds, Problem, Session};
use attache_tenants::{EntryFilter, EntryPage};

/// How many changes are shown in the time of a weight of 1.
const CHANGES_OF_ONE: usize = 8;

/// List entries, the newest first.
///
/// A page ends by its number of entries, or earlier by its bytes
/// (`limits.answer_size`); `next` continues it. An entry that is larger by itself is
/// shown in part, see `more_changes`.
///
/// Needs the permission `tenants.entries.list`.
#[utoipa::path(
    get,
    operation_id = "list_entries",
    path = "/entries",
    tag = "entries",
    params(
        parameters::PageSize, parameters::Cursor,
        ("resource" = Option<String>, Query, nullable = false, example = "customer:harbour-bakery", description = "Only those that speak of this resource. One that is gone, or that the caller does not see, is named by its id."),
        ("subject" = Option<String>, Query, nullable = false, example = "user:freya.holm", description = "Only those that speak of this user, group or service. One that is gone, or that the caller may not list, is named by its id."),
        ("actor" = Option<String>, Query, nullable = false, example = "operator", description = "Only those that were caused by `user:<id>`, `service:<id>`, `operator` or `attache`."),
        ("correlation_id" = Option<String>, Query, nullable = false, description = "Only those of this request."),
        ("from" = Option<String>, Query, nullable = false, format = DateTime, description = "Only those from this time on."),
        ("to" = Option<String>, Query, nullable = false, format = DateTime, description = "Only those before this time."),
    ),
    responses((status = 200, description = "A page of entries.", body = Page<EntryView>)),
)]
pub(super) async fn list(request: ListRequest) -> Result<Response, Problem> {
    let known = [
        "resource",
        "subject",
        "actor",
        "correlation_id",
        "from",
        "to",
    ];
    let List {
        app,
        session,
        mut query,
        listing,
    } = request.read::<EntryView<'_>>(&known)?;
    let paging = Paging::<u64>::read(&app, &session, "/entries", &mut query)?;
    let state = session.subject().state();
    session.authority().authorize_tenant("entries.list")?;
    let filter = filter(&session, &mut query)?;
    let tenant = session.caller.tenant;
    let tenants = app.tenants();
    let total = tenants.count_entries(tenant, &filter, state.revision());
    if listing.is_whole() {
        let total = total.await?;
        let entries = WholeHistory {
            end: Revision(state.revision().0.saturating_add(1)),
            session,
            app: app.clone(),
            filter,
            listing: listing.clone(),
            is_first: true,
            is_over: false,
        };
        return Ok(listing.streamed(total, body(entries)));
    }
    // What other servers wrote after this state is left for the next answer.
    let end = Revision(paging.after.unwrap_or(state.revision().0.saturating_add(1)));
    let bytes = app.limits().answer_bytes;
    let page = EntryPage {
        before: end,
        most: paging.size,
        bytes,
    };
    let found = tenants.find_entries(tenant, &filter, &page).await?;
    let total = total.await?;
    let entries = &found.entries;
    let last = entries.last().filter(|_| found.more);
    let next = last.map(|entry| entry.revision.0);
    let changes: usize = entries.iter().map(|entry| entry.changes.list.len()).sum();
    let answer = session.weigh(changes / CHANGES_OF_ONE, || {
        let told = session.authority().told();
        let items = entries
            .iter()
            .map(|entry| EntryView::of(entry, 0, bytes, &told));
        let items = items.collect::<Result<Vec<_>, Problem>>()?;
        listing.one_page(&paging.page(items, total, next))
    });
    answer.await?
}

/// All entries that are wanted, read from the log a part at a time.
struct WholeHistory {
    session: Session,
    app: App,
    filter: EntryFilter,
    listing: Listing,
    /// Those before this revision are still to be read.
    end: Revision,
    is_first: bool,
    is_over: bool,
}

impl WholeHistory {
    async fn part(&mut self) -> Result<Bytes, Problem> {
        let is_first = std::mem::replace(&mut self.is_first, false);
        if !is_first {
            self.session.check_again().await?;
        }
        let bytes = self.app.limits().answer_bytes;
        let page = EntryPage {
            before: self.end,
            most: PIECE,
            bytes,
        };
        let (tenant, session) = (self.session.caller.tenant, &self.session);
        let found = self.app.tenants();
        let found = found.find_entries(tenant, &self.filter, &page).await?;
        let listing = &self.listing;
        let written = session.go_on(|| -> Result<Bytes, Problem> {
            let told = session.authority().told();
            let mut rows = listing.rows(is_first)?;
            for entry in &found.entries {
                // A large one takes several lines.
                let mut from = Some(0);
                while let Some(first) = from {
                    let shown = EntryView::of(entry, first, bytes, &told)?;
                    from = shown.next_change();
                    rows.put(&shown)?;
                }
            }
            Ok(rows.written()?.into())
        });
        let written = written.await?;
        match found.entries.last().filter(|_| found.more) {
            Some(last) => self.end = last.revision,
            None => self.is_over = true,
        }
        Ok(written)
    }
}

impl Pieces for WholeHistory {
    async fn next(&mut self) -> Option<Result<Bytes, Problem>> {
        match self.is_over {
            true => None,
            false => Some(self.part().await),
        }
    }

    fn broken(&self, problem: &Problem) -> Bytes {
        self.listing.last_words(problem, self.session.context())
    }
}

/// The id of something that is there no longer: alone, or behind its type.
fn id_in(name: &str) -> Option<Uuid> {
    let behind_type = || Uuid::parse_str(name.split_once(':')?.1).ok();
    Uuid::parse_str(name).ok().or_else(behind_type)
}

fn filter(session: &Session, query: &mut Query) -> Result<EntryFilter, Problem> {
    const TIME: &str = "must be a time such as 2026-03-03T09:30:00Z";
    let state = session.subject().state();
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
        // The same of one that the caller may not list.
        let found = words::subject(state, &name).ok();
        let found = found
            .filter(|subject| words::knows(session, &name, *subject))
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
    params(
        ("revision" = u64, Path, description = "Its position in the tenant's history."),
        ("from_change" = Option<u64>, Query, nullable = false, description = "Its changes from this one on, counted from 0: `more_changes.from_change` of the answer before. From the first, if left out."),
        parameters::IfNoneMatch,
    ),
    responses((status = 200, description = "The entry.", body = EntryView), (status = 304, description = "As `If-None-Match` says.")),
)]
pub(super) async fn get(
    Shared(app): Shared<App>,
    session: Session,
    PathIds(revision): PathIds<String>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let state = session.subject().state();
    session.authority().authorize_tenant("entries.list")?;
    let mut query = Query::strict(query.as_deref(), &["from_change"])?;
    let from: Option<usize> = query.parsed("from_change", "must be a whole number")?;
    let absent = || not_found("entry");
    let revision: u64 = revision.parse().map_err(|_| absent())?;
    if revision == 0 || revision > state.revision().0 {
        return Err(absent());
    }
    let bytes = app.limits().answer_bytes;
    let page = EntryPage {
        before: Revision(revision.saturating_add(1)),
        most: 1,
        bytes,
    };
    let tenants = app.tenants();
    let found = tenants
        .find_entries(session.caller.tenant, &EntryFilter::default(), &page)
        .await?;
    let entry = found.entries.first();
    let entry = entry.filter(|entry| entry.revision.0 == revision);
    let entry = entry.ok_or_else(absent)?;
    let from = from.unwrap_or_default();
    if from > 0 && from >= entry.changes.list.len() {
        let reason = "is beyond the last change of this entry";
        return Err(Problem::invalid("from_change", reason));
    }
    let weight = entry.changes.list.len() / CHANGES_OF_ONE;
    let answer = session.weigh(weight, || {
        let told = session.authority().told();
        etag::answer(&headers, EntryView::of(entry, from, bytes, &told)?)
    });
    answer.await?
}
