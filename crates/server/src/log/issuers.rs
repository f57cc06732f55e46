//! The index from issuers to the tenants whose tokens theirs may be.

use attache_core::id::TenantId;
use attache_core::{Change, Entry};
use sqlx::SqliteConnection;

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
    connection: &mut SqliteConnection,
    tenant: &str,
    issuers: &[String],
) -> Result<(), sqlx::Error> {
    for issuer in issuers {
        sqlx::query(statements::INSERT_ISSUER)
            .bind(tenant)
            .bind(issuer)
            .execute(&mut *connection)
            .await?;
    }
    Ok(())
}

pub(super) fn read((tenant, issuer): (String, String)) -> Result<IssuerRow, LogError> {
    let tenant: TenantId = tenant
        .parse()
        .map_err(|_| LogError::Unavailable(format!("issuer {issuer}: its tenant is broken")))?;
    Ok(IssuerRow { tenant, issuer })
}
