//! Things that are gone or have another key, named as they were.

use serde_json::Value;
use uuid::Uuid;

use crate::cli::CliError;
use crate::cli::api::Api;
use crate::cli::entry_filters::NAMES;
use crate::cli::output::note;

/// What to do about a name that nothing has, and nothing had.
const HINT: &str = "What is gone is found by its id too: `attache history --json` shows ids.";

/// The first entries that a query finds, so many at the most, and how many there are. Says of
/// which names these are former ones.
pub(in crate::cli) async fn first_entries(
    api: &Api,
    query: &[(&'static str, String)],
    most: usize,
) -> Result<(Vec<Value>, u64), CliError> {
    let asked: Vec<(&str, &str)> = query.iter().map(|(it, name)| (*it, &**name)).collect();
    let found = match api.first(&["entries"], &asked, most).await {
        Err(refused) if names_nothing(&refused) => return Err(refused.with_hint(HINT)),
        found => found?,
    };
    for (field, name) in asked {
        if NAMES.contains(&field) && !has(api, field, name).await {
            note(format!(
                "Nothing is named {name} now: this is about what had the name last."
            ))?;
        }
    }
    Ok(found)
}

/// Whether something has a name, as far as the caller may know. An id is the name of its thing
/// for ever.
async fn has(api: &Api, field: &str, name: &str) -> bool {
    let (of_type, alone) = name.split_once(':').unwrap_or(("", name));
    if Uuid::parse_str(alone).is_ok() {
        return true;
    }
    let path = match (field, of_type) {
        ("resource", _) => ["resources", name],
        (_, "user") => ["users", alone],
        (_, "group") => ["groups", alone],
        (_, "service") => ["services", alone],
        _ => return true,
    };
    !matches!(api.find(&path).await, Ok(None))
}

/// Whether an answer refuses a name.
fn names_nothing(refused: &CliError) -> bool {
    let errors = refused.details()["errors"].as_array();
    let mut errors = errors.into_iter().flatten();
    errors.any(|error| NAMES.iter().any(|field| error["field"] == *field))
}
