//! Answers of the server.

use std::fmt::Write as _;

use reqwest::header::HeaderMap;
use serde_json::Value;

/// An answer of the server.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// The headers.
    pub headers: HeaderMap,
    /// The body as text.
    pub body: String,
}

impl Answer {
    pub(super) async fn of(response: reqwest::Response) -> Self {
        Self {
            status: response.status().as_u16(),
            headers: response.headers().clone(),
            body: response.text().await.unwrap(),
        }
    }

    /// Returns a header. Panics if it is repeated.
    pub fn header(&self, name: &str) -> Option<&str> {
        let mut values = self.headers.get_all(name).iter();
        let value = values.next().map(|value| value.to_str().unwrap());
        assert!(values.next().is_none(), "{name} is repeated");
        value
    }

    /// Returns the revision of the answer.
    pub fn revision(&self) -> u64 {
        self.header("attache-revision").unwrap().parse().unwrap()
    }

    /// Returns the correlation id in the header.
    pub fn correlation_id(&self) -> &str {
        self.header("x-correlation-id").unwrap()
    }

    /// Parses the body as JSON.
    pub fn json(&self) -> Value {
        let json = serde_json::from_str(&self.body);
        json.unwrap_or_else(|error| panic!("{error}: {:?}", self.body))
    }

    /// Returns a part of the body, by its JSON pointer.
    pub fn at(&self, pointer: &str) -> Value {
        let found = self.json().pointer(pointer).cloned();
        found.unwrap_or_else(|| panic!("{pointer} is not there: {}", self.body))
    }

    /// Returns one field of each item of a list.
    pub fn each(&self, list: &str, field: &str) -> Vec<Value> {
        let list = self.at(list);
        let things = list.as_array().unwrap().iter();
        things.map(|thing| thing[field].clone()).collect()
    }

    /// Returns the status and the body, for snapshots.
    pub fn golden(&self) -> String {
        let body = match serde_json::from_str::<Value>(&self.body) {
            Ok(json) => serde_json::to_string_pretty(&json).unwrap(),
            Err(_) => self.body.clone(),
        };
        let kind = self.header("content-type").unwrap_or("no content type");
        format!("{} {kind}\n{body}", self.status)
    }

    /// Returns everything that distinguishes two answers for a caller, except what
    /// differs in every answer (the time and the request's own id) and for every caller
    /// (the tag).
    pub fn all_of_it(&self) -> String {
        let mut headers: Vec<(&str, &str)> = self
            .headers
            .iter()
            .map(|(name, value)| (name.as_str(), value.to_str().unwrap()))
            .filter(|(name, _)| !["date", "x-correlation-id", "etag"].contains(name))
            .collect();
        headers.sort_unstable();
        let mut all = self.status.to_string();
        for (name, value) in headers {
            write!(all, "\n{name}: {value}").unwrap();
        }
        format!("{all}\n\n{}", self.body)
    }

    /// Returns the answer as text without the challenge, which tells whether a token was
    /// sent.
    pub fn without_challenge(&self) -> String {
        let all = self.all_of_it();
        let lines = all.split('\n');
        let lines = lines.filter(|line| !line.starts_with("www-authenticate: "));
        lines.collect::<Vec<_>>().join("\n")
    }
}
