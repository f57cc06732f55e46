//! The making of histories, a segment after the other.
//!
//! The rows of a segment are written first, then the segment: what a maker leaves that was
//! killed is not looked at, and written again. A segment is written only where its last entry
//! stands, and rows name that entry: what was made of entries that the database lost is left
//! aside.

use std::collections::BTreeMap;
use std::sync::LazyLock;
use std::time::{Duration, Instant};

use attache_core::cause::{Cause, chain};
use attache_core::id::{EntryId, TenantId};
use attache_core::record::{Commitments, RecordError, pieces};
use tokio::sync::mpsc;
use uuid::Uuid;

use super::block::{BlockPiece, pack};
use super::segments::{self, Segment, Segments};
use crate::batch::entries_after;
use crate::blocking::blocking;
use crate::database::{Database, Value};
use crate::row::EntryRow;
use crate::{LogError, inserts, statements};

/// How large segments are.
#[derive(Clone, Copy, Debug)]
pub struct SegmentSizes {
    /// How many changes fill a segment.
    pub changes: i64,
    /// How many segments are merged into one.
    pub merged: usize,
}

impl Default for SegmentSizes {
    fn default() -> Self {
        Self {
            changes: 32_768,
            merged: 16,
        }
    }
}

/// How long to pause after a part at the most, where others are served.
const LONGEST_PAUSE: Duration = Duration::from_millis(250);

/// How many entries are read at once.
const AT_ONCE: i64 = 512;

/// How many values a row has.
const ROW: usize = 4;

/// The texts are for 1, 2, 4… rows, up to this power of two. A statement is a transaction, for
/// which others wait.
const LARGEST: u32 = 8;

static INSERT: LazyLock<Vec<String>> = LazyLock::new(|| {
    let sizes = (0..=LARGEST).map(|power| 1 << power);
    let number = |at| format!("${at}");
    inserts::texts(
        statements::INSERT_HISTORY,
        ROW,
        statements::THE_HISTORY_IS_NEWER,
        sizes,
        number,
    )
});

static DELETE: LazyLock<Vec<String>> = LazyLock::new(|| {
    let text = |power| inserts::listing(statements::DELETE_HISTORY, 3, 1_usize << power);
    (0..=LARGEST).map(text).collect()
});

/// Make the histories that a tenant lacks. Where others are served, it takes half of the time.
pub(crate) async fn make_histories(
    database: &Database,
    tenant: TenantId,
    sizes: SegmentSizes,
    is_gentle: bool,
) -> Result<(), LogError> {
    let maker = Maker {
        database,
        tenant: tenant.to_string(),
        sizes,
        is_gentle,
    };
    while maker.step().await? {}
    Ok(())
}

/// Makes histories of the tenants that are told, until nobody tells any more.
pub(crate) async fn run(database: Database, mut told: mpsc::Receiver<TenantId>) {
    while let Some(tenant) = told.recv().await {
        // In a box: what is awaited there is deep.
        if let Err(error) = Box::pin(make_histories(
            &database,
            tenant,
            SegmentSizes::default(),
            true,
        ))
        .await
        {
            tracing::debug!(%tenant, error = %chain(&error), "the past is read from the entries until histories can be made");
        }
    }
}

struct Maker<'a> {
    database: &'a Database,
    tenant: String,
    sizes: SegmentSizes,
    is_gentle: bool,
}

/// The entries of a segment, parted by things.
#[derive(Default)]
struct Parted {
    last: i64,
    last_entry: String,
    changes: i64,
    memberships: u32,
    pieces: BTreeMap<Uuid, Vec<BlockPiece>>,
}

/// What came of adding entries.
enum Added {
    /// All were added, and there is room for more.
    All(Parted),
    Full(Parted),
    /// One is of an older version.
    IsOlder,
}

