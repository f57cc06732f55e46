//! When memberships and roles ended whose end an entry notes.

use serde_json::{Value, json};

use crate::cli::CliError;
use crate::cli::api::{Api, plain};

/// How many ends are looked up in older entries. The others are shown without their time.
const LOOKED_UP: usize = 50;

/// Whether a change notes that something ended by itself: it is no deed of its entry's actor.
pub(super) fn is_end(change: &Value) -> bool {
    change["type"] == "member_expired" || change["type"] == "grant_expired"
}

/// Write to each noted end when it was, as `ended_at`: the end that an older change set.
pub(super) async fn add(api: &Api, entries: &mut [Value]) -> Result<(), CliError> {
    let mut looked_up = 0;
    for entry in entries {
        let (at, revision) = (plain(&entry["at"]), entry["revision"].as_u64());
        let changes = entry["changes"].as_array_mut().into_iter().flatten();
        for end in changes.filter(|change| is_end(change)) {
            if looked_up == LOOKED_UP {
                return Ok(());
            }
            looked_up += 1;
            let mut older = about(api, end, &at).await?;
            older.retain(|it| it["revision"].as_u64() < revision);
            // What ended with something else has another end of its own, or none.
            if let Some(set) = set_in(&older, end).filter(|set| !set.is_empty() && *set <= at) {
                end["ended_at"] = json!(set);
            }
        }
    }
    Ok(())
}

/// The end that the newest of some entries sets which set that end; empty where it sets none.
fn set_in(entries: &[Value], end: &Value) -> Option<String> {
    let changes = entries
        .iter()
        .filter_map(|entry| entry["changes"].as_array());
    let mut changes = changes.flat_map(|changes| changes.iter().rev());
    let set = changes.find(|change| sets(change, end))?;
    Some(plain(&set["expires_at"]))
}

/// Whether a change set the end of what ended.
fn sets(change: &Value, end: &Value) -> bool {
    let (types, fields): (&[&str], &[&str]) = match end["type"].as_str() {
        Some("member_expired") => (&["member_added", "member_changed"], &["resource", "user"]),
        _ => (
            &["role_granted"],
            &["resource", "subject", "role", "parameters"],
        ),
    };
    let is_type = change["type"]
        .as_str()
        .is_some_and(|it| types.contains(&it));
    is_type && fields.iter().all(|field| change[*field] == end[*field])
}

/// Entries of what ended, until its end was noted.
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
        let end = json!({"type": "member_expired", "resource": "r", "user": "u"});
        let added =
            json!({"type": "member_added", "resource": "r", "user": "u", "expires_at": "1"});
        let changed =
            json!({"type": "member_changed", "resource": "r", "user": "u", "expires_at": "2"});
        let other =
            json!({"type": "member_added", "resource": "s", "user": "u", "expires_at": "3"});
        let entries = [
            json!({"changes": [other]}),
            json!({"changes": [added, changed]}),
        ];
        assert_eq!(set_in(&entries, &end), Some("2".to_owned()));
        let role = json!({"type": "grant_expired", "resource": "r", "subject": {"user": "u"},
            "role": "owner"});
        assert_eq!(set_in(&entries, &role), None);
    }
}
