//! Where permissions come from: the one place that walks grants and memberships.

use std::ops::ControlFlow;

use super::View;
use crate::id::{GroupNumber, Node, UserNumber};
use crate::model::{Grant, GrantKey, Subject};
use crate::state::{ResourceNode, Sorted, Tree, UserNode};

/// A grant or a membership that a subject has, seen from a resource.
#[derive(Clone, Copy, Debug)]
pub struct Source<'a> {
    /// Where it stands: on the resource or above it.
    pub on: Node,
    /// Whether it counts at the instant of the view.
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

/// A subject with what is known of it, looked up once.
#[derive(Clone, Copy)]
pub(crate) enum Who<'a> {
    User(&'a UserNode),
    /// A group or a service, and where it was granted a role.
    Other(Subject, &'a Sorted<Node, ()>),
    /// One that is not there: it holds nothing, whatever stands written.
    Nobody(Subject),
}

impl Who<'_> {
    fn subject(&self) -> Subject {
        match self {
            Self::User(row) => Subject::User(row.user.number),
            Self::Other(subject, _) | Self::Nobody(subject) => *subject,
        }
    }

    /// Whether it was granted something itself on a resource. This is a look at
    /// a few nodes, where the resource's grants lie anywhere in memory.
    fn was_granted(&self, on: Node) -> bool {
        match self {
            Self::User(row) => row.granted.contains(&on),
            Self::Other(_, granted) => granted.contains(&on),
            Self::Nobody(_) => false,
        }
    }
}

impl<'a> View<'a> {
    /// A subject with what is known of it.
    pub(crate) fn look_up(self, subject: Subject) -> Who<'a> {
        let found = match subject {
            Subject::User(user) => self.state.user_node(user).map(Who::User),
            Subject::Group(group) => self
                .state
                .group_node(group)
                .map(|row| Who::Other(subject, &row.granted)),
            Subject::Service(service) => self
                .state
                .service_node(service)
                .map(|row| Who::Other(subject, &row.granted)),
        };
        found.unwrap_or(Who::Nobody(subject))
    }

    /// Whether a user is attached to a resource. Every user is attached to the root. With
    /// `members_from_parent`, a membership counts only while the user is also a member of
    /// the parent.
    #[must_use]
    pub fn is_member(self, node: Node, user: UserNumber) -> bool {
        if node == Tree::ROOT {
            return self.state.user(user).is_some();
        }
        self.state
            .node(node)
            .is_some_and(|found| self.is_attached(found, user))
    }

    /// As [`View::is_member`], of a resource that is not the root.
    fn is_attached(self, found: &ResourceNode, user: UserNumber) -> bool {
        found
            .members
            .get(&user)
            .is_some_and(|membership| membership.expires_at().is_live(self.at))
            && self.parent_allows(found, user)
    }

    /// Whether a user may be a member as far as the resource above is concerned.
    pub(crate) fn parent_allows(self, found: &ResourceNode, user: UserNumber) -> bool {
        let from_parent = self
            .state
            .kind(found.kind)
            .is_some_and(|kind| kind.members_from_parent);
        match found.parent {
            Some(parent) if from_parent => self.is_member(parent, user),
            _ => true,
        }
    }

    /// Every grant and membership through which a subject could have
    /// permissions on a resource, from the resource up to the root, until
    /// `visit` breaks. Those that do not count at the instant come with `live: false`.
    /// Whether a user is active does not matter here.
    pub fn sources<B>(
        self,
        subject: Subject,
        node: Node,
        mut visit: impl FnMut(Source<'a>) -> ControlFlow<B>,
    ) -> ControlFlow<B> {
        let who = self.look_up(subject);
        for (on, found) in self.state.up(node) {
            if on == node {
                self.membership(on, found, who, &mut visit)?;
            }
            self.grants_on(on, found, who, &mut visit)?;
        }
        ControlFlow::Continue(())
    }

    /// The membership of a user on the very resource that is looked at, if it
    /// has one.
    pub(super) fn membership<B>(
        self,
        on: Node,
        found: &'a ResourceNode,
        who: Who<'a>,
        visit: &mut impl FnMut(Source<'a>) -> ControlFlow<B>,
    ) -> ControlFlow<B> {
        let Who::User(row) = who else {
            return ControlFlow::Continue(());
        };
        let user = row.user.number;
        if on != Tree::ROOT && !found.members.contains(&user) {
            return ControlFlow::Continue(());
        }
        let live = on == Tree::ROOT || self.is_attached(found, user);
        let kind = SourceKind::Membership;
        visit(Source { on, live, kind })
    }

    /// The grants on one resource that count for a subject: its own and those
    /// of its groups.
    pub(crate) fn grants_on<B>(
        self,
        on: Node,
        found: &'a ResourceNode,
        who: Who<'a>,
        visit: &mut impl FnMut(Source<'a>) -> ControlFlow<B>,
    ) -> ControlFlow<B> {
        if found.grants.is_empty() {
            return ControlFlow::Continue(());
        }
        if who.was_granted(on) {
            let subject = who.subject();
            // Without its membership, a user's grants no longer count.
            let counts = match subject {
                Subject::User(user) => on == Tree::ROOT || self.is_attached(found, user),
                Subject::Group(_) | Subject::Service(_) => true,
            };
            for (key, grant) in found.grants_of(subject) {
                let live = counts && grant.expires_at().is_live(self.at);
                let kind = SourceKind::Grant {
                    key,
                    grant,
                    group: None,
                };
                visit(Source { on, live, kind })?;
            }
        }
        let Who::User(row) = who else {
            return ControlFlow::Continue(());
        };
        for group in row.groups.keys() {
            for (key, grant) in found.grants_of(Subject::Group(*group)) {
                let live = grant.expires_at().is_live(self.at);
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
    pub fn has_access(self, subject: Subject) -> bool {
        match subject {
            Subject::User(user) => self
                .state
                .user(user)
                .is_some_and(|user| user.status.has_access()),
            Subject::Group(group) => self.state.group_node(group).is_some(),
            Subject::Service(service) => self.state.service_node(service).is_some(),
        }
    }
}
