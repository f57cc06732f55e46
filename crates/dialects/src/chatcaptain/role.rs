//! Roles and their parameters, as they come in.

use attache_core::model::Parameters;
use serde_json::{Map, Value};

use attache_http::Problem;

/// The roles that this API knows.
pub(super) const ROLES: [&str; 8] = [
    "ChatbotAdmin",
    "ChatbotOwner",
    "ChatbotEditor",
    "ChatbotMember",
    "InboxAdmin",
    "InboxUser",
    "ExternalInboxUser",
    "StatisticsViewer",
];

/// `params`, taken out of a body: required, a map of strings.
pub(super) fn params(body: &mut Map<String, Value>) -> Result<Parameters, Problem> {
    let params = match body.remove("params") {
        Some(Value::Object(params)) => params,
        Some(_) => return Err(Problem::invalid("params", "must be a map of strings")),
        None => return Err(Problem::invalid("params", "is required, if only as {}")),
    };
    params
        .into_iter()
        .map(|(name, value)| match value {
            Value::String(value) => Ok((name, value)),
            _ => Err(Problem::invalid(
                format!("params.{name}"),
                "must be a string",
            )),
        })
        .collect()
}

/// What the core calls `parameters` is called `params` here.
pub(super) fn in_own_words(problem: Problem) -> Problem {
    use attache_core::Refusal::Invalid;
    match problem {
        Problem::Refused(Invalid { field, reason }) => {
            Problem::invalid(field.replacen("parameters", "params", 1), reason)
        }
        other => other,
    }
}
