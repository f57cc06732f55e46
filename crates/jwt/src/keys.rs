//! Reads a JWK set (RFC 7517), and keeps the keys that can be used.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::DecodingKey;
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use super::Token;
use super::algorithm::{self, Algorithm, Kind};
use attache_strict_json as strict_json;

/// The sizes of RSA keys that are used, in bits. Smaller keys are weak (RFC 7518, 3.3),
/// larger ones are slow to verify with.
const RSA_BITS: std::ops::RangeInclusive<usize> = 2_048..=8_192;
/// The most keys that are tried for one token without a `kid`.
const MOST_TRIED: usize = 4;

/// One key in an issuer's set, described for people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyInfo {
    /// The key's `kid`.
    pub kid: Option<String>,
    /// The algorithm of the key; or, in `Err`, why the key is not used.
    pub algorithm: Result<&'static str, &'static str>,
    /// Whether the key has no `alg`, so that the usual algorithm of its kind is assumed.
    pub is_assumed: bool,
}

/// The usable keys of an issuer.
#[derive(Debug, Default)]
pub(super) struct KeySet {
    keys: Vec<Key>,
    infos: Vec<KeyInfo>,
    fingerprint: [u8; 32],
}

#[derive(Debug)]
struct Key {
    kid: Option<String>,
    algorithm: &'static Algorithm,
    /// Whether the algorithm is assumed, since the key has no `alg`.
    is_assumed: bool,
    decoding: DecodingKey,
}

impl KeySet {
    /// Reads a JWK set. Skips keys that cannot be used (RFC 7517, 5).
    pub(super) fn read(text: &[u8]) -> Result<Self, &'static str> {
        let set = strict_json::parse(strict_json::without_mark(text));
        let set = set.map_err(|_| "this is not JSON without repeated keys")?;
        let keys = set.get("keys").and_then(Value::as_array);
        let mut read = Self::default();
        let mut fingerprint = Sha256::new();
        for jwk in keys.ok_or("this is no JWK set: it has no list of keys")? {
            let kid = jwk.get("kid").and_then(Value::as_str).map(str::to_owned);
            let (key, is_assumed) = (key(jwk), jwk.get("alg").is_none());
            read.infos.push(KeyInfo {
                kid: kid.clone(),
                algorithm: key
                    .as_ref()
                    .map(|(known, _)| known.name)
                    .map_err(|why| *why),
                is_assumed,
            });
            if let Ok((algorithm, decoding)) = key {
                fingerprint.update(jwk.to_string());
                read.keys.push(Key {
                    kid,
                    algorithm,
                    is_assumed,
                    decoding,
                });
            }
        }
        read.fingerprint = fingerprint.finalize().into();
        Ok(read)
    }

    /// Returns a SHA-256 hash that changes with the usable keys.
    pub(super) fn fingerprint(&self) -> &[u8; 32] {
        &self.fingerprint
    }

    /// Describes all keys of the set, also those that are not used.
    pub(super) fn infos(&self) -> Vec<KeyInfo> {
        self.infos.clone()
    }

    /// Returns whether one of the keys has signed a token. Only keys of the token's
    /// `kid`, if it has one, are tried, and of these only keys whose own algorithm is the
    /// token's `alg`: a token never chooses the algorithm of a key (RFC 8725, 3.1).
    pub(super) fn has_signed(&self, token: &Token<'_>) -> bool {
        let fitting = self.keys.iter().filter(|key| {
            key.algorithm == token.algorithm && (token.kid.is_none() || key.kid == token.kid)
        });
        fitting.take(MOST_TRIED).any(|key| {
            let (signature, message) = (token.signature, token.message.as_bytes());
            let verified = jsonwebtoken::crypto::verify(
                signature,
                message,
                &key.decoding,
                key.algorithm.verifies,
            );
            matches!(verified, Ok(true))
        })
    }

    /// Says why none of the keys has signed a token, and what to do. For people.
    pub(super) fn why_not_signed(&self, token: &Token<'_>) -> &'static str {
        let has_its_name = |kid: &Option<String>| token.kid.is_none() || *kid == token.kid;
        let mut named = self.keys.iter().filter(|key| has_its_name(&key.kid));
        if named.clone().any(|key| key.algorithm == token.algorithm) {
            return "its signature is not good, or is of a key that the issuer does not publish";
        }
        if named.clone().any(|key| key.is_assumed) {
            return "its alg is not the one that is taken for the issuer's key, which says no alg: \
                let the issuer say alg in its keys, or give the keys with it (--jwks-file)";
        }
        if named.next().is_some() {
            return "its alg is not the one that the issuer's key says";
        }
        match self.infos.iter().any(|info| has_its_name(&info.kid)) {
            true => "the issuer's key for it is not used: attache issuer keys says why",
            false => "the issuer publishes no key of its kid",
        }
    }
}

