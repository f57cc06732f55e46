//! JSON Web Tokens (RFC 7519) of issuers that a tenant trusts: what a token
//! says, whose keys signed it, and whether a [`Trust`](attache_core::model::Trust)
//! accepts it. Knows nothing of HTTP requests or tenants.
//!
//! The rules are those of RFC 8725 (JSON Web Token Best Current Practices).

mod algorithm;
mod claims;
mod discovery;
mod fetch;
mod held;
mod key_sets;
mod keys;
mod settings;
mod shown;
mod token;
mod verifier;

pub use claims::Subject;
pub use key_sets::KeySets;
pub use keys::KeyInfo;
pub use settings::Settings;
pub use token::Token;
pub use verifier::Verifier;

/// Whether the keys of a trust come from the issuer's own address: by discovery, or
/// from the same scheme, host and port.
#[must_use]
pub fn keys_come_from_the_issuer(trust: &attache_core::model::Trust) -> bool {
    held::come_from_the_issuer(trust)
}

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
