//! Parses a token before anything in it is trusted.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Map, Value};

use super::Refused;
use super::algorithm::{self, Algorithm};
use attache_strict_json as strict_json;

/// A well-formed token that is not verified.
pub struct Token<'a> {
    /// The header and the claims as they were signed.
    pub(super) message: &'a str,
    pub(super) signature: &'a str,
    /// The header's `alg`. It never chooses how the token is verified: it must equal the
    /// key's algorithm.
    pub(super) algorithm: &'static Algorithm,
    pub(super) kid: Option<String>,
    pub(super) typ: Option<String>,
    pub(super) claims: Map<String, Value>,
    issuer: String,
}

/// Prints nothing of the token, since a reader of the log could use it.
impl std::fmt::Debug for Token<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Token")
    }
}

impl<'a> Token<'a> {
    /// Parses a token: three parts (RFC 7515, 7.1), of which the first two are objects
    /// without repeated keys (RFC 8725, 2.8 and 3.11). A token of more than `most` bytes
    /// is refused unread.
    ///
    /// # Errors
    /// [`Refused::Bad`] if no trust could accept the token.
    pub fn parse(text: &'a str, most: usize) -> Result<Self, Refused> {
        if text.len() > most {
            return Err(Refused::Bad("it is too long"));
        }
        let mut parts = text.split('.');
        // Five parts are an encrypted token (RFC 7516).
        if text.split('.').count() == 5 {
            return Err(Refused::Bad(
                "it is encrypted: let the issuer sign tokens only",
            ));
        }
        let (Some(header), Some(claims), Some(signature), None) =
            (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err(Refused::Bad("it does not have three parts"));
        };
        if signature.is_empty() {
            return Err(Refused::Bad("it is not signed"));
        }
        let message = &text[..header.len() + 1 + claims.len()];
        let header = object(header)?;
        // `crit` lists extensions that must be understood; attache knows none (RFC 7515,
        // 4.1.11).
        if header.contains_key("crit") {
            return Err(Refused::Bad("its header has crit"));
        }
        // With `b64`, the payload is not base64url (RFC 7797).
        if header.contains_key("b64") {
            return Err(Refused::Bad("its header has b64"));
        }
        let algorithm = text_of(&header, "alg")?
            .and_then(|name| algorithm::named(&name))
            .ok_or(Refused::Bad("its algorithm is not accepted"))?;
        let claims = object(claims)?;
        let issuer = text_of(&claims, "iss")?.ok_or(Refused::Bad("it names no issuer"))?;
        Ok(Self {
            message,
            signature,
            algorithm,
            kid: text_of(&header, "kid")?,
            typ: text_of(&header, "typ")?,
            claims,
            issuer,
        })
    }

    /// Returns the token's `iss`, unverified.
    #[must_use]
    pub fn issuer(&self) -> &str {
        &self.issuer
    }
}

/// Reads a part as an object. Refuses base64 with padding or spare bits, so that a token
/// has exactly one written form.
fn object(part: &str) -> Result<Map<String, Value>, Refused> {
    let bytes = URL_SAFE_NO_PAD
        .decode(part)
        .map_err(|_| Refused::Bad("a part of it is not base64url"))?;
    match strict_json::parse(&bytes) {
        Ok(Value::Object(object)) => Ok(object),
        Ok(_) => Err(Refused::Bad("a part of it is no JSON object")),
        Err(_) => Err(Refused::Bad(
            "a part of it is not JSON without repeated keys",
        )),
    }
}

/// Returns a header or claim that may be missing and must be a string.
fn text_of(object: &Map<String, Value>, name: &str) -> Result<Option<String>, Refused> {
    match object.get(name) {
        None => Ok(None),
        Some(Value::String(text)) => Ok(Some(text.clone())),
        Some(_) => Err(Refused::Bad("one of alg, kid, typ and iss is no text")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn token(header: &str, claims: &str) -> String {
        let part = |text: &str| URL_SAFE_NO_PAD.encode(text);
        format!("{}.{}.AAAA", part(header), part(claims))
    }

    fn refusal(text: &str) -> Refused {
        Token::parse(text, 1_000).unwrap_err()
    }

    const HEADER: &str = r#"{"alg":"ES256","kid":"a"}"#;
    const CLAIMS: &str = r#"{"iss":"x","exp":1.5}"#;

    #[test]
    fn a_token_is_taken_apart() {
        let text = token(HEADER, CLAIMS);
        let token = Token::parse(&text, text.len()).unwrap();
        assert_eq!(token.issuer(), "x");
        assert_eq!(token.algorithm.name, "ES256");
        assert_eq!(token.kid.as_deref(), Some("a"));
        assert_eq!(format!("{}.{}", token.message, token.signature), text);
        assert!(Token::parse(&text, text.len() - 1).is_err());
    }

    #[test]
    fn what_is_no_token_is_refused() {
        let good = token(HEADER, CLAIMS);
        let (front, _) = good.rsplit_once('.').unwrap();
        for bad in [
            String::new(),
            "..".to_owned(),
            "a.b.c".to_owned(),
            front.to_owned(),
            format!("{front}."),
            format!("{good}.AAAA"),
            format!("{good}.AAAA.AAAA"),
            good.replacen('.', "=.", 1),
            good.replacen('.', " .", 1),
        ] {
            assert!(matches!(refusal(&bad), Refused::Bad(_)), "{bad}");
        }
    }

    #[test]
    fn what_the_parts_must_not_say_is_refused() {
        for (header, claims) in [
            (r#"{"alg":"none"}"#, CLAIMS),
            (r#"{"alg":"HS256"}"#, CLAIMS),
            (r#"{"alg":"es256"}"#, CLAIMS),
            (r#"{"alg":["ES256"]}"#, CLAIMS),
            (r#"{}"#, CLAIMS),
            (r#"{"alg":"ES256","alg":"ES256"}"#, CLAIMS),
            (r#"{"alg":"ES256","crit":[]}"#, CLAIMS),
            (r#"{"alg":"ES256","b64":true}"#, CLAIMS),
            (r#"{"alg":"ES256","kid":7}"#, CLAIMS),
            (r#"{"alg":"ES256","typ":null}"#, CLAIMS),
            (r#"["alg"]"#, CLAIMS),
            (HEADER, r#"{"iss":"x","iss":"x"}"#),
            (HEADER, r#"{"iss":7}"#),
            (HEADER, "{}"),
            (HEADER, "7"),
        ] {
            let text = token(header, claims);
            assert!(
                matches!(refusal(&text), Refused::Bad(_)),
                "{header} {claims}"
            );
        }
    }
}
