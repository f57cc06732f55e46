//! Bodies of questions: JSON objects with a JSON content type.

use axum::extract::{FromRequest, Request};
use http::HeaderMap;
use http::header::CONTENT_TYPE;
use serde_json::{Map, Value};

use super::plain;
use super::question::Asked;
use attache_http::json_body::bytes;
use attache_http::{App, JsonBody, Problem};

/// The object of a question (AuthZEN 1.0, section 10.1.1).
#[derive(Clone, Debug)]
pub(super) struct Body(pub(super) Map<String, Value>);

impl FromRequest<App> for Body {
    type Rejection = Problem;

    async fn from_request(request: Request, app: &App) -> Result<Self, Problem> {
        must_be_json(request.headers())?;
        let body = JsonBody::from_request(request, app).await?;
        body.object().map(Self)
    }
}

/// A body with one question.
#[derive(Clone, Debug)]
pub(super) struct OneQuestion(pub(super) Asked);

impl FromRequest<App> for OneQuestion {
    type Rejection = Problem;

    async fn from_request(request: Request, app: &App) -> Result<Self, Problem> {
        let (head, body) = request.into_parts();
        must_be_json(&head.headers)?;
        let body = bytes(&head, body, app).await?;
        if let Some(asked) = plain::read(&body) {
            return Ok(Self(asked));
        }
        let mut object = JsonBody::read(&head, &body, app).await?.object()?;
        Asked::read(&mut object).map(Self)
    }
}

fn must_be_json(headers: &HeaderMap) -> Result<(), Problem> {
    let wrong = || Problem::header("Content-Type", "must be application/json");
    is_json(headers).then_some(()).ok_or_else(wrong)
}

/// Returns whether the content type is JSON: `application/json` or a type that ends with
/// `+json`, with or without parameters.
fn is_json(headers: &HeaderMap) -> bool {
    let mut types = headers.get_all(CONTENT_TYPE).iter();
    let (Some(value), None) = (types.next(), types.next()) else {
        return false;
    };
    let essence = value.to_str().ok().and_then(|text| text.split(';').next());
    essence.is_some_and(|essence| {
        let essence = essence.trim();
        essence.eq_ignore_ascii_case("application/json") || {
            let essence = essence.to_ascii_lowercase();
            essence.starts_with("application/") && essence.ends_with("+json")
        }
    })
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    fn of(types: &[&'static str]) -> bool {
        let mut headers = HeaderMap::new();
        for value in types {
            headers.append(CONTENT_TYPE, HeaderValue::from_static(value));
        }
        is_json(&headers)
    }

    #[test]
    fn only_what_is_said_to_be_json_is() {
        for good in [
            "application/json",
            "application/json; charset=utf-8",
            "Application/JSON ;charset=utf-8",
            "application/authzen+json",
        ] {
            assert!(of(&[good]), "{good}");
        }
        for bad in [
            "text/plain",
            "",
            "application/jsonx",
            "text/json",
            "image/x+json",
        ] {
            assert!(!of(&[bad]), "{bad}");
        }
        assert!(!of(&[]));
        assert!(!of(&["application/json", "text/plain"]));
    }
}
