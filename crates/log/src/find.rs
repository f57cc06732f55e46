//! Which entries are wanted.

use attache_core::id::{Revision, UserId};
use attache_core::{Actor, Entry, Origin, Timestamp};
use uuid::Uuid;

use super::database::Value;

/// A filter of entries. An entry passes if all conditions that are set hold.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EntryFilter {
    /// The author of the entry.
    pub actor: Option<Actor>,
    /// The caller's name for the request that became the entry.
    pub correlation_id: Option<String>,
    /// The earliest time of the entry, inclusive.
    pub from: Option<Timestamp>,
    /// The end of the times, exclusive.
    pub to: Option<Timestamp>,
    /// The door through which the entry came.
    pub origin: Option<Origin>,
    /// The user for whom a service made the entry.
    pub on_behalf_of: Option<UserId>,
    /// The user who approved the entry.
    pub approved_by: Option<UserId>,
    /// The ids of resources and subjects. The entry's changes speak of each of them.
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

/// The bounds of one page of filtered entries, the newest first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EntryPage {
    /// The end of the page: its entries have smaller revisions.
    pub before: Revision,
    /// The most entries.
    pub most: usize,
    /// The most bytes of all entries together, as they are stored. A larger entry is
    /// returned alone.
    pub bytes: usize,
}

/// One page of filtered entries.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct EntriesFound {
    /// The entries, the newest first.
    pub entries: Vec<Entry>,
    /// Whether older entries pass the filter too.
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
