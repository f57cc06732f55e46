//! Snapshots of a PostgreSQL log: each a row. Several servers share them, and
//! nobody who commits waits for one.

use attache_core::State;
use attache_core::cause::{Cause, chain};
use attache_core::id::{Revision, TenantId};

use super::database::{Database, Row, Value};
use super::snapshot::{self, FORMAT};
use super::stored_snapshots::{Condition, Stored};
use super::{LogError, Snapshot, statements};

/// Why a row is not used.
enum Why {
    /// It is of another version, which can still use it.
    OtherVersion(i64),
    Damaged(Cause),
}

/// The state of the newest usable snapshot of a tenant up to a revision. A damaged one is said
/// and removed.
pub(super) async fn load(
    database: &Database,
    tenant: TenantId,
    up_to: Revision,
) -> Result<Option<State>, LogError> {
    let id = tenant.to_string();
    let mut up_to = i64::try_from(up_to.0).unwrap_or(i64::MAX);
    loop {
        let values = [Value::Text(&id), Value::Number(up_to)];
        let rows = database.large_rows(statements::LOAD_SNAPSHOT, &values);
        let rows = match rows.await {
            Ok(rows) => rows,
            // Whether the entries can be read decides.
            Err(error) => {
                tracing::warn!(%tenant, error = %chain(&error), "the snapshot cannot be read; the tenant is made from its entries");
                return Ok(None);
            }
        };
        let Some(row) = rows.first() else {
            return Ok(None);
        };
        let (revision, format, bytes) = (row.number(0)?, row.number(1)?, row.bytes(2)?);
        drop(rows);
        let expected = (tenant, Revision(revision.unsigned_abs()));
        let read = tokio::task::spawn_blocking(move || read(expected, format, &bytes)).await;
        match read.map_err(LogError::caused)? {
            Ok(state) => return Ok(Some(state)),
            Err(Why::OtherVersion(format)) => {
                tracing::info!(%tenant, revision, format, "a snapshot is of another version and is not used");
            }
            Err(Why::Damaged(cause)) => {
                let reason = chain(&cause).to_string();
                tracing::warn!(%tenant, revision, reason, "a snapshot was thrown away; the tenant is made from the one before it, or from its entries");
                if let Err(error) = remove(database, tenant, revision, format).await {
                    tracing::warn!(%tenant, error = %chain(&error), "a damaged snapshot could not be removed");
                }
            }
        }
        // A revision is never below zero; that of a damaged row may be.
        match revision.checked_sub(1) {
            Some(before) => up_to = before,
            None => return Ok(None),
        }
    }
}

/// All snapshots of a tenant, the newest first, as far as their heads tell.
pub(super) async fn stored(database: &Database, tenant: TenantId) -> Result<Vec<Stored>, LogError> {
    let id = tenant.to_string();
    let values = [Value::Text(&id)];
    let rows = database.rows(statements::STORED_SNAPSHOTS, &values).await?;
    let stored = |row: &Row| {
        let (revision, format, named) = (row.number(0)?, row.number(1)?, row.bytes(2)?);
        let at = Revision(revision.unsigned_abs());
        let condition = match in_this_form(format, &named) {
            Ok(()) => snapshot::last_entry_of(&named, tenant, at)
                .map_or(Condition::Damaged, Condition::Own),
            Err(Why::OtherVersion(_)) => Condition::OtherForm,
            Err(Why::Damaged(_)) => Condition::Damaged,
        };
        Ok(Stored {
            revision,
            format,
            condition,
        })
    };
    rows.iter().map(stored).collect()
}

/// Whether a row is in this version's form, by its column and its first bytes.
fn in_this_form(format: i64, bytes: &[u8]) -> Result<(), Why> {
    if format == i64::from(FORMAT) {
        return Ok(());
    }
    // Before form 5, only the column said it.
    let said = snapshot::form_of(bytes).map(i64::from);
    let is_so = said.map_or(format < i64::from(FORMAT), |said| said == format);
    Err(match is_so {
        true => Why::OtherVersion(format),
        false => Why::Damaged(Cause::text(format!("its row says form {format}"))),
    })
}

/// The revision of the newest snapshot of a tenant up to a revision.
pub(super) async fn revision(
    database: &Database,
    tenant: TenantId,
    up_to: Revision,
) -> Result<Option<Revision>, LogError> {
    let id = tenant.to_string();
    let values = [
        Value::Text(&id),
        Value::Number(FORMAT.into()),
        Value::Number(i64::try_from(up_to.0).unwrap_or(i64::MAX)),
    ];
    let rows = database
        .rows(statements::SNAPSHOT_REVISION, &values)
        .await?;
    let revision = rows.first().map(|row| row.number(0)).transpose()?;
    Ok(revision.map(|it| Revision(it.unsigned_abs())))
}

fn read(expected: (TenantId, Revision), format: i64, bytes: &[u8]) -> Result<State, Why> {
    in_this_form(format, bytes)?;
    let state = snapshot::read(bytes).map_err(|error| Why::Damaged(Cause::new(error)))?;
    match (state.tenant(), state.revision()) == expected {
        true => Ok(state),
        false => Err(Why::Damaged(Cause::text("its row is of another state"))),
    }
}

/// Save one, unless the entries do not lead to it, or a newer version's stands at its revision.
pub(super) async fn save(database: &Database, snapshot: &Snapshot) -> Result<(), LogError> {
    let tenant = snapshot.tenant.to_string();
    let last = snapshot.last_entry.to_string();
    let values = [
        Value::Text(&tenant),
        Value::Number(i64::try_from(snapshot.revision.0).unwrap_or(i64::MAX)),
        Value::Number(FORMAT.into()),
        Value::Bytes(&snapshot.bytes),
        Value::Text(&last),
    ];
    let saved = database.execute(statements::SAVE_SNAPSHOT, &values);
    saved.await.map(drop)
}

/// Remove one, unless another one took its place.
pub(super) async fn remove(
    database: &Database,
    tenant: TenantId,
    revision: i64,
    format: i64,
) -> Result<(), LogError> {
    let tenant = tenant.to_string();
    let values = [
        Value::Text(&tenant),
        Value::Number(revision),
        Value::Number(format),
    ];
    let removed = database.execute(statements::REMOVE_SNAPSHOT, &values);
    removed.await.map(drop)
}
