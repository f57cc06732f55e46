//! Asking all who write to a tenant to wait: large work is planned on a state that
//! must not change until it is written.

use std::time::Duration;

use attache_core::id::TenantId;
use uuid::Uuid;

use super::database::{Database, Row, Value};
use super::{LogError, statements};

/// A request to a tenant's writers on all servers to wait. Each writer counts the time by
/// its own clock, from when it sees the hold, and then continues. A hold is no lock: the
/// primary key of the entries decides which write succeeds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hold {
    /// The tenant whose writers wait.
    pub tenant: TenantId,
    /// The hold's id. A tenant has one hold at a time.
    pub id: Uuid,
    /// How long writers wait from when they see this value. The holder renews the hold by
    /// another value.
    pub lasts: Duration,
}

pub(super) async fn place(database: &Database, hold: &Hold) -> Result<(), LogError> {
    let (tenant, id) = (hold.tenant.to_string(), hold.id.to_string());
    let millis = i64::try_from(hold.lasts.as_millis()).unwrap_or(i64::MAX);
    let values = [
        Value::Text(&tenant),
        Value::Text(&id),
        Value::Number(millis),
    ];
    let placed = database.execute(statements::PLACE_HOLD, &values);
    placed.await.map(drop)
}

pub(super) async fn release(database: &Database, hold: &Hold) -> Result<(), LogError> {
    let (tenant, id) = (hold.tenant.to_string(), hold.id.to_string());
    let values = [Value::Text(&tenant), Value::Text(&id)];
    let released = database.execute(statements::RELEASE_HOLD, &values);
    released.await.map(drop)
}

pub(super) async fn all(database: &Database) -> Result<Vec<Hold>, LogError> {
    let rows = database.rows_soon(statements::HOLDS, &[]).await?;
    // One that cannot be read holds nobody.
    Ok(rows.iter().filter_map(read).collect())
}

fn read(row: &Row) -> Option<Hold> {
    let millis = row.number(2).ok()?;
    Some(Hold {
        tenant: row.text(0).ok()?.parse().ok()?,
        id: row.text(1).ok()?.parse().ok()?,
        lasts: Duration::from_millis(millis.try_into().ok()?),
    })
}
