//! Checks the claims of a token against the terms on which a tenant trusts its issuer.

use std::time::Duration;

use attache_core::Timestamp;
use attache_core::model::{FindsBy, Trust};
use serde_json::{Map, Value};

use super::{Refused, Token};

/// The user whom a token names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subject {
    /// Whether the name is the user's key, id or e-mail address.
    pub finds_by: FindsBy,
    /// The value of the claim that names the user.
    pub name: String,
    /// The instant from which the token is refused: its `exp` plus the leeway.
    pub until: Timestamp,
}

/// The values of `typ` that are accepted where the trust names none, besides a missing
/// one: a JWT, or an access token (RFC 9068, 2.1). So tokens for other uses are refused
/// (RFC 8725, 3.11 and 3.12).
const TYPES: [&str; 2] = ["jwt", "at+jwt"];

/// Checks everything but the signature of a token against a trust, at an instant.
pub(super) fn check(
    token: &Token<'_>,
    trust: &Trust,
    at: Timestamp,
    leeway: Duration,
) -> Result<Subject, Refused> {
    let claims = &token.claims;
    if token.issuer() != &*trust.issuer {
        return Err(Refused::Bad("it is of another issuer"));
    }
    check_type(token.typ.as_deref(), trust.token_type.as_deref())?;
    if !claims.contains_key("aud") {
        return Err(Refused::Bad(
            "it has no aud: let the issuer write the trust's audience into its tokens",
        ));
    }
    if !holds(claims.get("aud"), &trust.audience) {
        return Err(Refused::Bad(
            "its aud is not the trust's audience, and does not hold it",
        ));
    }
    if !is_for_tenant(claims, trust) {
        return Err(Refused::Bad(
            "it is for another tenant: the trust's tenant claim is missing or has another value",
        ));
    }
    let until = check_times(claims, at, leeway)?;
    // The caller would have to prove possession of a key (RFC 7800), which attache does
    // not support.
    if claims.contains_key("cnf") {
        return Err(Refused::Bad("it is bound to a key"));
    }
    let name = match claims.get(&*trust.subject_claim) {
        Some(Value::String(name)) => name,
        Some(_) => return Err(Refused::Bad("the claim that names the user is no text")),
        None => return Err(Refused::Bad("it lacks the claim that names the user")),
    };
    if trust.finds_by == FindsBy::Email {
        check_verified(claims.get("email_verified"))?;
    }
    Ok(Subject {
        finds_by: trust.finds_by,
        name: name.clone(),
        until,
    })
}

/// Returns how many checks of [`check`] pass, in order, before one fails. A token for the
/// trust's audience passes more than any token for another audience.
pub(super) fn reached(token: &Token<'_>, trust: &Trust, at: Timestamp, leeway: Duration) -> usize {
    let claims = &token.claims;
    let is_for_audience = holds(claims.get("aud"), &trust.audience);
    let checks = [
        is_for_audience,
        is_for_audience && is_for_tenant(claims, trust),
        check_type(token.typ.as_deref(), trust.token_type.as_deref()).is_ok(),
        check_times(claims, at, leeway).is_ok(),
        !claims.contains_key("cnf"),
        claims
            .get(&*trust.subject_claim)
            .is_some_and(Value::is_string),
    ];
    checks.iter().take_while(|holds| **holds).count()
}

/// Returns whether the claim that names a tenant has the trust's value. True if the trust
/// asks for none.
fn is_for_tenant(claims: &Map<String, Value>, trust: &Trust) -> bool {
    let tenant = trust.tenant_claim.as_ref();
    tenant.is_none_or(|tenant| holds(claims.get(&*tenant.name), &tenant.value))
}

/// Checks `email_verified` (OpenID Connect Core 1.0, 5.1), which must be the boolean
/// `true`. The string `"true"` is refused, since other strings of that issuer may mean
/// anything.
fn check_verified(claim: Option<&Value>) -> Result<(), Refused> {
    Err(Refused::Bad(match claim {
        Some(Value::Bool(true)) => return Ok(()),
        Some(Value::Bool(false)) => "its e-mail address is not verified",
        Some(Value::String(_)) => {
            "its email_verified is a text: let the issuer send true without quotes, \
             or find users by key or id"
        }
        Some(_) => "its email_verified is neither true nor false",
        None => {
            "it has no email_verified: let the issuer send it (scope email), \
             or find users by key or id"
        }
    }))
}

/// Checks `typ` (RFC 7515, 4.1.9): case does not matter, and `application/` may be left
/// out.
fn check_type(says: Option<&str>, wanted: Option<&str>) -> Result<(), Refused> {
    let plain = |text: &str| {
        let lower = text.to_ascii_lowercase();
        lower
            .strip_prefix("application/")
            .map_or(lower.clone(), str::to_owned)
    };
    let says = says.map(plain);
    let fits = match wanted {
        Some(wanted) => says == Some(plain(wanted)),
        None => says.is_none_or(|says| TYPES.contains(&says.as_str())),
    };
    if fits {
        Ok(())
    } else {
        Err(Refused::Bad(match wanted {
            Some(_) => "its typ is not the one that the trust asks for",
            None => "its typ is neither JWT nor at+jwt",
        }))
    }
}