impl Maker<'_> {
    /// Makes a segment. Returns whether there may be another.
    async fn step(&self) -> Result<bool, LogError> {
        let made = segments::read(self.database, &self.tenant).await?;
        if let Some(small) = to_merge(&made, self.sizes) {
            self.merge(&made, small).await?;
            return Ok(true);
        }
        let (last, memberships) = (made.last().0, made.memberships());
        let after = i64::try_from(last).unwrap_or(i64::MAX);
        let enough = self.sizes.changes;
        let is_full = move |parted: &Parted| parted.changes >= enough;
        let Some(parted) = self.part(after, memberships, is_full).await? else {
            return Ok(false);
        };
        let last_entry = entry(&parted.last_entry)?;
        let segment = Segment {
            first: after + 1,
            last: parted.last,
            entries: vec![last_entry],
            changes: parted.changes,
            memberships: parted.memberships,
        };
        self.write(&segment, parted.pieces).await?;
        self.note(&segment).await
    }

    /// Reads entries after a revision until they fill a segment. `None` if they do not.
    async fn part(
        &self,
        after: i64,
        memberships: u32,
        is_full: impl Fn(&Parted) -> bool + Copy + Send + 'static,
    ) -> Result<Option<Parted>, LogError> {
        let mut parted = Parted {
            last: after,
            memberships,
            ..Parted::default()
        };
        loop {
            let began = Instant::now();
            let rows = entries_after(self.database, &self.tenant, parted.last, AT_ONCE).await?;
            if rows.is_empty() {
                return Ok(None);
            }
            let added = blocking(move || {
                for row in rows {
                    if !parted.add(&row)? {
                        return Ok(Added::IsOlder);
                    }
                    if is_full(&parted) {
                        return Ok(Added::Full(parted));
                    }
                }
                Ok::<_, LogError>(Added::All(parted))
            });
            parted = match added.await?? {
                Added::All(parted) => parted,
                Added::Full(parted) => return Ok(Some(parted)),
                Added::IsOlder => return Ok(None),
            };
            self.rest(began).await;
        }
    }

    async fn rest(&self, began: Instant) {
        if self.is_gentle {
            tokio::time::sleep(began.elapsed().min(LONGEST_PAUSE)).await;
        }
    }

    /// Writes the rows of a segment.
    async fn write(
        &self,
        segment: &Segment,
        pieces: BTreeMap<Uuid, Vec<BlockPiece>>,
    ) -> Result<(), LogError> {
        let last = segment.entries.last().copied();
        let last = last.ok_or_else(|| LogError::unavailable("a segment without an entry"))?;
        let mut rest: Vec<(Uuid, Vec<BlockPiece>)> = pieces.into_iter().collect();
        while !rest.is_empty() {
            let began = Instant::now();
            let power = rest.len().ilog2().min(LARGEST);
            let chunk = rest.split_off(rest.len() - (1 << power));
            let packed = blocking(move || {
                let packed = chunk
                    .iter()
                    .map(|(thing, pieces)| Ok((*thing, pack(last, pieces)?)));
                packed.collect::<Result<Vec<_>, Cause>>()
            });
            let packed = packed.await?.map_err(LogError::Unavailable)?;
            let values = packed.iter().flat_map(|(thing, bytes)| {
                [
                    Value::Text(&self.tenant),
                    Value::Bytes(thing.as_bytes()),
                    Value::Number(segment.first),
                    Value::Bytes(bytes),
                ]
            });
            let values: Vec<Value<'_>> = values.collect();
            if let Some(text) = INSERT.get(power as usize) {
                self.database.execute(text, &values).await?;
            }
            self.rest(began).await;
        }
        Ok(())
    }

    /// Notes a segment whose rows are there. Returns whether its last entry still stands.
    async fn note(&self, segment: &Segment) -> Result<bool, LogError> {
        let entry = segment
            .entries
            .last()
            .map(ToString::to_string)
            .unwrap_or_default();
        let values = [
            Value::Text(&self.tenant),
            Value::Number(segment.first),
            Value::Number(segment.last),
            Value::Text(&entry),
            Value::Number(segment.changes),
            Value::Number(segment.memberships.into()),
        ];
        let noted = self.database.execute(statements::INSERT_SEGMENT, &values);
        Ok(noted.await? > 0)
    }

    /// Makes one segment of several.
    async fn merge(&self, made: &Segments, small: &[Segment]) -> Result<(), LogError> {
        let (Some(first), Some(last)) = (small.first(), small.last()) else {
            return Ok(());
        };
        let before = made.0.iter().take_while(|it| it.first < first.first).last();
        let memberships = before.map_or(0, |it| it.memberships);
        let end = last.last;
        let is_full = move |parted: &Parted| parted.last >= end;
        let parted = self.part(first.first - 1, memberships, is_full).await?;
        let Some(parted) = parted else {
            return Err(LogError::unavailable(
                "the entries changed while histories were made",
            ));
        };
        let segment = Segment {
            first: first.first,
            last: parted.last,
            entries: vec![entry(&parted.last_entry)?],
            changes: parted.changes,
            memberships: parted.memberships,
        };
        // From here on, rows of either segment count.
        let values = [
            Value::Text(&self.tenant),
            Value::Number(first.first),
            Value::Text(&parted.last_entry),
        ];
        self.database
            .execute(statements::MERGE_SEGMENT, &values)
            .await?;
        let mut things: Vec<Uuid> = parted.pieces.keys().copied().collect();
        self.write(&segment, parted.pieces).await?;
        while !things.is_empty() {
            let began = Instant::now();
            let power = things.len().ilog2().min(LARGEST);
            let chunk = things.split_off(things.len() - (1 << power));
            let mut values = vec![
                Value::Text(&self.tenant),
                Value::Number(segment.first),
                Value::Number(segment.last),
            ];
            values.extend(chunk.iter().map(|thing| Value::Bytes(thing.as_bytes())));
            if let Some(text) = DELETE.get(power as usize) {
                self.database.execute(text, &values).await?;
            }
            self.rest(began).await;
        }
        self.note(&segment).await?;
        let values = [
            Value::Text(&self.tenant),
            Value::Number(segment.first),
            Value::Number(segment.last),
        ];
        self.database
            .execute(statements::DELETE_SEGMENTS, &values)
            .await?;
        Ok(())
    }
}

