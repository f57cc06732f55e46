//! The error for tokens that are not accepted.

use super::keys_error::KeysError;

/// Why a token is not accepted.
#[derive(Clone, Debug, thiserror::Error)]
pub enum Refused {
    /// The token is bad. The reason quotes nothing from the token.
    #[error("{0}")]
    Bad(&'static str),
    /// Nobody can tell whether the token is good: the issuer's keys cannot be had.
    #[error("the keys of the issuer are not to be had")]
    NoKeys(#[source] KeysError),
}
