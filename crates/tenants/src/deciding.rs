//! Decides a tenant's jobs one after the other, each on the state that the ones before it
//! leave.

use std::collections::HashSet;
use std::sync::Arc;

use attache_core::id::{EntryId, Revision, TenantId};
use attache_core::time::Expiry;
use attache_core::{Command, Draft, Entry, Refusal, State};
use tokio_util::sync::CancellationToken;

use super::Settings;
use super::batch::{Batch, Outcome};
use super::turns::Turns;
use super::write::{Job, Unavailable, Write, WriteError};
use attache_ambient::Ambient;
use attache_log::{DoneRequest, EntryReader, LogError, Requests};

/// Decides the jobs of a tenant's writer. Appends nothing.
pub(super) struct Decider {
    pub(super) requests: Arc<dyn Requests>,
    pub(super) entries: Arc<dyn EntryReader>,
    pub(super) ambient: Ambient,
    pub(super) settings: Settings,
    /// The turns for heavy jobs.
    pub(super) turns: Turns,
    pub(super) closing: CancellationToken,
}

impl Decider {
    /// Returns, for each job that was done before, its stored outcome. Also finds jobs
    /// that another server did, after this server has read that server's entries.
    pub(super) async fn done_before(
        &self,
        tenant: TenantId,
        jobs: &[Job],
    ) -> Result<Vec<Option<Result<Outcome, WriteError>>>, LogError> {
        let since = self.settings.requests_since(self.ambient.now());
        let mut before = Vec::with_capacity(jobs.len());
        for job in jobs {
            let found = match job.write.name() {
                Some(request) => {
                    let found = self.requests.find_request(tenant, &request.key, since);
                    found.await?
                }
                None => None,
            };
            let same = |asked: &str| {
                let request = job.write.name();
                request.is_some_and(|request| request.fingerprint == asked)
            };
            before.push(match found {
                None => None,
                Some((asked, _)) if !same(&asked) => Some(Err(WriteError::Differs)),
                Some((_, revision)) => Some(Ok(self.outcome_of(tenant, revision).await?)),
            });
        }
        Ok(before)
    }

    async fn outcome_of(&self, tenant: TenantId, revision: Revision) -> Result<Outcome, LogError> {
        let before = Revision(revision.0.saturating_sub(1));
        let entries = self.entries.read_after(tenant, before, 1).await?;
        let changes = entries.into_iter().next().map(|entry| entry.changes);
        Ok(Outcome {
            changes: Arc::new(changes.unwrap_or_default()),
            done_before: Some(revision),
            hidden: false,
            outcomes: Vec::new(),
        })
    }

    /// Decides jobs one after the other, each on the state that the ones before it leave.
    pub(super) fn decide(
        &self,
        base: &Arc<State>,
        jobs: Vec<Job>,
        before: Vec<Option<Result<Outcome, WriteError>>>,
    ) -> Batch {
        let mut batch = Batch::on(base);
        let mut state = (**base).clone();
        let mut named = HashSet::new();
        for (job, before) in jobs.into_iter().zip(before) {
            let name = job.write.name().map(|it| it.key.clone());
            let outcome = match before {
                Some(outcome) => {
                    outcome.and_then(|outcome| self.replay(&state, &job.write, outcome))
                }
                // The caller of the first request may have gone away; its job is still in
                // the batch.
                None if name.is_some_and(|name| !named.insert(name)) => Err(WriteError::Running),
                None => {
                    let decided = self.decide_one(&mut state, &job.write);
                    decided.map(|decided| self.note(&mut batch, &job.write, &state, decided))
                }
            };
            batch.add(job, outcome);
        }
        batch
    }

    /// Decides the only job of a batch, which is heavy. See [`Decider::decide_heavy`].
    pub(super) async fn decide_alone(
        &self,
        base: &Arc<State>,
        jobs: Vec<Job>,
        before: Vec<Option<Result<Outcome, WriteError>>>,
    ) -> Option<Batch> {
        let (job, before) = jobs.into_iter().zip(before).next()?;
        self.decide_heavy(base, job, before).await
    }

