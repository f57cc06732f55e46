//! Tenants are opened on first use and closed when idle.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use arc_swap::ArcSwap;
use attache_core::id::{EntryId, Revision, TenantId};
use attache_core::{Caller, Command, Draft, Entry, State};
use tokio::sync::{Mutex, mpsc};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::catch_up;
use super::latest::{self, Question};
use super::settings::Reads;
use super::tenant::{Tenant, Unavailable, Write, WriteError, Written};
use super::writer::Writer;
use super::{Directory, Settings};
use crate::ambient::Ambient;
use crate::log::{DirectoryError, DoneRequest, Log, LogError, Request, TenantRow};

/// How often the list of tenants is read again, and how often at most when
/// somebody asks for one that is not on it.
const DIRECTORY_EVERY: Duration = Duration::from_millis(500);

/// How often requests are forgotten that are old.
const FORGET_EVERY: Duration = Duration::from_secs(600);

/// How often a write goes to a tenant that was closed under its hands.
const REOPENINGS: usize = 3;

type Open = HashMap<TenantId, (Tenant, CancellationToken)>;

/// All tenants of this process.
#[derive(Clone)]
pub struct Tenants(Arc<Inner>);

struct Inner {
    log: Arc<dyn Log>,
    ambient: Ambient,
    settings: Settings,
    open: ArcSwap<Open>,
    /// Held while a tenant is opened, so that it happens once: one for each.
    opening: Mutex<HashMap<TenantId, Arc<Mutex<()>>>>,
    directory: ArcSwap<Directory>,
    refreshed: Mutex<Option<Instant>>,
    /// When the log answered last; `None` before it did.
    heard: ArcSwap<Option<Instant>>,
    questions: mpsc::Sender<Question>,
    collisions: Arc<AtomicU64>,
    closing: CancellationToken,
    tasks: TaskTracker,
}

impl std::fmt::Debug for Tenants {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Tenants({} open)", self.0.open.load().len())
    }
}

impl Tenants {
    /// The tenants of a log. Must be called within a runtime.
    #[must_use]
    pub fn new(log: Arc<dyn Log>, ambient: Ambient, settings: Settings) -> Self {
        let (questions, asked) = latest::questions();
        let tenants = Self(Arc::new(Inner {
            log,
            ambient,
            settings,
            open: ArcSwap::default(),
            opening: Mutex::default(),
            directory: ArcSwap::default(),
            refreshed: Mutex::default(),
            heard: ArcSwap::default(),
            questions,
            collisions: Arc::default(),
            closing: CancellationToken::new(),
            tasks: TaskTracker::new(),
        }));
        tenants.0.tasks.spawn(tenants.clone().keep_house());
        tenants.0.tasks.spawn(tenants.clone().follow());
        tenants.0.tasks.spawn(tenants.clone().ask_for_heads(asked));
        tenants
    }

    /// The clock and the randomness that all of this uses.
    #[must_use]
    pub fn ambient(&self) -> &Ambient {
        &self.0.ambient
    }

    pub(super) fn log(&self) -> &dyn Log {
        &*self.0.log
    }

    pub(super) fn settings(&self) -> &Settings {
        &self.0.settings
    }

    pub(super) fn closing(&self) -> &CancellationToken {
        &self.0.closing
    }

    pub(super) fn questions(&self) -> &mpsc::Sender<Question> {
        &self.0.questions
    }

    /// The log has just answered.
    pub(super) fn heard(&self) {
        self.0.heard.store(Arc::new(Some(Instant::now())));
    }

    pub(super) fn open_tenants(&self) -> HashMap<TenantId, Tenant> {
        let open = self.0.open.load();
        open.iter()
            .map(|(id, (tenant, _))| (*id, tenant.clone()))
            .collect()
    }

    /// The tenants as they were read last, at most half a second ago.
    #[must_use]
    pub fn directory(&self) -> Arc<Directory> {
        self.0.directory.load_full()
    }

    /// The tenants as the log has them now.
    ///
    /// # Errors
    /// If the log does not answer.
    pub async fn refresh(&self) -> Result<Arc<Directory>, LogError> {
        let (rows, issuers) = (self.0.log.tenants().await?, self.0.log.issuers().await?);
        let directory = Arc::new(Directory::new(rows, issuers));
        self.0.directory.store(directory.clone());
        self.heard();
        Ok(directory)
    }

    /// Read the directory; that it cannot be read now changes nothing of what was done.
    async fn see_directory(&self) {
        if let Err(error) = self.refresh().await {
            tracing::warn!(%error, "the list of tenants could not be read");
        }
    }

    /// Look for something in the directory; if it is not there, look again
    /// once what the log has now was read.
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

