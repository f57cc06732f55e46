//! Where permissions come from: the one place that walks grants and memberships.

use std::ops::ControlFlow;

use crate::id::{GroupNumber, Node, UserNumber};
use crate::model::{Grant, GrantKey, Subject};
use crate::state::{ResourceNode, State, Tree};
use crate::time::Timestamp;

/// A grant or a membership that a subject has, seen from a resource.
#[derive(Clone, Copy, Debug)]
pub struct Source<'a> {
    /// Where it stands: on the resource or above it.
    pub on: Node,
    /// Whether it counts at the instant that was asked for.
    pub live: bool,
    /// What it is.
    pub kind: SourceKind<'a>,
}

/// What gives a permission.
#[derive(Clone, Copy, Debug)]
pub enum SourceKind<'a> {
    /// The user is attached to the resource.
    Membership,
    /// The subject, or a group that the user is in, was granted a role.
    Grant {
        /// Which grant.
        key: &'a GrantKey,
        /// Its times.
        grant: &'a Grant,
        /// The group, if it was granted to one.
        group: Option<GroupNumber>,
    },
}

impl State {
    /// Whether a user is attached to a resource, at an instant. Every user is
    /// attached to the root. Where only members of the resource above can be
    /// members, one who no longer is one there no longer is one here.
    #[must_use]
    pub fn is_member(&self, node: Node, user: UserNumber, at: Timestamp) -> bool {
        if node == Tree::ROOT {
            return self.user(user).is_some();
        }
        let Some(found) = self.node(node) else {
            return false;
        };
        found
            .members
            .get(&user)
            .is_some_and(|membership| membership.expires_at.is_live(at))
            && self.parent_allows(found, user, at)
    }

    /// Whether a user may be a member as far as the resource above is concerned.
    pub(crate) fn parent_allows(
        &self,
        found: &ResourceNode,
        user: UserNumber,
        at: Timestamp,
    ) -> bool {
        let from_parent = self
            .kind(found.kind)
            .is_some_and(|kind| kind.members_from_parent);
        match found.parent {
            Some(parent) if from_parent => self.is_member(parent, user, at),
            _ => true,
        }
    }

    /// Every grant and membership through which a subject could have
    /// permissions on a resource, from the resource up to the root, until
    /// `visit` breaks. Those that do not count at `at` come with `live: false`.
    /// Whether a user is active does not matter here.
    pub fn sources<'a, B>(
        &'a self,
        subject: Subject,
        node: Node,
        at: Timestamp,
        mut visit: impl FnMut(Source<'a>) -> ControlFlow<B>,
    ) -> ControlFlow<B> {
        for (on, found) in self.up(node) {
            if on == node
                && let Subject::User(user) = subject
                && (on == Tree::ROOT || found.members.contains(&user))
            {
                let live = self.is_member(on, user, at);
                visit(Source {
                    on,
                    live,
                    kind: SourceKind::Membership,
                })?;
            }
            self.grants_on(on, found, subject, at, &mut visit)?;
        }
        ControlFlow::Continue(())
    }

    /// The grants on one resource that count for a subject: its own and those
    /// of its groups.
    pub(crate) fn grants_on<'a, B>(
        &'a self,
        on: Node,
        found: &'a ResourceNode,
        subject: Subject,
        at: Timestamp,
        visit: &mut impl FnMut(Source<'a>) -> ControlFlow<B>,
    ) -> ControlFlow<B> {
        if found.grants.is_empty() {
            return ControlFlow::Continue(());
        }
        for (key, grant) in found.grants_of(subject) {
            let live = grant.expires_at.is_live(at)
                // Without its membership, a user's grants no longer count.
                && match subject {
                    Subject::User(user) => self.is_member(on, user, at),
                    Subject::Group(_) | Subject::Service(_) => true,
                };
            let kind = SourceKind::Grant {
                key,
                grant,
                group: None,
            };
            visit(Source { on, live, kind })?;
        }
        let Subject::User(user) = subject else {
            return ControlFlow::Continue(());
        };
        let Some(user) = self.user_node(user) else {
            return ControlFlow::Continue(());
        };
        for group in user.groups.keys() {
            for (key, grant) in found.grants_of(Subject::Group(*group)) {
                let live = grant.expires_at.is_live(at);
                let kind = SourceKind::Grant {
                    key,
                    grant,
                    group: Some(*group),
                };
                visit(Source { on, live, kind })?;
            }
        }
        ControlFlow::Continue(())
    }

    /// Whether a subject can have access at all: it exists, and if it is a
    /// user, it is not inactive.
    #[must_use]
    pub fn has_access(&self, subject: Subject) -> bool {
        match subject {
            Subject::User(user) => self.user(user).is_some_and(|user| user.status.has_access()),
            Subject::Group(group) => self.group_node(group).is_some(),
            Subject::Service(service) => self.service_node(service).is_some(),
        }
    }
}
