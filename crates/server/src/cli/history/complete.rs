//! Loads all events of an entry.

use serde_json::Value;

use crate::cli::CliError;
use crate::cli::api::{Api, plain};

/// Loads the missing events of an entry that is shown in part.
pub(super) async fn complete(api: &Api, entry: &mut Value) -> Result<(), CliError> {
    let revision = plain(&entry["revision"]);
    while let Some(from) = entry["more_events"]["from_event"].as_u64() {
        let from = from.to_string();
        let query = [("from_event", from.as_str())];
        let mut part = api.get(&["entries", &revision], &query).await?.json;
        let more = part["events"].as_array_mut().map(std::mem::take);
        if let Some(events) = entry["events"].as_array_mut() {
            events.extend(more.unwrap_or_default());
        }
        let more = part["profiles"].as_object_mut().map(std::mem::take);
        if let Some(profiles) = entry["profiles"].as_object_mut() {
            profiles.extend(more.unwrap_or_default());
        }
        entry["more_events"] = part["more_events"].take();
    }
    Ok(())
}
