//! Issuers that the tenant trusts, and the tokens that they sign.

use attache_core::Command;
use attache_core::id::IssuerId;
use attache_core::model::{FindsBy, KeySource, Trust};
use aws_lc_rs::encoding::{AsDer as _, Pkcs8V1Der};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{
    Ed25519KeyPair, KeyPair as _, RSA_PKCS1_SHA256, RsaKeyPair, RsaPublicKeyComponents,
};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use uuid::Uuid;

use super::people;
use crate::Failure;

const AUDIENCE: &str = "attache";
/// Long enough for every measurement.
const EXPIRES: i64 = 4_000_000_000;

/// How a token is signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Algorithm {
    EdDsa,
    Rs256,
}

impl Algorithm {
    pub(crate) const ALL: [Self; 2] = [Self::EdDsa, Self::Rs256];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::EdDsa => "EdDSA",
            Self::Rs256 => "RS256",
        }
    }

    fn issuer(self) -> String {
        format!("https://{}.issuer.example", self.name().to_lowercase())
    }
}

/// Two issuers with a key each.
#[derive(Debug)]
pub(crate) struct Signer {
    ed25519: Ed25519KeyPair,
    rsa: RsaKeyPair,
}

impl Signer {
    pub(super) fn new() -> Result<Self, Failure> {
        Ok(Self {
            ed25519: Ed25519KeyPair::generate()?,
            rsa: RsaKeyPair::generate(KeySize::Rsa2048)?,
        })
    }

    /// Both keys, secret as they are.
    pub(super) fn keys(&self) -> Result<[Vec<u8>; 2], Failure> {
        let rsa: Pkcs8V1Der<'_> = self.rsa.as_der()?;
        let ed25519 = self.ed25519.to_pkcs8v1()?;
        Ok([ed25519.as_ref().to_vec(), rsa.as_ref().to_vec()])
    }

    pub(super) fn from_keys([ed25519, rsa]: &[Vec<u8>; 2]) -> Result<Self, Failure> {
        Ok(Self {
            ed25519: Ed25519KeyPair::from_pkcs8_maybe_unchecked(ed25519)?,
            rsa: RsaKeyPair::from_pkcs8(rsa)?,
        })
    }

    /// What makes the tenant trust both.
    pub(super) fn trust(&self) -> impl Iterator<Item = Command> {
        Algorithm::ALL.into_iter().map(|algorithm| {
            let keys = json!({"keys": [self.jwk(algorithm)]}).to_string();
            let trust = Trust {
                issuer: algorithm.issuer().into(),
                keys: KeySource::Pasted(keys.into()),
                audience: AUDIENCE.into(),
                subject_claim: "sub".into(),
                finds_by: FindsBy::Key,
                tenant_claim: None,
                token_type: None,
                accepts_invitations: false,
            };
            Command::AddIssuer {
                id: IssuerId(Uuid::from_u128(1 + algorithm as u128)),
                trust: Box::new(trust),
            }
        })
    }

    fn jwk(&self, algorithm: Algorithm) -> Value {
        match algorithm {
            Algorithm::EdDsa => {
                let key = base64(self.ed25519.public_key());
                json!({"kty": "OKP", "crv": "Ed25519", "x": key, "kid": algorithm.name()})
            }
            Algorithm::Rs256 => {
                let public = RsaPublicKeyComponents::<Vec<u8>>::from(self.rsa.public_key());
                let (n, e) = (base64(public.n), base64(public.e));
                json!({"kty": "RSA", "n": n, "e": e, "kid": algorithm.name()})
            }
        }
    }

    /// A token of the user of a number.
    pub(crate) fn token(&self, algorithm: Algorithm, user: u32) -> Result<String, Failure> {
        let header = json!({"alg": algorithm.name(), "kid": algorithm.name(), "typ": "JWT"});
        let claims = json!({
            "iss": algorithm.issuer(),
            "aud": AUDIENCE,
            "sub": people::key(user),
            "iat": 1_750_000_000,
            "exp": EXPIRES,
            "jti": Uuid::from_u128(u128::from(user)).to_string(),
        });
        let message = format!(
            "{}.{}",
            base64(header.to_string()),
            base64(claims.to_string())
        );
        let signature = match algorithm {
            Algorithm::EdDsa => self.ed25519.sign(message.as_bytes()).as_ref().to_vec(),
            Algorithm::Rs256 => {
                let mut signature = vec![0; self.rsa.public_modulus_len()];
                let random = SystemRandom::new();
                let message = message.as_bytes();
                let signed = self
                    .rsa
                    .sign(&RSA_PKCS1_SHA256, &random, message, &mut signature);
                signed?;
                signature
            }
        };
        Ok(format!("{message}.{}", base64(signature)))
    }
}

fn base64(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}
