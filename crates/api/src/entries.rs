//! Entries: what happened, who caused it, when.

use attache_core::id::{Revision, ServiceId, UserId};
use attache_core::model::SubjectId;
use attache_core::{Actor, Origin};
use axum::body::Bytes;
use axum::extract::{RawQuery, State as Shared};
use axum::response::Response;
use http::HeaderMap;
use uuid::Uuid;

use super::call::not_found;
use super::entry::EntryView;
use super::former_names::FormerName;
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
/// shown in part, see `more_events`.
///
/// Needs the permission `tenants.entries.list`.
#[utoipa::path(
    get,
    operation_id = "list_entries",
    path = "/entries",
    tag = "entries",
    params(
        parameters::PageSize, parameters::Cursor,
        ("resource" = Option<String>, Query, nullable = false, example = "customer:harbour-bakery", description = "Only those that speak of this resource. One that is gone or has another key is named by the name that it had last, in the newest `limits.former_names_in` entries, or by its id; one that the caller does not see by its id."),
        ("subject" = Option<String>, Query, nullable = false, example = "user:freya.holm", description = "Only those that speak of this user, group or service. One that is gone or has another key is named as a resource is; one that the caller may not list by its id."),
        ("actor" = Option<String>, Query, nullable = false, example = "operator", description = "Only those that were caused by `user:<name>`, `service:<name>`, `operator` or `attache`. Users and services are named as in `subject`."),
        ("correlation_id" = Option<String>, Query, nullable = false, description = "Only those of this request."),
        ("origin" = Option<String>, Query, nullable = false, example = "api", description = "Only those that came through this door: `api`, a dialect such as `voicebot`, `cli`, `import`, `attache`, or `unknown` for those of older versions."),
        ("on_behalf_of" = Option<String>, Query, nullable = false, example = "freya.holm", description = "Only those that were made for this user, named as in `subject`."),
        ("approved_by" = Option<String>, Query, nullable = false, example = "freya.holm", description = "Only those that this user approved, named as in `subject`."),
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
        "origin",
        "on_behalf_of",
        "approved_by",
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
    let mut wanted = wanted(&app, &session, &mut query).await?;
    let tenant = session.caller.tenant;
    let tenants = app.tenants();
    let end = state.revision();
    let mut total = tenants.count_entries(tenant, &wanted.filter, end).await?;
    if wanted.by_former_keys(&app, &session, total == 0).await? {
        total = tenants.count_entries(tenant, &wanted.filter, end).await?;
    }
    let filter = wanted.filter;
    if listing.is_whole() {
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
                    from = shown.next_event();
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

/// Which entries are wanted.
struct Wanted {
    filter: EntryFilter,
    /// What stands in the filter as an id that nothing has, by its place among what the entries
    /// speak of: it may be a key that something had.
    ids: Vec<(usize, FormerName)>,
}

impl Wanted {
    /// Finds what had a key that reads as an id.
    /// `is_empty`: nothing is found by the ids.
    async fn by_former_keys(
        &mut self,
        app: &App,
        session: &Session,
        is_empty: bool,
    ) -> Result<bool, Problem> {
        let mut is_other = false;
        for (place, name) in std::mem::take(&mut self.ids) {
            let Some(about) = self.filter.about.get_mut(place) else {
                continue;
            };
            let found = match name.find_as_id(app, session, *about).await? {
                None if is_empty => name.find(app, session).await?,
                found => found,
            };
            if let Some(id) = found {
                *about = id;
                is_other = true;
            }
        }
        Ok(is_other)
    }
}

/// The id of the thing that a parameter names: that has the name, as far as the caller may know;
/// else the id in the name; else the thing that had the name.
struct Names<'a> {
    app: &'a App,
    session: &'a Session,
}

impl Names<'_> {
    async fn former(
        &self,
        field: &'static str,
        name: Option<FormerName>,
        reason: &str,
    ) -> Result<Uuid, Problem> {
        let found = match &name {
            Some(name) => name.find(self.app, self.session).await?,
            None => None,
        };
        let searched = self.app.limits().former_names_in;
        found.ok_or_else(|| match (name, searched) {
            (None, _) | (_, 0) => Problem::invalid(field, reason),
            _ => {
                let reason = format!("{reason}, and was none in the newest {searched} entries");
                Problem::invalid(field, reason)
            }
        })
    }

    /// One that the caller does not see is named as one that is gone.
    fn resource(&self, name: &str) -> Option<Uuid> {
        let state = self.session.subject().state();
        let found = state.find(&naming::locator(name));
        let found = found.filter(|node| self.session.sight().sees(*node));
        found
            .and_then(|node| state.resource(node))
            .map(|it| it.id.0)
    }

    /// The same of one that the caller may not list.
    fn subject(&self, name: &str) -> Option<SubjectId> {
        let found = words::subject(self.session.subject().state(), name).ok();
        found.filter(|subject| words::knows(self.session, name, *subject))
    }

    /// The user that a filter names, if there is one.
    async fn user(
        &self,
        filter: &'static str,
        query: &mut Query,
    ) -> Result<Option<UserId>, Problem> {
        let Some(name) = query.take(filter) else {
            return Ok(None);
        };
        let known = self
            .session
            .authority()
            .known_user(&naming::reference(&name));
        let state = self.session.subject().state();
        let known = known.and_then(|number| state.user(number)).map(|it| it.id);
        if let Some(user) = known.or_else(|| id_in(&name).map(UserId)) {
            return Ok(Some(user));
        }
        let former = FormerName::of_subject(&name);
        let id = self.former(filter, former, "is no user").await?;
        Ok(Some(UserId(id)))
    }

    async fn actor(&self, name: &str) -> Result<Actor, Problem> {
        const SHAPE: &str = "must be user:<name>, service:<name>, operator or attache";
        let is_user = match name.split_once(':') {
            Some(("user", _)) => true,
            Some(("service", _)) => false,
            _ => {
                let alone = name.parse();
                return alone.map_err(|_| Problem::invalid("actor", SHAPE));
            }
        };
        match (self.subject(name), name.parse()) {
            (Some(SubjectId::User(user)), _) => return Ok(Actor::User(user)),
            (Some(SubjectId::Service(service)), _) => return Ok(Actor::Service(service)),
            (_, Ok(actor)) => return Ok(actor),
            _ => {}
        }
        let former = FormerName::of_subject(name);
        let id = self
            .former("actor", former, "is no user or service")
            .await?;
        Ok(match is_user {
            true => Actor::User(UserId(id)),
            false => Actor::Service(ServiceId(id)),
        })
    }
}

