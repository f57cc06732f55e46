//! Nobody gives what they do not hold.

use attache_core::Refusal;
use attache_core::catalogue::Role;
use attache_core::id::ResourceId;
use attache_core::model::{Parameters, SubjectId};

use super::facts::counts;
use super::gate::{Who, pattern};
use super::{Act, Held, Tenant};

impl Tenant {
    /// Whether the caller holds, on a resource, all that a role gives if it
    /// stands on that resource or above it.
    pub(crate) fn must_hold(
        &self,
        act: &Act,
        on: ResourceId,
        role: &Role,
        granted_on: ResourceId,
        parameters: &Parameters,
    ) -> Result<(), Refusal> {
        let held = match self.who_is(&act.by) {
            Who::Everything => return Ok(()),
            Who::Somebody(subject) => self.held(subject, on, act.at),
            Who::Nobody => Vec::new(),
        };
        for given in Held::of_role(role, granted_on, parameters) {
            if !held.iter().any(|held| held.covers(&given)) {
                return Err(Refusal::Exceeds {
                    permission: pattern(given.pattern),
                });
            }
        }
        Ok(())
    }

    /// Whether the caller holds, wherever the subject was granted a role, what
    /// that role gives. A grant that waits for its user's membership counts.
    pub(crate) fn must_hold_all_of(&self, act: &Act, subject: SubjectId) -> Result<(), Refusal> {
        for granted in &self.grants {
            if !self.has(subject, granted) || !counts(granted.end, act.at) {
                continue;
            }
            let on = granted.resource;
            if let Some(role) = self.role(&granted.role) {
                self.must_hold(act, on, role, on, &granted.parameters)?;
            }
        }
        Ok(())
    }
}
