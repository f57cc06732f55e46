//! All that a user was given on a resource and above it.

use std::ops::ControlFlow;

use smallvec::SmallVec;

use super::branch::{FEW, Roles};
use super::{Branch, Held, Permission, Source, SourceKind, View};
use crate::id::{Node, UserNumber};
use crate::state::UserNode;

/// Each grant and membership of a user on a branch, whether it counts or not. All questions are
/// about the branch that it was made from.
#[derive(Clone, Debug)]
pub struct UserSources<'a> {
    user: &'a UserNode,
    sources: SmallVec<[Source<'a>; FEW]>,
}

impl<'a> View<'a> {
    /// Everything through which a user reaches a resource: its
    /// membership, its grants and those of its groups, there and above.
    #[must_use]
    pub fn via(self, node: Node, user: UserNumber) -> Vec<Source<'a>> {
        match (self.branch(node), self.state.user_node(user)) {
            (Some(branch), Some(user)) => branch.via(user),
            _ => Vec::new(),
        }
    }
}

impl<'a> Branch<'a> {
    /// Everything through which a user reaches the resource: its membership,
    /// its grants and those of its groups, there and above, as far as the reader
    /// sees the resources that they stand on.
    #[must_use]
    pub fn via(&self, user: &'a UserNode) -> Vec<Source<'a>> {
        let sources = self.user_sources(user);
        sources.via(self).copied().collect()
    }

    /// All that a user was given on the resource and above it, found once for several
    /// questions.
    #[must_use]
    pub fn user_sources(&self, user: &'a UserNode) -> UserSources<'a> {
        let mut sources = SmallVec::new();
        let _ = self.sources(user, |source| {
            sources.push(source);
            ControlFlow::<()>::Continue(())
        });
        UserSources { user, sources }
    }
}

impl<'a> UserSources<'a> {
    /// As [`Branch::via`].
    pub fn via<'s>(
        &'s self,
        branch: &'s Branch<'_>,
    ) -> impl Iterator<Item = &'s Source<'a>> + use<'s, 'a> {
        self.via_ever(branch).filter(|source| source.live)
    }

    /// As [`UserSources::via`], with what counts no more and is not yet swept away.
    pub fn via_ever<'s>(
        &'s self,
        branch: &'s Branch<'_>,
    ) -> impl Iterator<Item = &'s Source<'a>> + use<'s, 'a> {
        let sources = self.sources.iter();
        sources.filter(|source| branch.is_shown(source))
    }

    /// As [`Branch::roles`].
    #[must_use]
    pub fn roles(&self, branch: &Branch<'a>) -> Roles<'a> {
        let own = self.sources.iter();
        branch.roles_of(own.filter(|source| source.on == branch.node()))
    }

    /// As [`Branch::held`].
    #[must_use]
    pub fn held(&self, branch: &Branch<'a>) -> Held {
        branch.held_through(self.user, &self.sources)
    }

    /// What the user may do on parts of the resource only, sorted, each once.
    /// Nothing for an inactive user.
    #[must_use]
    pub fn held_for_parts(&self, branch: &Branch<'a>) -> Vec<Permission> {
        let mut held = Vec::new();
        if !self.user.user.status.has_access() {
            return held;
        }
        for source in &self.sources {
            // Parts are of the resource that the role was granted on.
            if let SourceKind::Grant { key, .. } = source.kind
                && source.live
                && source.on == branch.node()
                && !key.parameters.is_empty()
            {
                let given = branch.view().permissions_of(source).into_iter();
                held.extend(given.filter(Permission::is_for_a_part));
            }
        }
        held.sort_unstable();
        held.dedup();
        held
    }
}
