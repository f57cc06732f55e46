//! Private parts that were deleted in one log, and then in its copy.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use attache_core::id::{Revision, TenantId};

use super::blocking::blocking;
use super::database::{Database, Row, Source, Value};
use super::{CopyError, LogError, SqlLog, inserts, statements};

/// How many entries are asked for with one statement.
const AT_ONCE: usize = 64;

/// Among how many entries those are looked for that lack private parts, at once.
const AMONG: i64 = 16_384;

static OLDER_AT: LazyLock<String> =
    LazyLock::new(|| inserts::listing(statements::OLDER_AT, 1, AT_ONCE));

static PRIVATE_KEYS_AT: LazyLock<String> =
    LazyLock::new(|| inserts::listing(statements::PRIVATE_KEYS_AT, 1, AT_ONCE));

/// A private part by its entry and its thing.
type Key = (i64, String);

impl SqlLog {
    /// Delete the private parts of a copy up to a revision that are not here any more. Before
    /// the first of them, its snapshot goes: what was deleted stands in it.
    pub(super) async fn copy_erasures(
        &self,
        to: &Self,
        tenant: TenantId,
        up_to: Revision,
    ) -> Result<(), CopyError> {
        let id = tenant.to_string();
        let up_to = i64::try_from(up_to.0).unwrap_or(i64::MAX);
        let (mut after, mut is_begun) = (0, false);
        while after < up_to {
            let end = up_to.min(after.saturating_add(AMONG));
            for some in erased(self.database(), &id, after, end)
                .await?
                .chunks(AT_ONCE)
            {
                must_be_rewritten(to.database(), &id, some).await?;
                let here: BTreeSet<Key> = keys(self.database(), &id, some).await?;
                for (revision, about) in keys(to.database(), &id, some).await?.difference(&here) {
                    if !std::mem::replace(&mut is_begun, true) {
                        to.begin_to_erase(tenant).await?;
                    }
                    let values = [
                        Value::Text(&id),
                        Value::Number(*revision),
                        Value::Text(about),
                    ];
                    let delete = to.database().execute(statements::DELETE_PRIVATE, &values);
                    delete.await?;
                }
            }
            after = end;
        }
        Ok(())
    }

    async fn begin_to_erase(&self, tenant: TenantId) -> Result<(), LogError> {
        let id = tenant.to_string();
        if let Some(files) = self.snapshots.clone() {
            let removed = blocking(move || files.remove_surely(tenant)).await?;
            removed.map_err(LogError::caused)?;
        } else {
            let values = [Value::Text(&id)];
            let remove = statements::REMOVE_EVERY_SNAPSHOT;
            self.database.execute(remove, &values).await?;
        }
        if matches!(self.database.source(), Source::Sqlite(_)) {
            // The file is to be compacted, also where this process is killed.
            let values = [Value::Text(&id), Value::Number(0)];
            let note = statements::REWRITTEN_UP_TO;
            self.database.execute(note, &values).await?;
        }
        Ok(())
    }
}

/// Entries after a revision and up to another of which private parts were deleted.
async fn erased(
    database: &Database,
    tenant: &str,
    after: i64,
    up_to: i64,
) -> Result<Vec<i64>, LogError> {
    let values = [
        Value::Text(tenant),
        Value::Number(after),
        Value::Number(up_to),
    ];
    let rows = database.large_rows(statements::ERASED, &values).await?;
    rows.iter().map(|row| Ok(row.number(0)?)).collect()
}

/// In an older form, an entry names what was deleted.
async fn must_be_rewritten(
    database: &Database,
    tenant: &str,
    revisions: &[i64],
) -> Result<(), CopyError> {
    let older = inserts::rows_at(database, &OLDER_AT, AT_ONCE, tenant, revisions).await?;
    match older.first() {
        Some(row) => {
            let revision = row.number(0).map_err(LogError::from)?;
            Err(CopyError::Older(Revision(revision.unsigned_abs())))
        }
        None => Ok(()),
    }
}

/// The private parts of entries that are there.
async fn keys(
    database: &Database,
    tenant: &str,
    revisions: &[i64],
) -> Result<BTreeSet<Key>, LogError> {
    let rows = inserts::rows_at(database, &PRIVATE_KEYS_AT, AT_ONCE, tenant, revisions).await?;
    let key = |row: &Row| Ok((row.number(0)?, row.text(1)?));
    rows.iter().map(key).collect()
}
