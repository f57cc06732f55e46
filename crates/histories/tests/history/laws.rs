//! What holds of every history, whatever is in it.

use attache_core::id::EntryId;
use attache_core::state::Facts;
use attache_core::{Actor, Changes, Command, Draft, Entry, State, Timestamp};
use uuid::Uuid;

use super::callers::of;
use super::random::Random;
use super::run::{Burst, Run};
use super::{Counts, Questions, Step, ask_focus, same};

impl Run {
    /// Both answer alike at the end, and the laws hold. They take turns, for
    /// they take long; over all histories each of them is checked often.
    pub(crate) fn finish(
        &self,
        steps: &[Step],
        at: Timestamp,
        random: &Random,
        counts: &mut Counts,
    ) -> Result<(), String> {
        self.compare(at, random, counts)?;
        let turn = random.clone().below(8);
        match turn {
            0 => self.can_be_replayed(&mut counts.questions)?,
            1 => self.drafts_like_one_by_one()?,
            2 => self.can_be_rebuilt(at, random, counts)?,
            3 => self.only_applying_changes(steps, &mut counts.questions)?,
            5 => self.a_few_things_tell_as_much_as_all(random, &mut counts.questions)?,
            4 => self.drafts_write_what_can_be(&mut counts.questions)?,
            _ => {}
        }
        match self.state.next_expiry() {
            Some(end) if end <= at && turn > 4 => {
                self.sweeping_changes_no_answer(at, random, counts)
            }
            _ => Ok(()),
        }
    }

    /// A question about the past is answered alike from the changes of what it touches.
    fn a_few_things_tell_as_much_as_all(
        &self,
        random: &Random,
        questions: &mut Questions,
    ) -> Result<(), String> {
        let all = self.furniture.iter().chain(&self.entries).cloned();
        ask_focus::compare(&all.collect::<Vec<Entry>>(), &mut random.clone(), questions)
    }

    /// The entries, written as text and read again, give the same state.
    fn can_be_replayed(&self, questions: &mut Questions) -> Result<(), String> {
        let mut replayed = self.begun.clone();
        for entry in &self.entries {
            let text = serde_json::to_string(entry).map_err(|e| e.to_string())?;
            let read: Entry = serde_json::from_str(&text).map_err(|e| format!("{e}: {text}"))?;
            same!(questions, read, *entry, "an entry, read back");
            replayed.apply(&read);
        }
        same!(
            questions,
            replayed,
            self.state,
            "the entries, applied again"
        );
        Ok(())
    }

    /// What the facts say is all that there is: every index follows from them.
    fn can_be_rebuilt(
        &self,
        at: Timestamp,
        random: &Random,
        counts: &mut Counts,
    ) -> Result<(), String> {
        let facts = self.state.facts();
        let parts = facts.clone().into_parts(3).collect();
        let whole = Facts::from_parts(parts).map_err(|wrong| wrong.to_string())?;
        let rebuilt = State::from_facts(whole).map_err(|wrong| wrong.to_string())?;
        same!(
            counts.questions,
            rebuilt.facts(),
            facts,
            "the facts, read back"
        );
        self.compare_with(&rebuilt, at, random, counts)
            .map_err(|wrong| format!("from facts: {wrong}"))
    }

    /// Deciding leaves everything as it is.
    fn only_applying_changes(
        &self,
        steps: &[Step],
        questions: &mut Questions,
    ) -> Result<(), String> {
        let facts = self.state.facts();
        for step in steps {
            // Whether that is refused now does not matter.
            let _ = step
                .draft(&self.state)
                .and_then(|mut draft| draft.run(&step.command));
        }
        same!(
            questions,
            self.state.facts(),
            facts,
            "a state on which was decided"
        );
        Ok(())
    }

    /// What ran out stopped counting at its instant: the entry that says so
    /// changes no answer.
    fn sweeping_changes_no_answer(
        &self,
        at: Timestamp,
        random: &Random,
        counts: &mut Counts,
    ) -> Result<(), String> {
        let mut swept = self.state.clone();
        let most = usize::MAX;
        let changes = swept
            .decide(&of(Actor::Attache), at, &Command::Expire { most })
            .map_err(|refusal| format!("the sweep was refused: {refusal}"))?;
        swept.apply(&Entry {
            id: EntryId(Uuid::nil()),
            revision: swept.revision().next(),
            at,
            actor: Actor::Attache,
            correlation_id: "sweep".into(),
            head: attache_core::EntryHead::default(),
            changes,
        });
        if swept.next_expiry().is_some_and(|left| left <= at) {
            return Err(format!("the sweep at {at} left something"));
        }
        self.ask(&swept, at, false, random, counts)
            .map_err(|wrong| format!("after a sweep: {wrong}"))
    }

    /// The longest row of commands of one caller, tried in one draft, is refused where it
    /// was one by one, and gives what it gave then.
    fn drafts_write_what_can_be(&self, questions: &mut Questions) -> Result<(), String> {
        let longest = self.bursts.iter().max_by_key(|burst| burst.tried.len());
        longest.map_or(Ok(()), |burst| burst.drafts_write_what_can_be(questions))
    }

    /// The longest row of commands of one caller, decided in one draft, gives
    /// what it gave one by one.
    fn drafts_like_one_by_one(&self) -> Result<(), String> {
        let longest = self.bursts.iter().max_by_key(|burst| burst.commands.len());
        longest.map_or(Ok(()), Burst::drafts_like_one_by_one)
    }
}

impl Burst {
    fn draft(&self) -> Result<Draft, String> {
        let draft = Draft::new(self.before.clone(), self.by, self.at);
        let draft = draft.with_end(self.until.into()).with_head(&self.head);
        draft.map_err(|refusal| format!("the head of a draft was refused: {refusal}"))
    }

    fn drafts_write_what_can_be(&self, questions: &mut Questions) -> Result<(), String> {
        let mut draft = self.draft()?;
        for (command, outcome) in &self.tried {
            let tried = draft.try_run(command);
            same!(questions, &tried, outcome, "{command:?}, tried in a draft");
        }
        self.gives_the_same(draft)
    }

    fn drafts_like_one_by_one(&self) -> Result<(), String> {
        let mut draft = self.draft()?;
        for command in &self.commands {
            draft
                .run(command)
                .map_err(|refusal| format!("in a draft: {command:?}: {refusal}"))?;
        }
        self.gives_the_same(draft)
    }

    fn gives_the_same(&self, draft: Draft) -> Result<(), String> {
        let head = draft.head();
        let (changes, mut drafted, at) = draft.finish();
        if changes.is_empty() {
            return Ok(());
        }
        let entry = |changes| Entry {
            id: self.after.last_entry().unwrap_or(EntryId(Uuid::nil())),
            revision: self.after.revision(),
            at,
            actor: self.by.actor,
            correlation_id: "draft".into(),
            head,
            changes,
        };
        // The draft's own state has the changes, and is not yet at their revision.
        drafted.apply(&entry(Changes::default()));
        let mut applied = self.before.clone();
        applied.apply(&entry(changes));
        match applied == self.after && drafted == self.after {
            true => Ok(()),
            false => Err(format!(
                "a draft of {:#?} gave something else",
                self.commands
            )),
        }
    }
}
