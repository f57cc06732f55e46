//! A log by its roles. A part of the server asks for the roles that it needs, and a log that
//! fails, waits or only reads implements only what it is.

use std::sync::Arc;

use async_trait::async_trait;
use attache_core::focus::DatedChange;
use attache_core::id::{EntryId, Revision, TenantId};
use attache_core::{Entry, State, Timestamp};
use tokio::sync::mpsc;
use uuid::Uuid;

use super::{
    AppendError, DirectoryChanges, DirectoryError, DirectoryMark, DoneRequest, EntriesFound,
    EntryFilter, EntryPage, EntryTime, Head, Hold, IssuerRow, LogError, Notification, Segments,
    Snapshot, TenantRow, TokenUse, Writes,
};

/// Where the entries of all tenants are kept, with what stands beside them: each role by what
/// plays it. Another implementation takes one role by
/// `Log { snapshots: Arc::new(other), ..log }`.
#[derive(Clone)]
pub struct Log {
    /// Reads entries in their order.
    pub entries: Arc<dyn EntryReader>,
    /// Finds entries by their content.
    pub search: Arc<dyn EntrySearch>,
    /// Finds the changes of single things.
    pub histories: Arc<dyn Histories>,
    /// Appends entries.
    pub writer: Arc<dyn EntryWriter>,
    /// Reads and changes the list of tenants.
    pub directory: Arc<dyn TenantDirectory>,
    /// Remembers which requests were done.
    pub requests: Arc<dyn Requests>,
    /// Keeps the states of tenants, so that they open faster.
    pub snapshots: Arc<dyn Snapshots>,
    /// Asks the writers of a tenant to wait.
    pub holds: Arc<dyn Holds>,
    /// Keeps when API tokens were used.
    pub token_usage: Arc<dyn TokenUsage>,
    /// The database as a whole.
    pub installation: Arc<dyn Installation>,
}

impl std::fmt::Debug for Log {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Log")
    }
}

/// Reads the entries of tenants in their order.
#[async_trait]
pub trait EntryReader: Send + Sync + 'static {
    /// The last entry of each of these tenants, in the order of the list; `None` for a
    /// tenant without entries.
    ///
    /// # Errors
    /// If the database does not answer.
    async fn heads(&self, tenants: &[TenantId]) -> Result<Vec<Option<Head>>, LogError>;

    /// The entries after a revision, in their order, at most so many.
    ///
    /// # Errors
    /// If they cannot be read or understood.
    async fn read_after(
        &self,
        tenant: TenantId,
        revision: Revision,
        most: usize,
    ) -> Result<Vec<Entry>, LogError>;

    /// When the entry at a revision was written. `None` if there is none. Reads no changes.
    ///
    /// # Errors
    /// If the database does not answer.
    async fn time_of(
        &self,
        tenant: TenantId,
        revision: Revision,
    ) -> Result<Option<EntryTime>, LogError>;

    /// The last of a tenant's entries up to a revision that was not written later than an
    /// instant. `None` if the first was. Reads no changes, and of some twenty entries only:
    /// the times of a tenant's entries never go back.
    ///
    /// # Errors
    /// If the database does not answer, or entries are missing.
    async fn last_by(
        &self,
        tenant: TenantId,
        at: Timestamp,
        up_to: Revision,
    ) -> Result<Option<EntryTime>, LogError>;

    /// Notifications of what other servers write. Only the first caller gets them. `None`
    /// where the database sends none: then the reader polls.
    fn notifications(&self) -> Option<mpsc::Receiver<Notification>> {
        None
    }
}

/// Finds entries by their content.
#[async_trait]
pub trait EntrySearch: Send + Sync + 'static {
    /// The newest of the entries that are wanted, before a revision, the newest first: as
    /// many as the page may have, by their number and by their bytes.
    ///
    /// # Errors
    /// If they cannot be read or understood.
    async fn find_entries(
        &self,
        tenant: TenantId,
        filter: &EntryFilter,
        page: &EntryPage,
    ) -> Result<EntriesFound, LogError>;

    /// The number of entries up to a revision that are wanted.
    ///
    /// # Errors
    /// If the database does not answer.
    async fn count_entries(
        &self,
        tenant: TenantId,
        filter: &EntryFilter,
        up_to: Revision,
    ) -> Result<u64, LogError>;
}

