//! The index from issuers to the tenants whose tokens theirs may be.

use attache_core::id::TenantId;
use attache_core::{Change, Entry};

use super::database::{Connection, Row, Value};
use super::{IssuerRow, LogError, statements};

/// The issuers that entries begin to trust.
pub(super) fn named(entries: &[Entry]) -> Vec<String> {
    let changes = entries.iter().flat_map(|entry| &entry.changes.list);
    changes
        .filter_map(|change| match change {
            Change::IssuerAdded { trust, .. } | Change::IssuerChanged { trust, .. } => {
                Some(trust.issuer.to_string())
            }
            _ => None,
        })
        .collect()
}

/// Note that a tenant trusts issuers, in the transaction that writes the entry.
pub(super) async fn note(
    connection: &mut Connection,
    tenant: &str,
    issuers: &[String],
) -> Result<(), sqlx::Error> {
    for issuer in issuers {
        let values = [Value::Text(tenant), Value::Text(issuer)];
        connection
            .execute(statements::INSERT_ISSUER, &values)
            .await?;
    }
    Ok(())
}

pub(super) fn read(row: &Row) -> Result<IssuerRow, LogError> {
    let (tenant, issuer) = (row.text(0)?, row.text(1)?);
    let tenant: TenantId = tenant
        .parse()
        .map_err(|_| LogError::unavailable(format!("issuer {issuer}: its tenant is broken")))?;
    Ok(IssuerRow { tenant, issuer })
}
