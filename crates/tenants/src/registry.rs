//! All tenants of this process: the directory, and the open tenants.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use arc_swap::ArcSwap;
use attache_core::cause::chain;
use attache_core::id::TenantId;
use tokio::sync::{Mutex, OnceCell, mpsc, watch};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::head_questions::{Question, questions};
use super::openings::{OpeningProgress, Openings};
use super::past::{Replays, Tails};
use super::tenant::Tenant;
use super::token_uses::TokenUses;
use super::turns::Turns;
use super::write::Unavailable;
use super::{Directory, Settings};
use attache_ambient::Ambient;
use attache_log::{DirectoryMark, Log, LogError, TenantRow, Writes};

/// How often the directory is read again, and how often at most for a name that it lacks.
const DIRECTORY_EVERY: Duration = Duration::from_millis(500);

/// How often the clock is compared with the database's while both are sound.
const CLOCK_EVERY: Duration = Duration::from_secs(30);

/// How often old requests are deleted.
const FORGET_EVERY: Duration = Duration::from_secs(600);

/// How often the complete directory is read, and not only its changes: somebody may have
/// edited it by hand.
const ALL_EVERY: Duration = Duration::from_secs(600);

/// The name of the secret that seals cursors, in the log.
const CURSORS: &str = "cursors";

/// How far the directory was read.
#[derive(Debug, Default)]
pub(super) struct Read {
    mark: DirectoryMark,
    /// When it was last read completely.
    all_at: Option<Instant>,
}

type Open = HashMap<TenantId, (Tenant, CancellationToken)>;

/// All tenants of this process. Cheap to clone; clones share the tenants.
#[derive(Clone)]
pub struct Tenants(pub(super) Arc<Inner>);

pub(super) struct Inner {
    pub(super) log: Log,
    pub(super) ambient: Ambient,
    pub(super) settings: Settings,
    pub(super) open: ArcSwap<Open>,
    pub(super) openings: Openings,
    /// The progress of opening ahead.
    pub(super) ahead: watch::Sender<OpeningProgress>,
    pub(super) directory: ArcSwap<Directory>,
    /// The secret that seals cursors, after it was read.
    cursor_secret: OnceCell<Vec<u8>>,
    /// How far the directory was read. Locked during a read.
    pub(super) read: Mutex<Read>,
    pub(super) refreshed: Mutex<Option<Instant>>,
    /// When the log last answered; `None` if it never did.
    pub(super) heard: ArcSwap<Option<Instant>>,
    pub(super) questions: mpsc::Sender<Question>,
    pub(super) collisions: Arc<AtomicU64>,
    pub(super) turns: Turns,
    pub(super) token_uses: TokenUses,
    pub(super) replays: Replays,
    /// The newest entries of tenants that were asked about the past.
    pub(super) tails: Tails,
    pub(super) closing: CancellationToken,
    pub(super) tasks: TaskTracker,
}

impl std::fmt::Debug for Tenants {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Tenants({} open)", self.0.open.load().len())
    }
}

impl Tenants {
    /// Makes the tenants of a log, and starts their tasks. Must be called within a tokio
    /// runtime.
    #[must_use]
    pub fn new(log: impl Into<Log>, ambient: Ambient, settings: Settings) -> Self {
        let (sender, asked) = questions();
        let turns = Turns::new(settings.heavy_at_once, settings.heavy_waiting);
        let replays = Replays::new(&settings.past);
        let tenants = Self(Arc::new(Inner {
            log: log.into(),
            ambient,
            settings,
            open: ArcSwap::default(),
            openings: Openings::default(),
            ahead: watch::Sender::default(),
            directory: ArcSwap::default(),
            cursor_secret: OnceCell::new(),
            read: Mutex::default(),
            refreshed: Mutex::default(),
            heard: ArcSwap::default(),
            questions: sender,
            collisions: Arc::default(),
            turns,
            token_uses: TokenUses::default(),
            replays,
            tails: Tails::default(),
            closing: CancellationToken::new(),
            tasks: TaskTracker::new(),
        }));
        tenants.0.tasks.spawn(tenants.clone().keep_house());
        tenants.0.tasks.spawn(tenants.clone().follow());
        tenants.0.tasks.spawn(tenants.clone().ask_for_heads(asked));
        tenants.0.tasks.spawn(tenants.clone().keep_token_uses());
        tenants
    }

