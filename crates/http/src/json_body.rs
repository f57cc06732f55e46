//! Request bodies: read within a limit, as JSON without repeated keys.

use attache_core::Refusal;
use attache_core::ask::Authority;
use attache_core::catalogue::Pattern;
use attache_core::id::TenantId;
use axum::body::{Body, Bytes, HttpBody as _};
use axum::extract::{FromRequest, Request};
use futures_util::StreamExt as _;
use http::HeaderMap;
use http::header::{CONTENT_ENCODING, HeaderName, TRANSFER_ENCODING};
use http::request::Parts;
use serde_json::{Map, Value};

use super::bodies::SMALL;
use super::{App, Context, Problem};
use attache_strict_json as strict_json;

/// A request's body as a JSON value.
#[derive(Clone, Debug, PartialEq)]
pub enum JsonBody {
    /// The body is missing, or only white space.
    Nothing,
    /// The body's value.
    Is(Value),
}

impl FromRequest<App> for JsonBody {
    type Rejection = Problem;

    async fn from_request(request: Request, app: &App) -> Result<Self, Problem> {
        let (head, body) = request.into_parts();
        let bytes = bytes(&head, body, app).await?;
        Self::read(&head, &bytes, app).await
    }
}

/// The text of a body that is checked to be JSON without repeated keys, for endpoints
/// that parse it into a type of their own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum JsonText {
    /// The body is missing, or only white space.
    Nothing,
    /// The body's text.
    Is(Bytes),
}

impl FromRequest<App> for JsonText {
    type Rejection = Problem;

    async fn from_request(request: Request, app: &App) -> Result<Self, Problem> {
        let (head, body) = request.into_parts();
        let bytes = bytes(&head, body, app).await?;
        Self::read(&head, bytes, app).await
    }
}

impl JsonText {
    /// Checks the bytes of a request's body. A long body is checked in a turn of the
    /// caller's tenant.
    ///
    /// # Errors
    /// If they are not JSON, or an object repeats a key.
    pub async fn read(head: &Parts, bytes: Bytes, app: &App) -> Result<Self, Problem> {
        let weight = bytes.len() / BYTES_OF_ONE;
        app.weigh(tenant(head), weight, || Self::check(bytes))
            .await?
    }

    /// Checks the bytes of a body.
    ///
    /// # Errors
    /// If they are not JSON, or an object repeats a key.
    pub fn check(bytes: Bytes) -> Result<Self, Problem> {
        if bytes.iter().all(u8::is_ascii_whitespace) {
            return Ok(Self::Nothing);
        }
        match strict_json::check(&bytes) {
            Ok(()) => Ok(Self::Is(bytes)),
            Err(error) => Err(Problem::body(format!("must be JSON: {error}"))),
        }
    }

    /// Returns whether the body is missing or `null`.
    #[must_use]
    pub fn is_nothing(&self) -> bool {
        match self {
            Self::Nothing => true,
            Self::Is(bytes) => bytes.trim_ascii() == b"null",
        }
    }

    /// Returns the text of a body that must be an object.
    ///
    /// # Errors
    /// If the body is missing or not an object.
    pub fn object(self) -> Result<Bytes, Problem> {
        match self {
            Self::Is(bytes) if bytes.trim_ascii_start().starts_with(b"{") => Ok(bytes),
            Self::Is(_) => Err(Problem::body("must be a JSON object")),
            Self::Nothing => Err(Problem::body("must be a JSON object, and is missing")),
        }
    }
}

/// Parses a text into a value of at most `most` values in total.
///
/// # Errors
/// If the text has more values, is not JSON, or an object repeats a key.
pub fn value(text: &[u8], most: usize) -> Result<Value, serde_json::Error> {
    strict_json::parse_within(text, most)
}

/// The bytes of JSON that are parsed in the time of a weight of 1.
const BYTES_OF_ONE: usize = 256;

