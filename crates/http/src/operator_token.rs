//! The operator's credential. It is made once, and the configuration has its hash. Its
//! holder may do what the holder of the data folder may do.

use std::fmt;

use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use attache_ambient::Ambient;

/// The prefix of every operator's token.
pub const PREFIX: &str = "attache_operator_";
/// The longest text that is parsed as a token. Tokens are shorter.
const MAX_LENGTH: usize = 128;
const SECRET: usize = 32;

/// The SHA-256 of the operator's token, which the configuration has.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct OperatorHash([u8; 32]);

/// The operator's token, shown once. Its `Debug` prints no secret.
#[derive(Clone)]
pub struct OperatorToken {
    text: String,
    hash: OperatorHash,
}

impl OperatorToken {
    /// Makes a token.
    #[must_use]
    pub fn new(ambient: &Ambient) -> Self {
        let secret = ambient.random::<SECRET>();
        let encoded = bs58::encode(secret).with_check().into_string();
        Self {
            text: format!("{PREFIX}{encoded}"),
            hash: OperatorHash(Sha256::digest(secret).into()),
        }
    }

    /// Returns the token itself, to show once to the operator.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.text
    }

    /// Returns the hash for the configuration.
    #[must_use]
    pub fn hash(&self) -> OperatorHash {
        self.hash
    }
}

impl OperatorHash {
    /// Returns whether a text is the token with this hash.
    #[must_use]
    pub fn is_of(&self, text: &str) -> bool {
        let Some(encoded) = text
            .strip_prefix(PREFIX)
            .filter(|_| text.len() <= MAX_LENGTH)
        else {
            return false;
        };
        let Ok(secret) = bs58::decode(encoded).with_check(None).into_vec() else {
            return false;
        };
        let hash: [u8; 32] = Sha256::digest(secret).into();
        hash.ct_eq(&self.0).into()
    }

    /// Parses 64 hexadecimal digits.
    ///
    /// # Errors
    /// The fault, as the end of a sentence that starts with the text's name.
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        const SHAPE: &str =
            "must be 64 hexadecimal digits, as `attache operator-token` prints them";
        if text.len() != 64 || !text.is_ascii() {
            return Err(SHAPE);
        }
        let mut hash = [0; 32];
        for (byte, at) in hash.iter_mut().zip((0..64).step_by(2)) {
            let digits = text.get(at..at + 2).ok_or(SHAPE)?;
            *byte = u8::from_str_radix(digits, 16).map_err(|_| SHAPE)?;
        }
        Ok(Self(hash))
    }
}

impl fmt::Display for OperatorHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for OperatorHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("OperatorHash(…)")
    }
}

impl fmt::Debug for OperatorToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("OperatorToken(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_known_by_its_hash_and_no_other_is() {
        let token = OperatorToken::new(&Ambient::of_the_machine());
        let hash = OperatorHash::parse(&token.hash().to_string()).unwrap();
        assert!(hash.is_of(token.reveal()));
        let other = OperatorToken::new(&Ambient::of_the_machine());
        for text in [other.reveal(), "", PREFIX, &token.reveal()[1..]] {
            assert!(!hash.is_of(text), "{text}");
        }
    }

    #[test]
    fn what_is_no_hash_is_refused() {
        for text in ["", "ab", &"g".repeat(64), &"ä".repeat(32)] {
            assert!(OperatorHash::parse(text).is_err(), "{text}");
        }
    }
}
