//! A history while it runs, in the core and in the model.

use std::sync::{Arc, LazyLock};

use attache_core::id::EntryId;
use attache_core::{Caller, Command, Draft, Entry, HeadRequest, Refusal, State, Timestamp};
use uuid::Uuid;

use super::ask_past::Then;
use super::random::Random;
use super::universe::TENANT;
use super::{
    Counts, Step, ask_gate, ask_memberships, ask_pages, ask_past, ask_people, ask_reach, ask_seen,
    facts, same,
};
use crate::naive::{End, Tenant};

/// After how many steps the earlier state of a history is another one.
const STEPS_BACK: usize = 6;

/// Families of questions: reach, people, pages, seeing, gate.
const FAMILIES: usize = 5;

/// Whether each history asks all families of questions. Without `ATTACHE_EVERY_QUESTION` the
/// histories take turns: one family each, chosen by the history's seed.
static EVERY_QUESTION: LazyLock<bool> =
    LazyLock::new(|| std::env::var_os("ATTACHE_EVERY_QUESTION").is_some());

/// Commands of one caller at one instant, one after the other.
#[derive(Clone, Debug)]
pub(super) struct Burst {
    pub(super) by: Caller,
    pub(super) at: Timestamp,
    pub(super) until: End,
    pub(super) head: HeadRequest,
    pub(super) before: State,
    pub(super) after: State,
    /// Those that were accepted.
    pub(super) commands: Vec<Command>,
    /// All of them, each with what came of it.
    pub(super) tried: Vec<(Command, Result<(), Refusal>)>,
}

#[derive(Clone, Debug)]
pub(crate) struct Run {
    /// Where it began.
    pub(super) begun: State,
    pub(super) state: State,
    pub(crate) model: Tenant,
    pub(super) entries: Vec<Entry>,
    /// The entries that it began with.
    pub(super) furniture: Arc<Vec<Entry>>,
    pub(super) bursts: Vec<Burst>,
    /// An earlier state of the history, a few steps back, with its model.
    then: Then,
    /// How many steps there were.
    steps: usize,
    /// The state in which it stands, with every order of every list kept.
    pub(super) large: State,
}

/// Texts for people may differ, and which of several things is named first.
fn alike(core: &Refusal, model: &Refusal) -> bool {
    match (core, model) {
        (Refusal::Invalid { field: core, .. }, Refusal::Invalid { field: model, .. }) => {
            core == model
        }
        (Refusal::InUse { uses: core, .. }, Refusal::InUse { uses: model, .. }) => {
            core.len() == model.len() && core.iter().all(|one| model.contains(one))
        }
        (Refusal::Exceeds { .. }, Refusal::Exceeds { .. }) => true,
        (
            Refusal::Outlasts {
                field: core,
                until: core_until,
                ..
            },
            Refusal::Outlasts { field, until, .. },
        ) => (core, core_until) == (field, until),
        _ => core == model,
    }
}

impl Step {
    /// Where it is decided.
    pub(super) fn draft(&self, state: &State) -> Result<Draft, Refusal> {
        let draft = Draft::new(state.clone(), self.by, self.at);
        draft.with_end(self.until.into()).with_head(&self.head)
    }
}

impl Run {
    pub(crate) fn nothing() -> Self {
        Self {
            begun: State::empty(TENANT),
            state: State::empty(TENANT),
            model: Tenant::new(TENANT),
            entries: Vec::new(),
            furniture: Arc::default(),
            bursts: Vec::new(),
            then: Then {
                state: State::empty(TENANT),
                model: Tenant::new(TENANT),
            },
            steps: 0,
            large: State::empty(TENANT).large_from(1),
        }
    }

