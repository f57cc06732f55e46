//! Deciding what is asked of a tenant: one job after the other, each on what
//! those before it leave.

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

/// Decides the jobs of a tenant's writer. It writes nothing.
pub(super) struct Decider {
    pub(super) requests: Arc<dyn Requests>,
    pub(super) entries: Arc<dyn EntryReader>,
    pub(super) ambient: Ambient,
    pub(super) settings: Settings,
    /// For jobs that take long.
    pub(super) turns: Turns,
    pub(super) closing: CancellationToken,
}

impl Decider {
    /// Which of the jobs were done before, each with what became of it. What
    /// another server did is found too, once this one has read as far.
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

    /// Decide jobs one after the other, each on what those before it leave.
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
                // Whoever asked first may have gone away; its job is still here.
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

    /// Decides the only job, which takes long. See [`Decider::decide_heavy`].
    pub(super) async fn decide_alone(
        &self,
        base: &Arc<State>,
        jobs: Vec<Job>,
        before: Vec<Option<Result<Outcome, WriteError>>>,
    ) -> Option<Batch> {
        let (job, before) = jobs.into_iter().zip(before).next()?;
        self.decide_heavy(base, job, before).await
    }

    /// Decides a job that takes long, in turns with other tenants' heavy work, and
    /// beside the threads that serve everybody. `None` if nobody waits for it any
    /// more, or the tenant is being closed: then it was answered, and nothing is
    /// to be written.
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
            None => match self.draft(&state, &job.write) {
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

    /// Notes what a job became, on the state that then holds it.
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

    /// What was done before, for who asks again: told to whoever may still do
    /// it, and not shown to whoever may no longer know of it.
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
                    // Every other refusal comes of its having been done.
                    outcome.hidden = matches!(refusal, Refusal::NotFound { .. });
                    break;
                }
            }
        }
        Ok(outcome)
    }

    /// What commands would become, on a state that then holds it. No entry: it
    /// is so already.
    fn decide_one(
        &self,
        state: &mut State,
        write: &Write,
    ) -> Result<(Option<Entry>, Outcomes), WriteError> {
        let mut deciding = Deciding::new(self.draft(state, write)?, write);
        let decided = deciding.go_on(|| false).unwrap_or(Ok(()));
        self.finish(state, write, deciding, decided)
    }

    /// What becomes of commands that were decided.
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
            changes,
        };
        *state = changed;
        state.advance(&entry);
        Ok((Some(entry), outcomes))
    }

    /// A draft for the caller of a write. The caller was let in by a state that may be
    /// older than this one, and at an earlier instant: the credential must still count.
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

/// Whether a refusal is told before it is told whether what the caller saw is still so: only
/// a caller that may do it, to what is there, is told that. It comes before what is wrong
/// with the content (RFC 9110, 13.2.1).
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

/// What came of each command of a write by each. Empty for other writes.
type Outcomes = Vec<Result<(), Refusal>>;

/// The command of a write for which all of it is refused.
struct Refused {
    refusal: Refusal,
    /// Which of the commands, from 0.
    position: usize,
}

/// Commands of one write, decided one after the other. It can pause between two.
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

    /// Decides until all commands are decided, one is refused that the others cannot do
    /// without, or it is to pause. `None` if it paused.
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
