//! Makes keys when a test runs, and tokens that they sign.

use std::sync::LazyLock;

use aws_lc_rs::hmac;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, ECDSA_P384_SHA384_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair,
    KeyPair as _, RSA_PKCS1_SHA256, RSA_PKCS1_SHA384, RSA_PKCS1_SHA512, RSA_PSS_SHA256,
    RSA_PSS_SHA384, RSA_PSS_SHA512, RsaEncoding, RsaKeyPair, RsaPublicKeyComponents,
};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

/// Making an RSA key takes long, so there is one.
static RSA: LazyLock<RsaKeyPair> =
    LazyLock::new(|| RsaKeyPair::generate(KeySize::Rsa2048).unwrap());

/// A key of an issuer.
pub struct Key {
    kid: &'static str,
    pair: Pair,
}

enum Pair {
    Rsa(&'static RsaKeyPair),
    P256(EcdsaKeyPair),
    P384(EcdsaKeyPair),
    Ed25519(Ed25519KeyPair),
}

impl Key {
    /// Returns an RSA key of 2048 bits with this `kid`. All RSA keys are equal.
    pub fn rsa(kid: &'static str) -> Self {
        let pair = Pair::Rsa(&RSA);
        Self { kid, pair }
    }

    /// Makes a key on the curve P-256 with this `kid`.
    pub fn p256(kid: &'static str) -> Self {
        let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap();
        let pair = Pair::P256(pair);
        Self { kid, pair }
    }

    /// Makes a key on the curve P-384 with this `kid`.
    pub fn p384(kid: &'static str) -> Self {
        let pair = EcdsaKeyPair::generate(&ECDSA_P384_SHA384_FIXED_SIGNING).unwrap();
        let pair = Pair::P384(pair);
        Self { kid, pair }
    }

    /// Makes an Ed25519 key with this `kid`.
    pub fn ed25519(kid: &'static str) -> Self {
        let pair = Pair::Ed25519(Ed25519KeyPair::generate().unwrap());
        Self { kid, pair }
    }

    /// Returns the algorithm of the key, which it has without an `alg` too.
    pub fn algorithm(&self) -> &'static str {
        match self.pair {
            Pair::Rsa(_) => "RS256",
            Pair::P256(_) => "ES256",
            Pair::P384(_) => "ES384",
            Pair::Ed25519(_) => "EdDSA",
        }
    }

    /// Returns the public key as a JWK, as an issuer publishes it.
    pub fn jwk(&self) -> Value {
        let point = |crv: &str, pair: &EcdsaKeyPair| {
            let (x, y) = {
                let point = &pair.public_key().as_ref()[1..];
                point.split_at(point.len() / 2)
            };
            json!({"kty": "EC", "crv": crv, "x": base64(x), "y": base64(y)})
        };
        let mut jwk = match &self.pair {
            Pair::Rsa(pair) => {
                let public = RsaPublicKeyComponents::<Vec<u8>>::from(pair.public_key());
                json!({"kty": "RSA", "n": base64(public.n), "e": base64(public.e)})
            }
            Pair::P256(pair) => point("P-256", pair),
            Pair::P384(pair) => point("P-384", pair),
            Pair::Ed25519(pair) => {
                json!({"kty": "OKP", "crv": "Ed25519", "x": base64(pair.public_key())})
            }
        };
        jwk["kid"] = json!(self.kid);
        jwk
    }

    /// Returns the public key as a JWK, with one member changed.
    pub fn jwk_with(&self, name: &str, value: Value) -> Value {
        let mut jwk = self.jwk();
        jwk[name] = value;
        jwk
    }

    /// Signs a message. The name of the algorithm only matters for RSA.
    fn sign(&self, algorithm: &str, message: &[u8]) -> Vec<u8> {
        let random = SystemRandom::new();
        match &self.pair {
            Pair::Rsa(pair) => {
                let encoding: &'static dyn RsaEncoding = match algorithm {
                    "RS384" => &RSA_PKCS1_SHA384,
                    "RS512" => &RSA_PKCS1_SHA512,
                    "PS256" => &RSA_PSS_SHA256,
                    "PS384" => &RSA_PSS_SHA384,
                    "PS512" => &RSA_PSS_SHA512,
                    _ => &RSA_PKCS1_SHA256,
                };
                let mut signature = vec![0; pair.public_modulus_len()];
                pair.sign(encoding, &random, message, &mut signature)
                    .unwrap();
                signature
            }
            Pair::P256(pair) | Pair::P384(pair) => {
                pair.sign(&random, message).unwrap().as_ref().to_vec()
            }
            Pair::Ed25519(pair) => pair.sign(message).as_ref().to_vec(),
        }
    }

    /// Returns the header of a token by default.
    pub fn header(&self) -> Value {
        json!({"alg": self.algorithm(), "kid": self.kid})
    }

    /// Returns the header of a token, with one member changed.
    pub fn header_with(&self, name: &str, value: Value) -> Value {
        let mut header = self.header();
        header[name] = value;
        header
    }

    /// Returns a token with these claims.
    pub fn token(&self, claims: &Value) -> String {
        self.token_with(&self.header(), claims)
    }

    /// Returns a token with this header. Signed by the algorithm of its `alg`, if the key
    /// supports that.
    pub fn token_with(&self, header: &Value, claims: &Value) -> String {
        let algorithm = header["alg"].as_str().unwrap_or_default();
        self.token_of(header.to_string(), claims.to_string(), algorithm)
    }

    /// Returns a token whose parts are these bytes.
    pub fn token_of(
        &self,
        header: impl AsRef<[u8]>,
        claims: impl AsRef<[u8]>,
        algorithm: &str,
    ) -> String {
        let message = format!("{}.{}", base64(header), base64(claims));
        let signature = self.sign(algorithm, message.as_bytes());
        format!("{message}.{}", base64(signature))
    }
}

/// Returns a token that is signed with a secret, by HMAC with SHA-256.
pub fn hmac_token(secret: &[u8], header: &Value, claims: &Value) -> String {
    let (header, claims) = (base64(header.to_string()), base64(claims.to_string()));
    let message = format!("{header}.{claims}");
    let secret = hmac::Key::new(hmac::HMAC_SHA256, secret);
    format!(
        "{message}.{}",
        base64(hmac::sign(&secret, message.as_bytes()))
    )
}

/// Decodes base64url without padding.
pub fn unbase64(text: &str) -> Vec<u8> {
    URL_SAFE_NO_PAD.decode(text).unwrap()
}

/// Encodes bytes as base64url without padding.
pub fn base64(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}
