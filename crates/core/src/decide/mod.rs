//! The rules: decides what a command changes, or why it is refused.

mod admins;
mod catalogue;
mod credentials;
mod draft;
mod expire;
mod grants;
mod groups;
mod holding;
mod invitations;
mod issuers;
mod labels;
mod members;
mod naming;
mod numbering;
mod resources;
mod services;
mod tenant;
mod users;
mod widening;

pub use draft::Draft;

use crate::caller::Caller;
use crate::command::Command;
use crate::entry::Changes;
use crate::refusal::Refusal;
use crate::state::State;
use crate::time::Timestamp;

impl State {
    /// Returns what the command would change if `by` sent it at the instant `at`. Changes
    /// nothing itself. No changes: the command's result exists already. Costs a copy of
    /// the state's changed parts.
    ///
    /// # Errors
    /// The refusal.
    pub fn decide(
        &self,
        by: &Caller,
        at: Timestamp,
        command: &Command,
    ) -> Result<Changes, Refusal> {
        let mut draft = Draft::new(self.clone(), *by, at);
        draft.run(command)?;
        Ok(draft.finish().0)
    }
}
