//! Opens tenants: each once, on a blocking thread, for all callers that wait for it.

use std::sync::Arc;

use attache_core::State;
use attache_core::cause::chain;
use attache_core::id::{Revision, TenantId};
use tokio::sync::{mpsc, watch};

use super::catch_up::Opened;
use super::deciding::Decider;
use super::openings::{Opening, end_of};
use super::saving::Saving;
use super::settings::Reads;
use super::tenant::Tenant;
use super::write::Unavailable;
use super::writer::Writer;
use super::{Tenants, catch_up};
use attache_log::GroupCommit;

impl Tenants {
    /// Returns a tenant. Opens it if necessary. `None` if it does not exist.
    ///
    /// # Errors
    /// If it cannot be opened, or not within
    /// [`open_within`](super::Settings::open_within). In that case, opening continues for
    /// later callers.
    pub async fn open(&self, id: TenantId) -> Result<Option<Tenant>, Unavailable> {
        if let Some(tenant) = self.is_open(id) {
            tenant.touch(self.0.ambient.now());
            return Ok(Some(tenant));
        }
        let known = self
            .look_up(|directory| directory.by_id(id).map(|_| ()))
            .await;
        if known?.is_none() {
            return match self.directory().why_broken(id) {
                Some(reason) => Err(Unavailable::because(reason)),
                None => Ok(None),
            };
        }
        let within = self.0.settings.open_within;
        let opened = tokio::time::timeout(within, end_of(self.opening(id)));
        match opened.await {
            Ok(opened) => opened.map(Some),
            Err(_) => Err(Unavailable::because(format!(
                "the tenant is still being opened after {} s",
                within.as_secs_f64()
            ))),
        }
    }

    /// Returns a tenant for a read. Brings its state up to the log's last entry if
    /// [`Reads::Latest`] is set, or if its revision is below `at_least`. `None` if it
    /// does not exist.
    ///
    /// # Errors
    /// If it cannot be opened, or the log cannot be read.
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

    /// Returns a tenant if it is open and its writer runs.
    pub(super) fn is_open(&self, id: TenantId) -> Option<Tenant> {
        let open = self.0.open.load();
        let (tenant, _) = open.get(&id)?;
        (!tenant.jobs.is_closed()).then(|| tenant.clone())
    }

    /// Returns the opening of a tenant, and starts it if necessary. It is a task of its
    /// own, so it continues if the caller gives up.
    pub(super) fn opening(&self, id: TenantId) -> Opening {
        let mut all = self.0.openings.all();
        // An opening whose task panicked never completes.
        let under_way = all.get(&id).filter(|it| it.has_changed().is_ok());
        if let Some(under_way) = under_way {
            return under_way.clone();
        }
        if let Some(tenant) = self.is_open(id) {
            return watch::channel(Some(Ok(tenant))).1;
        }
        let (done, opening) = watch::channel(None);
        all.insert(id, opening.clone());
        let tenants = self.clone();
        self.0.tasks.spawn(async move {
            let opened = tenants.open_now(id).await;
            // Moved to the open tenants first, so that nobody opens it twice.
            tenants.0.openings.all().remove(&id);
            done.send_replace(Some(opened));
        });
        opening
    }

    async fn open_now(&self, id: TenantId) -> Result<Tenant, Unavailable> {
        let stopping = || Unavailable::because("the server is shutting down");
        let opened = tokio::select! {
            opened = catch_up::open(&self.0.log, id) => opened,
            () = self.0.closing.cancelled() => return Err(stopping()),
        };
        let opened = opened.map_err(|error| {
            tracing::error!(tenant = %id, error = %chain(&error), "the tenant cannot be opened");
            Unavailable::from(error)
        })?;
        self.mend_issuers(&opened.state).await;
        if self.0.closing.is_cancelled() {
            return Err(stopping());
        }
        tracing::info!(tenant = %id, revision = %opened.state.revision(), "the tenant was opened");
        Ok(self.start(opened))
    }

    /// Adds trusted issuers that the index lacks. The index is derived data, and tokens
    /// of an issuer that it lacks are refused.
    async fn mend_issuers(&self, state: &State) {
        let tenant = state.tenant();
        let missing = || -> Vec<String> {
            let directory = self.directory();
            let trusted = state.issuers().map(|issuer| &*issuer.trust.issuer);
            let is_missing = |issuer: &&str| !directory.by_issuer(issuer).contains(&tenant);
            trusted.filter(is_missing).map(str::to_owned).collect()
        };
        if missing().is_empty() {
            return;
        }
        // The state may be newer than the directory.
        self.see_directory().await;
        let missing = missing();
        if missing.is_empty() {
            return;
        }
        tracing::warn!(%tenant, count = missing.len(), "the index of issuers lacked issuers that the tenant trusts; they are added again");
        match self.log().directory.note_issuers(tenant, &missing).await {
            Ok(()) => self.see_directory().await,
            Err(error) => {
                tracing::warn!(%tenant, error = %chain(&error), "issuers could not be added to the index");
            }
        }
    }

    fn start(&self, opened: Opened) -> Tenant {
        let Opened {
            state,
            unsaved,
            asked,
        } = opened;
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
            decider: Decider {
                requests: self.0.log.requests.clone(),
                entries: self.0.log.entries.clone(),
                ambient: self.0.ambient.clone(),
                settings: self.0.settings.clone(),
                turns: self.0.turns.clone(),
                closing: closing.clone(),
            },
            collisions: self.0.collisions.clone(),
            closing: closing.clone(),
            unsaved,
            saving: Saving::default(),
            group_commit: GroupCommit::default(),
            settled: true,
            shared_at: None,
        };
        self.0.tasks.spawn(writer.run());
        self.0.open.rcu(|open| {
            let mut open = (**open).clone();
            open.insert(tenant.id(), (tenant.clone(), closing.clone()));
            open
        });
        tenant
    }

    /// Drops a tenant whose writer has ended, unless it was opened again.
    pub(super) fn forget(&self, closed: &Tenant) {
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
}
