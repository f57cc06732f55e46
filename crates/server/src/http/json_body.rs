//! Bodies: read within a limit, as JSON in which no key stands twice.

use std::fmt;

use axum::body::{Body, Bytes};
use axum::extract::{FromRequest, Request};
use serde::de::{Deserialize, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};

use super::{App, Problem};

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
pub(super) async fn bytes(body: Body, app: &App) -> Result<Bytes, Problem> {
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
        match serde_json::from_slice(bytes) {
            Ok(Strict(value)) => Ok(Self::Is(value)),
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

/// JSON in which no object has a key twice: what one reader takes and another
/// overrules cannot be trusted.
struct Strict(Value);

impl<'de> Deserialize<'de> for Strict {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(StrictVisitor)
    }
}

struct StrictVisitor;

impl<'de> Visitor<'de> for StrictVisitor {
    type Value = Strict;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Strict, E> {
        Ok(Strict(Value::Null))
    }

    fn visit_bool<E>(self, value: bool) -> Result<Strict, E> {
        Ok(Strict(Value::Bool(value)))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Strict, E> {
        Ok(Strict(value.into()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Strict, E> {
        Ok(Strict(value.into()))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Strict, E> {
        Ok(Strict(
            Number::from_f64(value).map_or(Value::Null, Value::Number),
        ))
    }

    fn visit_str<E>(self, value: &str) -> Result<Strict, E> {
        Ok(Strict(value.into()))
    }

    fn visit_string<E>(self, value: String) -> Result<Strict, E> {
        Ok(Strict(value.into()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Strict, A::Error> {
        let mut list = Vec::new();
        while let Some(Strict(item)) = items.next_element()? {
            list.push(item);
        }
        Ok(Strict(Value::Array(list)))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut pairs: A) -> Result<Strict, A::Error> {
        let mut map = Map::new();
        while let Some(key) = pairs.next_key::<String>()? {
            if map.contains_key(&key) {
                return Err(A::Error::custom(format!("the key {key:?} stands twice")));
            }
            let Strict(value) = pairs.next_value()?;
            map.insert(key, value);
        }
        Ok(Strict(Value::Object(map)))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn parse(text: &str) -> Result<Value, String> {
        let Strict(value) = serde_json::from_str(text).map_err(|error| error.to_string())?;
        Ok(value)
    }

    #[test]
    fn json_is_read_as_it_is() {
        let text = r#"{"a":[1,-2,1.5,null,true,"x",{"b":{}}],"c":18446744073709551615}"#;
        let value = json!({"a": [1, -2, 1.5, null, true, "x", {"b": {}}], "c": u64::MAX});
        assert_eq!(parse(text), Ok(value));
    }

    #[test]
    fn a_key_that_stands_twice_is_refused_at_any_depth() {
        for text in [
            r#"{"a":1,"a":1}"#,
            r#"[{"b":{"a":1,"a":2}}]"#,
            r#"{"a":1,"\u0061":2}"#,
        ] {
            assert!(
                parse(text).unwrap_err().contains("\"a\" stands twice"),
                "{text}"
            );
        }
    }

    #[test]
    fn what_nests_too_deep_is_refused() {
        assert!(parse(&"[".repeat(100_000)).is_err());
    }
}
