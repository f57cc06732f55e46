//! What happened to one thing in one segment, as bytes.
//!
//! | bytes | what |
//! |---|---|
//! | 1 | the form: 1 |
//! | 16 | the id of the segment's last entry |
//! | the rest | a zstd frame of JSON: a list of pieces, in the order of their entries |

use attache_core::cause::Cause;
use attache_core::focus::DatedChange;
use attache_core::id::{EntryId, MembershipNumber, Revision, UserId};
use attache_core::record::{Commitment, Piece, Private, join_piece};
use attache_core::{Actor, Change, Origin, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use uuid::Uuid;

use crate::row::EntryRow;

const FORM: u8 = 1;

/// How hard to compress: a row is small, so this is fast too.
const LEVEL: i32 = 3;

/// How much a row may hold, unpacked.
const MOST: usize = 256 << 20;

/// A piece of an entry, with what its changes share. The names are short, since a row can have
/// hundreds.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct BlockPiece {
    /// The entry's revision.
    #[serde(rename = "r")]
    pub(super) revision: i64,
    #[serde(rename = "t")]
    at: i64,
    #[serde(rename = "a")]
    actor: Box<str>,
    #[serde(rename = "o", default, skip_serializing_if = "Option::is_none")]
    origin: Option<Box<str>>,
    #[serde(rename = "p")]
    places: Vec<u32>,
    #[serde(rename = "m", default, skip_serializing_if = "Vec::is_empty")]
    memberships: Vec<u32>,
    #[serde(rename = "c", default, skip_serializing_if = "Option::is_none")]
    pub(super) commitment: Option<Commitment>,
    #[serde(rename = "x")]
    changes: Box<RawValue>,
}

impl BlockPiece {
    pub(super) fn of(row: &EntryRow, piece: Piece) -> Result<Self, Cause> {
        Ok(Self {
            revision: row.revision,
            at: row.at,
            actor: row.actor.as_str().into(),
            origin: row.origin.as_deref().map(Into::into),
            places: piece.places,
            memberships: piece.memberships,
            commitment: piece.commitment,
            changes: RawValue::from_string(piece.changes).map_err(Cause::new)?,
        })
    }

    /// Its changes, with the private part that is there.
    pub(super) fn changes(
        &self,
        thing: Uuid,
        private: Option<Private>,
    ) -> Result<Vec<DatedChange>, Cause> {
        let whole = join_piece(thing, self.changes.get(), self.commitment, private);
        let mut whole = whole.map_err(Cause::new)?;
        let actor: Actor = self
            .actor
            .parse()
            .map_err(|error: &str| Cause::text(error))?;
        let origin = self.origin.as_deref().map(str::parse::<Origin>).transpose();
        let origin = origin.map_err(Cause::text)?.unwrap_or_default();
        if whole.list.len() != self.places.len() {
            return Err(Cause::text(
                "a piece of a history has other changes than places",
            ));
        }
        let mut memberships = self.memberships.iter().copied().map(MembershipNumber);
        let all = self.places.iter().zip(whole.list).map(|(place, change)| {
            let membership = match change {
                Change::MemberAdded { .. } => memberships.next(),
                _ => None,
            };
            let profile = match change {
                Change::UserProfileSet { .. } => whole.profiles.remove(&UserId(thing)),
                _ => None,
            };
            DatedChange {
                revision: Revision(self.revision.unsigned_abs()),
                place: *place,
                at: Timestamp::from_millis(self.at),
                actor,
                origin,
                membership,
                change,
                profile,
            }
        });
        Ok(all.collect())
    }
}

/// The bytes of a row.
pub(super) fn pack(last: EntryId, pieces: &[BlockPiece]) -> Result<Vec<u8>, Cause> {
    let json = serde_json::to_vec(pieces).map_err(Cause::new)?;
    let frame = zstd::bulk::compress(&json, LEVEL).map_err(Cause::new)?;
    let mut bytes = Vec::with_capacity(17 + frame.len());
    bytes.push(FORM);
    bytes.extend_from_slice(last.0.as_bytes());
    bytes.extend_from_slice(&frame);
    Ok(bytes)
}

/// The pieces of a row, if a segment with one of these last entries wrote it.
pub(super) fn unpack(bytes: &[u8], last: &[EntryId]) -> Result<Vec<BlockPiece>, Cause> {
    let damaged = || Cause::text("a row of a history is damaged");
    let (form, rest) = bytes.split_first().ok_or_else(damaged)?;
    let (own, frame) = rest.split_first_chunk::<16>().ok_or_else(damaged)?;
    if *form != FORM || !last.contains(&EntryId(Uuid::from_bytes(*own))) {
        return Ok(Vec::new());
    }
    let length = zstd::zstd_safe::get_frame_content_size(frame);
    let length = length
        .ok()
        .flatten()
        .and_then(|it| usize::try_from(it).ok());
    let length = length
        .filter(|length| *length <= MOST)
        .ok_or_else(damaged)?;
    let json = zstd::bulk::decompress(frame, length).map_err(Cause::new)?;
    serde_json::from_slice(&json).map_err(Cause::new)
}
