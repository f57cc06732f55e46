//! Adds the given names to refusals.

use serde_json::Value;

use super::{CliError, plain};

/// Adds the unknown names to a refusal of several operations. A name's field is a path
/// such as `operations[0].user`.
pub(super) fn with_names(error: CliError, body: &Value) -> CliError {
    let details = error.details().clone();
    let mut named: Vec<String> = Vec::new();
    for fault in details["errors"].as_array().into_iter().flatten() {
        let field = plain(&fault["field"]);
        let reason = plain(&fault["reason"]);
        // A role that the caller may not grant is named too.
        let is_of_a_name = is_unknown(&reason) || field.ends_with(".role");
        if let Some(name) = at(body, &field).and_then(Value::as_str)
            && is_of_a_name
        {
            named.push(name.to_owned());
        }
    }
    if named.is_empty()
        && error.is_problem("not-found")
        && let Some(place) = details["operation"].as_u64()
    {
        let place = usize::try_from(place).unwrap_or(usize::MAX);
        let operation = &body["operations"][place];
        named.extend(operation["resource"].as_str().map(str::to_owned));
    }
    match named.is_empty() {
        true => error,
        false => error.with(&format!(": {}", named.join(", "))),
    }
}

/// Returns whether a reason is an unknown name.
fn is_unknown(reason: &str) -> bool {
    reason.contains("no such") || reason.starts_with("is no ")
}

/// Returns the unknown role of an operation, if a role is unknown.
pub(super) fn unknown_role<'a>(error: &CliError, body: &'a Value) -> Option<&'a str> {
    let errors = error.details()["errors"].as_array();
    let mut errors = errors.into_iter().flatten();
    let unknown = errors.find(|fault| {
        plain(&fault["field"]).ends_with(".role") && is_unknown(&plain(&fault["reason"]))
    })?;
    at(body, &plain(&unknown["field"]))?.as_str()
}

/// Returns the value at a field: names with dots, indices in brackets.
fn at<'a>(body: &'a Value, field: &str) -> Option<&'a Value> {
    let pointer: String = field
        .split(['.', '[', ']'])
        .filter(|part| !part.is_empty())
        .map(|part| format!("/{part}"))
        .collect();
    body.pointer(&pointer)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_field_is_found_by_its_path() {
        let body = json!({"operations": [{"user": "ada"}, {"user": "ben"}]});
        assert_eq!(at(&body, "operations[1].user"), Some(&json!("ben")));
        assert_eq!(at(&body, "operations[2].user"), None);
        assert_eq!(at(&body, "users"), None);
    }

    #[test]
    fn an_unknown_name_is_said() {
        let body = json!({"operations": [{"user": "fre.holm", "resource": "customer:mill"}]});
        let problem = |kind: &str, more: Value| {
            CliError::of_problem("No such user", Some(kind.to_owned()), more)
        };
        let errors = json!([{"field": "operations[0].user", "reason": "no such user"}]);
        let error = problem("unknown-reference", json!({"errors": errors}));
        assert_eq!(with_names(error, &body).message(), "No such user: fre.holm");
        let error = problem("not-found", json!({"operation": 0}));
        assert_eq!(
            with_names(error, &body).message(),
            "No such user: customer:mill"
        );
        let error = problem("forbidden", json!({"operation": 0}));
        assert_eq!(with_names(error, &body).message(), "No such user");
    }
}
