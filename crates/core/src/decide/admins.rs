//! The last admin stays.

use crate::model::{Status, Subject};
use crate::state::State;

impl State {
    /// Whether an active user holds `admin` on the root without an end, itself
    /// or through a group. An invited user does not count: nobody knows yet
    /// whether it will ever come.
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
