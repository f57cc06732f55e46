//! The rule that a tenant keeps an admin.

use crate::model::{Status, Subject};
use crate::state::State;

impl State {
    /// Returns whether an active user holds `admin` on the root without an end, directly
    /// or through a group. Invited users do not count, since they may never accept.
    pub(crate) fn has_admin(&self) -> bool {
        let is_active = |number| {
            self.user(number)
                .is_some_and(|user| user.status == Status::Active)
        };
        self.admins().any(|subject| match subject {
            Subject::User(user) => is_active(user),
            Subject::Group(group) => self
                .group_node(group)
                .is_some_and(|row| row.users.keys().any(|user| is_active(*user))),
            Subject::Service(_) => false,
        })
    }
}