/// The small segments at the end, if they are enough to be merged.
fn to_merge(made: &Segments, sizes: SegmentSizes) -> Option<&[Segment]> {
    // A large entry fills a segment more than once.
    let large = sizes.changes.saturating_mul(sizes.merged as i64);
    let is_small = |it: &&Segment| it.changes < large;
    let small = made.0.iter().rev().take_while(is_small).count();
    let small = made.0.get(made.0.len() - small..)?;
    small.get(..sizes.merged.max(2))
}

fn entry(text: &str) -> Result<EntryId, LogError> {
    text.parse().map_err(LogError::caused)
}

impl Parted {
    /// Adds an entry. Returns whether it could: one of an older version cannot be, since it
    /// names people.
    fn add(&mut self, row: &EntryRow) -> Result<bool, LogError> {
        if row.revision != self.last + 1 {
            let missing = format!("entry {} is missing", self.last + 1);
            return Err(LogError::Unavailable(Cause::text(missing)));
        }
        if row.profiles.is_some() {
            return Ok(false);
        }
        let failed = |cause: Cause| LogError::Unavailable(cause);
        let commitments = match &row.commitments {
            None => Commitments::default(),
            Some(bytes) => Commitments::from_bytes(bytes).map_err(LogError::caused)?,
        };
        let json = row.json().map_err(failed)?;
        let parted = match pieces(&json, &commitments, &mut self.memberships) {
            Err(RecordError::Uncommitted(_)) => return Ok(false),
            parted => parted.map_err(LogError::caused)?,
        };
        for (thing, piece) in parted {
            self.changes += piece.places.len() as i64;
            let piece = BlockPiece::of(row, piece).map_err(failed)?;
            self.pieces.entry(thing).or_default().push(piece);
        }
        // An entry of tokens alone counts too: segments must end.
        self.changes += 1;
        self.last = row.revision;
        self.last_entry.clone_from(&row.id);
        Ok(true)
    }
}
