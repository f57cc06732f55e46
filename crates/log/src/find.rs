//! Which entries are wanted.

use attache_core::id::Revision;
use attache_core::{Actor, Entry, Timestamp};
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
        }
    }
}
