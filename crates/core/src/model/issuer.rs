//! Issuers of tokens that a tenant trusts.

use serde::{Deserialize, Serialize};

use super::given::Giver;
use super::spelling::check_identifier;
use crate::id::IssuerId;
use crate::time::Timestamp;

/// The most bytes of each text of a [`Trust`].
const MAX_TEXT: usize = 255;
/// The most bytes of pasted keys.
pub const MAX_KEYS: usize = 64 * 1024;

/// An issuer whose tokens are accepted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Issuer {
    /// Unique among the tenant's issuers.
    pub id: IssuerId,
    /// The terms on which its tokens are accepted.
    pub trust: Trust,
    /// When it was added.
    pub created_at: Timestamp,
    /// Who added it.
    pub created_by: Giver,
}

/// The terms on which an issuer's tokens (RFC 7519) are accepted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Trust {
    /// The value of the claim `iss`, exactly.
    pub issuer: Box<str>,
    /// The source of its keys.
    pub keys: KeySource,
    /// The value that the claim `aud` must be or contain.
    pub audience: Box<str>,
    /// The claim that names the user.
    #[serde(default = "sub")]
    pub subject_claim: Box<str>,
    /// The meaning of that claim in attache.
    #[serde(default)]
    pub finds_by: FindsBy,
    /// The claim that must name the tenant, if any.
    #[serde(default)]
    pub tenant_claim: Option<TenantClaim>,
    /// The value of the header's `typ`, such as `at+jwt`. If `None`, a token of another
    /// known use is still refused.
    #[serde(default)]
    pub token_type: Option<Box<str>>,
    /// Whether an invited user accepts by signing in through this issuer.
    #[serde(default, skip_serializing_if = "is_false")]
    pub accepts_invitations: bool,
}

/// The source of an issuer's keys.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum KeySource {
    /// OpenID Connect Discovery, below the issuer's own address.
    Discovery,
    /// A JWK set (RFC 7517) at this address.
    Url(Box<str>),
    /// This text of a JWK set, with public keys only.
    Pasted(Box<str>),
}

/// How the subject of a token identifies a user.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FindsBy {
    /// The user's key.
    #[default]
    Key,
    /// The user's id.
    Id,
    /// The verified e-mail address of exactly one user. The token must say too that it is
    /// verified.
    Email,
    /// The id of exactly one user at the identity provider.
    ExternalAuthId,
}

/// A claim that must name the tenant.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TenantClaim {
    /// The claim.
    pub name: Box<str>,
    /// The value that the claim must be, or contain if it is a list.
    pub value: Box<str>,
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde passes it so")]
fn is_false(flag: &bool) -> bool {
    !flag
}

fn sub() -> Box<str> {
    "sub".into()
}

impl Trust {
    /// Returns all faults, each with its field; empty if there are none.
    #[must_use]
    pub fn check(&self) -> Vec<(&'static str, &'static str)> {
        let mut wrong = Vec::new();
        let tenant = self.tenant_claim.as_ref();
        for (field, text) in [
            ("issuer", Some(&self.issuer)),
            ("audience", Some(&self.audience)),
            ("subject_claim", Some(&self.subject_claim)),
            ("tenant_claim.name", tenant.map(|claim| &claim.name)),
            ("tenant_claim.value", tenant.map(|claim| &claim.value)),
            ("token_type", self.token_type.as_ref()),
        ] {
            if text.is_some_and(|text| text.is_empty() || text.len() > MAX_TEXT) {
                wrong.push((field, "must have 1 to 255 bytes"));
            } else if let Some(Err(reason)) = text.map(|text| check_identifier(text)) {
                // These are compared byte for byte, and hidden differences would go
                // unnoticed.
                wrong.push((field, reason));
            }
        }
        // `email_verified` vouches for that claim and no other.
        if self.finds_by == FindsBy::Email && &*self.subject_claim != "email" {
            wrong.push((
                "subject_claim",
                "must be email, where it finds users by e-mail",
            ));
        }
        match &self.keys {
            KeySource::Discovery if !can_be_asked(&self.issuer) => {
                wrong.push(("issuer", ADDRESS));
            }
            KeySource::Url(url) if url.len() > 2_048 || !can_be_asked(url) => {
                wrong.push(("keys.url", ADDRESS));
            }
            KeySource::Pasted(text) => {
                if let Err(reason) = check_keys(text) {
                    wrong.push(("keys.jwks", reason));
                }
            }
            KeySource::Discovery | KeySource::Url(_) => {}
        }
        wrong
    }
}

const ADDRESS: &str = "must be an address that begins with https://, or with http:// on loopback";