/// Finds the changes of single things, without reading the rest of the log. A log without this
/// has no histories, and whoever asks about the past reads the entries.
#[async_trait]
pub trait Histories: Send + Sync + 'static {
    /// The segments of a tenant's log whose histories are made.
    ///
    /// # Errors
    /// If the database does not answer.
    async fn segments(&self, _tenant: TenantId) -> Result<Segments, LogError> {
        Ok(Segments::default())
    }

    /// Asks for the histories of a tenant to be made, in the background: many of its entries
    /// are in none.
    fn lacking(&self, _tenant: TenantId) {}

    /// The changes of each of these things, in the order of the list, in the entries up to a
    /// revision, as far as they are in segments: see [`home`](attache_core::focus::home).
    ///
    /// # Errors
    /// If they cannot be read or understood.
    async fn histories(
        &self,
        _tenant: TenantId,
        _things: &[Uuid],
        _segments: &Segments,
        _up_to: Revision,
    ) -> Result<Vec<(Uuid, Vec<DatedChange>)>, LogError> {
        Ok(Vec::new())
    }
}

/// Appends entries.
#[async_trait]
pub trait EntryWriter: Send + Sync + 'static {
    /// Writes entries that follow one another, and the requests that they answer, all of
    /// them or none. `after` is the entry that they follow, or `None` for a tenant's first:
    /// if it is not there any more, if a revision is taken or a request was done already,
    /// that is an [`AppendError::Collision`]. The very same entries may be handed over again:
    /// they stand once, and the answer is a collision.
    ///
    /// # Errors
    /// See [`AppendError`]: not all errors mean that nothing was written.
    async fn append(
        &self,
        tenant: TenantId,
        after: Option<EntryId>,
        entries: &[Entry],
        requests: &[DoneRequest],
    ) -> Result<(), AppendError>;
}

/// Reads and changes the list of tenants, and the index of the issuers that they trust.
#[async_trait]
pub trait TenantDirectory: Send + Sync + 'static {
    /// All tenants, by slug.
    ///
    /// # Errors
    /// If the database does not answer.
    async fn tenants(&self) -> Result<Vec<TenantRow>, LogError>;

    /// All issuers that entries ever named, by tenant.
    ///
    /// # Errors
    /// If the database does not answer.
    async fn issuers(&self) -> Result<Vec<IssuerRow>, LogError>;

    /// Notes again that entries of a tenant named issuers, where the index lost it. What is
    /// noted stays as it is.
    ///
    /// # Errors
    /// If the database does not answer.
    async fn note_issuers(&self, tenant: TenantId, issuers: &[String]) -> Result<(), LogError>;

    /// What of tenants and issuers is new since they were read up to a mark; all of it since
    /// the default mark.
    ///
    /// # Errors
    /// If the database does not answer.
    async fn directory_since(&self, mark: DirectoryMark) -> Result<DirectoryChanges, LogError> {
        Ok(DirectoryChanges {
            is_all: true,
            tenants: self.tenants().await?,
            broken: Vec::new(),
            issuers: self.issuers().await?,
            mark,
        })
    }

    /// Adds a tenant with its first entry, and the request that it answers, all or none.
    ///
    /// # Errors
    /// If the slug or a domain is taken, or the database does not answer.
    async fn create_tenant(
        &self,
        tenant: TenantRow,
        first: Entry,
        request: Option<DoneRequest>,
    ) -> Result<(), DirectoryError>;

    /// Changes a tenant's slug and domains, if it is as it was read.
    ///
    /// # Errors
    /// If it is not, if the slug or a domain is taken, or the database does not answer.
    async fn change_tenant(&self, was: TenantRow, tenant: TenantRow) -> Result<(), DirectoryError>;
}

/// Remembers which requests were done, so that a client may repeat them.
#[async_trait]
pub trait Requests: Send + Sync + 'static {
    /// The fingerprint of a request that was done, by its key, and the entry that it became.
    /// `None` if it was not done since `since`.
    ///
    /// # Errors
    /// If the database does not answer.
    async fn find_request(
        &self,
        tenant: TenantId,
        key: &str,
        since: Timestamp,
    ) -> Result<Option<(String, Revision)>, LogError>;

    /// Forgets the requests of all tenants that were done before an instant.
    ///
    /// # Errors
    /// If the database does not answer.
    async fn forget_requests(&self, before: Timestamp) -> Result<(), LogError>;
}

