//! Finds when memberships and roles ended whose end an entry records.

use serde_json::{Value, json};

use crate::cli::CliError;
use crate::cli::api::{Api, plain};

/// The most ends that are looked up in older entries. Others are shown without their
/// time.
const LOOKED_UP: usize = 50;

/// Returns whether an event records that something ended by itself. The entry's actor did
/// not cause it.
pub(super) fn is_end(event: &Value) -> bool {
    event["type"] == "member.expired" || event["type"] == "grant.expired"
}

/// Adds `ended_at` to each recorded end: the end that an older event set.
pub(super) async fn add(api: &Api, entries: &mut [Value]) -> Result<(), CliError> {
    let mut looked_up = 0;
    for entry in entries {
        let (at, revision) = (plain(&entry["at"]), entry["revision"].as_u64());
        let events = entry["events"].as_array_mut().into_iter().flatten();
        for end in events.filter(|event| is_end(event)) {
            if looked_up == LOOKED_UP {
                return Ok(());
            }
            looked_up += 1;
            let mut older = about(api, end, &at).await?;
            older.retain(|it| it["revision"].as_u64() < revision);
            // Something that ended together with another thing has another end, or none.
            if let Some(set) = set_in(&older, end).filter(|set| !set.is_empty() && *set <= at) {
                end["ended_at"] = json!(set);
            }
        }
    }
    Ok(())
}

/// Returns the end that the newest of some entries set; empty if it set none.
fn set_in(entries: &[Value], end: &Value) -> Option<String> {
    let events = entries
        .iter()
        .filter_map(|entry| entry["events"].as_array());
    let mut events = events.flat_map(|events| events.iter().rev());
    let set = events.find(|event| sets(event, end))?;
    Some(plain(&set["expires_at"]))
}

/// Returns whether an event set the end of the ended thing.
fn sets(event: &Value, end: &Value) -> bool {
    let (types, fields): (&[&str], &[&str]) = match end["type"].as_str() {
        Some("member.expired") => (&["member.added", "member.changed"], &["resource", "user"]),
        _ => (
            &["grant.added"],
            &["resource", "subject", "role", "parameters"],
        ),
    };
    let is_type = event["type"].as_str().is_some_and(|it| types.contains(&it));
    is_type && fields.iter().all(|field| event[*field] == end[*field])
}

/// Returns the entries about the ended thing, up to its recorded end.
async fn about(api: &Api, end: &Value, at: &str) -> Result<Vec<Value>, CliError> {
    let subject = super::sentence::subject(end);
    let (type_, id) = subject.unwrap_or_else(|| ("user".to_owned(), plain(&end["user"])));
    let (resource, subject) = (plain(&end["resource"]), format!("{type_}:{id}"));
    let mut query = vec![
        ("resource", resource.as_str()),
        ("subject", subject.as_str()),
    ];
    query.push(("to", at));
    let (entries, _) = api.first(&["entries"], &query, 100).await?;
    Ok(entries)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_change_of_what_ended_sets_its_end() {
        let end = json!({"type": "member.expired", "resource": "r", "user": "u"});
        let added =
            json!({"type": "member.added", "resource": "r", "user": "u", "expires_at": "1"});
        let changed =
            json!({"type": "member.changed", "resource": "r", "user": "u", "expires_at": "2"});
        let other =
            json!({"type": "member.added", "resource": "s", "user": "u", "expires_at": "3"});
        let entries = [
            json!({"events": [other]}),
            json!({"events": [added, changed]}),
        ];
        assert_eq!(set_in(&entries, &end), Some("2".to_owned()));
        let role = json!({"type": "grant.expired", "resource": "r", "subject": "user:u",
            "role": "owner"});
        assert_eq!(set_in(&entries, &role), None);
    }
}
