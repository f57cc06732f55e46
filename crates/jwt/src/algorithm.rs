//! The algorithms of signatures that are known here, and the keys that each needs.
//! All are asymmetric: `none` and HMAC are not on the list (RFC 8725, 3.1 and 3.2).

/// What a key can be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Rsa,
    P256,
    P384,
    Ed25519,
}

/// An algorithm.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Algorithm {
    /// What `alg` is, in a token and in a key (RFC 7518, 3.1; RFC 8037; RFC 9864).
    pub(super) name: &'static str,
    /// The keys that it works with. No key serves two kinds.
    pub(super) kind: Kind,
    /// What does the work.
    pub(super) verifies: jsonwebtoken::Algorithm,
}

const fn algorithm(name: &'static str, kind: Kind, verifies: jsonwebtoken::Algorithm) -> Algorithm {
    Algorithm {
        name,
        kind,
        verifies,
    }
}

/// The first of a kind is what a key of that kind is for, if it does not say.
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
    // The same under its newer name.
    algorithm("Ed25519", Kind::Ed25519, jsonwebtoken::Algorithm::EdDSA),
];

/// The algorithm of a name.
pub(super) fn named(name: &str) -> Option<&'static Algorithm> {
    KNOWN.iter().find(|known| known.name == name)
}

/// What a key of a kind is for, by what it says itself.
pub(super) fn of_key(kind: Kind, says: Option<&str>) -> Option<&'static Algorithm> {
    match says {
        Some(name) => named(name).filter(|known| known.kind == kind),
        None => KNOWN.iter().find(|known| known.kind == kind),
    }
}
