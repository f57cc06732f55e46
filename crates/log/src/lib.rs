//! The log: the only place that names a database.

mod append;
mod appender;
mod aside;
mod checkpoints;
mod copy;
mod database;
mod directory;
mod domains;
mod fault;
mod find;
mod gathering;
mod heads;
mod holds;
mod inserts;
mod issuers;
mod listener;
mod migrations;
mod notifier;
mod request;
mod row;
mod snapshot;
mod snapshot_files;
mod snapshot_rows;
mod sql_log;
mod statements;
mod tenant_rows;
mod token_uses;
mod transaction;
mod watch;
mod writes;

pub use aside::aside;
pub use copy::{CopyError, ToCopy};
pub use database::{Location, Settings};
pub use directory::{BrokenTenant, DirectoryChanges, DirectoryMark};
pub use fault::Fault;
pub use find::{EntriesFound, EntryFilter, EntryPage};
pub use gathering::Gathering;
pub use holds::Hold;
pub use migrations::{MigrationRow, migrate, migrations};
pub use request::{DoneRequest, Request};
pub use snapshot::Snapshot;
pub use snapshot_files::snapshots_beside;
pub use sql_log::SqlLog;
pub use token_uses::TokenUse;
pub use watch::{Failing, Writes};

use async_trait::async_trait;
use attache_core::id::{EntryId, Revision, TenantId};
use attache_core::{Entry, State, Timestamp};
use tokio::sync::mpsc;

/// The file in a data folder that holds everything.
pub const FILE: &str = "attache.db";

/// A tenant as the directory knows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TenantRow {
    /// Unique everywhere.
    pub id: TenantId,
    /// A short name, unique in this installation.
    pub slug: String,
    /// The web domains at which the tenant's users reach its product. Each is one tenant's only.
    pub domains: Vec<String>,
    /// When it was created.
    pub created_at: Timestamp,
}

/// A tenant that trusts an issuer of tokens, or once did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IssuerRow {
    /// The tenant. Its state tells whether it still does, and on which terms.
    pub tenant: TenantId,
    /// What the claim `iss` is.
    pub issuer: String,
}

/// A tenant's last entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Head {
    /// Its place.
    pub revision: Revision,
    /// Which one it is: at a place there may be another than there was, where a
    /// database lost its last entries.
    pub entry: EntryId,
}

/// What was heard of other servers' writing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum News {
    /// A tenant has this revision now.
    Written(TenantId, Revision),
    /// Something may have been missed.
    Anything,
}

