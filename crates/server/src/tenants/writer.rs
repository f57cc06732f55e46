//! The one task that changes a tenant: it decides commands one after the
//! other, writes their entries together, and only then publishes and answers.

use std::collections::HashSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use attache_core::id::{EntryId, Revision, TenantId};
use attache_core::{Actor, Caller, Changes, Command, Draft, Entry, Refusal, State};
use tokio::sync::{mpsc, oneshot};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::Settings;
use super::catch_up::{self, CaughtUp, catch_up};
use super::shared::Shared;
use super::tenant::{Unavailable, Write, WriteError, Written};
use crate::ambient::Ambient;
use crate::log::{AppendError, DoneRequest, Log, LogError};

/// How many jobs are decided and written together.
const AT_ONCE: usize = 1_024;

/// By how much the clocks of two servers may differ, in milliseconds.
const CLOCKS_DIFFER_BY: i64 = 60_000;

/// How long to wait before an append whose fate is not known is done again;
/// twice as long each time, up to the other.
const FIRST_PAUSE: Duration = Duration::from_millis(20);
const LONGEST_PAUSE: Duration = Duration::from_secs(1);

/// Commands that become one entry, and who waits for it.
#[derive(Debug)]
pub(super) struct Job {
    pub(super) write: Write,
    pub(super) done: oneshot::Sender<Result<Written, WriteError>>,
}

/// A job that was decided.
struct Decided {
    job: Job,
    outcome: Result<Outcome, WriteError>,
    /// What it leaves. Those decided after it may have undone what it did.
    state: Arc<State>,
}

/// What comes of a job that is not refused.
struct Outcome {
    changes: Arc<Changes>,
    /// Where it was done before, if it was.
    done_before: Option<Revision>,
    /// Whether it would be refused now.
    hidden: bool,
}

pub(super) struct Writer {
    pub(super) log: Arc<dyn Log>,
    pub(super) ambient: Ambient,
    pub(super) settings: Settings,
    pub(super) shared: Arc<Shared>,
    pub(super) jobs: mpsc::Receiver<Job>,
    /// How often another server was faster.
    pub(super) collisions: Arc<AtomicU64>,
    pub(super) closing: CancellationToken,
    /// How many changes the saved snapshot lacks.
    pub(super) unsaved: usize,
    /// The snapshot that is being saved.
    pub(super) saving: Option<tokio::task::JoinHandle<()>>,
    /// Whether the published state is known to hold all that this writer wrote.
    pub(super) settled: bool,
}

impl Writer {
    pub(super) async fn run(mut self) {
        let mut ticks = tokio::time::interval(self.settings.poll_every);
        ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        let mut waiting = Vec::new();
        let shared = self.shared.clone();
        loop {
            tokio::select! {
                received = self.jobs.recv_many(&mut waiting, AT_ONCE) => {
                    if received == 0 {
                        break;
                    }
                    self.work(std::mem::take(&mut waiting)).await;
                }
                () = shared.awaited.notified() => self.look().await,
                _ = ticks.tick() => self.write_down_what_expired().await,
                () = self.closing.cancelled(), if !self.jobs.is_closed() => {
                    // What is queued is still answered; nothing new is taken.
                    self.jobs.close();
                }
            }
            self.save_if_due();
        }
        if let Some(saving) = self.saving.take() {
            let _ = saving.await;
        }
        if self.unsaved > 0 && self.settings.save_when_closing {
            save(self.log.clone(), self.shared.state()).await;
        }
    }

    /// See what others wrote.
    async fn look(&mut self) {
        if let Err(error) = self.follow().await
            && !self.shared.is_stopped()
        {
            tracing::warn!(%error, "the log could not be followed");
        }
    }

    async fn write_down_what_expired(&mut self) {
        let state = self.shared.state();
        let now = self.ambient.now();
        if state.next_expiry().is_none_or(|at| at > now) {
            return;
        }
        if state.at().as_millis() > now.as_millis() + CLOCKS_DIFFER_BY {
            // Some clock was wrong. What it would call expired may not be.
            tracing::warn!(tenant = %state.tenant(), last = %state.at(), %now, "the last entry is of the future: nothing is written down as expired");
            return;
        }
        let (done, answer) = oneshot::channel();
        let caller = Caller {
            tenant: state.tenant(),
            actor: Actor::Attache,
        };
        let expire = Command::Expire {
            most: self.settings.expire_at_once,
        };
        let id = self.ambient.id().to_string();
        let job = Job {
            write: Write::new(caller, &id, vec![expire]),
            done,
        };
        self.work(vec![job]).await;
        if let Ok(Err(error)) = answer.await {
            tracing::warn!(%error, "what has expired could not be written down");
        }
    }