/// Returns whether a claim is a string, or a list of strings that has it.
fn holds(claim: Option<&Value>, text: &str) -> bool {
    match claim {
        Some(Value::String(one)) => one == text,
        Some(Value::Array(many)) => {
            many.iter().all(Value::is_string) && many.iter().any(|one| one == text)
        }
        _ => false,
    }
}

/// Checks `exp`, `nbf` and `iat` (RFC 7519, 4.1.4 to 4.1.6). `exp` is required. Returns
/// the instant from which the token is refused.
fn check_times(
    claims: &Map<String, Value>,
    at: Timestamp,
    leeway: Duration,
) -> Result<Timestamp, Refused> {
    let (now, leeway) = (at.as_millis(), millis(leeway));
    let expires = time(claims, "exp")?.ok_or(Refused::Bad("it does not say when it expires"))?;
    let until = expires.saturating_add(leeway);
    if now >= until {
        return Err(Refused::Bad("it has expired"));
    }
    for name in ["nbf", "iat"] {
        if time(claims, name)?.is_some_and(|from| now.saturating_add(leeway) < from) {
            return Err(Refused::Bad("it is from the future"));
        }
    }
    Ok(Timestamp::from_millis(until))
}

/// Returns a time claim in milliseconds. Tokens have seconds since 1970, perhaps with a
/// fraction (RFC 7519, 2, NumericDate).
fn time(claims: &Map<String, Value>, name: &str) -> Result<Option<i64>, Refused> {
    let Some(value) = claims.get(name) else {
        return Ok(None);
    };
    let seconds = value
        .as_f64()
        .ok_or(Refused::Bad("a time of it is no number"))?;
    #[allow(
        clippy::cast_possible_truncation,
        reason = "what is too large for an i64 becomes the largest one"
    )]
    Ok(Some((seconds * 1_000.0) as i64))
}

/// Converts a duration into milliseconds.
pub(super) fn millis(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_type_is_read_without_case_and_prefix() {
        for (says, wanted) in [
            (None, None),
            (Some("JWT"), None),
            (Some("at+JWT"), None),
            (Some("application/at+jwt"), None),
            (Some("custom+jwt"), Some("application/custom+jwt")),
            (Some("Application/Custom+JWT"), Some("custom+jwt")),
        ] {
            assert!(check_type(says, wanted).is_ok(), "{says:?} {wanted:?}");
        }
        for (says, wanted) in [
            (Some(""), None),
            (Some("logout+jwt"), None),
            (Some("dpop+jwt"), None),
            (Some("application/secevent+jwt"), None),
            (None, Some("at+jwt")),
            (Some("JWT"), Some("at+jwt")),
        ] {
            assert!(check_type(says, wanted).is_err(), "{says:?} {wanted:?}");
        }
    }

    #[test]
    fn a_claim_holds_a_text_or_a_list_of_texts() {
        for claim in [json!("a"), json!(["a"]), json!(["b", "a"])] {
            assert!(holds(Some(&claim), "a"), "{claim}");
        }
        for claim in [
            json!("A"),
            json!([]),
            json!(["b"]),
            json!(["a", 7]),
            json!(7),
            json!({}),
        ] {
            assert!(!holds(Some(&claim), "a"), "{claim}");
        }
        assert!(!holds(None, "a"));
    }

    #[test]
    fn times_may_be_fractions_and_count_to_the_millisecond() {
        let at = |millis| Timestamp::from_millis(millis);
        let claims = json!({"exp": 100.5, "nbf": 90.25, "iat": 90});
        let claims = claims.as_object().unwrap();
        let leeway = Duration::from_secs(10);
        for (now, good) in [
            (80_249, false),
            (80_250, true),
            (110_499, true),
            (110_500, false),
        ] {
            assert_eq!(check_times(claims, at(now), leeway).is_ok(), good, "{now}");
        }
    }

    #[test]
    fn a_time_that_is_no_number_or_missing_is_refused() {
        let leeway = Duration::ZERO;
        for claims in [
            json!({}),
            json!({"exp": null}),
            json!({"exp": "9999999999"}),
            json!({"exp": 9_999_999_999_i64, "nbf": "0"}),
            json!({"exp": 9_999_999_999_i64, "iat": null}),
            json!({"exp": -1e300}),
        ] {
            let checked = check_times(claims.as_object().unwrap(), Timestamp::MAX, leeway);
            assert!(checked.is_err(), "{claims}");
        }
    }
}
