//! API tokens of services: their form, and what attache stores of them.
//!
//! A token is `attache_` and, in base 58, the tenant's id, 256 random bits and a
//! checksum. With the prefix and the checksum, a scanner for leaked secrets finds tokens
//! without false alarms. The tenant's id tells where to look the token up. Only a hash is
//! stored.

use std::fmt;

use attache_core::id::TenantId;
use attache_core::model::TokenHash;
use sha2::{Digest, Sha256};
use uuid::Uuid;

use attache_ambient::Ambient;

/// The prefix of every API token.
pub const PREFIX: &str = "attache_";
/// The prefix of the token of an invitation. The `_` within it is not a base-58 digit, so
/// such a token never parses as an API token.
const INVITATION: &str = "attache_invitation_";
/// The longest text that is parsed as a token. Tokens are shorter.
const MAX_LENGTH: usize = 128;
const TENANT: usize = 16;
const SECRET: usize = 32;
/// The number of last characters by which people recognise a token.
const HINT: usize = 4;

/// A token that is shown once. Its `Debug` prints no secret.
#[derive(Clone, PartialEq, Eq)]
pub struct ApiToken {
    text: String,
    tenant: TenantId,
    hash: TokenHash,
}

impl fmt::Debug for ApiToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ApiToken(…)")
    }
}

impl ApiToken {
    /// Makes a token for a tenant.
    #[must_use]
    pub fn new(tenant: TenantId, ambient: &Ambient) -> Self {
        Self::made(PREFIX, tenant, ambient)
    }

    /// Makes the token of an invitation into a tenant.
    #[must_use]
    pub fn of_invitation(tenant: TenantId, ambient: &Ambient) -> Self {
        Self::made(INVITATION, tenant, ambient)
    }

    fn made(prefix: &str, tenant: TenantId, ambient: &Ambient) -> Self {
        let mut payload = [0; TENANT + SECRET];
        let (front, back) = payload.split_at_mut(TENANT);
        front.copy_from_slice(tenant.0.as_bytes());
        back.copy_from_slice(&ambient.random::<SECRET>());
        Self {
            text: format!(
                "{prefix}{}",
                bs58::encode(payload).with_check().into_string()
            ),
            tenant,
            hash: hash(&payload),
        }
    }

    /// Parses an API token. Returns `None` for a text that cannot be one.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::read(PREFIX, text)
    }

    /// Parses the token of an invitation. Returns `None` for a text that cannot be one.
    #[must_use]
    pub fn parse_invitation(text: &str) -> Option<Self> {
        Self::read(INVITATION, text)
    }

    fn read(prefix: &str, text: &str) -> Option<Self> {
        let encoded = text.strip_prefix(prefix)?;
        if text.len() > MAX_LENGTH {
            return None;
        }
        let payload = bs58::decode(encoded).with_check(None).into_vec().ok()?;
        let (tenant, secret) = payload.split_at_checked(TENANT)?;
        if secret.len() != SECRET {
            return None;
        }
        Some(Self {
            text: text.to_owned(),
            tenant: TenantId(Uuid::from_slice(tenant).ok()?),
            hash: hash(&payload),
        })
    }

    /// Returns the token itself, to show once to its owner.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.text
    }

    /// Returns the tenant in the token.
    #[must_use]
    pub fn tenant(&self) -> TenantId {
        self.tenant
    }

    /// Returns the hash by which the tenant stores the token.
    #[must_use]
    pub fn hash(&self) -> TokenHash {
        self.hash
    }

    /// Returns the last characters of the token, by which people recognise it.
    #[must_use]
    pub fn hint(&self) -> &str {
        let at = self.text.len().saturating_sub(HINT);
        self.text.get(at..).unwrap_or_default()
    }
}

/// SHA-256 is enough: the secret has 256 random bits, so it cannot be guessed, and a slow
/// hash would protect nothing.
fn hash(payload: &[u8]) -> TokenHash {
    TokenHash(Sha256::digest(payload).into())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn token() -> ApiToken {
        ApiToken::new(
            TenantId(Uuid::from_u128(0x0195 << 112)),
            &Ambient::of_the_machine(),
        )
    }

    #[test]
    fn a_token_is_read_back() {
        let token = token();
        assert_eq!(ApiToken::parse(token.reveal()), Some(token.clone()));
        assert!(token.reveal().ends_with(token.hint()));
    }

    #[test]
    fn an_invitation_is_no_api_token_and_the_other_way_round() {
        let tenant = TenantId(Uuid::from_u128(0x0195 << 112));
        let invitation = ApiToken::of_invitation(tenant, &Ambient::of_the_machine());
        let text = invitation.reveal();
        assert_eq!(ApiToken::parse_invitation(text), Some(invitation.clone()));
        assert_eq!(invitation.tenant(), tenant);
        assert_eq!(ApiToken::parse(text), None);
        assert_eq!(ApiToken::parse_invitation(token().reveal()), None);
    }

    #[test]
    fn a_token_with_one_wrong_character_is_none() {
        let text = token().reveal().to_owned();
        for at in PREFIX.len()..text.len() {
            let other = if &text[at..=at] == "2" { "3" } else { "2" };
            let changed = format!("{}{other}{}", &text[..at], &text[at + 1..]);
            assert_eq!(ApiToken::parse(&changed), None, "{changed}");
        }
    }

    #[test]
    fn other_texts_are_none() {
        for text in [
            "",
            "attache_",
            "attache_0OIl",
            "Attache_2",
            &format!("attache_{}", "2".repeat(500)),
        ] {
            assert_eq!(ApiToken::parse(text), None, "{text}");
        }
    }

    #[test]
    fn two_tokens_differ() {
        assert_ne!(token().reveal(), token().reveal());
    }

    #[test]
    fn a_token_says_nothing_of_itself_in_a_log() {
        assert_eq!(format!("{:?}", token()), "ApiToken(…)");
    }
}