/// A value takes up to 700 bytes of memory, so a body may have one value per this many
/// bytes of its limit.
const BYTES_A_VALUE: usize = 64;

/// The number of values that every body may have, however small its limit.
const LEAST_VALUES: usize = 4_096;

/// Returns the tenant of a request, if its credential was recognised.
fn tenant(head: &Parts) -> Option<TenantId> {
    let context = head.extensions.get::<Context>()?;
    Some(context.body_of()?.0.tenant)
}

/// Reads a body of at most `most` bytes that counts against no budget. For operations
/// that bound the number of their bodies themselves.
///
/// # Errors
/// If the body is larger, encoded, or does not arrive completely.
pub async fn bytes_within(head: &Parts, body: Body, most: usize) -> Result<Bytes, Problem> {
    must_be_plain(&head.headers)?;
    let too_large = || Problem::BodyTooLarge(most);
    let announced = usize::try_from(body.size_hint().lower()).map_err(|_| too_large())?;
    if announced > most {
        return Err(too_large());
    }
    let mut chunks = body.into_data_stream();
    let mut whole = Vec::new();
    while let Some(chunk) = chunks.next().await {
        let chunk = chunk.map_err(|error| broken(&error))?;
        let arrived = whole.len() + chunk.len();
        if arrived > most {
            return Err(too_large());
        }
        if whole.capacity() < arrived {
            // Grows by a quarter, where a vector would double.
            whole.reserve_exact(chunk.len().max(whole.len() / 4));
        }
        whole.extend_from_slice(&chunk);
    }
    Ok(whole.into())
}

fn broken(error: &axum::Error) -> Problem {
    tracing::debug!(%error, "a body did not arrive completely");
    Problem::body(
        "did not arrive completely: it is shorter than was announced, or its chunks are broken",
    )
}

/// Reads a body, and removes a byte order mark.
///
/// # Errors
/// If the body is larger than the limit, encoded, or does not arrive completely.
pub async fn bytes(head: &Parts, body: Body, app: &App) -> Result<Bytes, Problem> {
    bytes_of(head, body, app, || Ok(())).await
}

/// Reads a body of at most `most` bytes as JSON, from a caller without a credential.
///
/// # Errors
/// See [`bytes`] and [`JsonText::read`].
pub async fn small(request: Request, app: &App, most: usize) -> Result<JsonText, Problem> {
    let (head, body) = request.into_parts();
    let most = most.min(app.limits().body_bytes);
    JsonText::check(read_within(&head, body, app, most, || Ok(())).await?)
}

/// Reads a body of a caller that must hold permissions. A large body is read only if
/// `held` succeeds.
///
/// # Errors
/// As [`bytes`], and those of `held`.
pub async fn bytes_of(
    head: &Parts,
    body: Body,
    app: &App,
    held: impl Fn() -> Result<(), Problem> + Send,
) -> Result<Bytes, Problem> {
    read_within(head, body, app, app.limits().body_bytes, held).await
}

