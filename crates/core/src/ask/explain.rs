//! Why may a subject do something on a resource; or what stands nearest to it, where it may not?

use std::collections::HashSet;
use std::ops::ControlFlow;

use super::access::Allows;
use super::{
    Access, Bounded, Coverage, MAX_ROLES_NAMED, MAX_SOURCES_NAMED, Permission, ScopePath, Source,
    View, of_role,
};
use crate::catalogue::{Pattern, Role};
use crate::id::Node;
use crate::model::{Parameters, Subject};

/// A decision, with everything that was tried for it.
#[derive(Clone, Debug)]
pub struct Explanation<'a> {
    /// The decision itself, as [`View::access`] gives it.
    pub access: Access<'a>,
    /// From the resource up to the root, a step for each.
    pub steps: Vec<Step<'a>>,
}

/// What was tried on one resource.
#[derive(Clone, Debug)]
pub struct Step<'a> {
    /// The resource that was asked about, or one above it.
    pub on: Node,
    /// The memberships and grants of the subject that stand there.
    pub tried: Vec<Tried<'a>>,
    /// The roles that would allow it if they were granted there, in the order of the catalogue.
    pub roles: Vec<&'a Role>,
}

/// Of what was tried on one resource, as much as an answer names.
#[derive(Clone, Debug)]
pub struct NamedStep<'a> {
    /// As in [`Step`].
    pub on: Node,
    /// As in [`Step`].
    pub tried: Bounded<Tried<'a>>,
    /// As in [`Step`], at most [`MAX_ROLES_NAMED`].
    pub roles: Bounded<&'a Role>,
}

/// A membership or a grant, and what became of it.
#[derive(Clone, Copy, Debug)]
pub struct Tried<'a> {
    /// Which.
    pub source: Source<'a>,
    /// What became of it.
    pub verdict: Verdict,
}

/// What a membership or a grant is worth to a question.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verdict {
    /// It allows it.
    Allows,
    /// It would allow it, and does not count at that instant: it has expired, or the
    /// membership that it depends on is not there.
    DoesNotCount,
    /// It allows it for another part of the resource.
    AnotherPart,
    /// It gives other permissions, or none.
    Lacks,
}

impl<'a> Step<'a> {
    /// The roles that an answer names.
    #[must_use]
    pub fn named_roles(&self) -> Bounded<&'a Role> {
        Bounded::of(MAX_ROLES_NAMED, self.roles.iter().copied())
    }
}

impl<'a> Explanation<'a> {
    /// The steps on resources that `sees` lets through, with all that an answer names: of
    /// everything that was tried the [`MAX_SOURCES_NAMED`] that are worth most to the question,
    /// and among equals the closest to the resource.
    #[must_use]
    pub fn named(&self, sees: impl Fn(Node) -> bool) -> Vec<NamedStep<'a>> {
        let steps: Vec<&Step<'_>> = self.steps.iter().filter(|step| sees(step.on)).collect();
        let tried = steps.iter().enumerate().flat_map(|(place, step)| {
            let tried = step.tried.iter().enumerate();
            tried.map(move |(nth, it)| (it.verdict, place, nth))
        });
        let mut tried: Vec<(Verdict, usize, usize)> = tried.collect();
        tried.sort_unstable();
        tried.truncate(MAX_SOURCES_NAMED);
        let named = tried.into_iter().map(|(_, place, nth)| (place, nth));
        let named: HashSet<(usize, usize)> = named.collect();
        let steps = steps.into_iter().enumerate();
        steps
            .map(|(place, step)| {
                let tried = step.tried.iter().enumerate();
                let tried = tried.filter(|(nth, _)| named.contains(&(place, *nth)));
                let first: Vec<Tried<'a>> = tried.map(|(_, it)| *it).collect();
                let more = step.tried.len() - first.len();
                NamedStep {
                    on: step.on,
                    tried: Bounded { first, more },
                    roles: step.named_roles(),
                }
            })
            .collect()
    }
}