    /// Let both decide one command, and both agree.
    pub(crate) fn step(&mut self, step: &Step, counts: &mut Counts) -> Result<(), String> {
        let Step {
            by, at, command, ..
        } = step;
        self.steps += 1;
        if self.steps.is_multiple_of(STEPS_BACK) {
            self.then = Then {
                state: self.state.clone(),
                model: self.model.clone(),
            };
        }
        let draft = step.draft(&self.state);
        let head = self.model.head(&step.act(), &step.head);
        let mut draft = match (draft, head) {
            (Ok(draft), Ok(users)) => {
                let core = [draft.head().on_behalf_of, draft.head().approved_by];
                same!(counts.questions, core, users, "{step}: its head");
                draft
            }
            (Err(core), Err(model)) if alike(&core, &model) => {
                counts.decided(command, Some(&core));
                return Ok(());
            }
            (core, model) => {
                let core = core.map(|draft| draft.head());
                return Err(format!("{step}:\n  core  {core:?}\n  model {model:?}"));
            }
        };
        let head = draft.head();
        let core = draft.run(command).map(|()| draft.finish().0);
        let had_admin = self.model.has_lasting_admin();
        let model = self.model.run(step.act(), command);
        match (&core, &model) {
            (Ok(changes), Ok(changed)) if changes.is_empty() != *changed => {}
            (Err(core), Err(model)) if alike(core, model) => {}
            _ => return Err(format!("{step}:\n  core  {core:?}\n  model {model:?}")),
        }
        counts.decided(command, core.as_ref().err());
        let before = self.state.clone();
        let at = *at;
        let decided = core.as_ref().map(|_| ()).map_err(Clone::clone);
        let is_of_one = |burst: &&mut Burst| {
            (burst.by, burst.at, burst.until, &burst.head) == (*by, at, step.until, &step.head)
        };
        let Ok(changes) = core else {
            let tried = (command.clone(), decided);
            match self.bursts.last_mut().filter(is_of_one) {
                Some(burst) => burst.tried.push(tried),
                None => self.bursts.push(Burst {
                    by: *by,
                    at,
                    until: step.until,
                    head: step.head.clone(),
                    after: before.clone(),
                    before,
                    commands: Vec::new(),
                    tried: vec![tried],
                }),
            }
            return Ok(());
        };
        if !changes.is_empty() {
            let revision = self.state.revision().next();
            let entry = Entry {
                id: EntryId(Uuid::from_u128(revision.0.into())),
                revision,
                at: at.max(self.state.at()),
                actor: by.actor,
                correlation_id: "c".into(),
                head,
                changes,
            };
            self.state.apply(&entry);
            self.entries.push(entry);
        }
        if had_admin && !self.model.has_lasting_admin() {
            return Err(format!("{step} took the last admin away"));
        }
        match self.bursts.last_mut().filter(is_of_one) {
            Some(burst) => {
                burst.after = self.state.clone();
                burst.commands.push(command.clone());
                burst.tried.push((command.clone(), decided));
            }
            None => self.bursts.push(Burst {
                by: *by,
                at,
                until: step.until,
                head: step.head.clone(),
                before,
                after: self.state.clone(),
                commands: vec![command.clone()],
                tried: vec![(command.clone(), decided)],
            }),
        }
        Ok(())
    }

    /// Let both answer everything, at an instant.
    pub(crate) fn compare(
        &self,
        at: Timestamp,
        random: &Random,
        counts: &mut Counts,
    ) -> Result<(), String> {
        self.compare_with(&self.state, at, random, counts)
    }

    /// The same, of a state that should be the core's.
    pub(super) fn compare_with(
        &self,
        state: &State,
        at: Timestamp,
        random: &Random,
        counts: &mut Counts,
    ) -> Result<(), String> {
        facts::compare(state, &self.model, &mut counts.questions)?;
        self.ask(state, at, true, random, counts)
    }

    pub(super) fn ask(
        &self,
        state: &State,
        at: Timestamp,
        strict: bool,
        random: &Random,
        counts: &mut Counts,
    ) -> Result<(), String> {
        // All states of a history are asked the same questions.
        let random = &mut random.clone();
        let turn = random.below(FAMILIES);
        let asks = |family: usize| *EVERY_QUESTION || family == turn;
        let questions = &mut counts.questions;
        if asks(0) {
            ask_reach::compare(state, &self.model, at, strict, random, questions)?;
        }
        if asks(1) {
            ask_people::compare(state, &self.model, at, questions)?;
        }
        if asks(2) {
            ask_pages::compare(state, &self.model, at, strict, random, questions)?;
            ask_memberships::compare(state, &self.model, at, random, questions)?;
        }
        if asks(3) {
            ask_seen::compare(state, at, random, questions)?;
        }
        if asks(4) {
            ask_gate::compare(state, &self.model, at, random, questions)?;
            // What was swept away is not there at an earlier instant either.
            if strict {
                ask_past::compare((state, &self.model, at), &self.then, random, questions)?;
            }
        }
        Ok(())
    }

    /// The same place, with nothing behind it. Where every resource counts as
    /// large, lists are answered from orders that are kept.
    pub(crate) fn begin(&self, large: bool) -> Self {
        let state = if large { &self.large } else { &self.state };
        Self {
            state: state.clone(),
            begun: self.state.clone(),
            then: Then {
                state: self.state.clone(),
                model: self.model.clone(),
            },
            steps: 0,
            furniture: Arc::new(self.entries.clone()),
            entries: Vec::new(),
            bursts: Vec::new(),
            ..self.clone()
        }
    }
}
