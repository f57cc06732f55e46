//! Nobody gives what they do not hold, nor for longer than they hold it.

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

/// What a command gives, held against what its caller holds. What is lacking is
/// collected, so that the refusal tells the end until which all of it can be given.
pub(super) struct Gift<'a> {
    draft: &'a Draft,
    power: Power,
    /// When all of it ends at the latest.
    latest: Expiry,
    /// When the caller's credential ends, where credentials are given.
    credential: Expiry,
    /// What the caller holds on the resource that was looked at last, by its end, the
    /// latest first.
    held: Option<(Node, ByEnd)>,
    lacks: Option<Pattern>,
    /// What is not held for long enough, and until when it is: the earliest of these.
    ends: Option<(Expiry, Pattern)>,
}

impl<'a> Gift<'a> {
    /// All of it ends then at the latest, whatever it is.
    pub(super) fn ending(mut self, latest: Expiry) -> Self {
        self.latest = latest;
        self
    }

    /// It is a credential, or lets some be made: it ends with the caller's own, which is
    /// otherwise no bound, since its holder can get another.
    pub(super) fn of_credentials(mut self) -> Self {
        self.credential = self.draft.until;
        self
    }

    /// Nothing of it is new: it is enough that the caller holds it now.
    pub(super) fn given_already(self) -> Self {
        let now = Expiry::from(Some(self.draft.at));
        self.ending(now)
    }

    /// Whether nothing more needs to be looked at.
    fn is_settled(&self) -> bool {
        self.power == Power::All || self.lacks.is_some()
    }

    /// What the caller holds until an end is needed until another.
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

    /// The caller must be able to do `what` on a resource until an end, such as
    /// `users.add`.
    pub(super) fn by_means_of(mut self, node: Node, what: &str, until: Expiry) -> Self {
        if self.power != Power::All {
            let permission = self.draft.state.permission_for(node, what);
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
                draft
                    .state
                    .may_until(subject, wanted, node, draft.at, until)
            }
            Power::All | Power::Nothing => None,
        };
        self.note(held, wanted, until);
    }

    /// The caller must hold every permission until an end.
    pub(super) fn everything(mut self, until: Expiry) -> Self {
        self.pattern(Tree::ROOT, &Pattern::unchecked("*".to_owned()), until);
        self
    }

    /// Permissions are given on a resource until an end.
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
                Power::Of(subject) => self.draft.state.lasting(subject, node, self.draft.at),
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

    /// What a role gives that stands on a resource, given there until an end.
    pub(super) fn role(
        self,
        node: Node,
        role: &Role,
        parameters: &Parameters,
        until: Expiry,
    ) -> Self {
        self.role_from(node, node, role, parameters, until)
    }

    /// What a role gives on a resource that stands on it or above it.
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

    /// All that a subject holds, everywhere and for as long as it holds it: what is
    /// given by letting another act as that subject.
    pub(super) fn all_of(mut self, subject: Subject) -> Self {
        if self.power == Power::All {
            return self;
        }
        let state = &self.draft.state;
        for node in state.places(subject) {
            let as_long = |source: &Source<'_>| Some(state.source_until(subject, source));
            self = self.grants_of(node, subject, as_long);
        }
        if let Subject::User(user) = subject {
            self.what_members_may(user);
        }
        self
    }

    /// What the grants give that count for a subject on one resource. `until` tells
    /// until when each of them gives it, if it does.
    fn grants_of(
        mut self,
        node: Node,
        subject: Subject,
        until: impl Fn(&Source<'_>) -> Option<Expiry>,
    ) -> Self {
        let state = &self.draft.state;
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
        let who = state.look_up(subject);
        let _ = state.grants_on(node, found, who, self.draft.at, &mut visit);
        for (key, until) in given {
            if let Some(role) = state.role(key.role) {
                self = self.role(node, role, &key.parameters, until);
            }
        }
        self
    }

    /// What members of those resources may do to which a user is attached. Everybody
    /// is attached to the root.
    fn what_members_may(&mut self, user: UserNumber) {
        let state = &self.draft.state;
        let attached = state.user_node(user).map(|row| row.resources.clone());
        let attached = attached.unwrap_or_default();
        for node in attached.keys().copied().chain([Tree::ROOT]) {
            if state.is_member(node, user, self.draft.at) {
                let source = Source {
                    on: node,
                    live: true,
                    kind: SourceKind::Membership,
                };
                let until = state.member_until(node, user);
                self.permissions(node, state.permissions_of(&source), until);
            }
        }
    }

    /// What a user was granted itself on a resource, and on those below of which it is
    /// a member only as long as of this one, if its membership ends at `until`.
    pub(super) fn what_lasts(mut self, node: Node, user: UserNumber, until: Expiry) -> Self {
        if self.power == Power::All {
            return self;
        }
        let state = &self.draft.state;
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
                && state.is_member(*child, user, self.draft.at)
            {
                self = self.what_lasts(*child, user, until.min(own.expires_at()));
            }
        }
        self
    }

    /// Whether the caller holds all of it for as long as it is given. `field` is the
    /// field of the command that says for how long, if there is one.
    ///
    /// # Errors
    /// [`Refusal::Exceeds`], or [`Refusal::Outlasts`] with the end until which all of
    /// it can be given.
    pub(super) fn must_be_held(self, field: Option<&'static str>) -> Result<(), Refusal> {
        if let Some(permission) = self.lacks {
            return Err(Refusal::Exceeds { permission });
        }
        // What never ends is held for long enough.
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
    /// Nothing yet, to be held against what the caller holds.
    pub(super) fn gift(&self) -> Gift<'_> {
        Gift {
            draft: self,
            power: self.state.power(&self.by),
            latest: Expiry::NEVER,
            credential: Expiry::NEVER,
            held: None,
            lacks: None,
            ends: None,
        }
    }

    /// Whether the caller is not bound by what it holds, as the operator.
    pub(super) fn holds_everything(&self) -> bool {
        self.state.power(&self.by) == Power::All
    }

    /// Whether the caller holds all that a subject holds, everywhere and as long: what
    /// somebody must, who lets another act as that subject.
    pub(super) fn must_hold_all_of(&self, subject: Subject) -> Result<(), Refusal> {
        self.gift().all_of(subject).must_be_held(None)
    }
}
