//! Writes permissions as JSON.

use std::rc::Rc;

use attache_core::ask::{Branch, Held};
use attache_core::catalogue::Pattern;
use serde_json::value::{RawValue, to_raw_value};

use super::Problem;

/// The permissions of one list's users, as JSON. Many users hold equal sets of
/// permissions, and the sets are long, so each distinct set is written once per list.
#[derive(Debug, Default)]
pub struct HeldAsJson(Vec<(Held, Rc<RawValue>)>);

impl HeldAsJson {
    /// Returns the permissions held on a resource as a JSON list of strings, sorted,
    /// without those that another of them covers. `branch` must be the same for all
    /// calls.
    ///
    /// # Errors
    /// [`Problem::Internal`] if they cannot be written as JSON, which is a defect.
    pub fn permissions(
        &mut self,
        branch: &Branch<'_>,
        held: Held,
    ) -> Result<Rc<RawValue>, Problem> {
        if let Some((_, written)) = self.0.iter().find(|(other, _)| *other == held) {
            return Ok(written.clone());
        }
        let patterns = branch.patterns(&held).into_iter();
        let patterns: Vec<&str> = patterns.map(Pattern::as_str).collect();
        let written = to_raw_value(&patterns).map_err(|error| {
            tracing::error!(%error, "permissions could not be written");
            Problem::Internal
        })?;
        let written: Rc<RawValue> = written.into();
        self.0.push((held, written.clone()));
        Ok(written)
    }
}
