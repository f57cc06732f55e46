//! The rule that nobody gives what they do not hold, nor for longer than they hold it.

use super::Draft;
use crate::ask::{Coverage, Permission, Power, Source, SourceKind, of_role};
use crate::catalogue::{Pattern, Role};
use crate::id::{Node, UserNumber};
use crate::model::{GrantKey, Parameters, Subject};
use crate::refusal::Refusal;
use crate::state::Tree;
use crate::time::Expiry;

/// Permissions by the end of what gives them, the latest first.
type ByEnd = Vec<(Expiry, Vec<Permission>)>;

/// The gifts of a command, compared with what its caller holds. Missing permissions are
/// collected, so that the refusal can tell the end until which everything can be given.
pub(super) struct Gift<'a> {
    draft: &'a Draft,
    power: Power,
    /// The latest end of all gifts.
    latest: Expiry,
    /// The end of the caller's credential, if credentials are given.
    credential: Expiry,
    /// What the caller holds on the last examined resource, by its end, the latest first.
    held: Option<(Node, ByEnd)>,
    lacks: Option<Pattern>,
    /// The permission that the caller holds for too short, and its end: the earliest such
    /// end.
    ends: Option<(Expiry, Pattern)>,
}

impl<'a> Gift<'a> {
    /// Limits all gifts to an end.
    pub(super) fn ending(mut self, latest: Expiry) -> Self {
        self.latest = latest;
        self
    }

    /// Marks the gift as a credential, or as what lets credentials be made. It must end
    /// with the caller's own credential. That is no bound for other gifts, since the
    /// caller can get another credential.
    pub(super) fn of_credentials(mut self) -> Self {
        self.credential = self.draft.until;
        self
    }

    /// Marks the gift as nothing new: the caller need only hold it now.
    pub(super) fn given_already(self) -> Self {
        let now = Expiry::from(Some(self.draft.at));
        self.ending(now)
    }

    /// Returns whether nothing more needs to be examined.
    fn is_settled(&self) -> bool {
        self.power == Power::All || self.lacks.is_some()
    }

    /// Compares the end until which the caller holds a permission with the end until
    /// which it is needed.
    fn note(&mut self, held: Option<Expiry>, wanted: &Pattern, until: Expiry) {
        let Some(held) = held.map(|held| held.min(self.credential)) else {
            self.lacks = Some(wanted.clone());
            return;
        };
        let is_earliest = self.ends.as_ref().is_none_or(|(end, _)| held < *end);
        if held < until.min(self.latest) && is_earliest {
            self.ends = Some((held, wanted.clone()));
        }
    }

    /// Requires the permission to do `what` on a resource until an end, such as
    /// `users.add`.
    pub(super) fn by_means_of(mut self, node: Node, what: &str, until: Expiry) -> Self {
        if self.power != Power::All {
            let permission = self.draft.view().permission_for(node, what);
            self.pattern(node, &permission, until);
        }
        self
    }

    fn pattern(&mut self, node: Node, wanted: &Pattern, until: Expiry) {
        if self.is_settled() {
            return;
        }
        let held = match self.power {
            Power::Of(subject) => {
                let draft = self.draft;
                draft.view().may_until(subject, wanted, node, until)
            }
            Power::All | Power::Nothing => None,
        };
        self.note(held, wanted, until);
    }

    /// Requires every permission until an end.
    pub(super) fn everything(mut self, until: Expiry) -> Self {
        self.pattern(Tree::ROOT, &Pattern::unchecked("*".to_owned()), until);
        self
    }

    /// Gives permissions on a resource until an end.
    fn permissions(
        &mut self,
        node: Node,
        given: impl IntoIterator<Item = Permission>,
        until: Expiry,
    ) {
        if self.is_settled() {
            return;
        }
        let held = match self.held.take() {
            Some((on, held)) if on == node => held,
            _ => match self.power {
                Power::Of(subject) => self.draft.view().lasting(subject, node),
                Power::All | Power::Nothing => Vec::new(),
            },
        };
        let by_end = held.iter().map(|(end, held)| (*end, Coverage::of(held)));
        let by_end: Vec<_> = by_end.collect();
        for given in given {
            let mut latest = by_end.iter().filter(|(_, held)| held.covers(&given));
            self.note(latest.next().map(|(end, _)| *end), &given.pattern, until);
        }
        self.held = Some((node, held));
    }

    /// Gives what a role gives on the resource of its grant, until an end.
    pub(super) fn role(
        self,
        node: Node,
        role: &Role,
        parameters: &Parameters,
        until: Expiry,
    ) -> Self {
        self.role_from(node, node, role, parameters, until)
    }

    /// Gives what a role gives on a resource, from a grant on or above it.
    pub(super) fn role_from(
        mut self,
        node: Node,
        on: Node,
        role: &Role,
        parameters: &Parameters,
        until: Expiry,
    ) -> Self {
        self.permissions(node, of_role(role, on, parameters), until);
        self
    }

