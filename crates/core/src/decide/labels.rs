//! The labels and descriptions in a catalogue.

use std::collections::{HashMap, HashSet};

use crate::catalogue::Catalogue;
use crate::model::{Name, check_text, normalized};
use crate::refusal::Refusal;

/// Returns a catalogue whose new labels and descriptions are in Unicode Normalization
/// Form C. Those that the old catalogue has stay as they are.
///
/// # Errors
/// If a new one has hidden characters, or a label shows nothing.
pub(super) fn spelled(mut new: Catalogue, old: Option<&Catalogue>) -> Result<Catalogue, Refusal> {
    let roles = old.into_iter().flat_map(|old| &old.roles);
    let roles: HashMap<&str, _> = roles.map(|role| (role.name.as_str(), role)).collect();
    for role in &mut new.roles {
        let before = roles.get(role.name.as_str());
        let wrong = |field: &str, reason: &str| {
            let reason = format!("roles.{}.{field} {reason}", role.name);
            Refusal::invalid("catalogue", &reason)
        };
        if before.is_none_or(|before| before.label != role.label) {
            let label = Name::new(&role.label).map_err(|reason| wrong("label", reason))?;
            role.label = label.to_string();
        }
        if before.is_none_or(|before| before.description != role.description) {
            check_text(&role.description).map_err(|reason| wrong("description", reason))?;
            role.description = normalized(&role.description).into_owned();
        }
    }
    let entries = old.into_iter().flat_map(|old| &old.permissions);
    let entries = entries.map(|entry| (&entry.name, &entry.description));
    let entries: HashSet<_> = entries.collect();
    for entry in &mut new.permissions {
        if !entries.contains(&(&entry.name, &entry.description)) {
            check_text(&entry.description).map_err(|reason| {
                let reason = format!("permissions.{}.description {reason}", entry.name);
                Refusal::invalid("catalogue", &reason)
            })?;
            entry.description = normalized(&entry.description).into_owned();
        }
    }
    Ok(new)
}