async fn read_within(
    head: &Parts,
    body: Body,
    app: &App,
    most: usize,
    held: impl Fn() -> Result<(), Problem> + Send,
) -> Result<Bytes, Problem> {
    must_be_plain(&head.headers)?;
    let too_large = || Problem::BodyTooLarge(most);
    // A body with too large a `Content-Length` is refused unread.
    if usize::try_from(body.size_hint().lower()).map_or(true, |least| least > most) {
        return Err(too_large());
    }
    let context = head.extensions.get::<Context>();
    let mut budget = app.bodies().begin(tenant(head));
    let mut is_large = false;
    let mut chunks = body.into_data_stream();
    let (mut first, mut whole) = (Bytes::new(), Vec::new());
    while let Some(chunk) = chunks.next().await {
        let chunk = chunk.map_err(|error| broken(&error))?;
        let arrived = first.len().max(whole.len()) + chunk.len();
        if arrived > most {
            return Err(too_large());
        }
        budget.add(chunk.len())?;
        if arrived > SMALL && !std::mem::replace(&mut is_large, true) {
            // A caller that holds nothing need not send a large body.
            context.map_or(Ok(()), must_hold_something)?;
            held()?;
        }
        if first.is_empty() {
            // Most bodies arrive in one piece, which is not copied.
            first = chunk;
            continue;
        }
        if whole.is_empty() {
            whole.extend_from_slice(&first);
        }
        if whole.capacity() < arrived {
            // Grows by a quarter, where a vector would double.
            whole.reserve_exact(chunk.len().max(whole.len() / 4));
        }
        whole.extend_from_slice(&chunk);
    }
    if let Some(context) = context {
        context.hold(budget);
    }
    let whole = match whole.is_empty() {
        true => first,
        false => whole.into(),
    };
    let without_mark = strict_json::without_mark(&whole).len();
    Ok(whole.slice(whole.len() - without_mark..))
}

/// Refuses a caller that holds no permission at all.
fn must_hold_something(context: &Context) -> Result<(), Problem> {
    let Some((caller, state)) = context.body_of() else {
        return Ok(());
    };
    match Authority::new(caller, state, state.at()).may_hold_something() {
        true => Ok(()),
        false => Err(Problem::Refused(Refusal::Forbidden {
            permission: Pattern::everything(),
        })),
    }
}

/// Refuses compressed or otherwise encoded content (RFC 9110, 8.4), also for the transfer
/// (RFC 9112, 6.1), where only `chunked` is allowed.
fn must_be_plain(headers: &HeaderMap) -> Result<(), Problem> {
    let only = |name: HeaderName, plain: &str| {
        let codings = headers.get_all(name).iter();
        let mut codings = codings.flat_map(|line| line.as_bytes().split(|byte| *byte == b','));
        codings.all(|coding| {
            let coding = coding.trim_ascii();
            coding.is_empty() || coding.eq_ignore_ascii_case(plain.as_bytes())
        })
    };
    match only(CONTENT_ENCODING, "identity") && only(TRANSFER_ENCODING, "chunked") {
        true => Ok(()),
        false => Err(Problem::Encoded),
    }
}

impl JsonBody {
    /// Parses the bytes of a request's body. A long body is parsed in a turn of the
    /// caller's tenant.
    ///
    /// # Errors
    /// As [`JsonBody::parse`], and if the body has too many values.
    pub async fn read(head: &Parts, bytes: &[u8], app: &App) -> Result<Self, Problem> {
        let weight = bytes.len() / BYTES_OF_ONE;
        let most = (app.limits().body_bytes / BYTES_A_VALUE).max(LEAST_VALUES);
        let parse = || Self::parse_within(bytes, most);
        app.weigh(tenant(head), weight, parse).await?
    }

    /// Parses the bytes of a body.
    ///
    /// # Errors
    /// If they are not JSON, or an object repeats a key.
    pub fn parse(bytes: &[u8]) -> Result<Self, Problem> {
        Self::parse_within(bytes, usize::MAX)
    }

    fn parse_within(bytes: &[u8], most: usize) -> Result<Self, Problem> {
        if bytes.iter().all(u8::is_ascii_whitespace) {
            return Ok(Self::Nothing);
        }
        match strict_json::parse_within(bytes, most) {
            Ok(value) => Ok(Self::Is(value)),
            Err(error) => Err(Problem::body(format!("must be JSON: {error}"))),
        }
    }

    /// Returns the object of a body that must be one.
    ///
    /// # Errors
    /// If the body is missing or not an object.
    pub fn object(self) -> Result<Map<String, Value>, Problem> {
        match self {
            Self::Is(Value::Object(object)) => Ok(object),
            Self::Is(_) => Err(Problem::body("must be a JSON object")),
            Self::Nothing => Err(Problem::body("must be a JSON object, and is missing")),
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
