//! Loads all changes of an entry.

use serde_json::Value;

use crate::cli::CliError;
use crate::cli::api::{Api, plain};

/// Loads the missing changes of an entry that is shown in part.
pub(super) async fn complete(api: &Api, entry: &mut Value) -> Result<(), CliError> {
    let revision = plain(&entry["revision"]);
    while let Some(from) = entry["more_changes"]["from_change"].as_u64() {
        let from = from.to_string();
        let query = [("from_change", from.as_str())];
        let mut part = api.get(&["entries", &revision], &query).await?.json;
        let more = part["changes"].as_array_mut().map(std::mem::take);
        if let Some(changes) = entry["changes"].as_array_mut() {
            changes.extend(more.unwrap_or_default());
        }
        let more = part["profiles"].as_object_mut().map(std::mem::take);
        if let Some(profiles) = entry["profiles"].as_object_mut() {
            profiles.extend(more.unwrap_or_default());
        }
        entry["more_changes"] = part["more_changes"].take();
    }
    Ok(())
}
