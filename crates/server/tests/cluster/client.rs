//! Requests, and what became of them in real time.

use std::time::Duration;

use http::{HeaderMap, Method};
use serde_json::Value;

use crate::history::{Answer, Attempt, Instant, Told};

/// One who asks.
#[derive(Clone, Debug)]
pub(crate) struct Client {
    http: reqwest::Client,
    began: std::time::Instant,
}

/// A request to be.
#[derive(Clone, Debug)]
pub(crate) struct Request<'a> {
    pub(crate) method: Method,
    /// Behind `/api/v1`.
    pub(crate) path: &'a str,
    pub(crate) body: Option<&'a Value>,
    pub(crate) headers: &'a [(&'static str, String)],
}

impl<'a> Request<'a> {
    pub(crate) fn get(path: &'a str) -> Self {
        Self {
            method: Method::GET,
            path,
            body: None,
            headers: &[],
        }
    }
}

impl Client {
    /// One who waits so long for an answer.
    pub(crate) fn new(began: std::time::Instant, patience: Duration) -> Self {
        let http = reqwest::Client::builder().timeout(patience);
        Self {
            http: http.build().unwrap(),
            began,
        }
    }

    pub(crate) fn now(&self) -> Instant {
        self.began.elapsed()
    }

    pub(crate) async fn ask(&self, url: &str, token: &str, request: Request<'_>) -> Attempt {
        let url = format!("{url}/api/v1{}", request.path);
        let mut asked = self.http.request(request.method, url).bearer_auth(token);
        for (name, value) in request.headers {
            asked = asked.header(*name, value);
        }
        if let Some(body) = request.body {
            asked = asked.json(body);
        }
        let sent = self.now();
        let told = told(asked).await;
        Attempt {
            sent,
            answered: self.now(),
            told,
        }
    }
}

async fn told(asked: reqwest::RequestBuilder) -> Told {
    let response = match asked.send().await {
        Ok(response) => response,
        // Nobody was there to hear it.
        Err(error) if error.is_connect() => return Told::Nothing,
        Err(_) => return Told::Unknown,
    };
    let status = response.status().as_u16();
    let headers = response.headers().clone();
    let Ok(bytes) = response.bytes().await else {
        return Told::Unknown;
    };
    let body: Value = match bytes.is_empty() {
        true => Value::Null,
        false => serde_json::from_slice(&bytes).unwrap(),
    };
    let problem = body["type"].as_str().unwrap_or_default();
    match problem.rsplit('/').next().unwrap_or_default() {
        "unavailable" | "behind" | "request-running" => Told::Nothing,
        "outcome-unknown" | "timed-out" => Told::Unknown,
        _ => Told::Answered(Answer {
            status,
            revision: number(&headers, "attache-revision"),
            replayed: headers.contains_key("idempotent-replayed"),
            body,
        }),
    }
}

fn number(headers: &HeaderMap, name: &str) -> u64 {
    let value = headers.get(name).and_then(|value| value.to_str().ok());
    value.and_then(|value| value.parse().ok()).unwrap()
}
