//! JSON Web Tokens (RFC 7519) of issuers that a tenant trusts: parses a token, finds the
//! key that signed it, and decides whether a [`Trust`](attache_core::model::Trust)
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
mod keys_error;
mod refused;
mod settings;
mod shown;
mod token;
mod verifier;

pub use claims::Subject;
pub use key_sets::KeySets;
pub use keys::KeyInfo;
pub use keys_error::KeysError;
pub use refused::Refused;
pub use settings::Settings;
pub use token::Token;
pub use verifier::Verifier;

/// Returns whether the keys of a trust come from the issuer's own address: by discovery,
/// or from the same scheme, host and port.
#[must_use]
pub fn keys_come_from_the_issuer(trust: &attache_core::model::Trust) -> bool {
    held::come_from_the_issuer(trust)
}
