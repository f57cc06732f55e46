//! Why a token is refused.

/// Why a token is not accepted.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// It is not good. The reason says nothing of what is in the token.
    #[error("{0}")]
    Bad(&'static str),
    /// Whether it is good is not known: the issuer's keys are not to be had.
    #[error("the keys of the issuer are not to be had: {0}")]
    NoKeys(String),
}
