//! Snapshots of a PostgreSQL log: each a row. Several servers share them, and
//! nobody who commits waits for one.

use attache_core::State;
use attache_core::cause::{Cause, chain};
use attache_core::id::{Revision, TenantId};

use super::database::{Database, Value};
use super::snapshot::{self, FORMAT};
use super::{LogError, Snapshot, statements};

/// Why a row is not used.
enum Why {
    /// It is of another version, which can still use it.
    OtherVersion(i64),
    Damaged(Cause),
}

/// The state of a tenant's snapshot. A damaged one is said and removed.
pub(super) async fn load(database: &Database, tenant: TenantId) -> Result<Option<State>, LogError> {
    let id = tenant.to_string();
    let values = [Value::Text(&id)];
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
    let read = read.map_err(LogError::caused)?;
    let reason = match read {
        Ok(state) => return Ok(Some(state)),
        Err(Why::OtherVersion(format)) => {
            tracing::info!(%tenant, format, "the snapshot is of another version and is not used");
            return Ok(None);
        }
        Err(Why::Damaged(cause)) => chain(&cause).to_string(),
    };
    tracing::warn!(%tenant, reason, "a snapshot was thrown away; the tenant is made from its entries");
    if let Err(error) = remove(database, tenant, revision, format).await {
        tracing::warn!(%tenant, error = %chain(&error), "a damaged snapshot could not be removed");
    }
    Ok(None)
}

/// The revision of the state of a tenant's snapshot.
pub(super) async fn revision(
    database: &Database,
    tenant: TenantId,
) -> Result<Option<Revision>, LogError> {
    let id = tenant.to_string();
    let values = [Value::Text(&id), Value::Number(FORMAT.into())];
    let rows = database
        .rows(statements::SNAPSHOT_REVISION, &values)
        .await?;
    let revision = rows.first().map(|row| row.number(0)).transpose()?;
    Ok(revision.map(|it| Revision(it.unsigned_abs())))
}

fn read(expected: (TenantId, Revision), format: i64, bytes: &[u8]) -> Result<State, Why> {
    let said = snapshot::form_of(bytes).map(i64::from);
    if format != i64::from(FORMAT) {
        // Before form 5, only the column said it.
        let is_so = said.map_or(format < i64::from(FORMAT), |said| said == format);
        return Err(match is_so {
            true => Why::OtherVersion(format),
            false => Why::Damaged(Cause::text(format!("its row says form {format}"))),
        });
    }
    let state = snapshot::read(bytes).map_err(|error| Why::Damaged(Cause::new(error)))?;
    match (state.tenant(), state.revision()) == expected {
        true => Ok(state),
        false => Err(Why::Damaged(Cause::text("its row is of another state"))),
    }
}

/// Save one, unless there is a newer one, or the entries do not lead to it.
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
