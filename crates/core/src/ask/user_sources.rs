//! All that a user was given on a resource and above it.

use smallvec::SmallVec;

use super::branch::{FEW, Roles};
use super::{Branch, Held, Permission, Source, SourceKind};
use crate::state::UserNode;

/// Each grant and membership of a user on a branch, whether it counts or not. All questions are
/// about the branch that it was made from.
#[derive(Clone, Debug)]
pub struct UserSources<'a> {
    pub(super) user: &'a UserNode,
    pub(super) sources: SmallVec<[Source<'a>; FEW]>,
}

impl<'a> UserSources<'a> {
    /// As [`Branch::via`].
    pub fn via<'s>(
        &'s self,
        branch: &'s Branch<'_>,
    ) -> impl Iterator<Item = &'s Source<'a>> + use<'s, 'a> {
        self.via_ever(branch).filter(|source| source.live)
    }

    /// The same with what counts no more and is not yet swept away.
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
                let given = branch.state().permissions_of(source).into_iter();
                held.extend(given.filter(Permission::is_for_a_part));
            }
        }
        held.sort_unstable();
        held.dedup();
        held
    }
}
