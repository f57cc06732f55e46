//! A stored entry in pieces, one for each thing whose history its changes are in.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::value::RawValue;
use uuid::Uuid;

use super::commitment::Commitment;
use super::masked::{END, Masked};
use super::words::Words;
use super::{Commitments, Private, RecordError, join};
use crate::change::Change;
use crate::entry::Changes;
use crate::focus::home;

/// The changes of one stored entry that are in the history of one thing. It names nobody: what
/// does is in the private part of the entry about the thing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Piece {
    /// The places of the changes among those of the entry, from 0.
    pub places: Vec<u32>,
    /// The numbers of the memberships that the changes add, in their order.
    pub memberships: Vec<u32>,
    /// The changes as they are stored: a list as JSON.
    pub changes: String,
    /// The commitment to the private part about the thing, if the entry has one.
    pub commitment: Option<Commitment>,
}

/// Take a stored entry apart by the things whose histories its changes are in.
/// `memberships` is how many memberships there had ever been before it, and is counted on.
///
/// # Errors
/// If the changes cannot be read, or name somebody: such an entry is of an older version.
pub fn pieces(
    changes: &str,
    commitments: &Commitments,
    memberships: &mut u32,
) -> Result<BTreeMap<Uuid, Piece>, RecordError> {
    let lines: Vec<&RawValue> = serde_json::from_str(changes).map_err(RecordError::Changes)?;
    let mut pieces: BTreeMap<Uuid, Piece> = BTreeMap::new();
    for (place, line) in (0..).zip(lines) {
        let line = line.get();
        let mut membership = None;
        let home = if line.ends_with(END) {
            let masked: Masked = serde_json::from_str(line).map_err(RecordError::Changes)?;
            masked.has_home().then(|| masked.about())
        } else {
            let change: Change = serde_json::from_str(line).map_err(RecordError::Changes)?;
            if let Some(about) = Words::about(&change) {
                return Err(RecordError::Uncommitted(about));
            }
            if matches!(change, Change::MemberAdded { .. }) {
                *memberships = memberships.saturating_add(1);
                membership = Some(*memberships);
            }
            home(&change)
        };
        let Some(home) = home else {
            continue;
        };
        let piece = pieces.entry(home).or_insert_with(|| Piece {
            places: Vec::new(),
            memberships: Vec::new(),
            changes: String::from("["),
            commitment: commitments.get(home),
        });
        if !piece.places.is_empty() {
            piece.changes.push(',');
        }
        piece.changes.push_str(line);
        piece.places.push(place);
        piece.memberships.extend(membership);
    }
    for piece in pieces.values_mut() {
        piece.changes.push(']');
    }
    Ok(pieces)
}

/// The changes of a piece, put together with the private part about its thing, if that is
/// still there. `changes` and `commitment` are the piece's.
///
/// # Errors
/// If the changes or the part cannot be read, or the part is not the one that the entry was
/// written with.
pub fn join_piece(
    thing: Uuid,
    changes: &str,
    commitment: Option<Commitment>,
    private: Option<Private>,
) -> Result<Changes, RecordError> {
    let commitments = commitment.map(|commitment| Commitments::of_one(thing, commitment));
    let private = private.into_iter().collect();
    join(changes, &commitments.unwrap_or_default(), private)
}

/// The hexadecimal form of a commitment, and back.
impl Commitment {
    /// Reads the form that [`Display`](std::fmt::Display) writes.
    ///
    /// # Errors
    /// If the text is no such form.
    pub fn from_hex(text: &str) -> Result<Self, RecordError> {
        let digits = text.as_bytes();
        let mut bytes = [0; 32];
        let (pairs, rest) = digits.as_chunks::<2>();
        if pairs.len() != bytes.len() || !rest.is_empty() {
            return Err(RecordError::Commitments);
        }
        for (byte, [high, low]) in bytes.iter_mut().zip(pairs) {
            let digit = |digit: u8| char::from(digit).to_digit(16);
            let (Some(high), Some(low)) = (digit(*high), digit(*low)) else {
                return Err(RecordError::Commitments);
            };
            *byte = (high << 4 | low) as u8;
        }
        Ok(Self(bytes))
    }
}

impl<'de> Deserialize<'de> for Commitment {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        Self::from_hex(&text).map_err(serde::de::Error::custom)
    }
}

impl serde::Serialize for Commitment {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}
