//! Commitments to private parts.

use uuid::Uuid;

use super::commitment::Commitment;
use super::{Private, RecordError};

/// An entry's commitments, each with the id of the thing that its private part is about.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Commitments(Vec<(Uuid, Commitment)>);

/// An id and a hash.
const BYTES: usize = 16 + 32;

impl Commitments {
    /// The commitments to these parts.
    #[must_use]
    pub fn to(parts: &[Private]) -> Self {
        let to = |part: &Private| (part.about, part.commitment());
        let mut all: Vec<_> = parts.iter().map(to).collect();
        all.sort_unstable_by_key(|(about, _)| *about);
        Self(all)
    }

    /// The commitment to the part about one thing.
    #[must_use]
    pub(super) fn of_one(about: Uuid, commitment: Commitment) -> Self {
        Self(vec![(about, commitment)])
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// All commitments, in the order of the ids.
    pub fn iter(&self) -> impl Iterator<Item = (Uuid, Commitment)> {
        self.0.iter().copied()
    }

    /// The commitment to the part about a thing.
    #[must_use]
    pub fn get(&self, about: Uuid) -> Option<Commitment> {
        let at = self.0.binary_search_by_key(&about, |(own, _)| *own);
        Some(self.0.get(at.ok()?)?.1)
    }

    /// The form in which an entry holds its commitments: for each, in the order of the ids,
    /// the 16 bytes of the id and the 32 of the hash.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(self.0.len() * BYTES);
        for (about, commitment) in &self.0 {
            bytes.extend_from_slice(about.as_bytes());
            bytes.extend_from_slice(&commitment.0);
        }
        bytes
    }

    /// Commitments from their stored form.
    ///
    /// # Errors
    /// If the bytes are in no such form.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, RecordError> {
        let (all, rest) = bytes.as_chunks::<BYTES>();
        if !rest.is_empty() {
            return Err(RecordError::Commitments);
        }
        let one = |bytes: &[u8; BYTES]| {
            let (about, hash) = bytes.split_first_chunk::<16>()?;
            Some((Uuid::from_bytes(*about), Commitment(*hash.first_chunk()?)))
        };
        let all: Vec<_> = all.iter().filter_map(one).collect();
        match all.is_sorted_by(|(one, _), (next, _)| one < next) {
            true => Ok(Self(all)),
            false => Err(RecordError::Commitments),
        }
    }
}
