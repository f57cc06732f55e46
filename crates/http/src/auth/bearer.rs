//! Reads `Authorization: Bearer …` (RFC 6750).

use http::HeaderMap;
use http::header::AUTHORIZATION;

use crate::Problem;

/// Returns the bearer credential of a request.
///
/// # Errors
/// [`Problem::Unauthenticated`] if the request has none, [`Problem::BadCredential`] if
/// the header cannot be read as one.
pub(super) fn credential(headers: &HeaderMap) -> Result<&str, Problem> {
    let mut values = headers.get_all(AUTHORIZATION).iter();
    let value = match (values.next(), values.next()) {
        (None, _) => return Err(Problem::Unauthenticated),
        (Some(value), None) => value,
        (Some(_), Some(_)) => {
            let reason = "there is more than one credential";
            return Err(Problem::bad_credential(reason));
        }
    };
    let unreadable = |_| Problem::bad_credential("it is not plain text");
    let text = value.to_str().map_err(unreadable)?.trim();
    let (scheme, credential) = text.split_once(' ').unwrap_or((text, ""));
    // A credential of another scheme counts as none (RFC 6750, 3.1).
    match scheme.eq_ignore_ascii_case("bearer") && !credential.trim().is_empty() {
        true => Ok(credential.trim()),
        false => Err(Problem::Unauthenticated),
    }
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    fn read(values: &[&'static str]) -> Result<String, &'static str> {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(AUTHORIZATION, HeaderValue::from_static(value));
        }
        match credential(&headers) {
            Ok(credential) => Ok(credential.to_owned()),
            Err(Problem::Unauthenticated) => Err("none"),
            Err(_) => Err("bad"),
        }
    }

    #[test]
    fn a_bearer_credential_is_read() {
        assert_eq!(read(&["Bearer abc"]), Ok("abc".to_owned()));
        assert_eq!(read(&["bearer  abc"]), Ok("abc".to_owned()));
    }

    #[test]
    fn other_schemes_and_empty_credentials_are_none() {
        for values in [&[][..], &["abc"], &["Basic abc"], &["Bearer"], &["Bearer "]] {
            assert_eq!(read(values), Err("none"), "{values:?}");
        }
    }

    #[test]
    fn two_credentials_are_not_good() {
        assert_eq!(read(&["Bearer a", "Bearer b"]), Err("bad"));
    }
}
