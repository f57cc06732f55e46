//! A log that a test can break.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use attache_core::id::{Revision, TenantId};
use attache_core::{Entry, State};
use attache_log::{
    BrokenTenant, DirectoryChanges, DirectoryError, DirectoryMark, DoneRequest, IssuerRow, Log,
    LogError, Snapshot, Snapshots, SqlLog, TenantDirectory, TenantRow,
};
use tokio::sync::{OwnedRwLockWriteGuard, RwLock};

/// A log in a file. After it was broken, every look-up of a tenant panics.
pub(super) struct Unsteady {
    sql: Arc<SqlLog>,
    broken: AtomicBool,
    /// Locked to prevent the opening of tenants.
    openings: Arc<RwLock<()>>,
    /// Tenants whose rows cannot be read.
    unreadable: Mutex<BTreeSet<TenantId>>,
}

impl Unsteady {
    pub(super) fn new(sql: SqlLog) -> Self {
        Self {
            sql: Arc::new(sql),
            broken: AtomicBool::new(false),
            openings: Arc::default(),
            unreadable: Mutex::default(),
        }
    }

    /// Returns a log with this directory and these snapshots.
    pub(super) fn log(self: &Arc<Self>) -> Log {
        Log {
            directory: self.clone(),
            snapshots: self.clone(),
            ..self.sql.clone().into()
        }
    }

    /// Returns the log in the file.
    pub(super) fn sql(&self) -> &SqlLog {
        &self.sql
    }

    /// Prevents the opening of tenants while the guard exists.
    pub(super) async fn hold_openings(&self) -> OwnedRwLockWriteGuard<()> {
        self.openings.clone().write_owned().await
    }

    /// Makes the row of a tenant unreadable.
    pub(super) fn break_row(&self, tenant: TenantId) {
        self.unreadable.lock().unwrap().insert(tenant);
    }

    pub(super) fn break_down(&self) {
        self.broken.store(true, Ordering::SeqCst);
    }
}

#[async_trait]
impl Snapshots for Unsteady {
    async fn load_snapshot_up_to(
        &self,
        tenant: TenantId,
        revision: Revision,
    ) -> Result<Option<State>, LogError> {
        drop(self.openings.read().await);
        self.sql.load_snapshot_up_to(tenant, revision).await
    }

    async fn snapshot_revision(
        &self,
        tenant: TenantId,
        up_to: Revision,
    ) -> Result<Option<Revision>, LogError> {
        self.sql.snapshot_revision(tenant, up_to).await
    }

    async fn save_snapshot(&self, snapshot: &Snapshot) -> Result<(), LogError> {
        self.sql.save_snapshot(snapshot).await
    }

    async fn remove_snapshot(&self, tenant: TenantId, revision: Revision) -> Result<(), LogError> {
        self.sql.remove_snapshot(tenant, revision).await
    }
}

#[async_trait]
impl TenantDirectory for Unsteady {
    async fn tenants(&self) -> Result<Vec<TenantRow>, LogError> {
        assert!(!self.broken.load(Ordering::SeqCst), "the log broke down");
        self.sql.tenants().await
    }

    async fn issuers(&self) -> Result<Vec<IssuerRow>, LogError> {
        self.sql.issuers().await
    }

    async fn note_issuers(&self, tenant: TenantId, issuers: &[String]) -> Result<(), LogError> {
        self.sql.note_issuers(tenant, issuers).await
    }

    async fn directory_since(&self, mark: DirectoryMark) -> Result<DirectoryChanges, LogError> {
        let tenants = self.tenants().await?;
        let unreadable = self.unreadable.lock().unwrap().clone();
        let (broken, tenants): (Vec<_>, Vec<_>) = tenants
            .into_iter()
            .partition(|row| unreadable.contains(&row.id));
        let broken = broken.into_iter().map(|row| BrokenTenant {
            id: Some(row.id),
            reason: "its row cannot be read".to_owned(),
        });
        Ok(DirectoryChanges {
            is_all: true,
            tenants,
            broken: broken.collect(),
            issuers: self.issuers().await?,
            mark,
        })
    }

    async fn create_tenant(
        &self,
        tenant: TenantRow,
        first: Entry,
        request: Option<DoneRequest>,
    ) -> Result<(), DirectoryError> {
        self.sql.create_tenant(tenant, first, request).await
    }

    async fn change_tenant(&self, was: TenantRow, tenant: TenantRow) -> Result<(), DirectoryError> {
        self.sql.change_tenant(was, tenant).await
    }
}
