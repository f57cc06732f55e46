//! Seals (encrypts) data that an answer gives out and a later request brings back, such
//! as a cursor. URLs stand in logs, and a name in them would too.

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use aws_lc_rs::hmac;

/// Encrypts and decrypts. All servers of an installation have the same key, so each opens
/// what another sealed, also after a restart.
pub struct Seal {
    key: LessSafeKey,
    nonces: hmac::Key,
}

impl std::fmt::Debug for Seal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Seal")
    }
}

impl Seal {
    /// Makes a seal from a secret; `None` if the secret is no valid key.
    pub(super) fn new(secret: &[u8]) -> Option<Self> {
        let secret = hmac::Key::new(hmac::HMAC_SHA256, secret);
        let derived = |purpose: &[u8]| hmac::sign(&secret, purpose);
        let key = UnboundKey::new(&AES_256_GCM, derived(b"seal").as_ref()).ok()?;
        Some(Self {
            key: LessSafeKey::new(key),
            nonces: hmac::Key::new(hmac::HMAC_SHA256, derived(b"nonces").as_ref()),
        })
    }

    /// Encrypts a text. It can be opened only with the same `context`. Equal texts with
    /// equal contexts give equal bytes, so that equal lists stay equal: the nonce is
    /// derived from both.
    #[must_use]
    pub fn shut(&self, context: &[u8], text: &[u8]) -> Option<Vec<u8>> {
        let mut sum = hmac::Context::with_key(&self.nonces);
        sum.update(&(context.len() as u64).to_be_bytes());
        sum.update(context);
        sum.update(text);
        let sum = sum.sign();
        let nonce = sum.as_ref().get(..NONCE_LEN)?;
        let mut sealed = text.to_vec();
        let unique = Nonce::try_assume_unique_for_key(nonce).ok()?;
        let bound = Aad::from(context);
        self.key
            .seal_in_place_append_tag(unique, bound, &mut sealed)
            .ok()?;
        Some([nonce, &sealed].concat())
    }

    /// Decrypts a text that was sealed with this context; `None` for all other bytes.
    #[must_use]
    pub fn open(&self, context: &[u8], sealed: &[u8]) -> Option<Vec<u8>> {
        let (nonce, sealed) = sealed.split_at_checked(NONCE_LEN)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).ok()?;
        let mut text = sealed.to_vec();
        let opened = self.key.open_in_place(nonce, Aad::from(context), &mut text);
        Some(opened.ok()?.to_vec())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sealed_text_opens_in_its_own_context_only() {
        let seal = Seal::new(&[7; 32]).unwrap();
        let sealed = seal.shut(b"users", b"Ada").unwrap();
        assert_eq!(seal.open(b"users", &sealed).unwrap(), b"Ada");
        assert_eq!(seal.shut(b"users", b"Ada").unwrap(), sealed);
        assert_ne!(seal.shut(b"users", b"Adb").unwrap()[..12], sealed[..12]);
        assert!(!sealed.windows(3).any(|part| part == b"Ada"));
        assert!(seal.open(b"members", &sealed).is_none());
        let other = Seal::new(&[8; 32]).unwrap();
        assert!(other.open(b"users", &sealed).is_none());
        for length in 0..sealed.len() {
            assert!(seal.open(b"users", &sealed[..length]).is_none());
        }
        for place in 0..sealed.len() {
            let mut turned = sealed.clone();
            turned[place] ^= 1;
            assert!(seal.open(b"users", &turned).is_none(), "{place}");
        }
    }
}
