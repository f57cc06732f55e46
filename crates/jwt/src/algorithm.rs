//! The signature algorithms that attache accepts, and the kind of key of each. All are
//! asymmetric: `none` and HMAC are not in the list (RFC 8725, 3.1 and 3.2).

/// The kind of a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Rsa,
    P256,
    P384,
    Ed25519,
}

/// A signature algorithm.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Algorithm {
    /// The value of `alg`, in a token and in a key (RFC 7518, 3.1; RFC 8037; RFC 9864).
    pub(super) name: &'static str,
    /// The kind of key that it takes. No key has two kinds.
    pub(super) kind: Kind,
    /// The algorithm in `jsonwebtoken` that verifies signatures.
    pub(super) verifies: jsonwebtoken::Algorithm,
}

const fn algorithm(name: &'static str, kind: Kind, verifies: jsonwebtoken::Algorithm) -> Algorithm {
    Algorithm {
        name,
        kind,
        verifies,
    }
}

/// The first algorithm of a kind is assumed for keys of that kind without `alg`.
static KNOWN: [Algorithm; 10] = [
    algorithm("RS256", Kind::Rsa, jsonwebtoken::Algorithm::RS256),
    algorithm("RS384", Kind::Rsa, jsonwebtoken::Algorithm::RS384),
    algorithm("RS512", Kind::Rsa, jsonwebtoken::Algorithm::RS512),
    algorithm("PS256", Kind::Rsa, jsonwebtoken::Algorithm::PS256),
    algorithm("PS384", Kind::Rsa, jsonwebtoken::Algorithm::PS384),
    algorithm("PS512", Kind::Rsa, jsonwebtoken::Algorithm::PS512),
    algorithm("ES256", Kind::P256, jsonwebtoken::Algorithm::ES256),
    algorithm("ES384", Kind::P384, jsonwebtoken::Algorithm::ES384),
    algorithm("EdDSA", Kind::Ed25519, jsonwebtoken::Algorithm::EdDSA),
    // The newer name of `EdDSA` with Ed25519 (RFC 9864).
    algorithm("Ed25519", Kind::Ed25519, jsonwebtoken::Algorithm::EdDSA),
];

/// Returns the algorithm of a name.
pub(super) fn named(name: &str) -> Option<&'static Algorithm> {
    KNOWN.iter().find(|known| known.name == name)
}

/// Returns the algorithm of a key, by its kind and its own `alg`.
pub(super) fn of_key(kind: Kind, says: Option<&str>) -> Option<&'static Algorithm> {
    match says {
        Some(name) => named(name).filter(|known| known.kind == kind),
        None => KNOWN.iter().find(|known| known.kind == kind),
    }
}
