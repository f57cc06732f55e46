//! What one subject may do on one resource, and what it is told it holds.

use attache_core::ask::{Access, Denial, Permission};
use attache_core::catalogue::Pattern;
use attache_core::id::{Node, ResourceId};
use attache_core::model::{Parameters, Subject, SubjectId};
use attache_core::{State, Timestamp};

use super::commands::{COMPOSED, DECOMPOSED};
use super::random::Random;
use super::{Questions, same};
use crate::naive::{Answer, Held, Source, Tenant};

pub(super) type Places = Vec<(ResourceId, Node)>;

/// One subject, and who is asked about it.
pub(super) struct Asked<'a> {
    pub(super) state: &'a State,
    pub(super) model: &'a Tenant,
    pub(super) at: Timestamp,
    pub(super) strict: bool,
    pub(super) id: SubjectId,
    pub(super) subject: Subject,
}

impl Asked<'_> {
    /// Whether each of these is held on all of a resource.
    pub(super) fn access(
        &self,
        on: ResourceId,
        node: Node,
        sources: &[Source<'_>],
        wanted: &[Pattern],
        random: &mut Random,
        questions: &mut Questions,
    ) -> Result<Vec<bool>, String> {
        let inbox = match random.below(6) {
            0 => Parameters::as_stored([("inboxId", DECOMPOSED)]),
            1 => Parameters::from_iter([("inboxId", COMPOSED)]),
            2 | 3 => Parameters::from_iter([("inboxId", "7")]),
            _ => Parameters::from_iter([("inboxId", "8")]),
        };
        let none = Parameters::none();
        let mut allowed = Vec::with_capacity(wanted.len());
        let part = random.below(wanted.len());
        let has_parts = self.model.kind_of(on) == "chatbot";
        for (n, pattern) in wanted.iter().enumerate() {
            let whole = self.check(on, node, sources, pattern, &none, questions)?;
            allowed.push(matches!(whole, Answer::Allowed(_)));
            if n == part && has_parts {
                self.check(on, node, sources, pattern, &inbox, questions)?;
            }
            if n == part && random.percent(20) {
                let named = if has_parts { &inbox } else { &none };
                self.explained(on, node, sources, pattern, named, questions)?;
            }
        }
        Ok(allowed)
    }

    fn check(
        &self,
        on: ResourceId,
        node: Node,
        sources: &[Source<'_>],
        wanted: &Pattern,
        named: &Parameters,
        questions: &mut Questions,
    ) -> Result<Answer, String> {
        let model = match self.model.can_act(self.id) {
            true => self.model.judge(sources, wanted.as_str(), on, named),
            false => Answer::Inactive,
        };
        let core = self
            .state
            .view(self.at)
            .access(self.subject, wanted, node, named);
        let core = self.answer(&core);
        let loose = |answer| match answer {
            // A sweep forgets what would have allowed it.
            Answer::Expired | Answer::Lacks | Answer::HoldsNothing | Answer::OtherParameters
                if !self.strict =>
            {
                Answer::Nothing
            }
            answer => answer,
        };
        let id = self.id;
        same!(
            questions,
            loose(core),
            loose(model),
            "{id} {wanted} on {on} {named:?}"
        );
        Ok(model)
    }

    pub(super) fn answer(&self, access: &Access<'_>) -> Answer {
        match access {
            Access::Allowed(source) => {
                let on = self
                    .state
                    .resource(source.on)
                    .expect("a source stands somewhere");
                Answer::Allowed(on.id)
            }
            Access::Denied(Denial::Nothing) => Answer::Nothing,
            Access::Denied(Denial::Inactive | Denial::Invited) => Answer::Inactive,
            Access::Denied(Denial::Expired(_)) => Answer::Expired,
            Access::Denied(Denial::OtherParameters(_)) => Answer::OtherParameters,
            Access::Denied(Denial::Lacks) => Answer::Lacks,
            Access::Denied(Denial::HoldsNothing) => Answer::HoldsNothing,
        }
    }

    /// The list says all that is held, nothing else, nothing twice, in order.
    pub(super) fn permissions(
        &self,
        on: ResourceId,
        node: Node,
        sources: &[Source<'_>],
        places: &Places,
        questions: &mut Questions,
    ) -> Result<(), String> {
        let core = self.state.view(self.at).permissions(self.subject, node);
        let live = sources.iter().filter(|source| source.live);
        let held: Vec<&Held<'_>> = match self.model.can_act(self.id) {
            true => live.flat_map(|source| &source.gives).collect(),
            false => Vec::new(),
        };
        questions.0 += 1;
        let said: Vec<Held<'_>> = core.iter().map(|it| held_of(it, places)).collect();
        let repeats = |one: usize| {
            (0..said.len()).any(|other| other != one && said[other].covers(&said[one]))
        };
        let is_right = core.is_sorted_by(|a, b| a < b)
            && said.iter().all(|said| held.contains(&said))
            && held.iter().all(|held| said.iter().any(|said| said.covers(held)))
            && !(0..said.len()).any(repeats)
            // Of two that say the same, the plain one is listed.
            && said.iter().filter(|said| said.scope.is_some()).all(|said| {
                !held.iter().any(|held| held.scope.is_none() && held.covers(said))
            });
        if let Subject::User(number) = self.subject
            && let Some((branch, user)) = self
                .state
                .view(self.at)
                .branch(node)
                .zip(self.state.user_node(number))
        {
            let mut whole: Vec<&Pattern> = core
                .iter()
                .filter(|it| it.scope.as_ref().is_none_or(|scope| scope.parts.is_empty()))
                .map(|it| &it.pattern)
                .collect();
            whole.dedup();
            same!(
                questions,
                branch.patterns(&branch.held(user)),
                whole,
                "what {} holds on all of {on}",
                self.id
            );
        }
        match is_right {
            true => Ok(()),
            false => Err(format!(
                "what {} holds on {on}:\n  core  {said:?}\n  model {held:?}",
                self.id
            )),
        }
    }
}

/// A permission of the core in the words of the model.
fn held_of<'a>(permission: &'a Permission, places: &Places) -> Held<'a> {
    Held {
        pattern: permission.pattern.as_str(),
        scope: permission.scope.as_ref().map(|scope| crate::naive::Within {
            collection: &scope.collection,
            on: places
                .iter()
                .find(|(_, node)| *node == scope.on)
                .map(|(id, _)| *id)
                .expect("a scope is on a resource"),
            parts: scope
                .parts
                .iter()
                .map(|part| [&*part.collection, &*part.parameter, &*part.value])
                .collect(),
        }),
    }
}
