//! Which entries are wanted.

use attache_core::id::{Revision, UserId};
use attache_core::{Actor, Entry, Origin, Timestamp};
use uuid::Uuid;

use super::database::Value;

/// Which entries are wanted: those for which all of this holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EntryFilter {
    /// By whom they were caused.
    pub actor: Option<Actor>,
    /// What the caller called the request that caused them.
    pub correlation_id: Option<String>,
    /// Not before this.
    pub from: Option<Timestamp>,
    /// Before this.
    pub to: Option<Timestamp>,
    /// Through which door they came.
    pub origin: Option<Origin>,
    /// For which user they were made.
    pub on_behalf_of: Option<UserId>,
    /// Which user approved them.
    pub approved_by: Option<UserId>,
    /// Their changes speak of all of these: a resource, a subject.
    pub about: Vec<Uuid>,
}

impl EntryFilter {
    /// Whether no entry can be wanted: none is stored with a zero byte, and not
    /// every database takes one.
    pub(super) fn wants_nothing(&self) -> bool {
        let id = self.correlation_id.as_ref();
        id.is_some_and(|id| id.contains('\0'))
    }
}

/// A part of the entries that are wanted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EntryPage {
    /// Those before this revision.
    pub before: Revision,
    /// How many at the most.
    pub most: usize,
    /// How many bytes they may have together, as they are stored. One is found at
    /// least, however many it has.
    pub bytes: usize,
}

/// Entries that were found.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct EntriesFound {
    /// The newest first.
    pub entries: Vec<Entry>,
    /// Whether older ones are wanted too.
    pub more: bool,
}

/// What the statements take in place of a filter.
#[derive(Debug)]
pub(super) struct Wanted {
    from: i64,
    to: i64,
    /// A pattern for LIKE. An actor has no character that means anything there.
    actor: String,
    /// Empty: any.
    correlation_id: String,
    /// Empty: any.
    origin: String,
    /// Empty: any or none.
    on_behalf_of: String,
    /// Empty: any or none.
    approved_by: String,
}

/// How many values a filter has in a statement.
pub(super) const VALUES: usize = 10;

fn text(wanted: Option<impl ToString>) -> String {
    wanted.map(|it| it.to_string()).unwrap_or_default()
}

impl Wanted {
    /// What the statements take: of which tenant, before and after which revision, and this.
    pub(super) fn values<'a>(&'a self, tenant: &'a str, before: i64, after: i64) -> Vec<Value<'a>> {
        vec![
            Value::Text(tenant),
            Value::Number(before),
            Value::Number(self.from),
            Value::Number(self.to),
            Value::Text(&self.actor),
            Value::Text(&self.correlation_id),
            Value::Number(after),
            Value::Text(&self.origin),
            Value::Text(&self.on_behalf_of),
            Value::Text(&self.approved_by),
        ]
    }

    pub(super) fn of(filter: &EntryFilter) -> Self {
        let anything = || "%".to_owned();
        Self {
            from: filter.from.map_or(i64::MIN, Timestamp::as_millis),
            to: filter.to.map_or(i64::MAX, Timestamp::as_millis),
            actor: filter
                .actor
                .map_or_else(anything, |actor| actor.to_string()),
            correlation_id: filter.correlation_id.clone().unwrap_or_default(),
            origin: text(filter.origin),
            on_behalf_of: text(filter.on_behalf_of),
            approved_by: text(filter.approved_by),
        }
    }
}
