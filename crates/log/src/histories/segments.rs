//! The segments of the log whose histories are made.

use attache_core::id::{EntryId, Revision};

use crate::database::{Database, Row, Value};
use crate::{LogError, statements};

/// A segment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Segment {
    pub(super) first: i64,
    pub(super) last: i64,
    /// The last entry, and that of a larger segment that is taking the place of this one.
    pub(super) entries: Vec<EntryId>,
    /// How many changes the entries have.
    pub(super) changes: i64,
    /// How many memberships there had ever been after it.
    pub(super) memberships: u32,
}

/// The segments of a tenant's log, in their order, without a gap.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Segments(pub(super) Vec<Segment>);

impl Segments {
    /// The last entry whose changes are in the histories; 0 where none are.
    #[must_use]
    pub fn last(&self) -> Revision {
        Revision(self.0.last().map_or(0, |it| it.last.unsigned_abs()))
    }

    /// How many memberships there had ever been after that entry.
    #[must_use]
    pub fn memberships(&self) -> u32 {
        self.0.last().map_or(0, |it| it.memberships)
    }

    pub(super) fn starting_at(&self, first: i64) -> Option<&Segment> {
        let at = self.0.binary_search_by_key(&first, |it| it.first);
        self.0.get(at.ok()?)
    }
}

/// The segments of a tenant. What stands behind a gap is left aside.
pub(crate) async fn read(database: &Database, tenant: &str) -> Result<Segments, LogError> {
    let values = [Value::Text(tenant)];
    let rows = database.large_rows(statements::SEGMENTS, &values);
    let mut segments: Vec<Segment> = Vec::new();
    for row in rows.await? {
        let segment = segment(&row)?;
        let expected = segments.last().map_or(1, |it| it.last + 1);
        if segment.first > expected {
            break;
        }
        // One that a larger one has taken the place of is behind it for a moment.
        if segment.first == expected {
            segments.push(segment);
        }
    }
    Ok(Segments(segments))
}

fn segment(row: &Row) -> Result<Segment, LogError> {
    let entry = |text: String| text.parse::<EntryId>().map_err(LogError::caused);
    let mut entries = vec![entry(row.text(2)?)?];
    if let Some(merging) = row.maybe_text(3)? {
        entries.push(entry(merging)?);
    }
    Ok(Segment {
        first: row.number(0)?,
        last: row.number(1)?,
        entries,
        changes: row.number(4)?,
        memberships: u32::try_from(row.number(5)?).unwrap_or(u32::MAX),
    })
}