    /// Read and publish what the log has beyond the published state.
    async fn follow(&mut self) -> Result<(), LogError> {
        let asked = Instant::now();
        let before = self.shared.state();
        let mut state = (*before).clone();
        match catch_up(&*self.log, &mut state).await {
            Ok(CaughtUp::By(changes)) => self.unsaved += changes,
            Ok(CaughtUp::Parted) => {
                let opened = catch_up::open(&*self.log, state.tenant()).await;
                let opened = opened.inspect_err(|error| self.stop_if_unreadable(error));
                (state, self.unsaved) = opened?;
                tracing::error!(tenant = %state.tenant(), had = %before.revision(), has = %state.revision(),
                    "the database lost the last entries that it had said it holds; the tenant is as the database says now");
                self.shared.publish(Arc::new(state.clone()));
            }
            Err(error) => {
                self.stop_if_unreadable(&error);
                return Err(error);
            }
        }
        self.shared.saw(state.revision());
        if state.revision() > self.shared.revision() {
            self.shared.publish(Arc::new(state));
        }
        self.shared.confirm(asked);
        self.shared.go_on();
        self.settled = true;
        Ok(())
    }

    /// Where the log cannot be read to its end, who may see what is not known
    /// any more: nobody is told anything.
    fn stop_if_unreadable(&self, error: &LogError) {
        if matches!(error, LogError::Unreadable { .. }) && self.shared.stop(error.to_string()) {
            let tenant = self.shared.state().tenant();
            tracing::error!(%tenant, %error, "the tenant was stopped");
        }
    }

    async fn work(&mut self, jobs: Vec<Job>) {
        let mut jobs = jobs;
        for _ in 0..self.settings.attempts {
            let is_behind = !self.settled || self.shared.is_stopped();
            if is_behind && let Err(error) = self.follow().await {
                return refuse(jobs, &error.to_string());
            }
            let base = self.shared.state();
            let before = match self.done_before(base.tenant(), &jobs).await {
                Ok(before) => before,
                Err(error) => return refuse(jobs, &error.to_string()),
            };
            let (decided, entries, requests, state) = self.decide(&base, jobs, before);
            if entries.is_empty() {
                // An append would have shown whether another process wrote in
                // between; what changes nothing must look for itself.
                match self.follow().await {
                    Err(error) => return refuse(jobs_of(decided), &error.to_string()),
                    Ok(()) if self.shared.revision() == base.revision() => {
                        return answer(decided);
                    }
                    Ok(()) => {
                        jobs = jobs_of(decided);
                        continue;
                    }
                }
            }
            let count = entries
                .iter()
                .map(|entry| entry.changes.list.len())
                .sum::<usize>();
            let asked = Instant::now();
            match self.append(&base, &entries, &requests).await {
                Fate::Written => {
                    self.unsaved += count;
                    self.shared.publish(state);
                    // There was nothing else at its place.
                    self.shared.confirm(asked);
                    return answer(decided);
                }
                Fate::DecideAgain => {
                    self.collisions.fetch_add(1, Ordering::Relaxed);
                    self.settled = false;
                    jobs = jobs_of(decided);
                }
                Fate::NotWritten(reason) => {
                    // What was refused or unchanged was so only beside entries
                    // that were not written.
                    return refuse(jobs_of(decided), &reason);
                }
                Fate::Unknown(reason) => {
                    self.settled = false;
                    for decided in decided {
                        let unknown = WriteError::Unknown(reason.clone());
                        let _ = decided.job.done.send(Err(unknown));
                    }
                    return;
                }
            }
        }
        refuse(jobs, "others write to this tenant all the time");
    }

