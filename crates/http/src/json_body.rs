//! Bodies: read within a limit, as JSON in which no key stands twice.

use axum::body::{Body, Bytes, HttpBody as _};
use axum::extract::{FromRequest, Request};
use futures_util::StreamExt as _;
use http::HeaderMap;
use http::header::CONTENT_ENCODING;
use serde_json::{Map, Value};

use super::{App, Problem};
use attache_strict_json as strict_json;

/// A body as JSON.
#[derive(Clone, Debug, PartialEq)]
pub enum JsonBody {
    /// There was none, or only white space.
    Nothing,
    /// There was this.
    Is(Value),
}

impl FromRequest<App> for JsonBody {
    type Rejection = Problem;

    async fn from_request(request: Request, app: &App) -> Result<Self, Problem> {
        let (head, body) = request.into_parts();
        let bytes = bytes(&head.headers, body, app).await?;
        Self::parse(&bytes)
    }
}

/// The bytes of a body, without a byte order mark.
///
/// # Errors
/// If there are more than the limit allows, if they are encoded, or if they do
/// not arrive whole.
pub async fn bytes(headers: &HeaderMap, body: Body, app: &App) -> Result<Bytes, Problem> {
    must_be_plain(headers)?;
    let most = app.limits().body_bytes;
    let too_large = || Problem::BodyTooLarge(most);
    // A body that announces too much is not read at all.
    if usize::try_from(body.size_hint().lower()).map_or(true, |least| least > most) {
        return Err(too_large());
    }
    let mut chunks = body.into_data_stream();
    let (mut first, mut rest) = (Bytes::new(), Vec::new());
    while let Some(chunk) = chunks.next().await {
        let chunk = chunk.map_err(|error| {
            tracing::debug!(%error, "a body did not arrive whole");
            Problem::invalid(
                "body",
                "did not arrive whole: it is shorter than was announced, or its chunks are broken",
            )
        })?;
        if first.len() + rest.len() + chunk.len() > most {
            return Err(too_large());
        }
        match first.is_empty() {
            true => first = chunk,
            // Most bodies arrive in one piece, which is not copied.
            false => rest.extend_from_slice(&chunk),
        }
    }
    let whole = match rest.is_empty() {
        true => first,
        false => [&*first, &rest].concat().into(),
    };
    let without_mark = strict_json::without_mark(&whole).len();
    Ok(whole.slice(whole.len() - without_mark..))
}

/// Content is taken as it is, never compressed (RFC 9110, 8.4).
fn must_be_plain(headers: &HeaderMap) -> Result<(), Problem> {
    let codings = headers.get_all(CONTENT_ENCODING).iter();
    let mut codings = codings.flat_map(|line| line.as_bytes().split(|byte| *byte == b','));
    let is_none = |coding: &[u8]| {
        let coding = coding.trim_ascii();
        coding.is_empty() || coding.eq_ignore_ascii_case(b"identity")
    };
    match codings.all(is_none) {
        true => Ok(()),
        false => Err(Problem::Encoded),
    }
}

impl JsonBody {
    /// A body from its bytes.
    ///
    /// # Errors
    /// If they are not JSON, or a key stands twice.
    pub fn parse(bytes: &[u8]) -> Result<Self, Problem> {
        if bytes.iter().all(u8::is_ascii_whitespace) {
            return Ok(Self::Nothing);
        }
        match strict_json::parse(bytes) {
            Ok(value) => Ok(Self::Is(value)),
            Err(error) => Err(Problem::invalid("body", format!("must be JSON: {error}"))),
        }
    }

    /// The object that an endpoint needs.
    ///
    /// # Errors
    /// If there is no body or it is something else.
    pub fn object(self) -> Result<Map<String, Value>, Problem> {
        match self {
            Self::Is(Value::Object(object)) => Ok(object),
            Self::Is(_) => Err(Problem::invalid("body", "must be a JSON object")),
            Self::Nothing => Err(Problem::invalid(
                "body",
                "must be a JSON object, and is missing",
            )),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_identity_coding_is_plain() {
        let headers = |values: &[&str]| {
            let mut headers = HeaderMap::new();
            for value in values {
                headers.append(CONTENT_ENCODING, value.parse().unwrap());
            }
            headers
        };
        for plain in [&[][..], &[""], &["identity"], &["Identity, identity", ""]] {
            assert!(must_be_plain(&headers(plain)).is_ok(), "{plain:?}");
        }
        for coded in [
            &["gzip"][..],
            &["identity, gzip"],
            &["identity", "br"],
            &["x-unknown"],
            &["GZIP"],
        ] {
            assert!(must_be_plain(&headers(coded)).is_err(), "{coded:?}");
        }
    }
}
