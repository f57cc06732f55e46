//! Nobody gives what they do not hold.

use super::Draft;
use crate::ask::{Coverage, Power};
use crate::ask::{Permission, Source, SourceKind};
use crate::catalogue::Role;
use crate::id::{Node, UserNumber};
use crate::model::{Parameters, Subject};
use crate::refusal::Refusal;
use crate::state::RoleIndex;

impl Draft {
    /// Whether the caller holds all of these on a resource.
    pub(super) fn must_hold(
        &self,
        node: Node,
        given: impl IntoIterator<Item = Permission>,
    ) -> Result<(), Refusal> {
        let held = match self.state.power(&self.by) {
            Power::All => return Ok(()),
            Power::Of(subject) => self.state.permissions(subject, node, self.at),
            Power::Nothing => Vec::new(),
        };
        let coverage = Coverage::of(&held);
        for permission in given {
            if !coverage.covers(&permission) {
                return Err(Refusal::Exceeds {
                    permission: permission.pattern,
                });
            }
        }
        Ok(())
    }

    /// Whether the caller holds what a role gives on a resource.
    pub(super) fn must_hold_role(
        &self,
        node: Node,
        role: &Role,
        parameters: &Parameters,
    ) -> Result<(), Refusal> {
        self.must_hold(node, crate::ask::of_role(role, node, parameters))
    }

    /// Whether the caller is not bound by what it holds, as the operator.
    pub(super) fn holds_everything(&self) -> bool {
        self.state.power(&self.by) == Power::All
    }

    /// Whether the caller holds all that a subject holds, everywhere: what
    /// somebody must, who lets another act as that subject.
    pub(super) fn must_hold_all_of(&self, subject: Subject) -> Result<(), Refusal> {
        if self.holds_everything() {
            return Ok(());
        }
        for node in self.state.places(subject) {
            self.must_hold_grants_of(node, subject)?;
        }
        if let Subject::User(user) = subject {
            self.must_hold_what_members_may(user)?;
        }
        Ok(())
    }

    /// Whether the caller holds what a subject was granted on one resource.
    pub(super) fn must_hold_grants_of(&self, node: Node, subject: Subject) -> Result<(), Refusal> {
        let Some(found) = self.state.node(node) else {
            return Ok(());
        };
        let mut held: Vec<(RoleIndex, Parameters)> = Vec::new();
        let mut visit = |source: Source<'_>| {
            if let SourceKind::Grant { key, .. } = source.kind
                && source.live
            {
                held.push((key.role, key.parameters.clone()));
            }
            std::ops::ControlFlow::<()>::Continue(())
        };
        let who = self.state.look_up(subject);
        let _ = self.state.grants_on(node, found, who, self.at, &mut visit);
        for (role, parameters) in held {
            if let Some(role) = self.state.role(role) {
                self.must_hold_role(node, role, &parameters)?;
            }
        }
        Ok(())
    }

    /// Whether the caller holds what a user was granted on a resource, and on
    /// those below of which it is a member only as long as of this one.
    pub(super) fn must_hold_what_lasts(&self, node: Node, user: UserNumber) -> Result<(), Refusal> {
        self.must_hold_grants_of(node, Subject::User(user))?;
        let children = self.state.node(node).map(|found| found.children.clone());
        for child in children.unwrap_or_default().keys() {
            let found = self.state.node(*child);
            let depends = found
                .and_then(|found| self.state.kind(found.kind))
                .is_some_and(|kind| kind.members_from_parent);
            if depends && self.state.is_member(*child, user, self.at) {
                self.must_hold_what_lasts(*child, user)?;
            }
        }
        Ok(())
    }

    /// The root is left out: everybody is attached to it.
    fn must_hold_what_members_may(&self, user: UserNumber) -> Result<(), Refusal> {
        let attached = self.state.user_node(user).map(|row| row.resources.clone());
        for node in attached.unwrap_or_default().keys() {
            let source = Source {
                on: *node,
                live: self.state.is_member(*node, user, self.at),
                kind: SourceKind::Membership,
            };
            if source.live {
                self.must_hold(*node, self.state.permissions_of(&source))?;
            }
        }
        Ok(())
    }
}
