//! Jobs that were decided together, until they are written and answered.

use std::sync::Arc;

use attache_core::id::Revision;
use attache_core::{Changes, Entry, Refusal, State};

use super::write::{Job, WriteError, Written};
use attache_log::DoneRequest;

/// A job that was decided.
pub(super) struct Decided {
    pub(super) job: Job,
    outcome: Result<Outcome, WriteError>,
    /// What it leaves. Those decided after it may have undone what it did.
    state: Arc<State>,
}

/// What comes of a job that is not refused.
pub(super) struct Outcome {
    pub(super) changes: Arc<Changes>,
    /// Where it was done before, if it was.
    pub(super) done_before: Option<Revision>,
    /// Whether it would be refused now.
    pub(super) hidden: bool,
    /// What came of each command, for a write by each.
    pub(super) outcomes: Vec<Result<(), Refusal>>,
}

/// Jobs that were decided, and what is to be written.
pub(super) struct Batch {
    pub(super) decided: Vec<Decided>,
    pub(super) entries: Vec<Entry>,
    pub(super) requests: Vec<DoneRequest>,
    /// What all of it leaves.
    pub(super) state: Arc<State>,
}

impl Batch {
    /// Nothing yet, on a state.
    pub(super) fn on(base: &Arc<State>) -> Self {
        Self {
            decided: Vec::new(),
            entries: Vec::new(),
            requests: Vec::new(),
            state: base.clone(),
        }
    }

    pub(super) fn add(&mut self, job: Job, outcome: Result<Outcome, WriteError>) {
        self.decided.push(Decided {
            job,
            outcome,
            state: self.state.clone(),
        });
    }
}

/// Answer what was decided, now that it stands.
pub(super) fn answer(decided: Vec<Decided>) {
    for Decided {
        job,
        outcome,
        state,
    } in decided
    {
        let written = outcome.map(|outcome| Written {
            state,
            changes: outcome.changes,
            done_before: outcome.done_before,
            hidden: outcome.hidden,
            outcomes: outcome.outcomes.into(),
        });
        // Whoever asked may be gone; what was written stands all the same.
        let _ = job.done.send(written);
    }
}

pub(super) fn jobs_of(decided: Vec<Decided>) -> Vec<Job> {
    decided.into_iter().map(|decided| decided.job).collect()
}
