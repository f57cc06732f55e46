//! Tenants are opened on first use.

use std::sync::Arc;

use attache_core::id::{Revision, TenantId};
use tokio::sync::mpsc;

use super::catch_up::Opened;
use super::saving::Saving;
use super::settings::Reads;
use super::tenant::{Tenant, Unavailable};
use super::writer::Writer;
use super::{Tenants, catch_up};
use attache_log::{Gathering, LogError};

impl Tenants {
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
        let opened = catch_up::open(&*self.0.log, id).await;
        let opened = opened.map_err(|error| {
            tracing::error!(tenant = %id, %error, "the tenant cannot be opened");
            Unavailable(error.to_string())
        })?;
        if self.0.closing.is_cancelled() {
            return Err(Unavailable("the server is shutting down".to_owned()));
        }
        tracing::info!(tenant = %id, revision = %opened.state.revision(), "the tenant was opened");
        Ok(self.start(opened))
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
            collisions: self.0.collisions.clone(),
            closing: closing.clone(),
            unsaved,
            saving: Saving::default(),
            gathering: Gathering::default(),
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

    /// Let go of a tenant whose writer is gone, if it is not open anew already.
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
