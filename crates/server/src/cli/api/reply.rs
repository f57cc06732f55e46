//! Answers of the API.

use std::time::Duration;

use http::HeaderMap;
use serde_json::Value;

use super::{CliError, LINES, lines};
use crate::cli::head;

/// An answer of the API.
#[derive(Debug)]
pub(crate) struct Reply {
    status: u16,
    headers: HeaderMap,
    /// The body; null if it is not JSON.
    pub(crate) json: Value,
    /// The body, if it is one line of text.
    line: Option<String>,
    /// The items of a streamed list, or the reason why some are missing.
    items: Option<Result<Vec<Value>, &'static str>>,
}

impl Reply {
    pub(super) fn new(status: u16, headers: HeaderMap, body: &[u8]) -> Self {
        let kind = headers.get(http::header::CONTENT_TYPE);
        let is_text = kind.is_some_and(|kind| kind.as_bytes().starts_with(b"text/plain"));
        let line = std::str::from_utf8(body).ok().filter(|_| is_text);
        let is_list = kind.is_some_and(|kind| kind.as_bytes().starts_with(LINES.as_bytes()));
        let items = is_list.then(|| {
            let total = headers.get("attache-total").and_then(|it| it.to_str().ok());
            lines::items(body, total.and_then(|it| it.parse().ok()))
        });
        Self {
            items,
            line: line.map(|line| line.trim().to_owned()),
            status,
            headers,
            json: serde_json::from_slice(body).unwrap_or_default(),
        }
    }

    pub(crate) fn status(&self) -> u16 {
        self.status
    }

    /// Returns the revision that the answer reflects.
    pub(crate) fn revision(&self) -> &str {
        let revision = self.headers.get("attache-revision");
        revision.and_then(|it| it.to_str().ok()).unwrap_or_default()
    }

    /// Returns the entity tag of the answer.
    pub(crate) fn tag(&self) -> &str {
        let tag = self.headers.get(http::header::ETAG);
        tag.and_then(|it| it.to_str().ok()).unwrap_or_default()
    }

    /// Returns whether a proxy gave up on the request. The server may have received it.
    pub(super) fn is_of_a_proxy(&self) -> bool {
        matches!(self.status, 502 | 504) && self.json["type"].is_null()
    }

    /// Returns whether to repeat the request a little later.
    pub(super) fn is_for_later(&self) -> bool {
        self.status == 503
    }

    pub(super) fn retry_after(&self) -> Option<Duration> {
        let after = self.headers.get(http::header::RETRY_AFTER)?.to_str().ok()?;
        after.parse().ok().map(Duration::from_secs)
    }

    /// Returns the problem at the end of a list that broke off, as an answer.
    pub(super) fn broken_off(headers: HeaderMap, body: &[u8]) -> Option<Self> {
        let problem = lines::last_words(body)?;
        let status = problem["status"].as_u64();
        Some(Self {
            status: status.and_then(|it| it.try_into().ok()).unwrap_or(500),
            headers,
            json: problem,
            line: None,
            items: None,
        })
    }

    /// Returns the items of a streamed list.
    ///
    /// # Errors
    /// If some are missing.
    pub(super) fn items(self) -> Result<Vec<Value>, CliError> {
        let wrong = "the server answered no whole list: it may be of another version";
        let items = self.items.unwrap_or(Err(wrong));
        items.map_err(CliError::new)
    }

    /// Returns the faults of the request, if the answer reports any.
    pub(super) fn refused(self) -> Option<String> {
        let is_refused = self.status == 400;
        let error = self.good().err().filter(|_| is_refused)?;
        Some(error.message().to_owned())
    }

    /// Returns the answer if it is a success, else its problem as an error.
    pub(super) fn good(self) -> Result<Self, CliError> {
        if (200..300).contains(&self.status) {
            return Ok(self);
        }
        let detail = self.json["detail"].as_str();
        // The flag by which the header is said here.
        let detail = detail.map(|detail| detail.replace("Attache-At ", "--at "));
        let detail = detail.or(self.line).unwrap_or_else(|| {
            let tls = match self.status {
                400 => " If a server there speaks TLS, its address begins with https://",
                _ => "",
            };
            format!(
                "the server answered {}: is attache at that address?{tls}",
                self.status
            )
        });
        // On the command line, an option names the tenant.
        let detail = match detail.starts_with("Attache-Tenant is required") {
            true => "say which tenant with --tenant: its slug or id (Attache-Tenant)".to_owned(),
            false => detail,
        };
        let detail = in_flags(detail, &self.json["errors"]);
        let kind = self.json["type"].as_str();
        let kind = kind.and_then(|kind| Some(kind.rsplit_once('/')?.1.to_owned()));
        let detail = detail.trim_end_matches('.').to_owned();
        Err(CliError::of_problem(detail, kind, self.json))
    }
}

/// Names the flag where an error names what the flag is in the request.
fn in_flags(mut detail: String, errors: &Value) -> String {
    for error in errors.as_array().into_iter().flatten() {
        let field = error["field"].as_str().unwrap_or_default();
        if let Some(flag) = head::flag_of(field) {
            detail = detail.replacen(field, flag, 1);
        }
    }
    detail
}

/// Formats a value for people: a text as it is, nothing for null.
pub(crate) fn plain(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// Returns the display name of a user: its name, or else its e-mail address or key.
pub(crate) fn display_name(user: &Value) -> String {
    let (first, last) = (plain(&user["first_name"]), plain(&user["last_name"]));
    let name = format!("{first} {last}").trim().to_owned();
    let others = [plain(&user["email"]), plain(&user["key"])];
    let mut all = [name].into_iter().chain(others);
    all.find(|text| !text.is_empty()).unwrap_or_default()
}
