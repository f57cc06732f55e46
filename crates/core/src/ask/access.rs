//! May this subject do that here, and why?

use std::ops::ControlFlow;

use super::scope::ScopePath;
use super::{Source, SourceKind, View};
use crate::catalogue::Pattern;
use crate::id::Node;
use crate::model::{Parameters, Status, Subject};

/// The answer to a check.
#[derive(Clone, Copy, Debug)]
pub enum Access<'a> {
    /// It may, through this. Where several things allow it, the one closest to
    /// the resource is named.
    Allowed(Source<'a>),
    /// It may not.
    Denied(Denial<'a>),
}

/// Why somebody may not.
#[derive(Clone, Copy, Debug)]
pub enum Denial<'a> {
    /// There is no such subject or resource.
    Nothing,
    /// The user is inactive.
    Inactive,
    /// The user is invited, and has not accepted.
    Invited,
    /// This would have allowed it, and does not count any more.
    Expired(Source<'a>),
    /// This allows it for another part of the resource.
    OtherParameters(Source<'a>),
    /// The subject holds permissions on the resource, but not this one.
    Lacks,
    /// The subject holds no permission at all on the resource.
    HoldsNothing,
}

impl Access<'_> {
    /// Whether it may.
    #[must_use]
    pub fn is_allowed(&self) -> bool {
        matches!(self, Self::Allowed(_))
    }
}

impl<'a> View<'a> {
    /// May a subject do something on a resource? `parameters` name the part of
    /// the resource that it is about; what is only held for another part does
    /// not count, and neither does what is only held for a part if none is named.
    #[must_use]
    pub fn access(
        self,
        subject: Subject,
        wanted: &Pattern,
        node: Node,
        parameters: &Parameters,
    ) -> Access<'a> {
        if self.state.node(node).is_none() {
            return Access::Denied(Denial::Nothing);
        }
        if !self.has_access(subject) {
            return Access::Denied(match subject {
                Subject::User(user) => match self.state.user(user).map(|user| user.status) {
                    Some(Status::Invited) => Denial::Invited,
                    Some(_) => Denial::Inactive,
                    None => Denial::Nothing,
                },
                _ => Denial::Nothing,
            });
        }
        let mut expired = None;
        let mut elsewhere = None;
        let mut holds_any = false;
        let found = self.sources(subject, node, |source| {
            holds_any |= source.live && self.gives_anything(&source);
            match self.allows(&source, wanted, node, parameters) {
                Allows::Yes if source.live => return ControlFlow::Break(source),
                Allows::Yes => expired = expired.or(Some(source)),
                Allows::ForAnotherPart if source.live => elsewhere = elsewhere.or(Some(source)),
                Allows::ForAnotherPart | Allows::No => {}
            }
            ControlFlow::Continue(())
        });
        match (found, expired, elsewhere) {
            (ControlFlow::Break(source), ..) => Access::Allowed(source),
            (_, Some(source), _) => Access::Denied(Denial::Expired(source)),
            (_, None, Some(source)) => Access::Denied(Denial::OtherParameters(source)),
            _ if holds_any => Access::Denied(Denial::Lacks),
            _ => Access::Denied(Denial::HoldsNothing),
        }
    }

    /// Whether one grant or membership gives a permission on a resource, of which
    /// the parameters name a part, whether or not it counts.
    pub(crate) fn gives(
        self,
        source: &Source<'_>,
        wanted: &Pattern,
        node: Node,
        parameters: &Parameters,
    ) -> bool {
        matches!(self.allows(source, wanted, node, parameters), Allows::Yes)
    }

    pub(super) fn allows(
        self,
        source: &Source<'_>,
        wanted: &Pattern,
        node: Node,
        parameters: &Parameters,
    ) -> Allows {
        match source.kind {
            SourceKind::Membership => {
                let kind = self
                    .state
                    .node(source.on)
                    .and_then(|found| self.state.kind(found.kind));
                match kind {
                    Some(kind) if kind.members_may.iter().any(|may| may.covers(wanted)) => {
                        Allows::Yes
                    }
                    _ => Allows::No,
                }
            }
            SourceKind::Grant { key, .. } => {
                let Some(role) = self.state.role(key.role) else {
                    return Allows::No;
                };
                // The common case, without building anything.
                if role.permissions.iter().any(|held| held.covers(wanted)) {
                    return Allows::Yes;
                }
                let mut answer = Allows::No;
                for scoped in &role.scoped {
                    if !scoped.permissions.iter().any(|held| held.covers(wanted)) {
                        continue;
                    }
                    let scope = ScopePath::fill(&scoped.scope, source.on, &key.parameters);
                    if scope.answers_for(node, parameters) {
                        return Allows::Yes;
                    }
                    answer = Allows::ForAnotherPart;
                }
                answer
            }
        }
    }
}

/// Whether a grant or a membership allows something, if it counts.
pub(super) enum Allows {
    Yes,
    ForAnotherPart,
    No,
}
