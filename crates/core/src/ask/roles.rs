//! Which roles does this user hold here?

use super::View;
use crate::catalogue::Role;
use crate::id::{Node, UserNumber};

impl<'a> View<'a> {
    /// The roles that a user holds on this very resource, itself or through a
    /// group, each once, in the order of the catalogue. An inactive user keeps
    /// its roles; they give it nothing.
    #[must_use]
    pub fn roles_on(self, node: Node, user: UserNumber) -> Vec<&'a Role> {
        match (self.branch(node), self.state.user_node(user)) {
            (Some(branch), Some(user)) => branch.roles(user).into_vec(),
            _ => Vec::new(),
        }
    }
}
