//! Names that things had: keys and numbers of what is gone or has another key now, found in the
//! entries.

use attache_core::ask::WithheldField;
use attache_core::catalogue::KindName;
use attache_core::command::SubjectRef;
use attache_core::id::{ResourceId, Revision};
use attache_core::model::SubjectId;
use attache_core::{Change, Locator, Named, NamedThing, Ref, State};
use attache_http::{App, Problem, Session, naming};
use attache_tenants::{EntryFilter, EntryPage};
use uuid::Uuid;

use super::weights::looked_at;

/// How many entries are read at once.
const AT_ONCE: usize = 1_000;

/// The type of a thing that had a name.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Type {
    User,
    Group,
    Service,
    Resource(KindName),
}

/// A name that something may have had: a key, or a number behind `#`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct FormerName {
    of: Type,
    text: Box<str>,
}

/// A thing that had the name, the last one first.
struct Candidate {
    id: Uuid,
    /// Whether it is of the type. Of a resource that is gone, an older entry says so.
    fits: Option<bool>,
}

impl FormerName {
    /// The name of a resource: its kind and a key or number.
    pub(super) fn of_resource(name: &str) -> Option<Self> {
        let Locator {
            kind, reference, ..
        } = naming::locator(name);
        Self::of(Type::Resource(kind?), &reference)
    }

    /// The name of a user, group or service.
    pub(super) fn of_subject(name: &SubjectRef) -> Option<Self> {
        match name {
            SubjectRef::User(name) => Self::of(Type::User, name),
            SubjectRef::Group(name) => Self::of(Type::Group, name),
            SubjectRef::Service(name) => Self::of(Type::Service, name),
        }
    }

    fn of(of: Type, name: &Ref) -> Option<Self> {
        match name {
            Ref::Text(text) if !text.is_empty() => Some(Self {
                of,
                text: text.clone(),
            }),
            _ => None,
        }
    }

    /// The id of the thing that had the name last, as far as the caller may read the names in
    /// entries. The newest `limits.former_names_in` entries are searched.
    ///
    /// # Errors
    /// If the log cannot be read.
    pub(super) async fn find(&self, app: &App, session: &Session) -> Result<Option<Uuid>, Problem> {
        let most = app.limits().former_names_in;
        self.find_in(app, session, &EntryFilter::default(), most)
            .await
    }

    /// The same of a name that reads as an id. Entries that hold the name are searched first:
    /// mostly, the name is an id.
    ///
    /// # Errors
    /// If the log cannot be read.
    pub(super) async fn find_as_id(
        &self,
        app: &App,
        session: &Session,
        id: Uuid,
    ) -> Result<Option<Uuid>, Problem> {
        let holding = EntryFilter {
            about: vec![id],
            ..EntryFilter::default()
        };
        let most = app.limits().former_names_in.min(AT_ONCE);
        self.find_in(app, session, &holding, most).await
    }

    async fn find_in(
        &self,
        app: &App,
        session: &Session,
        filter: &EntryFilter,
        mut left: usize,
    ) -> Result<Option<Uuid>, Problem> {
        let mut before = Revision(session.subject().state().revision().0.saturating_add(1));
        let mut candidates = Vec::new();
        while left > 0 {
            let page = EntryPage {
                before,
                most: left.min(AT_ONCE),
                bytes: app.limits().answer_bytes,
            };
            let tenant = session.caller.tenant;
            let found = app.tenants().find_entries(tenant, filter, &page).await?;
            let changes = found.entries.iter().map(|entry| entry.changes.list.len());
            let weight = looked_at(changes.sum());
            let last = session.weigh(weight, || {
                let told = session.authority().told();
                let changes = found.entries.iter();
                let mut changes = changes.flat_map(|entry| entry.changes.list.iter().rev());
                changes.find_map(|change| {
                    let is_told = !told.withheld(change).has(WithheldField::Key);
                    self.look_at(session.subject().state(), change, is_told, &mut candidates);
                    settled(&mut candidates)
                })
            });
            if let Some(id) = last.await? {
                return Ok(Some(id));
            }
            left = left.saturating_sub(found.entries.len());
            match found.entries.last().filter(|_| found.more) {
                Some(entry) => before = entry.revision,
                None => break,
            }
        }
        // What no entry told the kind of is not known to be one.
        let known = candidates.iter().find(|it| it.fits == Some(true));
        Ok(known.map(|it| it.id))
    }

    /// Notes what a change tells of things that had the name.
    fn look_at(
        &self,
        state: &State,
        change: &Change,
        is_told: bool,
        candidates: &mut Vec<Candidate>,
    ) {
        if let (Type::Resource(wanted), Change::ResourceAdded { resource, kind, .. }) =
            (&self.of, change)
        {
            let mut waiting = candidates.iter_mut().filter(|it| it.id == resource.0);
            if let Some(it) = waiting.find(|it| it.fits.is_none()) {
                it.fits = Some(kind == wanted);
            }
        }
        if !is_told {
            return;
        }
        if let Some((id, fits)) = self.given_by(state, change) {
            candidates.push(Candidate { id, fits });
        }
    }

    /// The thing to which a change gives the name, and whether it is of the type.
    fn given_by(&self, state: &State, change: &Change) -> Option<(Uuid, Option<bool>)> {
        let Named { thing, key, number } = change.named()?;
        let is_key = key.is_some_and(|key| key.is(&self.text));
        if !is_key && (number.is_none() || number != Ref::number_in(&self.text)) {
            return None;
        }
        match (&self.of, thing) {
            (Type::User, NamedThing::Subject(id @ SubjectId::User(_)))
            | (Type::Group, NamedThing::Subject(id @ SubjectId::Group(_)))
            | (Type::Service, NamedThing::Subject(id @ SubjectId::Service(_))) => {
                Some((id.id(), Some(true)))
            }
            (Type::Resource(wanted), NamedThing::Resource(id, kind)) => {
                let fits = match kind {
                    Some(kind) => Some(kind == wanted),
                    None => is_of(state, id, wanted),
                };
                Some((id.0, fits))
            }
            _ => None,
        }
    }
}

/// Whether a resource is of a kind; `None` if it is gone.
fn is_of(state: &State, resource: ResourceId, wanted: &KindName) -> Option<bool> {
    let node = state.find(&Locator::id(resource))?;
    Some(state.resource(node)?.kind == *wanted)
}

/// The last thing that had the name, once it is known to be of the type.
fn settled(candidates: &mut Vec<Candidate>) -> Option<Uuid> {
    candidates.retain(|it| it.fits != Some(false));
    let first = candidates.first()?;
    (first.fits == Some(true)).then_some(first.id)
}