    /// Returns the clock and randomness of all tenants.
    #[must_use]
    pub fn ambient(&self) -> &Ambient {
        &self.0.ambient
    }

    /// Returns the turns of heavy work.
    #[must_use]
    pub fn turns(&self) -> &Turns {
        &self.0.turns
    }

    pub(super) fn settings(&self) -> &Settings {
        &self.0.settings
    }

    pub(super) fn log(&self) -> &Log {
        &self.0.log
    }

    /// Records that the log has just answered.
    pub(super) fn heard(&self) {
        self.0.heard.store(Arc::new(Some(Instant::now())));
    }

    pub(super) fn open_tenants(&self) -> HashMap<TenantId, Tenant> {
        let open = self.0.open.load();
        open.iter()
            .map(|(id, (tenant, _))| (*id, tenant.clone()))
            .collect()
    }

    /// Returns the directory as it was last read, at most half a second ago.
    #[must_use]
    pub fn directory(&self) -> Arc<Directory> {
        self.0.directory.load_full()
    }

    /// Reads the directory from the log.
    ///
    /// # Errors
    /// If the log does not answer.
    pub async fn refresh(&self) -> Result<Arc<Directory>, LogError> {
        let mut read = self.0.read.lock().await;
        let is_old = read.all_at.is_none_or(|at| at.elapsed() >= ALL_EVERY);
        let mark = match is_old {
            true => DirectoryMark::default(),
            false => read.mark,
        };
        let new = self.0.log.directory.directory_since(mark).await?;
        if new.is_all {
            read.all_at = Some(Instant::now());
        }
        read.mark = new.mark;
        let directory = self.0.directory.load_full();
        let directory = match directory.with(new) {
            None => directory,
            Some(changed) => {
                let changed = Arc::new(changed);
                self.0.directory.store(changed.clone());
                changed
            }
        };
        drop(read);
        self.heard();
        Ok(directory)
    }

    /// Returns the random bytes that seal cursors, which all servers of an installation
    /// share. Reads them from the log at the first call.
    ///
    /// # Errors
    /// If that read fails.
    pub async fn cursor_secret(&self) -> Result<Vec<u8>, Unavailable> {
        let read = async || {
            let fresh: [u8; 32] = self.0.ambient.random();
            self.0.log.installation.secret(CURSORS, &fresh).await
        };
        let found = self.0.cursor_secret.get_or_try_init(read).await;
        Ok(found?.clone())
    }

    /// Reads the directory. A failure is only logged, since the caller's write is done.
    pub(super) async fn see_directory(&self) {
        if let Err(error) = self.refresh().await {
            tracing::warn!(error = %chain(&error), "the list of tenants could not be read");
        }
    }

    /// Finds something in the directory. If it is missing, reads the directory from the
    /// log and tries once more.
    ///
    /// # Errors
    /// If the log does not answer.
    pub async fn look_up<T>(
        &self,
        find: impl Fn(&Directory) -> Option<T>,
    ) -> Result<Option<T>, LogError> {
        if let Some(found) = find(&self.0.directory.load()) {
            return Ok(Some(found));
        }
        let mut refreshed = self.0.refreshed.lock().await;
        if refreshed.is_none_or(|at| at.elapsed() >= DIRECTORY_EVERY) {
            self.refresh().await?;
            *refreshed = Some(Instant::now());
        }
        Ok(find(&self.0.directory.load()))
    }

