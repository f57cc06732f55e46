//! Which entries speak of a thing: an index, made from the entries in blocks.
//!
//! A block covers entries that follow one another, with [`POSTINGS`] places in all at least.
//! It is [`BUCKETS`] rows: ids are parted by their hash, and a row has the places of one part.
//! The newest entries, which are in no block yet, are looked through.
//!
//! Entries do not write their own rows: ids lie anywhere in an index, so each commit would
//! write a page for each thing that it is about, where it writes a few rows at the end of a
//! table. A block writes as many pages for thousands of entries.
//!
//! A block is found again to the byte by whoever makes it, so that two servers may make the
//! same one. All can be deleted, and are made anew (`blocks.rs`): in PostgreSQL with `TRUNCATE`
//! where servers run, since `DELETE` does not see the block that is inserted meanwhile.

use std::collections::BTreeSet;

use attache_core::cause::Cause;
use attache_core::id::TenantId;
use sha2::{Digest as _, Sha256};
use tokio::sync::mpsc;
use uuid::Uuid;

use super::database::{Database, Value};
use super::row::EntryRow;
use super::{LogError, statements};

/// In how many parts ids are, by their hash.
pub(super) const BUCKETS: u8 = 64;

/// How many places a block has at the least: an entry and a thing that it speaks of are one.
const POSTINGS: usize = 8_192;

/// How many bytes of changes have about as many places as a block.
pub(super) const ENOUGH: u64 = 768 * 1024;

/// How many writes may wait to be counted. One that is not counted is found with the next.
const WAITING: usize = 4_096;

/// Where an id stands in the index.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Place {
    bucket: u8,
    /// A part of the hash. Two ids may have the same: the entry itself tells.
    print: u32,
}

impl Place {
    fn of(id: Uuid) -> Self {
        let hash = Sha256::digest(id.as_bytes());
        let mut hash = hash.iter().copied();
        let bucket = hash.next().unwrap_or_default() % BUCKETS;
        let print = hash
            .take(4)
            .fold(0, |print, byte| print << 8 | u32::from(byte));
        Self { bucket, print }
    }
}

/// The ids that changes speak of, as JSON has them: each a text of its own.
fn ids(json: &str) -> impl Iterator<Item = Uuid> {
    let texts = json.split('"').filter(|text| text.len() == 36);
    texts.filter_map(|text| Uuid::try_parse(text).ok())
}

/// A block that is being made.
#[derive(Debug, Default)]
pub(super) struct Block {
    places: Vec<(Place, i64)>,
    /// The last entry that it covers; the one before it, where it covers none.
    pub(super) last: i64,
    /// The id of that entry. Empty where it is not known.
    pub(super) last_entry: String,
}

impl Block {
    /// An empty block behind an entry.
    pub(super) fn after(last: i64) -> Self {
        Self {
            last,
            ..Self::default()
        }
    }

    /// An empty block behind another one.
    pub(super) fn following(other: &Self) -> Self {
        Self {
            places: Vec::new(),
            last: other.last,
            last_entry: other.last_entry.clone(),
        }
    }

    pub(super) fn add(&mut self, row: &EntryRow) -> Result<(), Cause> {
        let json = row.json()?;
        let mut places: Vec<Place> = ids(&json).map(Place::of).collect();
        places.sort_unstable();
        places.dedup();
        let places = places.into_iter().map(|place| (place, row.revision));
        self.places.extend(places);
        self.last = row.revision;
        self.last_entry.clone_from(&row.id);
        Ok(())
    }

    pub(super) fn is_full(&self) -> bool {
        self.places.len() >= POSTINGS
    }

    /// Its rows, in the order of the buckets. A place is four bytes of the print, and how many
    /// entries before the last one it is, seven bits a byte.
    pub(super) fn rows(mut self) -> Vec<Vec<u8>> {
        self.places.sort_unstable();
        let mut rows = vec![Vec::new(); usize::from(BUCKETS)];
        for (place, revision) in self.places {
            let Some(row) = rows.get_mut(usize::from(place.bucket)) else {
                continue;
            };
            row.extend_from_slice(&place.print.to_be_bytes());
            let mut back = self.last.abs_diff(revision);
            while back > 0x7F {
                row.push((back & 0x7F) as u8 | 0x80);
                back >>= 7;
            }
            row.push(back as u8);
        }
        rows
    }
}