    /// The tenant of a slug or an id.
    ///
    /// # Errors
    /// If the log does not answer.
    pub async fn find(&self, name: &str) -> Result<Option<TenantRow>, Unavailable> {
        let find = |directory: &Directory| {
            let by_id = || directory.by_id(name.parse().ok()?);
            directory.by_slug(name).or_else(by_id).cloned()
        };
        let found = self.look_up(find).await;
        found.map_err(|error| Unavailable(error.to_string()))
    }

    /// The tenant of an id, opened if it is not open. `None` if there is none.
    ///
    /// # Errors
    /// If it cannot be opened.
    pub async fn open(&self, id: TenantId) -> Result<Option<Tenant>, Unavailable> {
        if let Some(tenant) = self.is_open(id) {
            tenant.touch(self.0.ambient.now());
            return Ok(Some(tenant));
        }
        let unavailable = |error: LogError| Unavailable(error.to_string());
        let known = self
            .look_up(|directory| directory.by_id(id).map(|_| ()))
            .await;
        if known.map_err(unavailable)?.is_none() {
            return Ok(None);
        }
        // In a task of its own: whoever asked may lose patience, and the next
        // who asks must not begin anew.
        let opening = self.0.tasks.spawn(self.clone().open_now(id));
        match opening.await {
            Ok(opened) => opened.map(Some),
            Err(error) => Err(Unavailable(error.to_string())),
        }
    }

    /// The tenant of an id for whoever reads: as it is now, if that is set or
    /// it is older than the caller wants it at least. `None` if there is none.
    ///
    /// # Errors
    /// If it cannot be opened, or what the log holds cannot be read.
    pub async fn read(
        &self,
        id: TenantId,
        at_least: Revision,
    ) -> Result<Option<Tenant>, Unavailable> {
        let tenant = self.open(id).await?;
        if let Some(tenant) = &tenant
            && (self.0.settings.reads == Reads::Latest || tenant.shared.revision() < at_least)
        {
            self.catch_up(tenant).await?;
        }
        Ok(tenant)
    }

    /// A tenant that is open, with a writer that lives.
    pub(super) fn is_open(&self, id: TenantId) -> Option<Tenant> {
        let open = self.0.open.load();
        let (tenant, _) = open.get(&id)?;
        (!tenant.jobs.is_closed()).then(|| tenant.clone())
    }

    async fn open_now(self, id: TenantId) -> Result<Tenant, Unavailable> {
        let own = {
            let mut opening = self.0.opening.lock().await;
            opening.entry(id).or_default().clone()
        };
        let _guard = own.lock().await;
        if let Some(tenant) = self.is_open(id) {
            return Ok(tenant);
        }
        let asked = Instant::now();
        let opened = catch_up::open(&*self.0.log, id).await;
        let (state, unsaved) = opened.map_err(|error| {
            tracing::error!(tenant = %id, %error, "the tenant cannot be opened");
            Unavailable(error.to_string())
        })?;
        if self.0.closing.is_cancelled() {
            return Err(Unavailable("the server is shutting down".to_owned()));
        }
        tracing::info!(tenant = %id, revision = %state.revision(), "the tenant was opened");
        Ok(self.start(state, asked, unsaved))
    }

    fn start(&self, state: State, asked: Instant, unsaved: usize) -> Tenant {
        let (sender, jobs) = mpsc::channel(self.0.settings.waiting_commands);
        let tenant = Tenant::new(state, asked, self.0.settings.silent_for, sender);
        tenant.touch(self.0.ambient.now());
        let closing = self.0.closing.child_token();
        let writer = Writer {
            log: self.0.log.clone(),
            ambient: self.0.ambient.clone(),
            settings: self.0.settings.clone(),
            shared: tenant.shared.clone(),
            jobs,
            collisions: self.0.collisions.clone(),
            closing: closing.clone(),
            unsaved,
            saving: None,
            settled: true,
        };
        self.0.tasks.spawn(writer.run());
        self.0.open.rcu(|open| {
            let mut open = (**open).clone();
            open.insert(tenant.id(), (tenant.clone(), closing.clone()));
            open
        });
        tenant
    }

    /// Let commands become one entry of a tenant, all of them or none.
    ///
    /// # Errors
    /// [`WriteError`]: not all errors mean that nothing was written.
    pub async fn write(
        &self,
        caller: Caller,
        correlation_id: &str,
        commands: &[Command],
    ) -> Result<Written, WriteError> {
        let write = Write::new(caller, correlation_id, commands.to_vec());
        self.write_on(&write).await
    }

