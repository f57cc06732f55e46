//! Entries: what happened, who caused it, when.

use attache_core::command::SubjectRef;
use attache_core::id::{Revision, ServiceId, UserId};
use attache_core::model::SubjectId;
use attache_core::{Actor, Origin, Ref};
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
use super::{etag, parameters};
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
        ("origin" = Option<String>, Query, nullable = false, example = "api", description = "Only those that came through this door: `api`, `authzen`, a dialect such as `voicebot`, `cli`, `import`, `attache`, or `unknown` for those of older versions."),
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
    let mut filter = wanted.filter();
    let mut total = tenants.count_entries(tenant, &filter, end).await?;
    if wanted.by_former_keys(&app, &session, total == 0).await? {
        filter = wanted.filter();
        total = tenants.count_entries(tenant, &filter, end).await?;
    }
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

/// A parameter that names a thing, and the place of its id in the filter.
#[derive(Clone, Copy)]
enum Place {
    Resource,
    Subject,
    UserAsActor,
    ServiceAsActor,
    OnBehalfOf,
    ApprovedBy,
}

impl Place {
    /// The parameter, and what is wrong with a name that nothing has.
    fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::Resource => ("resource", "is no resource"),
            Self::Subject => ("subject", "is no user, group or service"),
            Self::UserAsActor | Self::ServiceAsActor => ("actor", "is no user or service"),
            Self::OnBehalfOf => ("on_behalf_of", "is no user"),
            Self::ApprovedBy => ("approved_by", "is no user"),
        }
    }

    /// Whether subjects of the type of a name may stand here.
    fn takes(self, name: &SubjectRef) -> bool {
        match self {
            Self::Resource => false,
            Self::Subject => true,
            Self::ServiceAsActor => matches!(name, SubjectRef::Service(_)),
            Self::UserAsActor | Self::OnBehalfOf | Self::ApprovedBy => {
                matches!(name, SubjectRef::User(_))
            }
        }
    }

    fn put(self, id: Uuid, filter: &mut EntryFilter) {
        match self {
            Self::Resource | Self::Subject => filter.about.push(id),
            Self::UserAsActor => filter.actor = Some(Actor::User(UserId(id))),
            Self::ServiceAsActor => filter.actor = Some(Actor::Service(ServiceId(id))),
            Self::OnBehalfOf => filter.on_behalf_of = Some(UserId(id)),
            Self::ApprovedBy => filter.approved_by = Some(UserId(id)),
        }
    }
}

/// The id of a thing that a parameter names.
struct Named {
    place: Place,
    id: Uuid,
    /// The name reads as an id that nothing has, so it may be a key that something had.
    perhaps: Option<FormerName>,
}

/// Which entries are wanted.
struct Wanted {
    /// The filter without the things that are named.
    unnamed: EntryFilter,
    named: Vec<Named>,
}

impl Wanted {
    fn filter(&self) -> EntryFilter {
        let mut filter = self.unnamed.clone();
        for named in &self.named {
            named.place.put(named.id, &mut filter);
        }
        filter
    }

    /// Finds what had a key that reads as an id. Returns whether an id is another one then.
    /// `is_empty`: nothing is found by the ids.
    async fn by_former_keys(
        &mut self,
        app: &App,
        session: &Session,
        is_empty: bool,
    ) -> Result<bool, Problem> {
        let mut is_other = false;
        for named in &mut self.named {
            let Some(name) = named.perhaps.take() else {
                continue;
            };
            let found = match name.find_as_id(app, session, named.id).await? {
                None if is_empty => name.find(app, session).await?,
                found => found,
            };
            if let Some(id) = found {
                named.id = id;
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
    async fn of(&self, place: Place, name: &str) -> Result<Named, Problem> {
        let (field, reason) = place.words();
        let (found, id, former) = match place {
            Place::Resource => (
                self.resource(name),
                id_in(&naming::locator(name).reference),
                FormerName::of_resource(name),
            ),
            _ => {
                let name = naming::subject_ref(name);
                if !place.takes(&name) {
                    return Err(Problem::invalid(field, reason));
                }
                let found = self.session.authority().known_subject(&name);
                let (SubjectRef::User(text) | SubjectRef::Group(text) | SubjectRef::Service(text)) =
                    &name;
                let former = FormerName::of_subject(&name);
                (found.map(SubjectId::id), id_in(text), former)
            }
        };
        let (id, perhaps) = match (found, id) {
            (Some(id), _) => (id, None),
            (None, Some(id)) => (id, former),
            (None, None) => (self.former(field, former, reason).await?, None),
        };
        Ok(Named { place, id, perhaps })
    }

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
}

/// The id that a name reads as.
fn id_in(name: &Ref) -> Option<Uuid> {
    match name {
        Ref::Id(id) => Some(*id),
        Ref::Text(text) => Uuid::parse_str(text).ok(),
        Ref::Number(_) | Ref::Key(_) | Ref::OfMembership(_) => None,
    }
}

async fn wanted(app: &App, session: &Session, query: &mut Query) -> Result<Wanted, Problem> {
    const TIME: &str = "must be a time such as 2026-03-03T09:30:00Z";
    const ACTOR: &str = "must be user:<name>, service:<name>, operator or attache";
    let names = Names { app, session };
    let mut named = Vec::new();
    for (field, place) in [
        ("resource", Place::Resource),
        ("subject", Place::Subject),
        ("on_behalf_of", Place::OnBehalfOf),
        ("approved_by", Place::ApprovedBy),
    ] {
        if let Some(name) = query.take(field) {
            named.push(names.of(place, &name).await?);
        }
    }
    let mut actor = None;
    if let Some(name) = query.take("actor") {
        match name.split_once(':') {
            Some(("user", _)) => named.push(names.of(Place::UserAsActor, &name).await?),
            Some(("service", _)) => named.push(names.of(Place::ServiceAsActor, &name).await?),
            _ => {
                let alone = name.parse();
                actor = Some(alone.map_err(|_| Problem::invalid("actor", ACTOR))?);
            }
        }
    }
    let unnamed = EntryFilter {
        actor,
        correlation_id: query.take("correlation_id"),
        origin: query.parsed::<Origin>("origin", "must be an origin such as api or import")?,
        from: query.parsed("from", TIME)?,
        to: query.parsed("to", TIME)?,
        ..EntryFilter::default()
    };
    Ok(Wanted { unnamed, named })
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
