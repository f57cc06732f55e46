//! The reading of histories.

use std::collections::{BTreeMap, HashMap};
use std::sync::LazyLock;

use attache_core::cause::Cause;
use attache_core::focus::DatedChange;
use attache_core::id::{Revision, TenantId};
use attache_core::record::Private;
use uuid::Uuid;

use super::block::{BlockPiece, unpack};
use super::segments::{self, Segments};
use crate::blocking::blocking;
use crate::database::{Database, Value};
use crate::private_row::PrivateRow;
use crate::{LogError, inserts, private, statements};

/// How many things are asked for with one statement.
const THINGS: usize = 32;

/// How many private parts are asked for with one statement.
const PARTS: usize = 32;

/// From so many bytes on, rows are unpacked beside the threads that serve everybody.
const MANY_BYTES: usize = 16 * 1024;

static OF_THINGS: LazyLock<String> =
    LazyLock::new(|| inserts::listing(statements::HISTORIES, 2, THINGS));

static PRIVATE_OF: LazyLock<String> = LazyLock::new(|| {
    let number = |at| format!("${}", at + 1);
    let (head, tail) = (statements::PRIVATE_OF, statements::WHERE_IT_STANDS);
    inserts::texts(head, 2, tail, [PARTS].into_iter(), number).concat()
});

/// The pieces of each thing, by the revisions of their entries: one that stands in two
/// segments comes once.
type Pieces = HashMap<Uuid, BTreeMap<i64, BlockPiece>>;

/// How often rows are read again at the most, where segments were merged meanwhile.
const ATTEMPTS: usize = 8;

/// A row: thing, first entry of its segment, changes.
type HistoryRow = (Vec<u8>, i64, Vec<u8>);

/// The changes of things in the entries up to a revision, as far as they are in segments.
pub(crate) async fn histories(
    database: &Database,
    tenant: TenantId,
    things: &[Uuid],
    known: &Segments,
    up_to: Revision,
) -> Result<Vec<(Uuid, Vec<DatedChange>)>, LogError> {
    let id = tenant.to_string();
    let up_to = up_to.min(known.last());
    let mut segments = segments::read(database, &id).await?;
    for _ in 0..ATTEMPTS {
        let rows = rows(database, &id, things, number(up_to)).await?;
        let now = segments::read(database, &id).await?;
        if now == segments && now.last() >= up_to {
            return of_rows(database, &id, things, rows, segments, number(up_to)).await;
        }
        segments = now;
    }
    Err(LogError::unavailable(
        "the histories change again and again",
    ))
}

fn number(revision: Revision) -> i64 {
    i64::try_from(revision.0).unwrap_or(i64::MAX)
}

async fn rows(
    database: &Database,
    tenant: &str,
    things: &[Uuid],
    up_to: i64,
) -> Result<Vec<HistoryRow>, LogError> {
    let mut rows = Vec::new();
    for chunk in things.chunks(THINGS) {
        let padded = chunk.iter().chain(chunk.last().into_iter().cycle());
        let mut values = vec![Value::Text(tenant), Value::Number(up_to)];
        values.extend(
            padded
                .take(THINGS)
                .map(|thing| Value::Bytes(thing.as_bytes())),
        );
        for row in database.large_rows(&OF_THINGS, &values).await? {
            rows.push((row.bytes(0)?, row.number(1)?, row.bytes(2)?));
        }
    }
    Ok(rows)
}

async fn of_rows(
    database: &Database,
    tenant: &str,
    things: &[Uuid],
    rows: Vec<HistoryRow>,
    segments: Segments,
    up_to: i64,
) -> Result<Vec<(Uuid, Vec<DatedChange>)>, LogError> {
    let bytes: usize = rows.iter().map(|(_, _, bytes)| bytes.len()).sum();
    let unpacked = move || unpacked(rows, &segments, up_to);
    let pieces = match bytes > MANY_BYTES {
        false => unpacked(),
        true => blocking(unpacked).await?,
    };
    let pieces = pieces.map_err(LogError::Unavailable)?;
    let parts = parts(database, tenant, &pieces).await?;
    let whole = move || whole(pieces, &parts);
    let found = match bytes > MANY_BYTES {
        false => whole(),
        true => blocking(whole).await?,
    };
    let mut found = found.map_err(LogError::Unavailable)?;
    let found = things
        .iter()
        .map(|thing| (*thing, found.remove(thing).unwrap_or_default()));
    Ok(found.collect())
}

fn unpacked(rows: Vec<HistoryRow>, segments: &Segments, up_to: i64) -> Result<Pieces, Cause> {
    let mut pieces = Pieces::new();
    for (thing, first, bytes) in rows {
        let thing = Uuid::from_slice(&thing).map_err(Cause::new)?;
        let last = match segments.starting_at(first) {
            Some(segment) => segment.entries.as_slice(),
            None => continue,
        };
        for piece in unpack(&bytes, last)? {
            if piece.revision <= up_to {
                let of_thing = pieces.entry(thing).or_default();
                of_thing.entry(piece.revision).or_insert(piece);
            }
        }
    }
    Ok(pieces)
}

/// The private parts of pieces that have one, as far as they are there.
async fn parts(
    database: &Database,
    tenant: &str,
    pieces: &Pieces,
) -> Result<HashMap<(i64, Uuid), PrivateRow>, LogError> {
    let having = pieces.iter().flat_map(|(thing, pieces)| {
        let having = pieces.values().filter(|piece| piece.commitment.is_some());
        having.map(|piece| (piece.revision, *thing))
    });
    let mut wanted: Vec<(i64, Uuid)> = having.collect();
    wanted.sort_unstable();
    let mut found = HashMap::with_capacity(wanted.len());
    for chunk in wanted.chunks(PARTS) {
        let texts: Vec<String> = chunk.iter().map(|(_, thing)| thing.to_string()).collect();
        let rows = chunk.iter().zip(&texts);
        let last = rows.clone().next_back();
        let padded = rows.chain(last.into_iter().cycle()).take(PARTS);
        let mut values = vec![Value::Text(tenant)];
        values.extend(
            padded
                .flat_map(|((revision, _), thing)| [Value::Number(*revision), Value::Text(thing)]),
        );
        for row in database.large_rows(&PRIVATE_OF, &values).await? {
            let part = private::read(&row)?;
            let about = Uuid::parse_str(&part.about).map_err(LogError::caused)?;
            found.insert((row.number(0)?, about), part);
        }
    }
    Ok(found)
}

fn whole(
    pieces: Pieces,
    parts: &HashMap<(i64, Uuid), PrivateRow>,
) -> Result<HashMap<Uuid, Vec<DatedChange>>, Cause> {
    let mut found = HashMap::with_capacity(pieces.len());
    for (thing, pieces) in pieces {
        let mut changes = Vec::with_capacity(pieces.len());
        for (revision, piece) in pieces {
            let part = parts.get(&(revision, thing)).map(Private::try_from);
            changes.extend(piece.changes(thing, part.transpose()?)?);
        }
        found.insert(thing, changes);
    }
    Ok(found)
}