impl<'a> View<'a> {
    /// The same decision as [`View::access`], with everything that was tried for it. Whether
    /// the subject is active decides the decision, and no step.
    #[must_use]
    pub fn explain(
        self,
        subject: Subject,
        wanted: &Pattern,
        node: Node,
        parameters: &Parameters,
    ) -> Explanation<'a> {
        let steps = self.state.up(node).map(|(on, _)| Step {
            on,
            tried: Vec::new(),
            roles: self.roles_that_allow(wanted, on, node, parameters),
        });
        let mut steps: Vec<Step<'_>> = steps.collect();
        let _ = self.sources(subject, node, |source| {
            let verdict = match self.allows(&source, wanted, node, parameters) {
                Allows::Yes if source.live => Verdict::Allows,
                Allows::Yes => Verdict::DoesNotCount,
                Allows::ForAnotherPart => Verdict::AnotherPart,
                Allows::No => Verdict::Lacks,
            };
            let step = steps.iter_mut().find(|step| step.on == source.on);
            if let Some(step) = step {
                step.tried.push(Tried { source, verdict });
            }
            ControlFlow::<()>::Continue(())
        });
        Explanation {
            access: self.access(subject, wanted, node, parameters),
            steps,
        }
    }

    /// The roles that would allow something on a resource if they were granted on `on`, which
    /// is that resource or one above it, in the order of the catalogue. A role that has to
    /// have a parameter counts only where the question names it.
    fn roles_that_allow(
        self,
        wanted: &Pattern,
        on: Node,
        node: Node,
        parameters: &Parameters,
    ) -> Vec<&'a Role> {
        let kind = self.state.resource(on).map(|resource| &resource.kind);
        let roles = self
            .state
            .catalogue()
            .into_iter()
            .flat_map(|it| it.roles.iter());
        let of_kind = roles.filter(|role| Some(&role.kind) == kind);
        let names_it = |patterns: &[Pattern]| patterns.iter().any(|held| held.covers(wanted));
        let allows = |role: &&Role| {
            let Some(given) = named_by(role, parameters) else {
                return false;
            };
            let mut scoped = role.scoped.iter();
            names_it(&role.permissions)
                || scoped.any(|scoped| {
                    names_it(&scoped.permissions)
                        && ScopePath::fill(&scoped.scope, on, &given).answers_for(node, parameters)
                })
        };
        of_kind.filter(allows).collect()
    }

    /// Who may grant one of these roles on a resource: the users and services that may grant
    /// roles there and hold all that one of them gives, each once; for as long as they hold it
    /// themselves. The parameters are those of the grant.
    #[must_use]
    pub fn who_may_grant(
        self,
        roles: &[&Role],
        node: Node,
        parameters: &Parameters,
    ) -> Vec<Subject> {
        let permission = self.permission_for(node, "users.roles.grant");
        let given: Vec<Vec<Permission>> = roles
            .iter()
            .filter_map(|role| {
                let given = named_by(role, parameters)?;
                Some(of_role(role, node, &given).collect())
            })
            .collect();
        let mut who = self.who(&permission, node);
        who.retain(|subject| {
            let held = self.permissions(*subject, node);
            let held = Coverage::of(&held);
            let holds = |given: &Permission| held.covers(given);
            given.iter().any(|given| given.iter().all(holds))
        });
        who
    }
}

/// Of some parameters those that a role takes. `None` if one that it must have is missing.
fn named_by(role: &Role, parameters: &Parameters) -> Option<Parameters> {
    let taken = role.parameters.iter();
    let is_lacking = |name: &str| parameters.get(name).is_none();
    if taken.clone().any(|it| it.required && is_lacking(&it.name)) {
        return None;
    }
    let given = taken.filter_map(|it| Some((it.name.as_str(), parameters.get(&it.name)?)));
    Some(given.collect())
}
