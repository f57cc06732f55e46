//! Fields and parameters that several resources of this API have in common.

use attache_core::collation::Folded;
use attache_core::command::SubjectRef;
use attache_core::id::Key;
use attache_core::model::{self, Subject, SubjectId};
use attache_core::state::KindIndex;
use attache_core::{Refusal, State};
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{ObjectBuilder, Schema, Type};
use utoipa::{PartialSchema, ToSchema};

use super::query::Query;
use attache_http::naming;
use attache_http::{Problem, Session};

/// The schema of [`STATUSES`]: whether a user may act.
pub(super) struct Status;

/// The statuses of a user, by their names.
pub(super) const STATUSES: &[(&str, model::Status)] = &[
    ("active", model::Status::Active),
    ("inactive", model::Status::Inactive),
    ("invited", model::Status::Invited),
];

impl PartialSchema for Status {
    fn schema() -> RefOr<Schema> {
        one_of(STATUSES, "Whether a user may act.")
    }
}

impl ToSchema for Status {}

/// Returns the schema of a string with a few possible values.
pub(super) fn one_of<T>(words: &[(&str, T)], description: &str) -> RefOr<Schema> {
    ObjectBuilder::new()
        .schema_type(Type::String)
        .description(Some(description))
        .enum_values(Some(words.iter().map(|(word, _)| *word)))
        .into()
}

/// Turns an unknown name in a path into a missing thing, which is no fault of a field.
pub(super) fn absent(problem: Problem) -> Problem {
    match problem {
        Problem::Refused(Refusal::Unknown { what, .. }) => super::call::not_found(what),
        other => other,
    }
}

/// Takes the parameter `text`, which lists are searched for.
pub(super) fn text(query: &mut Query) -> Option<Folded> {
    query.take("text").map(|text| Folded::new(&text))
}

/// Returns whether a name or key contains a text, ignoring case and accents. True without
/// a text.
pub(super) fn contains(text: Option<&Folded>, name: &model::Name, key: Option<&Key>) -> bool {
    text.is_none_or(|text| {
        let texts = [Some(name.as_str()), key.map(Key::as_str)];
        texts.into_iter().flatten().any(|it| text.is_in(it))
    })
}

/// The kind by which a list is filtered.
#[derive(Clone, Copy, Debug)]
pub(super) enum OfKind {
    Any,
    One(KindIndex),
    /// A kind that does not exist or is hidden from the caller.
    Nothing,
}

impl OfKind {
    pub(super) fn is_any(self) -> bool {
        matches!(self, Self::Any)
    }

    /// Returns whether resources of a kind are wanted.
    pub(super) fn is(self, kind: KindIndex) -> bool {
        match self {
            Self::Any => true,
            Self::One(wanted) => wanted == kind,
            Self::Nothing => false,
        }
    }

    /// Returns what `list` finds of the kind, or of all kinds.
    pub(super) fn of<T>(self, list: impl FnOnce(Option<KindIndex>) -> Vec<T>) -> Vec<T> {
        match self {
            Self::Any => list(None),
            Self::One(kind) => list(Some(kind)),
            Self::Nothing => Vec::new(),
        }
    }
}

/// Returns whether the caller may read the catalogue. Only then it learns that a kind or
/// role does not exist.
pub(super) fn reads_the_catalogue(session: &Session) -> bool {
    let may = session.authority().authorize_catalogue();
    may.is_ok()
}

/// Takes the parameter `kind`.
pub(super) fn kind(session: &Session, query: &mut Query) -> Result<OfKind, Problem> {
    let state = session.subject().state();
    let Some(name) = query.take("kind") else {
        return Ok(OfKind::Any);
    };
    let known = state
        .kind_index(&name)
        .filter(|kind| state.kind(*kind).is_some());
    match known {
        Some(kind) => Ok(OfKind::One(kind)),
        None if reads_the_catalogue(session) => {
            Err(Problem::invalid("kind", "is no kind of this tenant"))
        }
        None => Ok(OfKind::Nothing),
    }
}

/// Returns the id of a subject with a name `user:…`, `group:…` or `service:…`.
pub(super) fn subject(state: &State, name: &str) -> Result<SubjectId, Problem> {
    let found = match naming::subject_ref(name) {
        SubjectRef::User(name) => state.find_user(&name).map(Subject::User),
        SubjectRef::Group(name) => state.find_group(&name).map(Subject::Group),
        SubjectRef::Service(name) => state.find_service(&name).map(Subject::Service),
    };
    let found = found.and_then(|subject| state.subject_id(subject));
    found.ok_or_else(|| Problem::invalid("subject", "is no user, group or service"))
}

/// Returns the subject by which a list is filtered. `None` if it does not exist or is
/// hidden from the caller; the answer must not tell which.
pub(super) fn wanted_subject(session: &Session, name: &str) -> Result<Option<SubjectId>, Problem> {
    match subject(session.subject().state(), name) {
        // A user with grants is visible where the caller may list users.
        Ok(found @ SubjectId::User(_)) => Ok(Some(found)),
        Ok(_) => {
            let name = naming::subject_ref(name);
            Ok(session.authority().known_subject(&name))
        }
        Err(unknown) if may_list(session, all_of(name)) => Err(unknown),
        Err(_) => Ok(None),
    }
}

/// Returns the permission to list all subjects of a name's type.
fn all_of(name: &str) -> &'static str {
    match naming::subject_ref(name) {
        SubjectRef::User(_) => "users.list",
        SubjectRef::Group(_) => "groups.list",
        SubjectRef::Service(_) => "services.list",
    }
}

/// Returns whether the caller may list all of the tenant's users, groups or services.
pub(super) fn may_list(session: &Session, all: &str) -> bool {
    let may = session.authority().authorize_tenant(all);
    may.is_ok()
}

/// Returns a command's reference to a subject.
pub(super) fn subject_ref(subject: SubjectId) -> SubjectRef {
    match subject {
        SubjectId::User(id) => SubjectRef::User(id.into()),
        SubjectId::Group(id) => SubjectRef::Group(id.into()),
        SubjectId::Service(id) => SubjectRef::Service(id.into()),
    }
}

/// Checks that a body's name, if it has one, equals that of the path.
pub(super) fn same_name(path: &str, body: Option<&str>) -> Result<(), Problem> {
    match body.is_none_or(|name| name == path) {
        true => Ok(()),
        false => Err(Problem::invalid(
            "name",
            "must be the name in the path, or be left out",
        )),
    }
}
