//! Bodies, read into what an endpoint needs. What is wrong is named by its field.

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use attache_http::spelling;
use attache_http::{Fault, JsonText, Problem, json_body};

/// What a body says.
///
/// # Errors
/// The field that cannot be, and why.
pub(super) fn read<T: DeserializeOwned>(body: JsonText) -> Result<T, Problem> {
    let text = body.object()?;
    read_text(&text).or_else(|problem| {
        // A text says less about what is wrong than values do.
        let value = json_body::value(&text, FEW).ok();
        match value.filter(|_| text.len() <= SMALL) {
            Some(value) => parse(value).map_err(|fault| Problem::Invalid(vec![fault])),
            None => Err(problem),
        }
    })
}

/// Up to so many bytes, what is wrong is looked for once more with all values there.
const SMALL: usize = 64 * 1024;
/// How many values there may be then.
const FEW: usize = 16 * 1024;

/// What the text of a body says: read straight into the type.
///
/// # Errors
/// The field that cannot be, and why.
pub(super) fn read_text<'de, T: Deserialize<'de>>(text: &'de [u8]) -> Result<T, Problem> {
    let mut deserializer = serde_json::Deserializer::from_slice(text);
    let read = serde_path_to_error::deserialize(&mut deserializer);
    read.map_err(|error| Problem::Invalid(vec![explained(error)]))
}

/// What a value says, or what is wrong with it.
pub(super) fn parse<T: DeserializeOwned>(value: Value) -> Result<T, Fault> {
    serde_path_to_error::deserialize(value).map_err(explained)
}

fn explained(error: serde_path_to_error::Error<serde_json::Error>) -> Fault {
    let path = error.path().to_string();
    let error = error.into_inner();
    let said = error.to_string();
    // The field is named; where its line ends is of no use beside that.
    let place = format!(" at line {} column {}", error.line(), error.column());
    fault(&path, said.strip_suffix(&place).unwrap_or(&said))
}

/// A fault from where serde stood and what it said.
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
        // Each known one stands in quotes after it.
        let known = said.split('`').skip(3).step_by(2);
        let reason = spelling::unknown(&unknown, known);
        // The path already ends with the field that is not known.
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

/// What is expected, in words that are no Rust.
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

/// A field that can be left out, and is not null where it is not.
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
