//! Writes that a client may ask for again without their being done again.

use attache_core::Timestamp;
use attache_core::id::Revision;
use sha2::{Digest, Sha256};

/// A write with an `Idempotency-Key`: sent twice, it is done once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// The SHA-256 of the caller and its `Idempotency-Key`, in hexadecimal.
    pub key: String,
    /// The SHA-256 of the content of the request, in hexadecimal. Other content under the
    /// same key is an error of the caller.
    pub fingerprint: String,
}

/// A write with an `Idempotency-Key` that was done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DoneRequest {
    /// The request.
    pub request: Request,
    /// The revision of the entry that the request became.
    pub revision: Revision,
    /// When the request was done.
    pub at: Timestamp,
    /// Requests that were done before this instant are forgotten, and their keys can be
    /// used again.
    pub forgotten_before: Timestamp,
}

impl Request {
    /// Returns the request of a caller with its `Idempotency-Key` (`name`) and the parts of
    /// its content (`asked`).
    #[must_use]
    pub fn new(caller: &str, name: &str, asked: &[&[u8]]) -> Self {
        Self {
            key: digest(&[caller.as_bytes(), name.as_bytes()]),
            fingerprint: digest(asked),
        }
    }
}

/// Each part with its length before it: where one ends matters.
fn digest(parts: &[&[u8]]) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part);
    }
    hash.finalize()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn where_a_part_ends_matters() {
        let one = Request::new("a", "bc", &[b"d", b"e"]);
        let other = Request::new("ab", "c", &[b"de"]);
        assert_ne!(one.key, other.key);
        assert_ne!(one.fingerprint, other.fingerprint);
        assert_eq!(one, Request::new("a", "bc", &[b"d", b"e"]));
    }
}
