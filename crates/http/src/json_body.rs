//! Bodies: read within a limit, as JSON in which no key stands twice.

use axum::body::{Body, Bytes};
use axum::extract::{FromRequest, Request};
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
        let bytes = bytes(request.into_body(), app).await?;
        Self::parse(&bytes)
    }
}

/// A body within the limit.
///
/// # Errors
/// If it is larger.
pub async fn bytes(body: Body, app: &App) -> Result<Bytes, Problem> {
    let most = app.limits().body_bytes;
    let bytes = axum::body::to_bytes(body, most).await;
    // The one other error, a connection that broke, has nobody to read the answer.
    bytes.map_err(|_| Problem::BodyTooLarge(most))
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
