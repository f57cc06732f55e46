//! Finds things by a former name: removed ones, and ones with another key now.

use serde_json::Value;
use uuid::Uuid;

use super::complete::complete;
use crate::cli::CliError;
use crate::cli::api::{Api, plain};
use crate::cli::output::note;

/// The number of newest entries that are searched for a former name.
const SEARCHED: usize = 10_000;

/// Returns the first `most` entries of a query, and the total. A name in the query that
/// nothing has any more is searched for in the entries.
pub(in crate::cli) async fn first_entries(
    api: &Api,
    query: &[(&str, &str)],
    most: usize,
) -> Result<(Vec<Value>, u64), CliError> {
    let mut query: Vec<(&str, String)> = query
        .iter()
        .map(|(field, value)| (*field, (*value).to_owned()))
        .collect();
    loop {
        let asked: Vec<(&str, &str)> = query
            .iter()
            .map(|(field, value)| (*field, value.as_str()))
            .collect();
        let refused = match api.first(&["entries"], &asked, most).await {
            Ok(found) => return Ok(found),
            Err(refused) => refused,
        };
        let Some((field, name)) = query.iter_mut().find(|(field, name)| {
            ["resource", "subject"].contains(field)
                && is_unknown(&refused, field)
                && Former::of(field, name).is_some()
        }) else {
            return Err(refused);
        };
        *name = match Former::of(field, name) {
            Some(former) => former.id(api, name).await?,
            None => return Err(refused),
        };
    }
}

/// Returns the id of an actor that is gone, as the API names it.
pub(super) async fn actor(api: &Api, name: &str) -> Result<String, CliError> {
    match Former::of("subject", name) {
        Some(former) => former.id(api, name).await,
        None => Err(CliError::new(format!("there is no {name}"))),
    }
}

/// Returns whether an answer refuses a field.
fn is_unknown(refused: &CliError, field: &str) -> bool {
    let errors = refused.details()["errors"].as_array();
    let mut errors = errors.into_iter().flatten();
    errors.any(|error| error["field"] == field)
}

/// A name that something may have had: a key, or a number after `#`.
#[derive(Debug, PartialEq, Eq)]
struct Former<'a> {
    /// `user`, `group`, `service` or `resource`.
    type_: &'a str,
    /// The kind of a resource.
    kind: Option<&'a str>,
    key: Option<&'a str>,
    number: Option<u64>,
}

impl<'a> Former<'a> {
    /// Returns `None` for an id, and for a name without a type.
    fn of(field: &str, name: &'a str) -> Option<Self> {
        let (before, name) = name.split_once(':')?;
        if Uuid::parse_str(name).is_ok() {
            return None;
        }
        let number = name.strip_prefix('#').and_then(|it| it.parse().ok());
        let (type_, kind) = match field {
            "resource" => ("resource", Some(before)),
            _ => (before, None),
        };
        Some(Self {
            type_,
            kind,
            key: number.is_none().then_some(name),
            number,
        })
    }

    /// Returns the id-based name of the thing that last had this name.
    async fn id(&self, api: &Api, name: &str) -> Result<String, CliError> {
        let Some(id) = self.search(api).await? else {
            let nothing = format!(
                "nothing is named {name}, and nothing was in the newest {SEARCHED} entries"
            );
            let hint = "What is gone is found by its id too: `attache history --json` shows ids.";
            return Err(CliError::new(nothing).with_hint(hint));
        };
        note(format!(
            "Nothing is named {name} now: this is about {id}, which was named so."
        ))?;
        Ok(match self.type_ {
            "resource" => id,
            type_ => format!("{type_}:{id}"),
        })
    }

    async fn search(&self, api: &Api) -> Result<Option<String>, CliError> {
        // Resources with the key whose kind is not read yet, the last one first.
        let mut candidates: Vec<String> = Vec::new();
        let mut cursor: Option<String> = None;
        let mut read = 0;
        loop {
            let mut query = vec![("page_size", "1000")];
            query.extend(cursor.as_deref().map(|cursor| ("cursor", cursor)));
            let mut page = api.get(&["entries"], &query).await?.json;
            let entries = page["items"].as_array_mut().map(std::mem::take);
            for mut entry in entries.unwrap_or_default() {
                read += 1;
                complete(api, &mut entry).await?;
                let changes = entry["changes"].as_array();
                for change in changes.into_iter().flatten().rev() {
                    if let Some(id) = self.named_by(change, &mut candidates) {
                        return Ok(Some(id));
                    }
                }
            }
            cursor = page["next"].as_str().map(str::to_owned);
            if cursor.is_none() || read >= SEARCHED {
                return Ok(None);
            }
        }
    }

    /// Returns the id of the thing to which a change gave the name.
    fn named_by(&self, change: &Value, candidates: &mut Vec<String>) -> Option<String> {
        let type_ = self.type_;
        let id = plain(&change[type_]);
        let is = |what: &str| change["type"] == format!("{type_}_{what}");
        let has_name = match (self.key, self.number) {
            (Some(key), _) => change["key"] == key,
            (None, number) => number.is_some() && change["number"].as_u64() == number,
        };
        if is("added") {
            let fits = self.kind.is_none_or(|kind| change["kind"] == kind);
            return (fits && (has_name || candidates.contains(&id))).then_some(id);
        }
        if !is("changed") || !has_name {
            return None;
        }
        if self.kind.is_none() {
            return Some(id);
        }
        candidates.push(id);
        None
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_former_name_is_a_key_or_a_number_of_a_type() {
        let ada = Former::of("subject", "user:ada").unwrap();
        assert_eq!(
            (ada.type_, ada.key, ada.number),
            ("user", Some("ada"), None)
        );
        let seven = Former::of("resource", "customer:#7").unwrap();
        assert_eq!((seven.kind, seven.number), (Some("customer"), Some(7)));
        let id = "customer:0199f7c4-3b6e-7a52-9d0e-5f1c2b7a9e34";
        assert_eq!(Former::of("resource", id), None);
        assert_eq!(Former::of("resource", "tenant"), None);
    }

    #[test]
    fn a_renamed_resource_is_found_once_its_kind_is_known() {
        let former = Former::of("resource", "customer:old").unwrap();
        let mut candidates = Vec::new();
        let mut found = |change: Value| former.named_by(&change, &mut candidates);
        let other =
            json!({"type": "resource_added", "resource": "w", "kind": "workspace", "key": "old"});
        assert_eq!(found(other), None);
        let renamed = json!({"type": "resource_changed", "resource": "c", "key": "old"});
        assert_eq!(found(renamed), None);
        let added =
            json!({"type": "resource_added", "resource": "c", "kind": "customer", "key": "older"});
        assert_eq!(found(added), Some("c".to_owned()));
    }
}
