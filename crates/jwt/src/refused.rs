//! Why a token is refused.

use super::keys_error::KeysError;

/// Why a token is not accepted.
#[derive(Clone, Debug, thiserror::Error)]
pub enum Refused {
    /// The token is not good. The reason says nothing of what is in the token.
    #[error("{0}")]
    Bad(&'static str),
    /// Whether the token is good is not known: the issuer's keys are not to be had.
    #[error("the keys of the issuer are not to be had")]
    NoKeys(#[source] KeysError),
}
