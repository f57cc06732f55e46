//! What a catalogue calls its roles and permissions for people.

use crate::catalogue::Catalogue;
use crate::model::{Name, check_text, normalized};
use crate::refusal::Refusal;

/// A catalogue whose new labels and descriptions are in Unicode Normalization
/// Form C. Those that the old catalogue has too stay as they are.
///
/// # Errors
/// If one of the new ones has characters that nobody sees, or a label is empty
/// to the eye.
pub(super) fn spelled(new: &Catalogue, old: Option<&Catalogue>) -> Result<Catalogue, Refusal> {
    let mut spelled = new.clone();
    for role in &mut spelled.roles {
        let before = old.and_then(|old| old.role(role.name.as_str()));
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
    for entry in &mut spelled.permissions {
        let stood = |old: &Catalogue| old.permissions.contains(entry);
        if !old.is_some_and(stood) {
            check_text(&entry.description).map_err(|reason| {
                let reason = format!("permissions.{}.description {reason}", entry.name);
                Refusal::invalid("catalogue", &reason)
            })?;
            entry.description = normalized(&entry.description).into_owned();
        }
    }
    Ok(spelled)
}
