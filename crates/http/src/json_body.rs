//! Bodies: read within a limit, as JSON in which no key stands twice.

use attache_core::Refusal;
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
        let bytes = bytes(&head, body, app).await?;
        Self::read(&head, &bytes, app).await
    }
}

/// The text of a body that is JSON in which no key stands twice, for those who read
/// it into a type of their own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum JsonText {
    /// There was none, or only white space.
    Nothing,
    /// There was this.
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
    /// Checks the bytes of a request's body. A long one is checked in a turn of the
    /// caller's tenant.
    ///
    /// # Errors
    /// If they are not JSON, or a key stands twice.
    pub async fn read(head: &Parts, bytes: Bytes, app: &App) -> Result<Self, Problem> {
        let weight = bytes.len() / BYTES_OF_ONE;
        app.weigh(tenant(head), weight, || Self::check(bytes))
            .await?
    }

    /// Checks the bytes of a body.
    ///
    /// # Errors
    /// If they are not JSON, or a key stands twice.
    pub fn check(bytes: Bytes) -> Result<Self, Problem> {
        if bytes.iter().all(u8::is_ascii_whitespace) {
            return Ok(Self::Nothing);
        }
        match strict_json::check(&bytes) {
            Ok(()) => Ok(Self::Is(bytes)),
            Err(error) => Err(Problem::body(format!("must be JSON: {error}"))),
        }
    }

    /// Whether it says nothing: there is none, or it is `null`.
    #[must_use]
    pub fn is_nothing(&self) -> bool {
        match self {
            Self::Nothing => true,
            Self::Is(bytes) => bytes.trim_ascii() == b"null",
        }
    }

    /// The text of the object that an endpoint needs.
    ///
    /// # Errors
    /// If there is no body or it is something else.
    pub fn object(self) -> Result<Bytes, Problem> {
        match self {
            Self::Is(bytes) if bytes.trim_ascii_start().starts_with(b"{") => Ok(bytes),
            Self::Is(_) => Err(Problem::body("must be a JSON object")),
            Self::Nothing => Err(Problem::body("must be a JSON object, and is missing")),
        }
    }
}

/// A value from its text, with at most so many values in it.
///
/// # Errors
/// If it has more, is no JSON, or a key stands twice.
pub fn value(text: &[u8], most: usize) -> Result<Value, serde_json::Error> {
    strict_json::parse_within(text, most)
}

/// How many bytes of JSON are read in the time of a weight of 1.
const BYTES_OF_ONE: usize = 256;

/// A value takes up to 700 bytes of memory: of so many bytes that a body may have, one
/// can be a value.
const BYTES_A_VALUE: usize = 64;

/// How many values a body may have, however few bytes.
const LEAST_VALUES: usize = 4_096;

/// Whose request it is, where its credential was looked at.
fn tenant(head: &Parts) -> Option<TenantId> {
    let context = head.extensions.get::<Context>()?;
    Some(context.body_of()?.0.tenant)
}

/// The bytes of a body of at most so many bytes, which count against no budget of all
/// bodies: for operations that bound by themselves how many of them there are.
///
/// # Errors
/// If there are more, if they are encoded, or if they do not arrive whole.
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
            // A quarter more, where a vector would take twice as much.
            whole.reserve_exact(chunk.len().max(whole.len() / 4));
        }
        whole.extend_from_slice(&chunk);
    }
    Ok(whole.into())
}

fn broken(error: &axum::Error) -> Problem {
    tracing::debug!(%error, "a body did not arrive whole");
    Problem::body(
        "did not arrive whole: it is shorter than was announced, or its chunks are broken",
    )
}

/// The bytes of a body, without a byte order mark.
///
/// # Errors
/// If there are more than the limit allows, if they are encoded, or if they do
/// not arrive whole.
pub async fn bytes(head: &Parts, body: Body, app: &App) -> Result<Bytes, Problem> {
    bytes_of(head, body, app, || Ok(())).await
}

/// A body of at most so many bytes as JSON, of a caller that shows no credential.
///
/// # Errors
/// See [`bytes`] and [`JsonText::read`].
pub async fn small(request: Request, app: &App, most: usize) -> Result<JsonText, Problem> {
    let (head, body) = request.into_parts();
    let most = most.min(app.limits().body_bytes);
    JsonText::check(read_within(&head, body, app, most, || Ok(())).await?)
}

/// The same of a caller that must hold something: a large body is read only if `held`
/// finds no fault.
///
/// # Errors
/// As [`bytes`], and what `held` finds.
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
    // A body that announces too much is not read at all.
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
            // Who may do nothing at all need not send much.
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
            // A quarter more, where a vector would take twice as much.
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

/// Refuses a caller that holds no permission on anything.
fn must_hold_something(context: &Context) -> Result<(), Problem> {
    let Some((caller, state)) = context.body_of() else {
        return Ok(());
    };
    match state.may_hold_something(caller) {
        true => Ok(()),
        false => Err(Problem::Refused(Refusal::Forbidden {
            permission: Pattern::everything(),
        })),
    }
}

/// Content is taken as it is, never compressed (RFC 9110, 8.4), on its way neither
/// (RFC 9112, 6.1): only in chunks.
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
    /// A body from the bytes of a request. A long one is read in a turn of the
    /// caller's tenant.
    ///
    /// # Errors
    /// As [`JsonBody::parse`], and if it has too many values for its memory.
    pub async fn read(head: &Parts, bytes: &[u8], app: &App) -> Result<Self, Problem> {
        let weight = bytes.len() / BYTES_OF_ONE;
        let most = (app.limits().body_bytes / BYTES_A_VALUE).max(LEAST_VALUES);
        let parse = || Self::parse_within(bytes, most);
        app.weigh(tenant(head), weight, parse).await?
    }

    /// A body from its bytes.
    ///
    /// # Errors
    /// If they are not JSON, or a key stands twice.
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

    /// The object that an endpoint needs.
    ///
    /// # Errors
    /// If there is no body or it is something else.
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
