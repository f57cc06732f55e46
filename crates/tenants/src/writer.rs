//! The one task that changes a tenant. It decides commands one after the other, appends
//! their entries together, and only then publishes the state and answers.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use attache_core::cause::{Cause, chain};
use attache_core::id::EntryId;
use attache_core::{Actor, Caller, Command, HeadRequest, Origin};
use tokio::sync::{mpsc, oneshot};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::Settings;
use super::appending::{Appender, Fate};
use super::batch::{Batch, answer, jobs_of};
use super::catch_up::{self, CaughtUp, catch_up};
use super::deciding::Decider;
use super::saving::{Saving, save};
use super::shared::Shared;
use super::weight::{self, LIGHT};
use super::write::{Job, Unavailable, Write, WriteError};
use attache_ambient::Ambient;
use attache_log::{GroupCommit, Log, LogError};

/// The most jobs that are decided and appended together.
const AT_ONCE: usize = 1_024;

/// How far the clocks of two servers may differ, in milliseconds.
const CLOCKS_DIFFER_BY: i64 = 60_000;

/// How long a tenant counts as written by other servers too, after one of their writes.
const SHARED_FOR: Duration = Duration::from_millis(250);

/// The longest pause in favour of other servers.
const LONGEST_WAY: Duration = Duration::from_millis(20);

