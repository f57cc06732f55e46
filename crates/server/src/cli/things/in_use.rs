//! Names what prevents a removal.

use serde_json::Value;

use super::super::CliError;
use super::super::api::{Api, plain};
use super::super::names::Names;

/// The most things that are named.
const NAMED: usize = 5;

/// Adds the first things that prevent the removal to a refusal, one per line.
pub(super) async fn with_names(error: CliError, api: &Api) -> CliError {
    let uses = error.details()["in_use_by"].as_array().cloned();
    let uses = uses.unwrap_or_default();
    let first = uses.get(..NAMED).unwrap_or(&uses);
    if first.is_empty() {
        return error;
    }
    let mut names = Names::new(api);
    let mut lines = Vec::new();
    for found in first {
        match line(found, &mut names).await {
            Ok(line) => lines.push(line),
            // The refusal itself matters more.
            Err(_) => return error,
        }
    }
    if uses.len() > NAMED {
        lines.push("  …".to_owned());
    }
    error.with_hint(&lines.join("\n"))
}

async fn line(found: &Value, names: &mut Names<'_>) -> Result<String, CliError> {
    let resource = plain(&found["resource"]);
    names.look_up("resource", &[&resource]).await?;
    let place = names.of("resource", &resource);
    let Some((kind, id)) = found["subject"].as_str().and_then(|it| it.split_once(':')) else {
        return Ok(format!("  {}", place.both()));
    };
    names.look_up(kind, &[id]).await?;
    let noun = match kind {
        "user" => String::new(),
        kind => format!("{kind} "),
    };
    let who = names.of(kind, id).both();
    let role = plain(&found["role"]);
    Ok(format!("  {noun}{who} holds {role} on {}", place.short))
}