    /// Decides a heavy job in turns with other tenants' heavy work, beside the threads
    /// that serve everybody. Returns `None`, with nothing to append, if the caller has
    /// gone away or the tenant is closing.
    async fn decide_heavy(
        &self,
        base: &Arc<State>,
        job: Job,
        before: Option<Result<Outcome, WriteError>>,
    ) -> Option<Batch> {
        let (turns, tenant) = (&self.turns, base.tenant());
        let mut batch = Batch::on(base);
        let mut state = (**base).clone();
        let outcome = match before {
            Some(Err(error)) => Err(error),
            Some(Ok(outcome)) => {
                let replay = || self.replay(&state, &job.write, outcome);
                turns.go_on(tenant, replay).await
            }
            None => match self.new_draft(&state, &job.write) {
                Err(error) => Err(error),
                Ok(draft) => {
                    let mut deciding = Deciding::new(draft, &job.write);
                    let is_off = || job.done.is_closed() || self.closing.is_cancelled();
                    let decided = turns.in_slices(tenant, |slice| match is_off() {
                        true => Some(None),
                        false => deciding
                            .go_on(|| slice.is_over() || job.done.is_closed())
                            .map(Some),
                    });
                    let Some(decided) = decided.await else {
                        let stopping = Unavailable::because("the server is shutting down");
                        let _ = job.done.send(Err(stopping.into()));
                        return None;
                    };
                    let decided = self.finish(&mut state, &job.write, deciding, decided);
                    decided.map(|decided| self.note(&mut batch, &job.write, &state, decided))
                }
            },
        };
        batch.add(job, outcome);
        Some(batch)
    }

    /// Adds the entry of a job to the batch, and returns the job's outcome. `state`
    /// includes the entry.
    fn note(
        &self,
        batch: &mut Batch,
        write: &Write,
        state: &State,
        (entry, outcomes): (Option<Entry>, Outcomes),
    ) -> Outcome {
        let changes = entry.as_ref().map(|entry| entry.changes.clone());
        if let Some(entry) = entry {
            batch.requests.extend(self.done_request(write, &entry));
            batch.entries.push(entry);
            batch.state = Arc::new(state.clone());
        }
        Outcome {
            changes: Arc::new(changes.unwrap_or_default()),
            done_before: None,
            hidden: false,
            outcomes,
        }
    }

    /// Returns the stored outcome of a repeated request. Refuses a caller that may not do
    /// it any more, and marks a result as hidden that the caller may not see any more.
    fn replay(
        &self,
        state: &State,
        write: &Write,
        mut outcome: Outcome,
    ) -> Result<Outcome, WriteError> {
        let mut draft = self.draft(state, write)?;
        for (position, command) in write.commands.iter().enumerate() {
            match draft.run(command) {
                Ok(()) => {}
                Err(
                    refusal @ (Refusal::Forbidden { .. }
                    | Refusal::Exceeds { .. }
                    | Refusal::Outlasts { .. }),
                ) => {
                    return Err(WriteError::Refused { refusal, position });
                }
                Err(refusal) => {
                    // All other refusals follow from the request's having been done.
                    outcome.hidden = matches!(refusal, Refusal::NotFound { .. });
                    break;
                }
            }
        }
        Ok(outcome)
    }

    /// Decides the commands of a write and applies them to the state. Returns no entry if
    /// they change nothing.
    fn decide_one(
        &self,
        state: &mut State,
        write: &Write,
    ) -> Result<(Option<Entry>, Outcomes), WriteError> {
        let mut deciding = Deciding::new(self.new_draft(state, write)?, write);
        let decided = deciding.go_on(|| false).unwrap_or(Ok(()));
        self.finish(state, write, deciding, decided)
    }

