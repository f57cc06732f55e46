//! What stands in attache's own database, looked at beside the server.

use std::path::{Path, PathBuf};

use attache_log::FILE;
use sqlx::{Connection as _, Row as _};

use crate::{Failure, sqlite};

/// A row of the table of entries, without its place.
#[derive(Clone, Debug)]
pub(super) struct EntryRow {
    pub(super) tenant: String,
    pub(super) id: String,
    pub(super) at: i64,
    pub(super) actor: String,
    pub(super) correlation_id: String,
    pub(super) changes: String,
    pub(super) profiles: Option<String>,
}

impl EntryRow {
    /// How long its texts are, in bytes.
    pub(super) fn bytes(&self) -> usize {
        let texts = [
            &self.tenant,
            &self.id,
            &self.actor,
            &self.correlation_id,
            &self.changes,
        ];
        let texts = texts.into_iter().chain(&self.profiles);
        texts.map(String::len).sum()
    }
}

/// The database of a data folder.
#[derive(Clone, Debug)]
pub(super) struct Entries {
    file: PathBuf,
}

impl Entries {
    pub(super) fn of(folder: &Path) -> Self {
        Self {
            file: folder.join(FILE),
        }
    }

    /// How many there are, of all tenants.
    pub(super) async fn count(&self) -> Result<i64, Failure> {
        let mut connection = sqlite::look(&self.file).await?;
        // Revisions have no gaps. Counting would go through all of them.
        let count =
            "SELECT sum((SELECT max(revision) FROM entry WHERE tenant_id = tenant.id)) FROM tenant";
        let count = sqlx::query_scalar(count).fetch_one(&mut connection).await?;
        connection.close().await?;
        Ok(count)
    }

    /// The last one of a tenant.
    pub(super) async fn last_of(&self, slug: &str) -> Result<EntryRow, Failure> {
        let mut connection = sqlite::look(&self.file).await?;
        let last = "SELECT tenant_id, id, at, actor, correlation_id, changes, profiles FROM entry \
             WHERE tenant_id = (SELECT id FROM tenant WHERE slug = $1) \
             ORDER BY revision DESC LIMIT 1";
        let last = sqlx::query(last).bind(slug);
        let row = last.fetch_one(&mut connection).await?;
        connection.close().await?;
        Ok(EntryRow {
            tenant: row.try_get(0)?,
            id: row.try_get(1)?,
            at: row.try_get(2)?,
            actor: row.try_get(3)?,
            correlation_id: row.try_get(4)?,
            changes: row.try_get(5)?,
            profiles: row.try_get(6)?,
        })
    }
}