    /// The same, on terms.
    ///
    /// # Errors
    /// [`WriteError`].
    pub async fn write_on(&self, write: &Write) -> Result<Written, WriteError> {
        for _ in 0..REOPENINGS {
            let tenant = self.open(write.caller.tenant).await?;
            let Some(tenant) = tenant else {
                return Err(Unavailable("there is no such tenant".to_owned()).into());
            };
            if let Some(answer) = tenant.try_write(write).await {
                return answer;
            }
            self.forget(&tenant);
        }
        Err(Unavailable("the tenant is being closed".to_owned()).into())
    }

    /// Create a tenant. The commands become its first entry; the first of them
    /// begins it.
    ///
    /// # Errors
    /// If its slug or a domain is taken, or the log does not answer.
    pub async fn create(
        &self,
        row: TenantRow,
        caller: Caller,
        correlation_id: &str,
        commands: &[Command],
        request: Option<Request>,
    ) -> Result<(), CreateError> {
        let mut draft = Draft::new(State::empty(row.id), caller, self.0.ambient.now());
        for command in commands {
            draft.run(command).map_err(CreateError::Refused)?;
        }
        let (changes, state, at) = draft.finish();
        let entry = Entry {
            id: EntryId(self.0.ambient.id()),
            revision: state.revision().next(),
            at,
            actor: caller.actor,
            correlation_id: correlation_id.into(),
            changes,
        };
        let now = self.0.ambient.now();
        let request = request.map(|request| DoneRequest {
            request,
            revision: entry.revision,
            at: now,
            forgotten_before: self.0.settings.requests_since(now),
        });
        self.0.log.create_tenant(row, entry, request).await?;
        self.see_directory().await;
        Ok(())
    }

    /// Whether a request was done for a tenant of late; `Some(false)` if
    /// something else was asked under its name.
    ///
    /// # Errors
    /// If the log does not answer.
    pub async fn was_done(
        &self,
        tenant: TenantId,
        request: &Request,
    ) -> Result<Option<bool>, Unavailable> {
        let since = self.0.settings.requests_since(self.0.ambient.now());
        let found = self.0.log.find_request(tenant, &request.key, since).await;
        let found = found.map_err(|error| Unavailable(error.to_string()))?;
        Ok(found.map(|(asked, _)| asked == request.fingerprint))
    }

    /// Change a tenant's slug and domains.
    ///
    /// # Errors
    /// If the slug or a domain is taken, or the log does not answer.
    pub async fn change(&self, row: TenantRow) -> Result<(), DirectoryError> {
        self.0.log.change_tenant(row).await?;
        self.see_directory().await;
        Ok(())
    }

    fn forget(&self, closed: &Tenant) {
        self.0.open.rcu(|open| {
            let mut open = (**open).clone();
            if open
                .get(&closed.id())
                .is_some_and(|(t, _)| Arc::ptr_eq(&t.shared, &closed.shared))
            {
                open.remove(&closed.id());
            }
            open
        });
    }

    /// Read the directory again and close who is idle, until the end.
    async fn keep_house(self) {
        let mut ticks = tokio::time::interval(DIRECTORY_EVERY);
        let mut forgetting = tokio::time::interval(FORGET_EVERY);
        loop {
            tokio::select! {
                () = self.0.closing.cancelled() => return,
                _ = ticks.tick() => {}
                _ = forgetting.tick() => {
                    self.forget_requests().await;
                    continue;
                }
            }
            self.see_directory().await;
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

    async fn forget_requests(&self) {
        let before = self.0.settings.requests_since(self.0.ambient.now());
        if let Err(error) = self.0.log.forget_requests(before).await {
            tracing::warn!(%error, "old requests could not be forgotten");
        }
    }

    /// Whether the log answered of late. Asks nothing: anybody may ask this.
    #[must_use]
    pub fn is_ready(&self) -> bool {
        let silence = self.silence();
        let of_late = silence.is_some_and(|silence| silence < self.0.settings.silent_for);
        of_late && !self.0.closing.is_cancelled()
    }

    /// How long ago the log answered last. `None` if it never did.
    #[must_use]
    pub fn silence(&self) -> Option<Duration> {
        self.0.heard.load().map(|at| at.elapsed())
    }

    /// How often an append collided with another server's.
    #[must_use]
    pub fn collisions(&self) -> u64 {
        self.0.collisions.load(Ordering::Relaxed)
    }

    /// Take no more commands, answer those that wait, save snapshots, let go of the log.
    pub async fn close(&self) {
        self.0.closing.cancel();
        self.0.tasks.close();
        self.0.tasks.wait().await;
        self.0.log.close().await;
    }
}

/// A tenant that could not be created.
#[derive(Clone, Debug, thiserror::Error)]
pub enum CreateError {
    /// The core refused.
    #[error(transparent)]
    Refused(attache_core::Refusal),
    /// The directory or the log refused.
    #[error(transparent)]
    Directory(#[from] DirectoryError),
}
