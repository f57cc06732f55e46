//! When entries were written, without their changes.

use attache_core::Timestamp;
use attache_core::cause::Cause;
use attache_core::id::{EntryId, Revision, TenantId};

use super::database::{Database, Row, Value};
use super::sql_log::number;
use super::{EntryTime, LogError, statements};

/// When the entry at a revision was written. `None` if there is none.
pub(super) async fn of(
    database: &Database,
    tenant: TenantId,
    revision: Revision,
) -> Result<Option<EntryTime>, LogError> {
    let id = tenant.to_string();
    let values = [Value::Text(&id), number(revision.0)];
    let rows = database.rows(statements::TIME_OF_ENTRY, &values).await?;
    rows.first().map(|row| read(tenant, row)).transpose()
}

/// The last entry up to a revision that was not written later than an instant. The database
/// halves the entries: a tenant's writer gives no entry an earlier time than the entry before
/// it (`Draft::new`).
pub(super) async fn last_by(
    database: &Database,
    tenant: TenantId,
    at: Timestamp,
    up_to: Revision,
) -> Result<Option<EntryTime>, LogError> {
    let id = tenant.to_string();
    let values = [
        Value::Text(&id),
        Value::Number(at.as_millis()),
        number(up_to.0),
    ];
    let rows = database.rows(statements::LAST_ENTRY_BY, &values).await?;
    let Some(row) = rows.first() else {
        return Err(unreadable(tenant, up_to, "an entry before it is missing"));
    };
    match row.number(0)? {
        0 => Ok(None),
        _ => read(tenant, row).map(Some),
    }
}

/// Reads a row of revision, id and time.
fn read(tenant: TenantId, row: &Row) -> Result<EntryTime, LogError> {
    let revision = Revision(row.number(0)?.unsigned_abs());
    let entry = row.maybe_text(1)?.and_then(|text| text.parse().ok());
    let entry = entry.map(EntryId);
    Ok(EntryTime {
        revision,
        entry: entry.ok_or_else(|| unreadable(tenant, revision, "its id is missing"))?,
        at: Timestamp::from_millis(row.number(2)?),
    })
}

fn unreadable(tenant: TenantId, revision: Revision, why: &str) -> LogError {
    LogError::Unreadable {
        tenant,
        revision,
        cause: Cause::text(why),
    }
}