    /// Returns the tenant with a slug or an id.
    ///
    /// # Errors
    /// If the log does not answer.
    pub async fn find(&self, name: &str) -> Result<Option<TenantRow>, Unavailable> {
        let find = |directory: &Directory| directory.named(name).cloned();
        Ok(self.look_up(find).await?)
    }

    /// Reads the directory again and closes idle tenants, until the process ends.
    async fn keep_house(self) {
        let mut ticks = tokio::time::interval(DIRECTORY_EVERY);
        let mut forgetting = tokio::time::interval(FORGET_EVERY);
        let mut judged = None;
        let mut failing = false;
        loop {
            tokio::select! {
                () = self.0.closing.cancelled() => return,
                _ = ticks.tick() => {}
                _ = forgetting.tick() => {
                    self.forget_requests().await;
                    continue;
                }
            }
            let is_due = judged.is_none_or(|at: Instant| at.elapsed() >= CLOCK_EVERY);
            if is_due || !self.0.ambient.clock().is_sound {
                self.judge_clock().await;
                judged = Some(Instant::now());
            }
            let seen = self.refresh().await;
            // Logged when it starts to fail.
            if let (Err(error), false) = (&seen, failing) {
                tracing::warn!(error = %chain(error), "the list of tenants cannot be read");
            }
            failing = seen.is_err();
            let idle = self.0.settings.close_after_idle.as_millis();
            let before = i128::from(self.0.ambient.now().as_millis())
                - i128::try_from(idle).unwrap_or(i128::MAX);
            for (tenant, closing) in self.0.open.load().values() {
                if i128::from(tenant.last_used()) < before {
                    tracing::info!(tenant = %tenant.id(), "the tenant is idle and is closed");
                    self.forget(tenant);
                    closing.cancel();
                }
            }
        }
    }

    /// Compares the clock with the database's, if the database has one.
    pub async fn judge_clock(&self) {
        let asked = Instant::now();
        match self.0.log.installation.time().await {
            Ok(Some(time)) => self.0.ambient.judge(time, asked.elapsed()),
            Ok(None) => {}
            Err(error) => {
                tracing::debug!(error = %chain(&error), "the database did not return its time");
            }
        }
    }

    async fn forget_requests(&self) {
        if !self.0.ambient.clock().is_confirmed {
            // Deleted requests cannot come back, so an unconfirmed clock deletes none.
            return;
        }
        let before = self.0.settings.requests_since(self.0.ambient.now());
        if let Err(error) = self.0.log.requests.forget_requests(before).await {
            tracing::warn!(error = %chain(&error), "old requests could not be forgotten");
        }
    }

    /// Returns whether the log answered recently and opening ahead is done. Asks the log
    /// nothing, since anybody may call this.
    #[must_use]
    pub fn is_ready(&self) -> bool {
        let silence = self.silence();
        let of_late = silence.is_some_and(|silence| silence < self.0.settings.silent_for);
        of_late && !self.opened_ahead().under_way && !self.0.closing.is_cancelled()
    }

    /// Returns the time since the log last answered. `None` if it never did.
    #[must_use]
    pub fn silence(&self) -> Option<Duration> {
        self.0.heard.load().map(|at| at.elapsed())
    }

    /// Returns the state of writes to the log. Asks the log nothing, since anybody may
    /// call this.
    #[must_use]
    pub fn writes(&self) -> Writes {
        self.0.log.installation.writes()
    }

    /// Returns how often an append collided with another server's.
    #[must_use]
    pub fn collisions(&self) -> u64 {
        self.0.collisions.load(Ordering::Relaxed)
    }

    /// Closes all tenants: takes no more commands, answers the queued ones, saves
    /// snapshots, and closes the log.
    pub async fn close(&self) {
        self.0.closing.cancel();
        self.0.tasks.close();
        self.0.tasks.wait().await;
        self.0.log.installation.close().await;
    }
}