/// The task that changes a tenant.
pub(super) struct Writer {
    pub(super) log: Log,
    pub(super) ambient: Ambient,
    pub(super) settings: Settings,
    pub(super) shared: Arc<Shared>,
    pub(super) jobs: mpsc::Receiver<Job>,
    pub(super) decider: Decider,
    /// How often another server's append was faster.
    pub(super) collisions: Arc<AtomicU64>,
    pub(super) closing: CancellationToken,
    /// The number of changes that the saved snapshot lacks.
    pub(super) unsaved: usize,
    /// The running save of a snapshot.
    pub(super) saving: Saving,
    /// How long to wait for further writers before a batch is decided.
    pub(super) group_commit: GroupCommit,
    /// Whether the published state is known to include all appends of this writer.
    pub(super) settled: bool,
    /// When another server was last seen to write to this tenant.
    pub(super) shared_at: Option<Instant>,
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
                    self.group_commit.wait_for_more(&mut waiting, &mut self.jobs).await;
                    if self.waited_for_others(&mut waiting).await {
                        self.work_through(std::mem::take(&mut waiting)).await;
                    }
                }
                () = shared.awaited.notified() => self.look().await,
                _ = ticks.tick() => self.write_down_what_expired().await,
                () = self.closing.cancelled(), if !self.jobs.is_closed() => {
                    // Queued jobs are still answered, and no new ones are taken.
                    self.jobs.close();
                }
            }
            self.save_if_due().await;
        }
        self.saving.end().await;
        if self.unsaved > 0 && self.settings.save_when_closing {
            save(&*self.log.snapshots, self.shared.state()).await;
        }
        // Most likely the last references to the state, and dropping a large state takes
        // a while.
        let held = (self.shared, shared);
        tokio::task::spawn_blocking(move || drop(held));
    }

    /// Waits while another process holds the tenant's writers, for large work such as an
    /// import. Refuses jobs that have waited as long as a write may wait. Returns whether
    /// jobs are left.
    async fn waited_for_others(&mut self, waiting: &mut Vec<Job>) -> bool {
        let shared = self.shared.clone();
        while let Some((since, until)) = shared.held.now() {
            let patience = since + self.settings.held_write_for;
            if Instant::now() >= patience {
                let held = Unavailable::because("an import is being written to this tenant");
                refuse(std::mem::take(waiting), &held);
                return false;
            }
            tokio::select! {
                () = shared.held.wait(until.min(patience)) => {}
                () = shared.awaited.notified() => self.look().await,
                () = self.closing.cancelled() => break,
            }
        }
        !waiting.is_empty()
    }

    /// Reads the writes of others, and writes down what has expired.
    async fn look(&mut self) {
        if let Err(error) = self.follow().await
            && !self.shared.is_stopped()
        {
            tracing::warn!(error = %chain(&error), "the log could not be followed");
        }
    }

    async fn write_down_what_expired(&mut self) {
        let state = self.shared.state();
        // The clock's state is read first: if it detects or resolves a leap, the time
        // changes.
        let clock = self.ambient.clock();
        let now = self.ambient.now();
        if state.next_expiry().is_none_or(|at| at > now) {
            return;
        }
        // Expired things already count as ended. While the clock is not confirmed, that
        // can be undone; an entry cannot.
        if !clock.is_confirmed || self.shared.held.now().is_some() {
            return;
        }
        if state.at().as_millis() > now.as_millis() + CLOCKS_DIFFER_BY {
            // Some clock was wrong, so what seems expired may not be.
            tracing::warn!(tenant = %state.tenant(), last = %state.at(), %now, "the last entry is in the future: nothing is recorded as expired until then");
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
            write: Write::new(caller, &id, vec![expire])
                .with_head(HeadRequest::through(Origin::ATTACHE)),
            done,
        };
        self.work(vec![job], false).await;
        if let Ok(Err(error)) = answer.await {
            tracing::warn!(error = %chain(&error), "expired memberships and grants could not be recorded");
        }
    }

    /// Reads the entries that the log has after the published state, and publishes the
    /// result.
    async fn follow(&mut self) -> Result<(), LogError> {
        let before = self.shared.state();
        let mut state = (*before).clone();
        let asked = match catch_up(&*self.log.entries, &mut state).await {
            Ok(CaughtUp::By { changes, asked }) => {
                self.unsaved += changes;
                asked
            }
            Ok(CaughtUp::Parted) => {
                let opened = catch_up::open(&self.log, state.tenant()).await;
                let opened = opened.inspect_err(|error| self.stop_if_unreadable(error))?;
                (state, self.unsaved) = (opened.state, opened.unsaved);
                tracing::error!(tenant = %state.tenant(), had = %before.revision(), has = %state.revision(),
                    "the database lost entries that it had confirmed; the tenant now has the database's state");
                opened.asked
            }
            Err(error) => {
                self.stop_if_unreadable(&error);
                return Err(error);
            }
        };
        if state.last_entry() != before.last_entry() && self.settled {
            self.shared_at = Some(asked);
        }
        self.shared.saw(state.revision());
        self.shared.publish(Arc::new(state), asked);
        self.settled = true;
        Ok(())
    }

    /// Stops the tenant if its log cannot be read to its end, since the present access is
    /// unknown then.
    fn stop_if_unreadable(&self, error: &LogError) {
        if matches!(error, LogError::Unreadable { .. }) && self.shared.stop(error.clone().into()) {
            let tenant = self.shared.state().tenant();
            tracing::error!(%tenant, error = %chain(error), "the tenant was stopped");
        }
    }

    /// Works on the queued jobs in order. A heavy job forms a batch of its own, so that
    /// the jobs before it need not wait for it.
    async fn work_through(&mut self, jobs: Vec<Job>) {
        let state = self.shared.state();
        let is_heavy = |job: &Job| weight::of_all(&state, &job.write.commands) > LIGHT;
        if !jobs.iter().any(is_heavy) {
            return self.work(jobs, false).await;
        }
        let heavy: Vec<bool> = jobs.iter().map(is_heavy).collect();
        drop(state);
        let mut light = Vec::new();
        for (job, is_heavy) in jobs.into_iter().zip(heavy) {
            if !is_heavy {
                light.push(job);
                continue;
            }
            if !light.is_empty() {
                self.work(std::mem::take(&mut light), false).await;
            }
            self.work(vec![job], true).await;
        }
        if !light.is_empty() {
            self.work(light, false).await;
        }
    }

    async fn work(&mut self, jobs: Vec<Job>, is_heavy: bool) {
        let mut jobs = jobs;
        for _ in 0..self.settings.attempts {
            // Jobs whose caller has gone away are not started.
            jobs.retain(|job| !job.done.is_closed());
            if jobs.is_empty() {
                return;
            }
            let is_behind = !self.settled || self.shared.is_stopped();
            if is_behind && let Err(error) = self.follow().await {
                return refuse(jobs, &error.into());
            }
            let base = self.shared.state();
            let before = match self.decider.done_before(base.tenant(), &jobs).await {
                Ok(before) => before,
                Err(error) => return refuse(jobs, &error.into()),
            };
            let batch = match is_heavy {
                false => Some(self.decider.decide(&base, jobs, before)),
                true => self.decider.decide_alone(&base, jobs, before).await,
            };
            let Some(batch) = batch else { return };
            let Batch {
                decided,
                entries,
                requests,
                state,
            } = batch;
            if entries.is_empty() {
                // An append would have detected another process's entry. A batch that
                // changes nothing must look for itself.
                match self.follow().await {
                    Err(error) => return refuse(jobs_of(decided), &error.into()),
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
            let own = entries.last().map(|entry| entry.id);
            let appender = Appender {
                writer: &*self.log.writer,
                entries: &*self.log.entries,
                settle_within: self.settings.settle_within,
            };
            match appender.append(&base, &entries, &requests).await {
                Fate::Written => {
                    self.unsaved += count;
                    // No other entry was in its place.
                    self.shared.publish(state, asked);
                    let answered = decided.len();
                    answer(decided);
                    let came = self.jobs.len();
                    self.group_commit.answered(answered, asked.elapsed(), came);
                    return self.give_way(asked, own).await;
                }
                Fate::DecideAgain => {
                    self.collisions.fetch_add(1, Ordering::Relaxed);
                    self.shared_at = Some(asked);
                    self.settled = false;
                    jobs = jobs_of(decided);
                }
                Fate::NotWritten(error) => {
                    // Refused and unchanged jobs were decided beside entries that are not
                    // stored.
                    return refuse(jobs_of(decided), &error.into());
                }
                Fate::Unknown(error) => {
                    self.settled = false;
                    let cause = Cause::new(error);
                    for decided in decided {
                        let unknown = WriteError::Unknown(cause.clone());
                        let _ = decided.job.done.send(Err(unknown));
                    }
                    return;
                }
            }
        }
        let others = Unavailable::because("others write to this tenant all the time");
        refuse(jobs, &others);
    }

    /// Waits a moment so that other servers can write to this tenant too. Otherwise the
    /// server that was faster would win again and again, since it need not read first.
    /// Jobs that arrive meanwhile are written together.
    async fn give_way(&self, asked: Instant, own: Option<EntryId>) {
        let Some(at) = self.shared_at else { return };
        if at.elapsed() > SHARED_FOR {
            return;
        }
        // A random factor, since two writers with equal pauses would collide again.
        let chance = own.map_or(0, |own| own.0.as_bytes()[15]);
        let pause = asked.elapsed().min(LONGEST_WAY) * (128 + u32::from(chance)) / 256;
        tokio::time::sleep(pause).await;
    }

    /// Saves a snapshot in the background if it is due: one at a time, and more rarely
    /// for larger tenants.
    async fn save_if_due(&mut self) {
        let state = self.shared.state();
        let a_tenth = (state.user_count() + state.resource_count()) / 10;
        let is_due = self.unsaved >= self.settings.snapshot_after_changes.max(a_tenth);
        if !is_due || !self.saving.may_begin().await {
            return;
        }
        self.saving.begin(self.log.snapshots.clone(), state);
        // A failed save is retried only after as many changes again.
        self.unsaved = 0;
    }
}

fn refuse(jobs: Vec<Job>, why: &Unavailable) {
    for job in jobs {
        let _ = job.done.send(Err(why.clone().into()));
    }
}