    /// Gives all that a subject holds, everywhere and as long as it holds it: the gift of
    /// letting another act as that subject.
    pub(super) fn all_of(mut self, subject: Subject) -> Self {
        if self.power == Power::All {
            return self;
        }
        let view = self.draft.view();
        for node in view.places(subject) {
            let as_long = |source: &Source<'_>| Some(view.source_until(subject, source));
            self = self.grants_of(node, subject, as_long);
        }
        if let Subject::User(user) = subject {
            self.what_members_may(user);
        }
        self
    }

    /// Gives what a subject's counting grants give on one resource. `until` returns the
    /// end until which a grant gives it, if it does.
    fn grants_of(
        mut self,
        node: Node,
        subject: Subject,
        until: impl Fn(&Source<'_>) -> Option<Expiry>,
    ) -> Self {
        let view = self.draft.view();
        let state = view.state();
        let Some(found) = state.node(node) else {
            return self;
        };
        let mut given: Vec<(&GrantKey, Expiry)> = Vec::new();
        let mut visit = |source: Source<'a>| {
            if let SourceKind::Grant { key, .. } = source.kind
                && source.live
            {
                given.extend(until(&source).map(|until| (key, until)));
            }
            std::ops::ControlFlow::<()>::Continue(())
        };
        let who = view.look_up(subject);
        let _ = view.grants_on(node, found, who, &mut visit);
        for (key, until) in given {
            if let Some(role) = state.role(key.role) {
                self = self.role(node, role, &key.parameters, until);
            }
        }
        self
    }

    /// Gives what members may do on the resources that a user is attached to. Every user
    /// is attached to the root.
    fn what_members_may(&mut self, user: UserNumber) {
        let view = self.draft.view();
        let state = view.state();
        let attached = state.user_node(user).map(|row| row.resources.clone());
        let attached = attached.unwrap_or_default();
        for node in attached.keys().copied().chain([Tree::ROOT]) {
            if view.is_member(node, user) {
                let source = Source {
                    on: node,
                    live: true,
                    kind: SourceKind::Membership,
                };
                let until = view.member_until(node, user);
                self.permissions(node, view.permissions_of(&source), until);
            }
        }
    }

    /// Gives a user's own grants on a resource, and those on the resources below whose
    /// memberships depend on the one here, if its membership ends at `until`.
    pub(super) fn what_lasts(mut self, node: Node, user: UserNumber, until: Expiry) -> Self {
        if self.power == Power::All {
            return self;
        }
        let view = self.draft.view();
        let state = view.state();
        self = self.grants_of(node, Subject::User(user), |source| match source.kind {
            SourceKind::Grant {
                grant, group: None, ..
            } => Some(grant.expires_at().min(until)),
            SourceKind::Grant { .. } | SourceKind::Membership => None,
        });
        let children = state.node(node).map(|found| found.children.clone());
        for child in children.unwrap_or_default().keys() {
            let found = state.node(*child);
            let depends = found
                .and_then(|found| state.kind(found.kind))
                .is_some_and(|kind| kind.members_from_parent);
            let own = found.and_then(|found| found.members.get(&user));
            if let Some(own) = own
                && depends
                && view.is_member(*child, user)
            {
                self = self.what_lasts(*child, user, until.min(own.expires_at()));
            }
        }
        self
    }

    /// Checks that the caller holds all gifts for as long as they are given. `field` is
    /// the command's field with the end, if it has one.
    ///
    /// # Errors
    /// [`Refusal::Exceeds`], or [`Refusal::Outlasts`] with the end until which everything
    /// can be given.
    pub(super) fn must_be_held(self, field: Option<&'static str>) -> Result<(), Refusal> {
        if let Some(permission) = self.lacks {
            return Err(Refusal::Exceeds { permission });
        }
        // Permissions without an end are held for long enough.
        let ends = self
            .ends
            .and_then(|(end, permission)| Some((end.instant()?, permission)));
        match ends {
            Some((until, permission)) => Err(Refusal::Outlasts {
                field,
                permission,
                until,
            }),
            None => Ok(()),
        }
    }
}

impl Draft {
    /// Returns an empty gift, to be compared with what the caller holds.
    pub(super) fn gift(&self) -> Gift<'_> {
        Gift {
            draft: self,
            power: self.authority().power(),
            latest: Expiry::NEVER,
            credential: Expiry::NEVER,
            held: None,
            lacks: None,
            ends: None,
        }
    }

    /// Returns whether the rule does not bind the caller, such as the operator.
    pub(super) fn holds_everything(&self) -> bool {
        self.authority().power() == Power::All
    }

    /// Checks that the caller holds all that a subject holds, everywhere and as long. A
    /// caller that lets another act as that subject must.
    pub(super) fn must_hold_all_of(&self, subject: Subject) -> Result<(), Refusal> {
        self.gift().all_of(subject).must_be_held(None)
    }
}