/// Where entries are kept, for all tenants.
#[async_trait]
pub trait Log: Send + Sync + 'static {
    /// Write entries that follow one another, and the requests that they
    /// answer, all of them or none. `after` is the entry that they follow, or
    /// `None` for a tenant's first: if it is not there any more, if a revision
    /// is taken or a request was done already, that is a
    /// [`AppendError::Collision`]. The very same entries may be handed over
    /// again: they stand once, and the answer is a collision.
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

    /// The last entry of each of these tenants, in their order; `None` for one
    /// that has none.
    ///
    /// # Errors
    /// If the database does not answer.
    async fn heads(&self, tenants: &[TenantId]) -> Result<Vec<Option<Head>>, LogError>;

    /// What other servers write, as it is heard. Only the first who asks hears
    /// it. `None` where nothing is heard: then one must look.
    fn news(&self) -> Option<mpsc::Receiver<News>> {
        None
    }

    /// What became of a request, by its key: its fingerprint and the entry
    /// that it became. `None` if it was not done since `since`.
    ///
    /// # Errors
    /// If the database does not answer.
    async fn find_request(
        &self,
        tenant: TenantId,
        key: &str,
        since: Timestamp,
    ) -> Result<Option<(String, Revision)>, LogError>;

    /// Forget what was done before an instant, for all tenants.
    ///
    /// # Errors
    /// If the database does not answer.
    async fn forget_requests(&self, before: Timestamp) -> Result<(), LogError>;

    /// The newest of the entries that are wanted, before a revision, the newest
    /// first: as many as the page may have, by their number and by their bytes.
    ///
    /// # Errors
    /// If they cannot be read or understood.
    async fn find_entries(
        &self,
        tenant: TenantId,
        filter: &EntryFilter,
        page: &EntryPage,
    ) -> Result<EntriesFound, LogError>;

    /// How many entries up to a revision are wanted in all.
    ///
    /// # Errors
    /// If the database does not answer.
    async fn count_entries(
        &self,
        tenant: TenantId,
        filter: &EntryFilter,
        up_to: Revision,
    ) -> Result<u64, LogError>;

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

    /// The state that was saved last, if there is one that can be used. A
    /// damaged snapshot is thrown away, and the process's log says so.
    ///
    /// # Errors
    /// If the database does not answer. A snapshot that cannot be used is none.
    async fn load_snapshot(&self, tenant: TenantId) -> Result<Option<State>, LogError>;

    /// Save a snapshot, so that the tenant opens faster. One that the entries do
    /// not lead to is not saved.
    ///
    /// # Errors
    /// If it cannot be written. Nothing is lost then.
    async fn save_snapshot(&self, snapshot: &Snapshot) -> Result<(), LogError>;

    /// Throw away a tenant's snapshot at a revision, which is not of its entries.
    ///
    /// # Errors
    /// If the database does not answer.
    async fn remove_snapshot(&self, tenant: TenantId, revision: Revision) -> Result<(), LogError> {
        let _ = (tenant, revision);
        Ok(())
    }

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

    /// Note again that entries of a tenant named issuers, where the index lost it.
    /// What is noted stays as it is.
    ///
    /// # Errors
    /// If the database does not answer.
    async fn note_issuers(&self, tenant: TenantId, issuers: &[String]) -> Result<(), LogError>;

    /// What of tenants and issuers is new since they were read so far; all of it
    /// since the default mark.
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

    /// The random bytes that all servers of this installation share under a name.
    /// `fresh` is kept where there are none yet.
    ///
    /// # Errors
    /// If the database does not answer.
    async fn secret(&self, name: &str, fresh: &[u8]) -> Result<Vec<u8>, LogError>;

    /// Add a tenant with its first entry, and the request that it answers, all
    /// or none.
    ///
    /// # Errors
    /// If the slug or a domain is taken, or the database does not answer.
    async fn create_tenant(
        &self,
        tenant: TenantRow,
        first: Entry,
        request: Option<DoneRequest>,
    ) -> Result<(), DirectoryError>;

    /// Change a tenant's slug and domains, if it is as it was read.
    ///
    /// # Errors
    /// If it is not, if the slug or a domain is taken, or the database does not answer.
    async fn change_tenant(&self, was: TenantRow, tenant: TenantRow) -> Result<(), DirectoryError>;

    /// What the database's clock says. `None` where it has none of its own.
    ///
    /// # Errors
    /// If the database does not answer.
    async fn time(&self) -> Result<Option<Timestamp>, LogError> {
        Ok(None)
    }

    /// Ask all who write to a tenant to wait for a while.
    ///
    /// # Errors
    /// If it cannot be written.
    async fn hold(&self, _hold: &Hold) -> Result<(), LogError> {
        Ok(())
    }

    /// Let them go on. One that is not there any more is no error.
    ///
    /// # Errors
    /// If it cannot be written.
    async fn release(&self, _hold: &Hold) -> Result<(), LogError> {
        Ok(())
    }

    /// Which tenants are held now.
    ///
    /// # Errors
    /// If the database does not answer.
    async fn holds(&self) -> Result<Vec<Hold>, LogError> {
        Ok(Vec::new())
    }

    /// Notes when API tokens were used. Of two uses of one token the later one stays.
    ///
    /// # Errors
    /// If it cannot be written. Some of the uses may be noted all the same.
    async fn note_token_uses(&self, uses: &[TokenUse]) -> Result<(), LogError> {
        let _ = uses;
        Ok(())
    }

    /// The last noted use of each of a tenant's API tokens, in no particular order. Those
    /// of revoked tokens are among them.
    ///
    /// # Errors
    /// If the database does not answer.
    async fn token_uses(&self, tenant: TenantId) -> Result<Vec<TokenUse>, LogError> {
        let _ = tenant;
        Ok(Vec::new())
    }

    /// How writes go. Asks nothing.
    fn writes(&self) -> Writes {
        Writes::default()
    }

    /// Finish what was handed over and let go of the database.
    async fn close(&self);
}

/// The database did not do as it was asked.
#[derive(Clone, Debug, thiserror::Error)]
pub enum LogError {
    /// It did not answer.
    #[error("the database does not answer: {0}")]
    Unavailable(String),
    /// It said no.
    #[error("the database refused: {0}")]
    Refused(String),
    /// What it holds cannot be understood: it was written by a newer attache, or is damaged.
    #[error("entry {revision} of tenant {tenant} cannot be read: {reason}")]
    Unreadable {
        /// Whose.
        tenant: TenantId,
        /// Which.
        revision: Revision,
        /// Why not.
        reason: String,
    },
}

/// An append that did not go well.
#[derive(Clone, Debug, thiserror::Error)]
pub enum AppendError {
    /// Somebody else wrote that revision first. Nothing was written.
    #[error("another writer was faster")]
    Collision,
    /// Nothing was written.
    #[error("nothing was written: {0}")]
    NotWritten(LogError),
    /// Whether it was written is not known. Reading will tell.
    #[error("whether it was written is not known: {0}")]
    Unknown(LogError),
}

/// A change of the directory that did not go well.
#[derive(Clone, Debug, thiserror::Error)]
pub enum DirectoryError {
    /// Another tenant has this.
    #[error("{field} {value} is another tenant's")]
    Taken {
        /// `slug` or `domain`.
        field: &'static str,
        /// What is taken.
        value: String,
    },
    /// There is no such tenant.
    #[error("there is no such tenant")]
    Unknown,
    /// It is no longer as it was read. Nothing was written.
    #[error("the tenant was changed in the meantime")]
    Changed,
    /// Whether it was done is not known. Reading will tell.
    #[error("whether it was done is not known: {0}")]
    NotKnown(LogError),
    /// The database did not do as it was asked.
    #[error(transparent)]
    Log(#[from] LogError),
}

impl From<sqlx::Error> for LogError {
    fn from(error: sqlx::Error) -> Self {
        match &error {
            sqlx::Error::Database(said) => Self::Refused(said.to_string()),
            sqlx::Error::Io(missing) if missing.kind() == std::io::ErrorKind::NotFound => {
                Self::Refused(missing.to_string())
            }
            _ => Self::Unavailable(error.to_string()),
        }
    }
}

impl From<sqlx::Error> for DirectoryError {
    fn from(error: sqlx::Error) -> Self {
        Self::Log(error.into())
    }
}
