//! Deciding what is asked of a tenant: one job after the other, each on what
//! those before it leave.

use std::collections::HashSet;
use std::sync::Arc;

use attache_core::id::{EntryId, Revision, TenantId};
use attache_core::time::Expiry;
use attache_core::{Changes, Draft, Entry, Refusal, State};

use super::tenant::{Write, WriteError, Written};
use super::writer::{Job, Writer};
use attache_log::{DoneRequest, LogError};

/// A job that was decided.
pub(super) struct Decided {
    pub(super) job: Job,
    outcome: Result<Outcome, WriteError>,
    /// What it leaves. Those decided after it may have undone what it did.
    state: Arc<State>,
}

/// What comes of a job that is not refused.
pub(super) struct Outcome {
    changes: Arc<Changes>,
    /// Where it was done before, if it was.
    done_before: Option<Revision>,
    /// Whether it would be refused now.
    hidden: bool,
}

impl Writer {
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
            let found = match &job.write.request {
                Some(request) => self.log.find_request(tenant, &request.key, since).await?,
                None => None,
            };
            let same = |asked: &str| {
                let request = job.write.request.as_ref();
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
        let entries = self.log.read_after(tenant, before, 1).await?;
        let changes = entries.into_iter().next().map(|entry| entry.changes);
        Ok(Outcome {
            changes: Arc::new(changes.unwrap_or_default()),
            done_before: Some(revision),
            hidden: false,
        })
    }

    /// Decide jobs one after the other, each on what those before it leave.
    pub(super) fn decide(
        &self,
        base: &Arc<State>,
        jobs: Vec<Job>,
        before: Vec<Option<Result<Outcome, WriteError>>>,
    ) -> (Vec<Decided>, Vec<Entry>, Vec<DoneRequest>, Arc<State>) {
        let mut state = (**base).clone();
        let mut after = base.clone();
        let mut entries = Vec::new();
        let mut requests = Vec::new();
        let mut all = Vec::with_capacity(jobs.len());
        let mut named = HashSet::new();
        for (job, before) in jobs.into_iter().zip(before) {
            let name = job.write.request.as_ref().map(|it| it.key.clone());
            let outcome = match before {
                Some(outcome) => {
                    outcome.and_then(|outcome| self.replay(&state, &job.write, outcome))
                }
                // Whoever asked first may have gone away; its job is still here.
                None if name.is_some_and(|name| !named.insert(name)) => Err(WriteError::Running),
                None => self.decide_one(&mut state, &job.write).map(|entry| {
                    let changes = entry.as_ref().map(|entry| entry.changes.clone());
                    if let Some(entry) = entry {
                        requests.extend(self.done_request(&job.write, &entry));
                        entries.push(entry);
                        after = Arc::new(state.clone());
                    }
                    Outcome {
                        changes: Arc::new(changes.unwrap_or_default()),
                        done_before: None,
                        hidden: false,
                    }
                }),
            };
            all.push(Decided {
                job,
                outcome,
                state: after.clone(),
            });
        }
        (all, entries, requests, after)
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
    fn decide_one(&self, state: &mut State, write: &Write) -> Result<Option<Entry>, WriteError> {
        let mut draft = self.draft(state, write)?;
        let holds = || write.only_if.as_ref().is_none_or(|holds| holds(state));
        for (position, command) in write.commands.iter().enumerate() {
            let Err(refusal) = draft.run(command) else {
                continue;
            };
            // Only who may do it, to what is there, is told whether what it saw is still
            // so; that comes before what is wrong with the content (RFC 9110, 13.2.1).
            let comes_first = matches!(
                refusal,
                Refusal::Forbidden { .. }
                    | Refusal::Exceeds { .. }
                    | Refusal::Outlasts { .. }
                    | Refusal::NotFound { .. }
                    | Refusal::Unknown { .. }
            );
            return match comes_first || holds() {
                true => Err(WriteError::Refused { refusal, position }),
                false => Err(WriteError::Changed),
            };
        }
        if !holds() {
            return Err(WriteError::Changed);
        }
        let (changes, changed, at) = draft.finish();
        if changes.is_empty() {
            return Ok(None);
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
        Ok(Some(entry))
    }

    /// A draft for the caller of a write. The caller was let in by a state that may be
    /// older than this one, and at an earlier instant: the credential must still count.
    fn draft(&self, state: &State, write: &Write) -> Result<Draft, WriteError> {
        // An entry is never earlier than the one before it.
        let at = self.ambient.now().max(state.at());
        let until = match &write.credential {
            Some(credential) => credential(state, at).ok_or(WriteError::Revoked)?,
            None => Expiry::NEVER,
        };
        Ok(Draft::new(state.clone(), write.caller, at).with_end(until))
    }

    fn done_request(&self, write: &Write, entry: &Entry) -> Option<DoneRequest> {
        let now = self.ambient.now();
        Some(DoneRequest {
            request: write.request.clone()?,
            revision: entry.revision,
            at: now,
            forgotten_before: self.settings.requests_since(now),
        })
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
        });
        // Whoever asked may be gone; what was written stands all the same.
        let _ = job.done.send(written);
    }
}

pub(super) fn jobs_of(decided: Vec<Decided>) -> Vec<Job> {
    decided.into_iter().map(|decided| decided.job).collect()
}