    /// Which of the jobs were done before, each with what became of it. What
    /// another server did is found too, once this one has read as far.
    async fn done_before(
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
    fn decide(
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
        let mut draft = Draft::new(state.clone(), write.caller, self.ambient.now());
        for (position, command) in write.commands.iter().enumerate() {
            match draft.run(command) {
                Ok(()) => {}
                Err(refusal @ (Refusal::Forbidden { .. } | Refusal::Exceeds { .. })) => {
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
        let mut draft = Draft::new(state.clone(), write.caller, self.ambient.now());
        for (position, command) in write.commands.iter().enumerate() {
            draft
                .run(command)
                .map_err(|refusal| WriteError::Refused { refusal, position })?;
        }
        // Only who may do it is told whether what it saw is still so.
        if write.only_if.as_ref().is_some_and(|holds| !holds(state)) {
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

    fn done_request(&self, write: &Write, entry: &Entry) -> Option<DoneRequest> {
        let now = self.ambient.now();
        Some(DoneRequest {
            request: write.request.clone()?,
            revision: entry.revision,
            at: now,
            forgotten_before: self.settings.requests_since(now),
        })
    }

    /// Append entries that follow a state. Where the fate of an append is not
    /// known, the very same entries are appended again: they stand once, if
    /// not another's entry has their place.
    async fn append(&self, base: &State, entries: &[Entry], requests: &[DoneRequest]) -> Fate {
        let end = Instant::now() + self.settings.settle_within;
        let mut unknown: Option<LogError> = None;
        let mut pause = FIRST_PAUSE;
        loop {
            let appended = self.log.append(base.tenant(), entries, requests).await;
            match (appended, &unknown) {
                (Ok(()), _) => return Fate::Written,
                (Err(AppendError::Collision), None) => return Fate::DecideAgain,
                (Err(AppendError::Collision), Some(_)) => {
                    let own = entries.first().map(|entry| entry.id);
                    match self.log.read_after(base.tenant(), base.revision(), 1).await {
                        Ok(found) => match found.first() {
                            Some(entry) if Some(entry.id) == own => return Fate::Written,
                            Some(_) => return Fate::DecideAgain,
                            None => {}
                        },
                        Err(error) => unknown = Some(error),
                    }
                }
                (Err(AppendError::NotWritten(error)), None) => {
                    return Fate::NotWritten(error.to_string());
                }
                // What came before may still arrive: a database can finish what
                // its client gave up.
                (Err(AppendError::NotWritten(error) | AppendError::Unknown(error)), _) => {
                    unknown = Some(error);
                }
            }
            if Instant::now() + pause >= end {
                let reason = unknown.map(|error| error.to_string());
                return Fate::Unknown(reason.unwrap_or_default());
            }
            tokio::time::sleep(pause).await;
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
    }

    /// Save a snapshot beside the work, one at a time, and the more seldom the
    /// larger the tenant is: writing it takes as long as the state is large.
    fn save_if_due(&mut self) {
        let state = self.shared.state();
        let a_tenth = (state.user_count() + state.resource_count()) / 10;
        let is_saving = self
            .saving
            .as_ref()
            .is_some_and(|saving| !saving.is_finished());
        if is_saving || self.unsaved < self.settings.snapshot_after_changes.max(a_tenth) {
            return;
        }
        self.saving = Some(tokio::spawn(save(self.log.clone(), state)));
        // A failure is not tried again before as many changes have come again.
        self.unsaved = 0;
    }
}

async fn save(log: Arc<dyn Log>, state: Arc<State>) {
    let (tenant, revision) = (state.tenant(), state.revision());
    match log.save_snapshot(state).await {
        Ok(()) => tracing::debug!(%tenant, %revision, "a snapshot was saved"),
        Err(error) => tracing::warn!(%tenant, %error, "a snapshot could not be saved"),
    }
}

enum Fate {
    Written,
    DecideAgain,
    NotWritten(String),
    Unknown(String),
}

/// Answer what was decided, now that it stands.
fn answer(decided: Vec<Decided>) {
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

fn jobs_of(decided: Vec<Decided>) -> Vec<Job> {
    decided.into_iter().map(|decided| decided.job).collect()
}

fn refuse(jobs: Vec<Job>, reason: &str) {
    for job in jobs {
        let unavailable = Unavailable(reason.to_owned());
        let _ = job.done.send(Err(WriteError::Unavailable(unavailable)));
    }
}