/// The entries of a row that may speak of what has this print.
fn entries_of(row: &[u8], print: u32, last: i64) -> Vec<i64> {
    let (mut found, mut rest) = (Vec::new(), row);
    while let Some((own, after)) = rest.split_first_chunk::<4>() {
        let (mut back, mut shift) = (0_i64, 0);
        rest = after;
        while let Some((byte, after)) = rest.split_first() {
            rest = after;
            back |= i64::from(byte & 0x7F)
                .checked_shl(shift)
                .unwrap_or_default();
            shift += 7;
            if byte & 0x80 == 0 {
                break;
            }
        }
        if u32::from_be_bytes(*own) == print {
            found.push(last.saturating_sub(back));
        }
    }
    found
}

/// Up to which revision a tenant's entries are in blocks.
pub(super) async fn indexed(database: &Database, tenant: &str) -> Result<i64, LogError> {
    let values = [Value::Text(tenant)];
    let rows = database.rows(statements::LAST_BLOCK, &values).await?;
    Ok(rows.first().map_or(Ok(0), |row| row.number(0))?)
}

/// The entries in blocks that may speak of a thing.
pub(super) async fn speaking_of(
    database: &Database,
    tenant: &str,
    id: Uuid,
) -> Result<BTreeSet<i64>, LogError> {
    let place = Place::of(id);
    let values = [Value::Text(tenant), Value::Number(place.bucket.into())];
    let mut found = BTreeSet::new();
    for row in database.large_rows(statements::BLOCKS, &values).await? {
        found.extend(entries_of(&row.bytes(1)?, place.print, row.number(0)?));
    }
    Ok(found)
}

/// How many bytes of changes entries have, unpacked.
pub(super) fn bytes_of(rows: &[EntryRow]) -> u64 {
    let bytes = |row: &EntryRow| row.unpacked_bytes().unwrap_or_default();
    rows.iter().map(bytes).sum()
}

/// Counts what is written, to make blocks of it.
#[derive(Clone, Debug)]
pub(super) struct Counter(mpsc::Sender<(TenantId, u64)>);

impl Counter {
    pub(super) fn new() -> (Self, mpsc::Receiver<(TenantId, u64)>) {
        let (sender, receiver) = mpsc::channel(WAITING);
        (Self(sender), receiver)
    }

    /// Entries of a tenant were written.
    pub(super) fn written(&self, tenant: TenantId, rows: &[EntryRow]) {
        let _ = self.0.try_send((tenant, bytes_of(rows)));
    }

    /// Many entries of a tenant are in no block.
    pub(super) fn lacking(&self, tenant: TenantId) {
        let _ = self.0.try_send((tenant, ENOUGH));
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::blocks::cut;

    pub(in super::super) fn row(revision: i64, ids: &[Uuid]) -> EntryRow {
        let changes: Vec<String> = ids
            .iter()
            .map(|id| format!("{{\"user\":\"{id}\"}}"))
            .collect();
        EntryRow {
            revision,
            id: String::new(),
            at: 0,
            actor: String::new(),
            correlation_id: String::new(),
            changes: format!("[{}]", changes.join(",")),
            profiles: None,
            packed: None,
            commitments: None,
            origin: None,
            on_behalf_of: None,
            approved_by: None,
            private: Vec::new(),
        }
    }

    fn id(number: u128) -> Uuid {
        Uuid::from_u128(number)
    }

    #[test]
    fn each_entry_is_found_by_each_thing_that_it_speaks_of() {
        // More than 127 entries: how far back one is takes more than a byte.
        let rows: Vec<EntryRow> = (1..=5_000_i64)
            .map(|at| {
                row(
                    at,
                    &[
                        id(at as u128 % 700),
                        id(at as u128 + 1_000),
                        id(at as u128 % 700),
                    ],
                )
            })
            .collect();
        let (full, rest) = cut(Block::default(), &rows).unwrap();
        assert_eq!((full.len(), full[0].last, rest.last), (1, 4_096, 5_000));
        for block in full.into_iter().chain([rest]) {
            let (last, first) = (block.last, if block.last == 5_000 { 4_097 } else { 1 });
            let written = block.rows();
            for thing in 0..6_000 {
                let place = Place::of(id(thing));
                let found = entries_of(&written[usize::from(place.bucket)], place.print, last);
                let speaks = |at: &i64| *at as u128 % 700 == thing || *at as u128 + 1_000 == thing;
                let expected: Vec<i64> = (first..=last).filter(speaks).collect();
                assert_eq!(found, expected, "{thing}");
            }
        }
    }

    #[test]
    fn damaged_rows_find_nothing_and_do_not_panic() {
        for bytes in [&[0; 3][..], &[0, 0, 0, 1], &[0, 0, 0, 1, 0x80], &[0xFF; 40]] {
            let _ = entries_of(bytes, 1, 10);
        }
        assert_eq!(entries_of(&[0, 0, 0, 1, 2], 1, 10), [8]);
    }
}