/// Returns a key and its one algorithm; or why the key is not used.
fn key(jwk: &Value) -> Result<(&'static Algorithm, DecodingKey), &'static str> {
    let text = |name: &str| jwk.get(name).and_then(Value::as_str);
    if jwk.get("use").is_some() && text("use") != Some("sig") {
        return Err("it is not for signatures");
    }
    if let Some(operations) = jwk.get("key_ops") {
        let verifies = |list: &Vec<Value>| list.iter().any(|one| one == "verify");
        if !operations.as_array().is_some_and(verifies) {
            return Err("it is not for verifying");
        }
    }
    // A published secret is no secret.
    if text("kty") == Some("oct")
        || ["d", "p", "q", "k"]
            .iter()
            .any(|part| jwk.get(part).is_some())
    {
        return Err("it is a secret");
    }
    let (kind, decoding) = material(jwk)?;
    if jwk.get("alg").is_some() && text("alg").is_none() {
        return Err("its alg is no text");
    }
    let algorithm = algorithm::of_key(kind, text("alg"));
    Ok((
        algorithm.ok_or("its alg is not one of its kind's")?,
        decoding,
    ))
}

/// Reads the public key itself. Verifying a signature checks that a point lies on its
/// curve (RFC 8725, 3.4).
fn material(jwk: &Value) -> Result<(Kind, DecodingKey), &'static str> {
    const BROKEN: &str = "a part of it is missing or broken";
    let text = |name: &str| jwk.get(name).and_then(Value::as_str);
    let part = |name: &str| {
        let decoded = text(name).map(|part| URL_SAFE_NO_PAD.decode(part));
        decoded.and_then(Result::ok).ok_or(BROKEN)
    };
    match (text("kty"), text("crv")) {
        (Some("RSA"), _) => {
            let (n, e) = (part("n")?, part("e")?);
            let zeros = n.iter().take_while(|byte| **byte == 0).count();
            let (n, first) = (&n[zeros..], n.get(zeros).ok_or(BROKEN)?);
            let unused_bits = usize::try_from(first.leading_zeros()).unwrap_or_default();
            if !RSA_BITS.contains(&(n.len() * 8 - unused_bits)) {
                return Err("it has fewer than 2048 bits, or more than 8192");
            }
            Ok((Kind::Rsa, DecodingKey::from_rsa_raw_components(n, &e)))
        }
        (Some("EC"), Some(curve @ ("P-256" | "P-384"))) => {
            let (kind, bytes) = match curve {
                "P-256" => (Kind::P256, 32),
                _ => (Kind::P384, 48),
            };
            let (x, y) = (part("x")?, part("y")?);
            if x.len() != bytes || y.len() != bytes {
                return Err(BROKEN);
            }
            // SEC 1, 2.3.3: an uncompressed point.
            let point = [&[4], x.as_slice(), y.as_slice()].concat();
            Ok((kind, DecodingKey::from_ec_der(&point)))
        }
        (Some("OKP"), Some("Ed25519")) => {
            let x = part("x")?;
            if x.len() != 32 {
                return Err(BROKEN);
            }
            Ok((Kind::Ed25519, DecodingKey::from_ed_der(&x)))
        }
        _ => Err("its kind is not known here"),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn verdict(jwk: &Value) -> Result<&'static str, &'static str> {
        let set = KeySet::read(json!({"keys": [jwk]}).to_string().as_bytes()).unwrap();
        assert_eq!(set.keys.len(), usize::from(set.infos[0].algorithm.is_ok()));
        set.infos[0].algorithm
    }

    fn bytes(count: usize) -> String {
        URL_SAFE_NO_PAD.encode(vec![0xFF; count])
    }

    fn with(mut jwk: Value, name: &str, value: Value) -> Value {
        jwk[name] = value;
        jwk
    }

    #[test]
    fn a_key_is_for_what_it_says_or_else_for_the_first_of_its_kind() {
        let rsa = json!({"kty": "RSA", "n": bytes(256), "e": "AQAB"});
        let p256 = json!({"kty": "EC", "crv": "P-256", "x": bytes(32), "y": bytes(32)});
        let p384 = json!({"kty": "EC", "crv": "P-384", "x": bytes(48), "y": bytes(48)});
        let ed = json!({"kty": "OKP", "crv": "Ed25519", "x": bytes(32)});
        for (jwk, first, others) in [
            (
                &rsa,
                "RS256",
                &["RS384", "RS512", "PS256", "PS384", "PS512"][..],
            ),
            (&p256, "ES256", &[]),
            (&p384, "ES384", &[]),
            (&ed, "EdDSA", &["Ed25519"]),
        ] {
            assert_eq!(verdict(jwk), Ok(first));
            for other in others {
                assert_eq!(verdict(&with(jwk.clone(), "alg", json!(other))), Ok(*other));
            }
            for wrong in ["none", "HS256", "RSA-OAEP", "ES512", "", "rs256"] {
                assert!(verdict(&with(jwk.clone(), "alg", json!(wrong))).is_err());
            }
        }
        assert!(verdict(&with(p256, "alg", json!("ES384"))).is_err());
        assert!(verdict(&with(rsa, "alg", json!("EdDSA"))).is_err());
        assert!(verdict(&with(ed, "alg", json!(7))).is_err());
    }

    #[test]
    fn a_key_that_is_weak_secret_or_for_something_else_is_not_used() {
        let good = json!({"kty": "RSA", "n": bytes(256), "e": "AQAB"});
        for fine in [
            with(good.clone(), "use", json!("sig")),
            with(good.clone(), "key_ops", json!(["sign", "verify"])),
        ] {
            assert_eq!(verdict(&fine), Ok("RS256"), "{fine}");
        }
        let zeros = URL_SAFE_NO_PAD.encode([vec![0; 128], vec![0xFF; 128]].concat());
        for bad in [
            with(good.clone(), "n", json!(bytes(128))),
            with(good.clone(), "n", json!(zeros)),
            with(good.clone(), "n", json!(bytes(2_048))),
            with(good.clone(), "n", json!("")),
            with(good.clone(), "n", json!(format!("{}=", bytes(256)))),
            with(good.clone(), "e", json!(null)),
            with(good.clone(), "use", json!("enc")),
            with(good.clone(), "use", json!(["sig"])),
            with(good.clone(), "key_ops", json!(["encrypt"])),
            with(good.clone(), "key_ops", json!("verify")),
            with(good, "d", json!("AA")),
            json!({"kty": "oct", "k": bytes(32)}),
            json!({"kty": "EC", "crv": "P-521", "x": bytes(66), "y": bytes(66)}),
            json!({"kty": "EC", "crv": "P-256", "x": bytes(31), "y": bytes(32)}),
            json!({"kty": "OKP", "crv": "X25519", "x": bytes(32)}),
            json!({}),
            json!(7),
        ] {
            assert!(verdict(&bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn what_is_no_set_is_refused() {
        for text in ["", "[]", "{}", r#"{"keys":{}}"#, r#"{"keys":[],"keys":[]}"#] {
            assert!(KeySet::read(text.as_bytes()).is_err(), "{text}");
        }
    }
}
