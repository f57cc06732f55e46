//! Which roles does this user hold here?

use std::ops::ControlFlow;

use super::SourceKind;
use crate::catalogue::Role;
use crate::id::{Node, UserNumber};
use crate::model::Subject;
use crate::state::{State, Tree};
use crate::time::Timestamp;

impl State {
    /// The roles that a user holds on this very resource, itself or through a
    /// group, each once, in the order of the catalogue. An inactive user keeps
    /// its roles; they give it nothing.
    #[must_use]
    pub fn roles_on(&self, node: Node, user: UserNumber, at: Timestamp) -> Vec<&Role> {
        let Some(found) = self.node(node) else {
            return Vec::new();
        };
        let mut indices = Vec::new();
        let mut visit = |source: super::Source<'_>| {
            if let SourceKind::Grant { key, .. } = source.kind
                && source.live
                && !indices.contains(&key.role)
            {
                indices.push(key.role);
            }
            ControlFlow::<()>::Continue(())
        };
        let _ = self.grants_on(node, found, Subject::User(user), at, &mut visit);
        let mut roles: Vec<_> = indices
            .into_iter()
            .filter_map(|index| Some((self.role_position(index)?, self.role(index)?)))
            .collect();
        roles.sort_unstable_by_key(|(position, _)| *position);
        roles.into_iter().map(|(_, role)| role).collect()
    }

    /// Whether a user holds `admin` on the root, itself or through a group.
    #[must_use]
    pub fn is_admin(&self, user: UserNumber, at: Timestamp) -> bool {
        let Some(root) = self.node(Tree::ROOT) else {
            return false;
        };
        let mut visit = |source: super::Source<'_>| match source.kind {
            SourceKind::Grant { key, .. } if source.live && Some(key.role) == self.admin_role() => {
                ControlFlow::Break(())
            }
            _ => ControlFlow::Continue(()),
        };
        self.grants_on(Tree::ROOT, root, Subject::User(user), at, &mut visit)
            .is_break()
    }
}
