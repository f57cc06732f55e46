//! The row of a tenant, and the rows of its domains.

use attache_core::Timestamp;

use super::database::{Connection, Row, Value};
use super::{LogError, TenantRow, statements};

/// A tenant from a row: id, slug, domains, when it was created.
pub(super) fn read(row: &Row) -> Result<TenantRow, LogError> {
    let (id, slug, domains) = (row.text(0)?, row.text(1)?, row.text(2)?);
    let created_at = row.number(3)?;
    let broken = |what: &str| LogError::unavailable(format!("tenant {slug}: its {what} is broken"));
    Ok(TenantRow {
        id: id.parse().map_err(|_| broken("id"))?,
        domains: serde_json::from_str(&domains).map_err(|_| broken("list of domains"))?,
        created_at: Timestamp::from_millis(created_at),
        slug,
    })
}

/// Note which domains a tenant has, in place of those that it had.
pub(super) async fn note_domains(
    connection: &mut Connection,
    tenant: &str,
    domains: &[String],
) -> Result<(), sqlx::Error> {
    connection
        .execute(statements::REMOVE_DOMAINS, &[Value::Text(tenant)])
        .await?;
    for domain in domains {
        let values = [Value::Text(domain), Value::Text(tenant)];
        connection
            .execute(statements::INSERT_DOMAIN, &values)
            .await?;
    }
    Ok(())
}