/// Keeps the states of tenants, so that they open faster. Every snapshot can be lost: the
/// entries hold all that it holds.
#[async_trait]
pub trait Snapshots: Send + Sync + 'static {
    /// Returns the state of the newest usable snapshot of a tenant, as
    /// [`load_snapshot_up_to`](Self::load_snapshot_up_to) the last revision.
    ///
    /// # Errors
    /// If the database does not answer.
    async fn load_snapshot(&self, tenant: TenantId) -> Result<Option<State>, LogError> {
        self.load_snapshot_up_to(tenant, Revision(u64::MAX)).await
    }

    /// Returns the state of the newest usable snapshot of a tenant at or below a revision, or
    /// `None` without one. Snapshots of other versions are skipped. A damaged snapshot is
    /// deleted with a warning, and the one before it is used. The caller checks that the
    /// state's last entry still exists: a database can lose its last entries.
    ///
    /// # Errors
    /// If the database does not answer.
    async fn load_snapshot_up_to(
        &self,
        tenant: TenantId,
        revision: Revision,
    ) -> Result<Option<State>, LogError>;

    /// Returns the revision of that state, without reading the state. `None` where only loading
    /// it tells.
    ///
    /// # Errors
    /// If the database does not answer.
    async fn snapshot_revision(
        &self,
        _tenant: TenantId,
        _up_to: Revision,
    ) -> Result<Option<Revision>, LogError> {
        Ok(None)
    }

    /// Saves a snapshot, and then deletes all of the tenant's snapshots but the two newest. A
    /// snapshot is not saved if the entries do not lead to it, or if there are two newer ones.
    ///
    /// # Errors
    /// If it cannot be written.
    async fn save_snapshot(&self, snapshot: &Snapshot) -> Result<(), LogError>;

    /// Deletes a tenant's snapshot at a revision, which its entries do not lead to.
    ///
    /// # Errors
    /// If the database does not answer.
    async fn remove_snapshot(&self, tenant: TenantId, revision: Revision) -> Result<(), LogError>;
}

/// Asks the writers of a tenant to wait, on all servers. A log without holds lets everybody
/// write at all times.
#[async_trait]
pub trait Holds: Send + Sync + 'static {
    /// Asks all writers of a tenant to wait for a while.
    ///
    /// # Errors
    /// If it cannot be written.
    async fn hold(&self, _hold: &Hold) -> Result<(), LogError> {
        Ok(())
    }

    /// Lets the writers go on. A hold that is not there any more is no error.
    ///
    /// # Errors
    /// If it cannot be written.
    async fn release(&self, _hold: &Hold) -> Result<(), LogError> {
        Ok(())
    }

    /// The holds that are there now.
    ///
    /// # Errors
    /// If the database does not answer.
    async fn holds(&self) -> Result<Vec<Hold>, LogError> {
        Ok(Vec::new())
    }
}

/// Keeps when API tokens were used. A log without this knows of no use.
#[async_trait]
pub trait TokenUsage: Send + Sync + 'static {
    /// Notes when API tokens were used. Of two uses of one token the later one stays.
    ///
    /// # Errors
    /// If it cannot be written. Some of the uses may be noted all the same.
    async fn note_token_uses(&self, _uses: &[TokenUse]) -> Result<(), LogError> {
        Ok(())
    }

    /// The last noted use of each of a tenant's API tokens, in no particular order. Those of
    /// revoked tokens are among them.
    ///
    /// # Errors
    /// If the database does not answer.
    async fn token_uses(&self, _tenant: TenantId) -> Result<Vec<TokenUse>, LogError> {
        Ok(Vec::new())
    }
}

/// The database as a whole, whatever the tenant.
#[async_trait]
pub trait Installation: Send + Sync + 'static {
    /// The random bytes that all servers of this installation share under a name. `fresh` is
    /// kept where there are none yet.
    ///
    /// # Errors
    /// If the database does not answer.
    async fn secret(&self, name: &str, fresh: &[u8]) -> Result<Vec<u8>, LogError>;

    /// The time by the database's clock. `None` where it has none of its own.
    ///
    /// # Errors
    /// If the database does not answer.
    async fn time(&self) -> Result<Option<Timestamp>, LogError> {
        Ok(None)
    }

    /// How writes go. Asks nothing of the database.
    fn writes(&self) -> Writes {
        Writes::default()
    }

    /// Finishes what was handed over, and lets go of the database.
    async fn close(&self) {}
}
