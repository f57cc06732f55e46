//! An entry as a row, and the rows of its private parts.

use attache_core::cause::Cause;
use attache_core::id::{EntryId, Revision, TenantId, UserId};
use attache_core::record::{self, Commitments, Private};
use attache_core::{Changes, Entry, EntryHead, Origin, Timestamp};

use super::database::Row;
use super::private_row::PrivateRow;
use super::{LogError, aside, packing};

/// From so many changes on, an entry is written and read beside the threads that
/// serve everybody: that takes milliseconds.
const MANY: usize = 1_000;
/// How many bytes they have, packed, roughly.
const MANY_BYTES: usize = 32 * 1024;

/// An entry as it is written.
#[derive(Clone, Debug)]
pub(super) struct EntryRow {
    pub(super) revision: i64,
    pub(super) id: String,
    pub(super) at: i64,
    pub(super) actor: String,
    pub(super) correlation_id: String,
    /// Empty where they are packed.
    pub(super) changes: String,
    /// Of an entry that an older attache wrote.
    pub(super) profiles: Option<String>,
    pub(super) packed: Option<Vec<u8>>,
    pub(super) commitments: Option<Vec<u8>>,
    /// None where it is unknown.
    pub(super) origin: Option<String>,
    pub(super) on_behalf_of: Option<String>,
    pub(super) approved_by: Option<String>,
    /// The private parts that are there.
    pub(super) private: Vec<PrivateRow>,
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
        let content = match entry.changes.list.len() > MANY {
            false => Content::of(entry),
            true => aside(|| Content::of(entry)),
        };
        let content = content.map_err(failed)?;
        let head = &entry.head;
        Ok(Self {
            revision: i64::try_from(entry.revision.0).map_err(|error| failed(Cause::new(error)))?,
            id: entry.id.to_string(),
            at: entry.at.as_millis(),
            actor: entry.actor.to_string(),
            correlation_id: entry.correlation_id.to_string(),
            changes: content.changes,
            profiles: None,
            packed: content.packed,
            commitments: content.commitments,
            origin: (head.origin != Origin::UNKNOWN).then(|| head.origin.to_string()),
            on_behalf_of: head.on_behalf_of.map(|user| user.to_string()),
            approved_by: head.approved_by.map(|user| user.to_string()),
            private: content.private,
        })
    }

    /// How many bytes its changes have as they are stored.
    pub(super) fn bytes(&self) -> usize {
        self.changes.len() + self.packed.as_ref().map_or(0, Vec::len)
    }

    /// Whether its content was left out, since it is large (`statements::columns_of_small!`).
    pub(super) fn is_left_out(&self) -> bool {
        self.changes.is_empty() && self.packed.is_none()
    }

    /// How many bytes its changes have, unpacked.
    pub(super) fn unpacked_bytes(&self) -> Result<u64, Cause> {
        match &self.packed {
            Some(packed) => packing::length(packed),
            None => Ok(self.changes.len() as u64),
        }
    }

    /// How many bytes its private parts have.
    pub(super) fn private_bytes(&self) -> usize {
        self.private.iter().map(|part| part.data.len()).sum()
    }

    /// Its changes as JSON.
    pub(super) fn json(&self) -> Result<std::borrow::Cow<'_, str>, Cause> {
        match &self.packed {
            None => Ok(self.changes.as_str().into()),
            Some(packed) => packing::unpack(packed).map(Into::into),
        }
    }
}

/// What of a row is not the head of its entry.
struct Content {
    changes: String,
    packed: Option<Vec<u8>>,
    commitments: Option<Vec<u8>>,
    private: Vec<PrivateRow>,
}

impl Content {
    fn of(entry: &Entry) -> Result<Self, Cause> {
        let stored = record::split(entry).map_err(Cause::new)?;
        let packed = packing::pack(&stored.changes)?;
        let commitments = Commitments::to(&stored.private);
        Ok(Self {
            changes: match packed {
                None => stored.changes,
                Some(_) => String::new(),
            },
            packed,
            commitments: (!commitments.is_empty()).then(|| commitments.to_bytes()),
            private: stored.private.into_iter().map(Into::into).collect(),
        })
    }
}

/// An entry as it stands in a row, not looked into, without its private parts. The columns are
/// `statements::columns!`.
pub(super) fn copy(row: &Row) -> Result<EntryRow, LogError> {
    Ok(EntryRow {
        revision: row.number(0)?,
        id: row.text(1)?,
        at: row.number(2)?,
        actor: row.text(3)?,
        correlation_id: row.text(4)?,
        changes: row.text(5)?,
        profiles: row.maybe_text(6)?,
        packed: row.maybe_bytes(7)?,
        commitments: row.maybe_bytes(8)?,
        origin: row.maybe_text(9)?,
        on_behalf_of: row.maybe_text(10)?,
        approved_by: row.maybe_text(11)?,
        private: Vec::new(),
    })
}

/// How many bytes an entry has when it is read: of a row of `statements::sizes!`.
pub(super) fn size(row: &Row) -> Result<u64, LogError> {
    let packed = match row.maybe_bytes(2)? {
        Some(start) => packing::length(&start).map_err(LogError::Unavailable)?,
        None => 0,
    };
    Ok(row.number(1)?.unsigned_abs() + packed)
}

/// The entry that stands in a row.
pub(super) fn parse(tenant: TenantId, row: EntryRow) -> Result<Entry, LogError> {
    let revision = Revision(row.revision.unsigned_abs());
    let unreadable = |cause: Cause| LogError::Unreadable {
        tenant,
        revision,
        cause,
    };
    let id = row.id.parse::<EntryId>();
    let id = id.map_err(|error| unreadable(Cause::new(error)))?;
    let actor = row.actor.parse();
    let actor = actor.map_err(|error: &str| unreadable(Cause::text(error)))?;
    let user = |id: &Option<String>| {
        let id = id.as_deref().map(str::parse::<UserId>).transpose();
        id.map_err(|error| unreadable(Cause::new(error)))
    };
    let origin = row.origin.as_deref().map(str::parse).transpose();
    let head = EntryHead {
        origin: origin
            .map_err(|error: &str| unreadable(Cause::text(error)))?
            .unwrap_or_default(),
        on_behalf_of: user(&row.on_behalf_of)?,
        approved_by: user(&row.approved_by)?,
    };
    let changes = match row.bytes() > MANY_BYTES {
        false => changes(&row),
        true => aside(|| changes(&row)),
    };
    Ok(Entry {
        id,
        revision,
        at: Timestamp::from_millis(row.at),
        actor,
        correlation_id: row.correlation_id.into(),
        head,
        changes: changes.map_err(unreadable)?,
    })
}

fn changes(row: &EntryRow) -> Result<Changes, Cause> {
    let commitments = match &row.commitments {
        None => Commitments::default(),
        Some(bytes) => Commitments::from_bytes(bytes).map_err(Cause::new)?,
    };
    let json = row.json()?;
    let private = row.private.iter().map(Private::try_from);
    let private = private.collect::<Result<_, _>>()?;
    let mut changes = record::join(&json, &commitments, private).map_err(Cause::new)?;
    if let Some(profiles) = &row.profiles {
        changes.profiles = serde_json::from_str(profiles).map_err(Cause::new)?;
    }
    Ok(changes)
}
