//! Snapshots of a log in a database: saved, and deleted when they are superfluous.

use attache_core::cause::chain;
use attache_core::id::{Revision, TenantId};

use super::blocking::blocking;
use super::stored_snapshots::{Condition, Stored, is_wanted, superfluous};
use super::{LogError, Snapshot, SqlLog, snapshot_rows};

impl SqlLog {
    /// Saves a snapshot, and deletes the ones that it makes superfluous, once it is safely
    /// there. Saves nothing that the entries do not lead to. Two servers may save at the same
    /// time: each deletes only what is superfluous after its own save.
    pub(super) async fn store_snapshot(&self, snapshot: &Snapshot) -> Result<(), LogError> {
        let (tenant, revision) = (snapshot.tenant, snapshot.revision);
        if !self.stands(tenant, revision, snapshot.last_entry).await? {
            return Ok(());
        }
        let stored = self.stored(tenant).await?;
        if is_wanted(&stored, i64::try_from(revision.0).unwrap_or(i64::MAX)) {
            if let Some(files) = self.snapshots.clone() {
                let bytes = snapshot.bytes.clone();
                let saved = blocking(move || files.save(tenant, revision, &bytes)).await?;
                saved.map_err(LogError::caused)?;
            } else {
                snapshot_rows::save(&self.database, snapshot).await?;
            }
        }
        if let Err(error) = self.drop_superfluous(tenant).await {
            tracing::warn!(%tenant, error = %chain(&error), "older snapshots could not be deleted; the next save deletes them");
        }
        Ok(())
    }

    /// Returns a tenant's snapshots, the newest first, each with whether the entries lead to it.
    async fn stored(&self, tenant: TenantId) -> Result<Vec<Stored>, LogError> {
        let mut stored = match self.snapshots.clone() {
            Some(files) => blocking(move || files.stored(tenant)).await?,
            None => snapshot_rows::stored(&self.database, tenant).await?,
        };
        for snapshot in &mut stored {
            if let Condition::Own(last_entry) = snapshot.condition {
                let revision = Revision(snapshot.revision.unsigned_abs());
                if !self.stands(tenant, revision, last_entry).await? {
                    snapshot.condition = Condition::Lost;
                }
            }
        }
        Ok(stored)
    }

    async fn drop_superfluous(&self, tenant: TenantId) -> Result<(), LogError> {
        for Stored {
            revision,
            format,
            condition,
        } in superfluous(&self.stored(tenant).await?)
        {
            if let Some(reason) = match condition {
                Condition::Own(_) | Condition::OtherForm => None,
                Condition::Lost => Some("its entries were lost"),
                Condition::Damaged => Some("it is damaged"),
            } {
                tracing::warn!(%tenant, revision, reason, "a snapshot was thrown away");
            }
            if let Some(files) = self.snapshots.clone() {
                let revision = Revision(revision.unsigned_abs());
                blocking(move || files.remove(tenant, revision)).await?;
            } else {
                snapshot_rows::remove(&self.database, tenant, revision, format).await?;
            }
        }
        Ok(())
    }
}
