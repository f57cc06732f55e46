//! The rules: what a command would change, or why it is refused.

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
    /// What would happen if `by` asked for this now. Changes nothing. No
    /// changes: it is so already.
    ///
    /// # Errors
    /// Why it is refused.
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
