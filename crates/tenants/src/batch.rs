//! Decided jobs, until their entries are stored and they are answered.

use std::sync::Arc;

use attache_core::id::Revision;
use attache_core::{Changes, Entry, Refusal, State};

use super::write::{Job, WriteError, Written};
use attache_log::DoneRequest;

/// A job that was decided.
pub(super) struct Decided {
    pub(super) job: Job,
    outcome: Result<Outcome, WriteError>,
    /// The state after the job. Jobs decided after it may have undone its changes.
    state: Arc<State>,
}

/// The outcome of a job that is not refused.
pub(super) struct Outcome {
    pub(super) changes: Arc<Changes>,
    /// The revision at which the request was done before, if it was.
    pub(super) done_before: Option<Revision>,
    /// Whether the request would be refused now, so that its result is hidden.
    pub(super) hidden: bool,
    /// The outcome of each command, for a write by each.
    pub(super) outcomes: Vec<Result<(), Refusal>>,
}

/// Decided jobs, with the entries to append.
pub(super) struct Batch {
    pub(super) decided: Vec<Decided>,
    pub(super) entries: Vec<Entry>,
    pub(super) requests: Vec<DoneRequest>,
    /// The state after all jobs.
    pub(super) state: Arc<State>,
}

impl Batch {
    /// Makes an empty batch on a state.
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

/// Answers decided jobs, after their entries were stored.
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
        // The caller may have gone away. Its write is stored all the same.
        let _ = job.done.send(written);
    }
}

pub(super) fn jobs_of(decided: Vec<Decided>) -> Vec<Job> {
    decided.into_iter().map(|decided| decided.job).collect()
}
