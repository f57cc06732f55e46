//! How things are named on the command line and in files.

use attache_core::Timestamp;

use super::CliError;
use super::api::{Api, plain};
use attache_ambient::Ambient;
use attache_files::times::TimeError;
pub(super) use attache_files::times::{end, time};

/// How to name a thing, for `--help`.
pub(super) const NAMES: &str = "\
A user is named by its key, its id or its number (#7); a resource by its kind and any of these \
(customer:harbour-bakery, customer:#7), by its id alone, or as tenant for the root.";

/// Parses a parameter: `name=value`.
pub(super) fn parameter(text: &str) -> Result<(String, String), &'static str> {
    let (name, value) = text.split_once('=').ok_or("must be name=value")?;
    Ok((name.to_owned(), value.to_owned()))
}

/// The error for a text that is not an instant.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum MomentError {
    /// The day does not exist.
    #[error(transparent)]
    Day(TimeError),
    /// The text is neither a time nor an age.
    #[error("{0}, or so long ago: 30m, 1h, 2d, 1w")]
    Neither(TimeError),
}

/// Parses an instant: a time, the beginning of a day in UTC, or an age: 1h, 30m, 2d, 1w.
/// A sign before an age does not matter: -1h.
pub(super) fn moment(text: &str) -> Result<Timestamp, MomentError> {
    let now = Ambient::of_the_machine().now();
    match ago(text) {
        Some(millis) => Ok(Timestamp::from_millis(
            now.as_millis().saturating_sub(millis),
        )),
        None => time(text).map_err(|error| match error {
            TimeError::NoSuchDay(_) => MomentError::Day(error),
            _ => MomentError::Neither(error),
        }),
    }
}

/// Returns the milliseconds of an age such as `1h` or `-30m`.
fn ago(text: &str) -> Option<i64> {
    let text = text.strip_prefix('-').unwrap_or(text);
    let (at, unit) = text.char_indices().next_back()?;
    let seconds = match unit {
        's' => 1,
        'm' => 60,
        'h' => 3_600,
        'd' => 86_400,
        'w' => 604_800,
        _ => return None,
    };
    let digits = text.get(..at)?;
    let is_number = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    let count: i64 = is_number.then(|| digits.parse().ok())??;
    count.checked_mul(seconds)?.checked_mul(1_000)
}

/// Returns the API's name of a subject: without a type, it is a user.
pub(super) fn subject_name(text: &str) -> String {
    match text.split_once(':') {
        Some(("user" | "group" | "service", _)) => text.to_owned(),
        _ => format!("user:{text}"),
    }
}

/// Returns AuthZEN's name of a resource: its kind, and its key or id.
pub(super) async fn entity(api: &Api, resource: &str) -> Result<(String, String), CliError> {
    match resource.split_once(':') {
        Some((kind, name)) if kind != "urn" => Ok((kind.to_owned(), name.to_owned())),
        _ => {
            let found = api.get(&["resources", resource], &[]).await?.json;
            Ok((plain(&found["kind"]), plain(&found["id"])))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_is_a_time_or_so_long_ago() {
        assert_eq!(ago("1h"), Some(3_600_000));
        assert_eq!(ago("-30m"), Some(1_800_000));
        assert_eq!(ago("2w"), Some(1_209_600_000));
        for text in [
            "", "-", "h", "1", "1y", "+1h", "1.5h", "--1h", "1h ago", "\u{e9}h",
        ] {
            assert_eq!(ago(text), None, "{text}");
        }
        assert_eq!(ago("99999999999999999d"), None);
        assert!(moment("-1h").unwrap() < Ambient::of_the_machine().now());
        assert_eq!(
            moment("2026-03-03").unwrap().to_string(),
            "2026-03-03T00:00:00.000Z"
        );
        let error = moment("soon").unwrap_err().to_string();
        assert!(error.contains("so long ago"), "{error}");
    }

    #[test]
    fn a_subject_without_a_type_is_a_user() {
        assert_eq!(subject_name("ada"), "user:ada");
        assert_eq!(subject_name("#7"), "user:#7");
        assert_eq!(subject_name("auth0:ada"), "user:auth0:ada");
        assert_eq!(subject_name("group:sales"), "group:sales");
    }
}
