//! A cache of recognised API tokens, since decoding base 58 costs a fifth of a check.

use attache_core::id::TenantId;
use attache_core::model::TokenHash;
use quick_cache::sync::Cache;
use sha2::{Digest, Sha256};

use crate::api_token::ApiToken;

/// The most cached tokens, at some hundred bytes each.
const MOST: usize = 10_000;

/// The contents of a token: its tenant, and the hash under which the tenant stores it.
pub(super) type Read = (TenantId, TokenHash);

/// A cache from the SHA-256 of a token's text to the token's contents, for recognised
/// tokens. It does not tell whether a token is valid: that is looked up in the state each
/// time.
#[derive(Debug)]
pub(crate) struct KnownTokens(Cache<[u8; 32], Read>);

impl Default for KnownTokens {
    fn default() -> Self {
        Self(Cache::new(MOST))
    }
}

/// A parsed credential, with its key for this cache.
pub(super) struct Credential {
    pub(super) read: Read,
    unknown: Option<[u8; 32]>,
}

impl KnownTokens {
    /// Parses a credential, or takes it from the cache. `None` for a text that cannot be
    /// a token.
    pub(super) fn read(&self, credential: &str) -> Option<Credential> {
        let name: [u8; 32] = Sha256::digest(credential).into();
        if let Some(read) = self.0.get(&name) {
            let unknown = None;
            return Some(Credential { read, unknown });
        }
        let token = ApiToken::parse(credential)?;
        Some(Credential {
            read: (token.tenant(), token.hash()),
            unknown: Some(name),
        })
    }

    /// Caches a credential. Only recognised ones may be cached: a caller can make up any
    /// number of others.
    pub(super) fn remember(&self, credential: &Credential) {
        if let Some(name) = credential.unknown {
            self.0.insert(name, credential.read);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use attache_ambient::Ambient;

    #[test]
    fn a_remembered_token_reads_as_before_and_no_other_does() {
        let known = KnownTokens::default();
        let token = ApiToken::new(TenantId(uuid::Uuid::nil()), &Ambient::of_the_machine());
        let first = known.read(token.reveal()).unwrap();
        known.remember(&first);
        let again = known.read(token.reveal()).unwrap();
        assert!(again.unknown.is_none());
        assert_eq!(again.read, (token.tenant(), token.hash()));
        assert!(known.read(&token.reveal().to_uppercase()).is_none());
        assert!(known.read("attache_").is_none());
    }
}
