//! The log: the only place that names a database.

mod about;
mod absent;
mod append;
mod appender;
mod aside;
mod batch;
mod blocking;
mod blocks;
mod checkpoints;
mod compacting;
mod copy;
mod database;
mod directory;
mod domains;
mod entry_times;
mod erasures;
mod error;
mod fault;
mod find;
mod group_commit;
mod heads;
mod histories;
mod holds;
mod indexing;
mod inserts;
mod issuers;
mod listener;
mod migrations;
mod notifier;
mod older;
mod packing;
mod private;
mod private_row;
mod request;
mod rewriting;
mod roles;
mod row;
mod search;
mod snapshot;
mod snapshot_files;
mod snapshot_rows;
mod sql_entries;
mod sql_histories;
mod sql_log;
mod sql_roles;
mod sql_snapshots;
mod statements;
mod stored_snapshots;
mod tenant_rows;
mod token_uses;
mod transaction;
mod watch;
mod writes;

pub use absent::Absent;
pub use aside::aside;
pub use copy::{CopyError, ToCopy};
pub use database::{Location, LocationError, Settings};
pub use directory::{BrokenTenant, DirectoryChanges, DirectoryMark};
pub use error::{AppendError, DirectoryError, LogError};
pub use fault::Fault;
pub use find::{EntriesFound, EntryFilter, EntryPage};
pub use group_commit::GroupCommit;
pub use histories::{SegmentSizes, Segments};
pub use holds::Hold;
pub use migrations::{MigrationRow, migrate, migrations};
pub use request::{DoneRequest, Request};
pub use rewriting::{Random, Rewriting, rewrite_entries, to_rewrite};
pub use roles::{
    EntryReader, EntrySearch, EntryWriter, Histories, Holds, Installation, Log, Requests,
    Snapshots, TenantDirectory, TokenUsage,
};
pub use snapshot::{Snapshot, Unusable};
pub use snapshot_files::snapshots_beside;
pub use sql_log::SqlLog;
pub use token_uses::TokenUse;
pub use watch::{Failing, Writes};

use attache_core::Timestamp;
use attache_core::id::{EntryId, Revision, TenantId};

/// The name of the SQLite file in a data folder.
pub const FILE: &str = "attache.db";

/// A tenant in the directory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TenantRow {
    /// The tenant's id, a UUID.
    pub id: TenantId,
    /// The tenant's short name, unique in this installation.
    pub slug: String,
    /// The web domains at which the tenant's users reach its product. No two tenants share
    /// one.
    pub domains: Vec<String>,
    /// When the tenant was created.
    pub created_at: Timestamp,
}

/// A row of the index of issuers: a tenant that trusts an issuer of tokens, or once did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IssuerRow {
    /// The tenant. Its state tells whether it still trusts the issuer, and on which terms.
    pub tenant: TenantId,
    /// The claim `iss` of the issuer's tokens (RFC 7519, 4.1.1).
    pub issuer: String,
}

/// The last entry of a tenant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Head {
    /// The entry's revision.
    pub revision: Revision,
    /// The entry's id. After a database lost its last entries, another entry can have the
    /// same revision.
    pub entry: EntryId,
}

/// When an entry was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EntryTime {
    /// Its place.
    pub revision: Revision,
    /// Which one it is, as [`Head::entry`].
    pub entry: EntryId,
    /// When it was written.
    pub at: Timestamp,
}

/// A notification of the database about writes of other servers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Notification {
    /// The tenant has entries up to this revision.
    Written(TenantId, Revision),
    /// Notifications may have been missed: everything must be looked at again.
    Missed,
}