    /// Makes the entry of decided commands and applies it to the state.
    fn finish(
        &self,
        state: &mut State,
        write: &Write,
        deciding: Deciding<'_>,
        decided: Result<(), Refused>,
    ) -> Result<(Option<Entry>, Outcomes), WriteError> {
        let holds = || write.only_if.as_ref().is_none_or(|holds| holds(state));
        if let Err(Refused { refusal, position }) = decided {
            return match comes_first(&refusal) || holds() {
                true => Err(WriteError::Refused { refusal, position }),
                false => Err(WriteError::Changed),
            };
        }
        let Deciding {
            draft, outcomes, ..
        } = deciding;
        let is_told = |outcome: &Result<(), Refusal>| !outcome.as_ref().is_err_and(comes_first);
        let nobody_is_told = !outcomes.is_empty() && !outcomes.iter().any(is_told);
        if !nobody_is_told && !holds() {
            return Err(WriteError::Changed);
        }
        let head = draft.head();
        let (changes, changed, at) = draft.finish();
        if changes.is_empty() {
            return Ok((None, outcomes));
        }
        let entry = Entry {
            id: EntryId(self.ambient.id()),
            revision: state.revision().next(),
            at,
            actor: write.caller.actor,
            correlation_id: write.correlation_id.clone(),
            head,
            changes,
        };
        let entry = entry.salted(&mut |bytes| self.ambient.fill(bytes));
        *state = changed;
        state.advance(&entry);
        Ok((Some(entry), outcomes))
    }

    /// A draft of a write that was not done before: its head must hold.
    fn new_draft(&self, state: &State, write: &Write) -> Result<Draft, WriteError> {
        let draft = self.draft(state, write)?.with_head(&write.head);
        draft.map_err(|refusal| WriteError::Refused {
            refusal,
            position: 0,
        })
    }

    /// Returns a draft for the caller of a write. Checks the credential again, since the
    /// caller was authenticated on a perhaps older state, and earlier.
    fn draft(&self, state: &State, write: &Write) -> Result<Draft, WriteError> {
        let at = self.ambient.now();
        let until = match &write.credential {
            Some(credential) => credential(state, at).ok_or(WriteError::Revoked)?,
            None => Expiry::NEVER,
        };
        Ok(Draft::new(state.clone(), write.caller, at).with_end(until))
    }

    fn done_request(&self, write: &Write, entry: &Entry) -> Option<DoneRequest> {
        let now = self.ambient.now();
        Some(DoneRequest {
            request: write.name()?.clone(),
            revision: entry.revision,
            at: now,
            forgotten_before: self.settings.requests_since(now),
        })
    }
}

/// Returns whether a refusal is reported before a failed precondition. Only a caller that
/// may change an existing target learns whether the target has changed. A failed
/// precondition is reported before faults of the content (RFC 9110, 13.2.1).
fn comes_first(refusal: &Refusal) -> bool {
    matches!(
        refusal,
        Refusal::Forbidden { .. }
            | Refusal::Exceeds { .. }
            | Refusal::Outlasts { .. }
            | Refusal::NotFound { .. }
            | Refusal::Unknown { .. }
    )
}

/// The outcome of each command of a write by each. Empty for other writes.
type Outcomes = Vec<Result<(), Refusal>>;

/// The refused command of a write that is written all or none.
struct Refused {
    refusal: Refusal,
    /// The index of the command, from 0.
    position: usize,
}

/// The commands of one write while they are decided one after the other. Deciding can
/// pause between two commands.
struct Deciding<'a> {
    draft: Draft,
    commands: &'a [Command],
    next: usize,
    by_each: bool,
    outcomes: Outcomes,
}

impl<'a> Deciding<'a> {
    fn new(draft: Draft, write: &'a Write) -> Self {
        Self {
            draft,
            commands: &write.commands,
            next: 0,
            by_each: write.each,
            outcomes: Vec::new(),
        }
    }

    /// Decides until all commands are decided, a refusal ends the write, or `is_to_pause`
    /// returns true. `None` if it paused.
    fn go_on(&mut self, is_to_pause: impl Fn() -> bool) -> Option<Result<(), Refused>> {
        while let Some(command) = self.commands.get(self.next) {
            let position = self.next;
            self.next += 1;
            if self.by_each {
                let outcome = self.draft.try_run(command);
                self.outcomes.push(outcome);
            } else if let Err(refusal) = self.draft.run(command) {
                return Some(Err(Refused { refusal, position }));
            }
            if self.next < self.commands.len() && is_to_pause() {
                return None;
            }
        }
        Some(Ok(()))
    }
}