async fn wanted(app: &App, session: &Session, query: &mut Query) -> Result<Wanted, Problem> {
    const TIME: &str = "must be a time such as 2026-03-03T09:30:00Z";
    let names = Names { app, session };
    let (mut about, mut ids) = (Vec::new(), Vec::new());
    let id_of = |subject: SubjectId| match subject {
        SubjectId::User(id) => id.0,
        SubjectId::Group(id) => id.0,
        SubjectId::Service(id) => id.0,
    };
    let resource = query.take("resource").map(|name| {
        let (found, former) = (names.resource(&name), FormerName::of_resource(&name));
        ("resource", name, found, former, "is no resource")
    });
    let subject = query.take("subject").map(|name| {
        let (found, former) = (names.subject(&name), FormerName::of_subject(&name));
        let reason = "is no user, group or service";
        ("subject", name, found.map(id_of), former, reason)
    });
    for (field, name, found, former, reason) in resource.into_iter().chain(subject) {
        about.push(match (found, id_in(&name)) {
            (Some(id), _) => id,
            (None, Some(id)) => {
                ids.extend(former.map(|it| (about.len(), it)));
                id
            }
            (None, None) => names.former(field, former, reason).await?,
        });
    }
    let actor = match query.take("actor") {
        Some(name) => Some(names.actor(&name).await?),
        None => None,
    };
    let filter = EntryFilter {
        actor,
        correlation_id: query.take("correlation_id"),
        origin: query.parsed::<Origin>("origin", "must be an origin such as api or import")?,
        on_behalf_of: names.user("on_behalf_of", query).await?,
        approved_by: names.user("approved_by", query).await?,
        from: query.parsed("from", TIME)?,
        to: query.parsed("to", TIME)?,
        about,
    };
    Ok(Wanted { filter, ids })
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
        ("from_event" = Option<u64>, Query, nullable = false, description = "Its events from this one on, counted from 0: `more_events.from_event` of the answer before. From the first, if left out."),
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
    let mut query = Query::strict(query.as_deref(), &["from_event"])?;
    let from: Option<usize> = query.parsed("from_event", "must be a whole number")?;
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
        let reason = "is beyond the last event of this entry";
        return Err(Problem::invalid("from_event", reason));
    }
    let weight = entry.changes.list.len() / CHANGES_OF_ONE;
    let answer = session.weigh(weight, || {
        let told = session.authority().told();
        etag::answer(&headers, EntryView::of(entry, from, bytes, &told)?)
    });
    answer.await?
}
