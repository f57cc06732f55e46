//! Things that are gone or have another key, named as they were.

use serde_json::Value;

use crate::cli::CliError;
use crate::cli::api::Api;
use crate::cli::output::note;

/// What to do about a name that nothing has, and nothing had.
const HINT: &str = "What is gone is found by its id too: `attache history --json` shows ids.";

/// The first entries that a query finds, so many at the most, and how many there are. Says of
/// which names these are former ones.
pub(in crate::cli) async fn first_entries(
    api: &Api,
    query: &[(&str, &str)],
    most: usize,
) -> Result<(Vec<Value>, u64), CliError> {
    let found = match api.first(&["entries"], query, most).await {
        Err(refused) if names_nothing(&refused) => return Err(refused.with_hint(HINT)),
        found => found?,
    };
    for (field, name) in query {
        if ["resource", "subject", "actor"].contains(field) && !has(api, field, name).await {
            note(format!(
                "Nothing is named {name} now: this is about what had the name last."
            ))?;
        }
    }
    Ok(found)
}

/// Whether something has a name, as far as the caller may know.
async fn has(api: &Api, field: &str, name: &str) -> bool {
    if field == "resource" {
        return !matches!(api.find(&["resources", name]).await, Ok(None));
    }
    match name.split_once(':') {
        Some((type_ @ ("user" | "group" | "service"), name)) => {
            !matches!(api.find(&[&format!("{type_}s"), name]).await, Ok(None))
        }
        _ => true,
    }
}

/// Whether an answer refuses a name.
fn names_nothing(refused: &CliError) -> bool {
    let errors = refused.details()["errors"].as_array();
    let mut errors = errors.into_iter().flatten();
    errors.any(|error| {
        let fields = ["resource", "subject", "actor"];
        fields.iter().any(|field| error["field"] == *field)
    })
}
