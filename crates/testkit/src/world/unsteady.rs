//! A log that can be made to break.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use attache_core::id::{EntryId, Revision, TenantId};
use attache_core::{Entry, State, Timestamp};
use attache_log::{
    AppendError, BrokenTenant, DirectoryChanges, DirectoryError, DirectoryMark, DoneRequest,
    EntriesFound, EntryFilter, EntryPage, Head, IssuerRow, Log, LogError, Snapshot, SqlLog,
    TenantRow, TokenUse,
};
use tokio::sync::{OwnedRwLockWriteGuard, RwLock};

/// The log in a file, until it is broken: then whoever looks for a tenant panics.
pub(super) struct Unsteady {
    log: SqlLog,
    broken: AtomicBool,
    /// Held by whoever lets no tenant be opened.
    openings: Arc<RwLock<()>>,
    /// Tenants whose rows cannot be read.
    unreadable: Mutex<BTreeSet<TenantId>>,
}

impl Unsteady {
    pub(super) fn new(log: SqlLog) -> Self {
        Self {
            log,
            broken: AtomicBool::new(false),
            openings: Arc::default(),
            unreadable: Mutex::default(),
        }
    }

    /// Let no tenant be opened as long as this is held.
    pub(super) async fn hold_openings(&self) -> OwnedRwLockWriteGuard<()> {
        self.openings.clone().write_owned().await
    }

    /// Let the row of a tenant be one that cannot be read.
    pub(super) fn break_row(&self, tenant: TenantId) {
        self.unreadable.lock().unwrap().insert(tenant);
    }

    pub(super) fn break_down(&self) {
        self.broken.store(true, Ordering::SeqCst);
    }
}

#[async_trait]
impl Log for Unsteady {
    async fn append(
        &self,
        tenant: TenantId,
        after: Option<EntryId>,
        entries: &[Entry],
        requests: &[DoneRequest],
    ) -> Result<(), AppendError> {
        self.log.append(tenant, after, entries, requests).await
    }

    async fn heads(&self, tenants: &[TenantId]) -> Result<Vec<Option<Head>>, LogError> {
        self.log.heads(tenants).await
    }

    async fn find_request(
        &self,
        tenant: TenantId,
        key: &str,
        since: Timestamp,
    ) -> Result<Option<(String, Revision)>, LogError> {
        self.log.find_request(tenant, key, since).await
    }

    async fn forget_requests(&self, before: Timestamp) -> Result<(), LogError> {
        self.log.forget_requests(before).await
    }

    async fn find_entries(
        &self,
        tenant: TenantId,
        filter: &EntryFilter,
        page: &EntryPage,
    ) -> Result<EntriesFound, LogError> {
        self.log.find_entries(tenant, filter, page).await
    }

    async fn count_entries(
        &self,
        tenant: TenantId,
        filter: &EntryFilter,
        up_to: Revision,
    ) -> Result<u64, LogError> {
        self.log.count_entries(tenant, filter, up_to).await
    }

    async fn read_after(
        &self,
        tenant: TenantId,
        revision: Revision,
        most: usize,
    ) -> Result<Vec<Entry>, LogError> {
        self.log.read_after(tenant, revision, most).await
    }

    async fn load_snapshot(&self, tenant: TenantId) -> Result<Option<State>, LogError> {
        drop(self.openings.read().await);
        self.log.load_snapshot(tenant).await
    }

    async fn save_snapshot(&self, snapshot: &Snapshot) -> Result<(), LogError> {
        self.log.save_snapshot(snapshot).await
    }

    async fn remove_snapshot(&self, tenant: TenantId, revision: Revision) -> Result<(), LogError> {
        self.log.remove_snapshot(tenant, revision).await
    }

    async fn note_issuers(&self, tenant: TenantId, issuers: &[String]) -> Result<(), LogError> {
        self.log.note_issuers(tenant, issuers).await
    }

    async fn tenants(&self) -> Result<Vec<TenantRow>, LogError> {
        assert!(!self.broken.load(Ordering::SeqCst), "the log broke down");
        self.log.tenants().await
    }

    async fn issuers(&self) -> Result<Vec<IssuerRow>, LogError> {
        self.log.issuers().await
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

    async fn secret(&self, name: &str, fresh: &[u8]) -> Result<Vec<u8>, LogError> {
        self.log.secret(name, fresh).await
    }

    async fn note_token_uses(&self, uses: &[TokenUse]) -> Result<(), LogError> {
        self.log.note_token_uses(uses).await
    }

    async fn token_uses(&self, tenant: TenantId) -> Result<Vec<TokenUse>, LogError> {
        self.log.token_uses(tenant).await
    }

    async fn create_tenant(
        &self,
        tenant: TenantRow,
        first: Entry,
        request: Option<DoneRequest>,
    ) -> Result<(), DirectoryError> {
        self.log.create_tenant(tenant, first, request).await
    }

    async fn change_tenant(&self, was: TenantRow, tenant: TenantRow) -> Result<(), DirectoryError> {
        self.log.change_tenant(was, tenant).await
    }

    async fn close(&self) {
        self.log.close().await;
    }
}
