//! Shortens entries for people: an import is one line, and large entries show their last
//! events.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::cli::api::plain;
use crate::cli::output::counted;

/// The prefix of imports' correlation ids.
const IMPORT: &str = "import ";
/// The most events that are shown of an entry.
const SHOWN: usize = 50;

/// Shortens entries.
pub(super) fn shortened(entries: Vec<Value>) -> Vec<Value> {
    let mut short: Vec<Value> = Vec::new();
    // The entries of an import are adjacent, and become one.
    let mut import: Option<(Value, BTreeMap<String, usize>)> = None;
    for mut entry in entries {
        let name = plain(&entry["correlation_id"]);
        if !name.starts_with(IMPORT) {
            short.extend(import.take().map(told));
            cut(&mut entry);
            short.push(entry);
            continue;
        }
        if let Some((other, _)) = &import
            && other["correlation_id"] != entry["correlation_id"]
        {
            short.extend(import.take().map(told));
        }
        let (_, counts) = import.get_or_insert_with(|| (entry.clone(), BTreeMap::new()));
        for event in entry["events"].as_array().into_iter().flatten() {
            *counts.entry(plain(&event["type"])).or_default() += 1;
        }
    }
    short.extend(import.map(told));
    short
}

/// Makes an import into an entry with one event.
fn told((mut entry, counts): (Value, BTreeMap<String, usize>)) -> Value {
    let counts: Vec<String> = counts
        .iter()
        .map(|(kind, count)| format!("{count} × {}", kind.replace(['.', '_'], " ")))
        .collect();
    entry["events"] = json!([{"type": "imported", "counts": counts.join(", ")}]);
    entry
}

/// Keeps the last events of an entry.
fn cut(entry: &mut Value) {
    let Some(events) = entry["events"].as_array_mut() else {
        return;
    };
    let more = events.len().saturating_sub(SHOWN);
    if more > 0 {
        events.drain(..more);
        let rest = json!({"type": "more_events", "counts": counted(more, "more change")});
        events.insert(0, rest);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(name: &str, events: usize) -> Value {
        json!({"correlation_id": name, "events": vec![json!({"type": "user.added"}); events]})
    }

    #[test]
    fn an_import_is_one_change_however_many_entries_it_has() {
        let entries = vec![
            entry("a", 1),
            entry("import 2", 3),
            entry("import 2", 1_900),
            entry("import 1", 2),
        ];
        let short = shortened(entries);
        let told: Vec<String> = short
            .iter()
            .map(|it| plain(&it["events"][0]["counts"]))
            .collect();
        assert_eq!(told, ["", "1903 × user added", "2 × user added"]);
    }

    #[test]
    fn of_a_large_entry_the_last_changes_are_left() {
        let short = shortened(vec![entry("sync", 1_950)]);
        let events = short[0]["events"].as_array().unwrap();
        assert_eq!(events.len(), SHOWN + 1);
        assert_eq!(events[0]["counts"], "1900 more changes");
    }
}
