//! The compacting of a SQLite file from which names were deleted: until then, their bytes stand
//! in pages that nothing uses.
//!
//! The table `rewriting` has a row for each tenant of which names were moved or deleted. The
//! rows go when the file is compacted, so that a run that was killed is made up for.

use super::database::{Database, Source};
use super::{LogError, SqlLog, statements};

impl SqlLog {
    /// Compacts a SQLite file from which a copy deleted private rows (`VACUUM`), so that
    /// the deleted bytes leave the file. Returns at once if none were deleted, and for
    /// PostgreSQL. Costs time in proportion to the file, and as much room on the disk
    /// again.
    ///
    /// # Errors
    /// If the file cannot be written, or the disk has no room. The next call tries again.
    pub async fn compact_if_due(&self) -> Result<(), LogError> {
        let database = self.database();
        if matches!(database.source(), Source::Postgres(_)) {
            return Ok(());
        }
        let due = database.rows(statements::COMPACTION_IS_DUE, &[]).await?;
        if due.is_empty() {
            return Ok(());
        }
        compact(database).await?;
        database.execute(statements::ALL_IS_COMPACTED, &[]).await?;
        Ok(())
    }
}

/// Compact the file, where there is one.
pub(super) async fn compact(database: &Database) -> Result<(), LogError> {
    if matches!(database.source(), Source::Postgres(_)) {
        return Ok(());
    }
    let mut checked_out = database.check_out_good().await?;
    checked_out.connection()?.say("VACUUM").await?;
    checked_out.return_to_pool();
    database.watch().wrote();
    Ok(())
}
