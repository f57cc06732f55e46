//! Parses bodies into the types of endpoints. Faults name their field.

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use attache_http::spelling;
use attache_http::{Fault, JsonText, Problem, json_body};

/// Parses a body.
///
/// # Errors
/// The faulty field, with the reason.
pub(super) fn read<T: DeserializeOwned>(body: JsonText) -> Result<T, Problem> {
    let text = body.object()?;
    read_text(&text).or_else(|problem| {
        // Parsing the text reports less about a fault than parsing values.
        let value = json_body::value(&text, FEW).ok();
        match value.filter(|_| text.len() <= SMALL) {
            Some(value) => parse(value).map_err(|fault| Problem::Invalid(vec![fault])),
            None => Err(problem),
        }
    })
}

/// Bodies up to this size are parsed again into values to describe a fault.
const SMALL: usize = 64 * 1024;
/// The most values in such a body.
const FEW: usize = 16 * 1024;

/// Parses the text of a body, without building values.
///
/// # Errors
/// The faulty field, with the reason.
pub(super) fn read_text<'de, T: Deserialize<'de>>(text: &'de [u8]) -> Result<T, Problem> {
    let mut deserializer = serde_json::Deserializer::from_slice(text);
    let read = serde_path_to_error::deserialize(&mut deserializer);
    read.map_err(|error| Problem::Invalid(vec![explained(error)]))
}

/// Parses a value.
///
/// # Errors
/// The faulty field, with the reason.
pub(super) fn parse<T: DeserializeOwned>(value: Value) -> Result<T, Fault> {
    serde_path_to_error::deserialize(value).map_err(explained)
}

fn explained(error: serde_path_to_error::Error<serde_json::Error>) -> Fault {
    let path = error.path().to_string();
    let error = error.into_inner();
    let said = error.to_string();
    // The field is named, so the position within the text adds nothing.
    let place = format!(" at line {} column {}", error.line(), error.column());
    fault(&path, said.strip_suffix(&place).unwrap_or(&said))
}

/// Makes a fault from serde's path and message.
fn fault(path: &str, said: &str) -> Fault {
    let below = |field: &str| match path {
        "." | "" => field.to_owned(),
        path => format!("{path}.{field}"),
    };
    let quoted = |text: &str| text.split('`').nth(1).unwrap_or_default().to_owned();
    if said.starts_with("missing field") {
        return Fault::new(below(&quoted(said)), "is required");
    }
    if said.starts_with("unknown field") {
        let unknown = quoted(said);
        // The message lists each known one in quotes.
        let known = said.split('`').skip(3).step_by(2);
        let reason = spelling::unknown(&unknown, known);
        // The path already ends with the unknown field.
        return Fault::new(last_of(path, &unknown), reason);
    }
    let reason = match said.split_once(", expected ") {
        Some((found, expected)) => {
            let found = found
                .trim_start_matches("invalid type: ")
                .trim_start_matches("invalid value: ")
                .trim_start_matches("unknown variant ");
            format!(
                "must be {}, and is {found}",
                plain(&expected.replace('`', ""))
            )
        }
        None => said.to_owned(),
    };
    match path {
        "." => Fault::of_body(reason),
        path => Fault::new(path, reason),
    }
}

/// Describes an expected type without Rust's words.
fn plain(expected: &str) -> &str {
    match expected {
        "u8" | "u16" | "u32" | "u64" | "usize" | "i32" | "i64" => "a whole number that fits",
        "string or map" => "a word or an object",
        "a map" => "an object",
        "a sequence" => "a list",
        other if other.starts_with("struct ") => "an object",
        other => other,
    }
}

/// Parses a field that may be missing and may not be null.
pub(super) fn given<'de, D, T>(deserializer: D) -> Result<Option<T>, D::Error>
where
    D: serde::Deserializer<'de>,
    T: Deserialize<'de>,
{
    T::deserialize(deserializer).map(Some)
}

fn last_of(path: &str, field: &str) -> String {
    match path {
        "." | "" => field.to_owned(),
        path if path == field || path.ends_with(&format!(".{field}")) => path.to_owned(),
        path => format!("{path}.{field}"),
    }
}

#[cfg(test)]
mod tests {
    use attache_core::model::{Name, Status};
    use serde_json::json;

    use super::*;

    #[derive(Debug, PartialEq, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Thing {
        #[serde(deserialize_with = "crate::written::required")]
        name: Name,
        status: Option<Status>,
        inner: Option<Vec<Inner>>,
    }

    #[derive(Debug, PartialEq, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Inner {
        count: u32,
    }

    #[test]
    fn what_is_wrong_is_named_by_its_field() {
        for (body, said) in [
            (json!({}), "name is required"),
            (
                json!({"name": 5}),
                "name must be a string, and is integer `5`",
            ),
            (json!({"name": ""}), "name must not be empty"),
            (
                json!({"name": "a", "nam": 1}),
                "nam is not known here; these are: name, status, inner",
            ),
            (
                json!({"name": "a", "status": "x"}),
                "status must be one of active, inactive, invited, and is `x`",
            ),
            (
                json!({"name": "a", "inner": [{"count": 1}, {}]}),
                "inner[1].count is required",
            ),
            (
                json!({"name": "a", "inner": [{"count": 1, "x": 2}]}),
                "inner[0].x is not known here; these are: count",
            ),
            (
                json!({"name": "a", "inner": [{"count": -1}]}),
                "inner[0].count must be a whole number that fits, and is integer `-1`",
            ),
        ] {
            let text = JsonText::check(body.to_string().into()).unwrap();
            let problem = read::<Thing>(text).unwrap_err();
            let Problem::Invalid(faults) = problem else {
                panic!("{problem:?}");
            };
            assert_eq!(faults[0].to_string(), said);
            // The same as from a value.
            assert_eq!(parse::<Thing>(body).unwrap_err(), faults[0]);
        }
    }
}
