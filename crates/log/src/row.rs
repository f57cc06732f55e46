//! An entry as a row.

use attache_core::cause::Cause;
use attache_core::id::{EntryId, Revision, TenantId};
use attache_core::{Change, Changes, Entry, Timestamp};

use super::database::Row;
use super::{LogError, aside};

/// How long a change is as JSON, roughly: that somebody was attached.
const CHANGE_BYTES: usize = 160;
/// From so many changes on, an entry is written and read beside the threads that
/// serve everybody: that takes milliseconds.
const MANY: usize = 1_000;

/// An entry as it is written.
#[derive(Debug)]
pub(super) struct EntryRow {
    pub(super) revision: i64,
    pub(super) id: String,
    pub(super) at: i64,
    pub(super) actor: String,
    pub(super) correlation_id: String,
    pub(super) changes: String,
    pub(super) profiles: Option<String>,
}

impl EntryRow {
    pub(super) fn new(entry: &Entry) -> Result<Self, LogError> {
        let failed = |cause: Cause| {
            LogError::Unavailable(Cause::text("the entry cannot be stored").because(cause))
        };
        // JSON writes it in another way; this is as the caller gave it.
        if entry.correlation_id.contains('\0') {
            return Err(failed(Cause::text("a correlation id with a zero byte")));
        }
        let profiles = &entry.changes.profiles;
        Ok(Self {
            revision: i64::try_from(entry.revision.0).map_err(|error| failed(Cause::new(error)))?,
            id: entry.id.to_string(),
            at: entry.at.as_millis(),
            actor: entry.actor.to_string(),
            correlation_id: entry.correlation_id.to_string(),
            changes: match entry.changes.list.len() > MANY {
                false => json(&entry.changes.list),
                true => aside(|| json(&entry.changes.list)),
            }
            .map_err(|error| failed(Cause::new(error)))?,
            profiles: match profiles.is_empty() {
                true => None,
                false => Some(
                    serde_json::to_string(profiles).map_err(|error| failed(Cause::new(error)))?,
                ),
            },
        })
    }
}

/// Changes as JSON, in room made for them: an import's entries are large, and
/// room that grows is copied.
fn json(changes: &[Change]) -> serde_json::Result<String> {
    let mut json = Vec::with_capacity(changes.len() * CHANGE_BYTES);
    serde_json::to_writer(&mut json, changes)?;
    String::from_utf8(json).map_err(serde::ser::Error::custom)
}

/// An entry as it stands in a row, not looked into.
pub(super) fn copy(row: &Row) -> Result<EntryRow, LogError> {
    Ok(EntryRow {
        revision: row.number(0)?,
        id: row.text(1)?,
        at: row.number(2)?,
        actor: row.text(3)?,
        correlation_id: row.text(4)?,
        changes: row.text(5)?,
        profiles: row.maybe_text(6)?,
    })
}

/// An entry from a row: revision, id, at, actor, correlation id, changes, profiles.
pub(super) fn read(tenant: TenantId, row: &Row) -> Result<Entry, LogError> {
    parse(tenant, copy(row)?)
}

/// The entry that stands in a row.
pub(super) fn parse(tenant: TenantId, row: EntryRow) -> Result<Entry, LogError> {
    let revision = Revision(row.revision.unsigned_abs());
    let unreadable = |cause: Cause| LogError::Unreadable {
        tenant,
        revision,
        cause,
    };
    let json = |error: serde_json::Error| unreadable(Cause::new(error));
    let id = row.id.parse::<EntryId>();
    let actor = row.actor.parse();
    Ok(Entry {
        id: id.map_err(|error| unreadable(Cause::new(error)))?,
        revision,
        at: Timestamp::from_millis(row.at),
        actor: actor.map_err(|error: &str| unreadable(Cause::text(error)))?,
        correlation_id: row.correlation_id.into(),
        changes: Changes {
            list: match row.changes.len() > MANY * CHANGE_BYTES {
                false => serde_json::from_str(&row.changes),
                true => aside(|| serde_json::from_str(&row.changes)),
            }
            .map_err(json)?,
            profiles: match row.profiles {
                Some(profiles) => serde_json::from_str(&profiles).map_err(json)?,
                None => Default::default(),
            },
        },
    })
}
