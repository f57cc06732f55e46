//! The salts of an entry's private parts.

use std::fmt;

/// 32 random bytes of one private part: without them nothing can be guessed of a part from
/// its commitment.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Salt(pub [u8; 32]);

impl fmt::Debug for Salt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Salt(…)")
    }
}