/// Returns whether keys may be fetched from an address: nobody on the network path can
/// replace them.
fn can_be_asked(address: &str) -> bool {
    if address.bytes().any(|byte| byte <= b' ' || byte == b'\\') {
        return false;
    }
    let (rest, secure) = match (
        address.strip_prefix("https://"),
        address.strip_prefix("http://"),
    ) {
        (Some(rest), _) => (rest, true),
        (None, Some(rest)) => (rest, false),
        (None, None) => return false,
    };
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let host = match authority.rsplit_once(':') {
        Some((host, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => host,
        _ => authority,
    };
    !host.is_empty()
        && !authority.contains('@')
        && (secure || ["127.0.0.1", "[::1]", "localhost"].contains(&host))
}

/// Checks that a text is a set of public keys.
fn check_keys(text: &str) -> Result<(), &'static str> {
    if text.len() > MAX_KEYS {
        return Err("must have at most 65536 bytes");
    }
    let set: serde_json::Value =
        serde_json::from_str(text).map_err(|_| "must be a JWK set, as JSON")?;
    let keys = set.get("keys").and_then(serde_json::Value::as_array);
    let keys = keys.ok_or("must be a JWK set: an object with a list of keys")?;
    if keys.is_empty() || !keys.iter().all(serde_json::Value::is_object) {
        return Err("must hold a key, and nothing that is none");
    }
    let is_secret = |key: &serde_json::Value| {
        ["d", "p", "q", "k"]
            .iter()
            .any(|part| key.get(part).is_some())
    };
    if keys.iter().any(is_secret) {
        return Err("must hold public keys only: a secret key is among them");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn trust(keys: KeySource) -> Trust {
        Trust {
            issuer: "https://login.mill.example".into(),
            keys,
            audience: "attache".into(),
            subject_claim: sub(),
            finds_by: FindsBy::Key,
            tenant_claim: None,
            token_type: None,
            accepts_invitations: false,
        }
    }

    #[test]
    fn keys_are_fetched_where_nobody_stands_between() {
        for good in [
            "https://login.mill.example",
            "https://login.mill.example:8443/a?b",
            "http://127.0.0.1:9000/keys",
            "http://localhost/keys",
            "http://[::1]:9000",
        ] {
            assert_eq!(trust(KeySource::Url(good.into())).check(), [], "{good}");
        }
        for bad in [
            "",
            "login.mill.example",
            "http://login.mill.example",
            "http://127.0.0.1@login.mill.example",
            "http://localhost.mill.example/",
            "http://127.0.0.1\\@mill.example",
            "https://",
            "ftp://127.0.0.1",
            "https://mill.example/ x",
        ] {
            let wrong = trust(KeySource::Url(bad.into())).check();
            assert_eq!(wrong, [("keys.url", ADDRESS)], "{bad}");
        }
    }

    #[test]
    fn only_public_keys_are_written_down() {
        let public = r#"{"keys":[{"kty":"OKP","crv":"Ed25519","x":"AA"}]}"#;
        assert_eq!(trust(KeySource::Pasted(public.into())).check(), []);
        for bad in [
            "",
            "{}",
            r#"{"keys":[]}"#,
            r#"{"keys":[{"kty":"OKP","x":"AA","d":"AA"}]}"#,
            r#"{"keys":[{"kty":"oct","k":"AA"}]}"#,
        ] {
            let wrong = trust(KeySource::Pasted(bad.into())).check();
            assert_eq!(wrong.len(), 1, "{bad}");
        }
    }

    #[test]
    fn texts_are_there_and_short_and_for_people_to_read() {
        let good = Trust {
            tenant_claim: Some(TenantClaim {
                name: "tid".into(),
                value: "x".repeat(255).into(),
            }),
            token_type: Some("at+jwt".into()),
            ..trust(KeySource::Pasted(r#"{"keys":[{}]}"#.into()))
        };
        assert_eq!(good.check(), []);
        type Set = fn(&mut Trust, Box<str>);
        let fields: [(&str, Set); 6] = [
            ("issuer", |trust, text| trust.issuer = text),
            ("audience", |trust, text| trust.audience = text),
            ("subject_claim", |trust, text| trust.subject_claim = text),
            ("tenant_claim.name", |trust, text| {
                trust.tenant_claim.as_mut().unwrap().name = text;
            }),
            ("tenant_claim.value", |trust, text| {
                trust.tenant_claim.as_mut().unwrap().value = text;
            }),
            ("token_type", |trust, text| trust.token_type = Some(text)),
        ];
        for (field, set) in fields {
            let long = "x".repeat(256);
            for bad in [
                "",
                " ",
                "a\nb",
                &*long,
                " a",
                "a ",
                "\u{3164}",
                "a\u{200b}b",
                "a\u{ad}b",
                "a\u{a0}b",
                "\u{2028}",
                "\u{feff}a",
                "a\u{202e}b",
            ] {
                let mut trust = good.clone();
                set(&mut trust, bad.into());
                let wrong: Vec<&str> = trust.check().iter().map(|it| it.0).collect();
                assert_eq!(wrong, [field], "{bad:?}");
            }
        }
    }

    #[test]
    fn an_issuer_by_discovery_has_an_address() {
        let mut trust = trust(KeySource::Discovery);
        assert_eq!(trust.check(), []);
        trust.issuer = "mill".into();
        assert_eq!(trust.check(), [("issuer", ADDRESS)]);
        trust.keys = KeySource::Pasted(r#"{"keys":[{}]}"#.into());
        assert_eq!(trust.check(), []);
    }
}
