//! What is tried for a decision, which roles would change it, and who may grant them.

use attache_core::ask::Verdict;
use attache_core::catalogue::{Pattern, Role};
use attache_core::id::{Node, ResourceId};
use attache_core::model::{Parameters, Subject};

use super::ask_access::{Asked, Places};
use super::random::Random;
use super::{Questions, same};
use crate::naive::Source;

impl Asked<'_> {
    /// The explanation says what the decision says, and each step is what the model finds.
    pub(super) fn explained(
        &self,
        on: ResourceId,
        node: Node,
        sources: &[Source<'_>],
        wanted: &Pattern,
        named: &Parameters,
        questions: &mut Questions,
    ) -> Result<(), String> {
        let id = self.id;
        let (state, subject) = (self.state, self.subject);
        let said = state.view(self.at).explain(subject, wanted, node, named);
        let decision = state.view(self.at).access(subject, wanted, node, named);
        same!(
            questions,
            self.answer(&said.access),
            self.answer(&decision),
            "how {id} {wanted} on {on} is explained"
        );
        let place = |node: Node| {
            let found = self.state.resource(node);
            found.expect("a step is on a resource").id
        };
        let steps: Vec<ResourceId> = said.steps.iter().map(|step| place(step.on)).collect();
        same!(questions, steps, self.model.path(on), "the steps to {on}");
        // A sweep forgets what counts no more.
        let is_told = |live: bool| live || self.strict;
        let mut core: Vec<(ResourceId, Verdict)> = said
            .steps
            .iter()
            .flat_map(|step| step.tried.iter().map(|it| (place(step.on), it)))
            .filter(|(_, it)| is_told(it.source.live))
            .map(|(on, it)| (on, it.verdict))
            .collect();
        let told = sources.iter().filter(|source| is_told(source.live));
        let model = told.map(|it| (it.on, it.verdict(wanted.as_str(), on, named)));
        let mut model: Vec<(ResourceId, Verdict)> = model.collect();
        core.sort_unstable();
        model.sort_unstable();
        same!(
            questions,
            core,
            model,
            "what is tried for {id} {wanted} on {on}"
        );
        let is_allowed = core.iter().any(|(_, it)| *it == Verdict::Allows);
        same!(
            questions,
            decision.is_allowed(),
            is_allowed && self.model.can_act(id),
            "whether what is tried for {id} {wanted} on {on} decides it"
        );
        for step in &said.steps {
            let names = |roles: &[&Role]| -> Vec<String> {
                roles.iter().map(|role| role.name.to_string()).collect()
            };
            let model = self
                .model
                .roles_that_allow(wanted.as_str(), place(step.on), on, named);
            same!(
                questions,
                names(&step.roles),
                names(&model),
                "which roles on {} would allow {wanted} on {on} {named:?}",
                place(step.on)
            );
        }
        Ok(())
    }
}

/// Who may grant one of the roles on each of the resources.
pub(super) fn granting(
    ask: &Asked<'_>,
    subjects: &[(attache_core::model::SubjectId, Subject)],
    places: &Places,
    random: &mut Random,
    questions: &mut Questions,
) -> Result<(), String> {
    let (on, node) = places[random.below(places.len())];
    let kind = ask.model.kind_of(on).to_owned();
    let roles = ask
        .state
        .catalogue()
        .into_iter()
        .flat_map(|it| it.roles.iter());
    let roles: Vec<&Role> = roles.filter(|role| role.kind.as_str() == kind).collect();
    if roles.is_empty() {
        return Ok(());
    }
    let role = roles[random.below(roles.len())];
    let given = Parameters::from_iter([("inboxId", "7")]);
    let mut model: Vec<Subject> = subjects
        .iter()
        .filter(|(id, _)| ask.model.may_grant(*id, role, on, &given, ask.at))
        .map(|(_, subject)| *subject)
        .filter(|subject| !matches!(subject, Subject::Group(_)))
        .collect();
    model.sort_unstable();
    same!(
        questions,
        ask.state.view(ask.at).who_may_grant(&[role], node, &given),
        model,
        "who may grant {} on {on}",
        role.name
    );
    Ok(())
}
