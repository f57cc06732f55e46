//! Writes that a client may ask for again without their being done again.

use attache_core::Timestamp;
use attache_core::id::Revision;
use sha2::{Digest, Sha256};

/// A write that has a name: asked for twice, it is done once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// Its name: who asks, and what that caller calls it. In hexadecimal.
    pub key: String,
    /// What is asked: another under the same name is a mistake. In hexadecimal.
    pub fingerprint: String,
}

/// A write that was done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DoneRequest {
    /// Which.
    pub request: Request,
    /// The entry that it became.
    pub revision: Revision,
    /// When.
    pub at: Timestamp,
    /// What was done before this is forgotten: its name can be used again.
    pub forgotten_before: Timestamp,
}

impl Request {
    /// A write by its name, the caller's own for it, and the parts of what is asked.
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
