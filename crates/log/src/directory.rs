//! Which tenants there are: read, and changed one after the other.

use std::time::Duration;

use attache_core::Timestamp;

use super::database::{Connection, Database, Row, Value, may_be_done_again, too_late};
use super::inserts::Placed;
use super::row::EntryRow;
use super::{DirectoryError, DoneRequest, LogError, TenantRow, inserts, issuers, statements};

/// How often a change is tried that another one got in the way of.
const ATTEMPTS: u32 = 8;

/// What a tenant begins with.
pub(super) struct First<'a> {
    pub(super) entry: &'a EntryRow,
    /// The issuers that it names.
    pub(super) issuers: &'a [String],
    /// The request that it answers.
    pub(super) request: Option<&'a DoneRequest>,
}

/// What happens to a tenant.
pub(super) enum Write<'a> {
    /// It begins.
    New(First<'a>),
    /// It changes, if it is still so.
    Change(TenantRow),
}

/// A tenant from a row: id, slug, domains, when it was created.
pub(super) fn read(row: &Row) -> Result<TenantRow, LogError> {
    let (id, slug, domains) = (row.text(0)?, row.text(1)?, row.text(2)?);
    let created_at = row.number(3)?;
    let broken = |what: &str| LogError::Unavailable(format!("tenant {slug}: its {what} is broken"));
    Ok(TenantRow {
        id: id.parse().map_err(|_| broken("id"))?,
        domains: serde_json::from_str(&domains).map_err(|_| broken("list of domains"))?,
        created_at: Timestamp::from_millis(created_at),
        slug,
    })
}

/// Create a tenant with its first entry, or change one.
pub(super) async fn write(
    database: &Database,
    tenant: &TenantRow,
    write: &Write<'_>,
) -> Result<(), DirectoryError> {
    let mut attempt = 1;
    loop {
        let mut lent = database.lend_good().await?;
        let within = database.settings().answer_within * 2;
        let mut at_the_end = false;
        let work = transaction(lent.connection()?, tenant, write, &mut at_the_end);
        let done = tokio::time::timeout(within, work).await;
        let done = done.unwrap_or_else(|_| Err(Failure::Database(too_late())));
        match done {
            Ok(()) => {
                lent.give_back();
                return Ok(());
            }
            Err(Failure::No(error)) => {
                lent.discard();
                return Err(error);
            }
            Err(Failure::Database(error)) if attempt < ATTEMPTS && got_in_the_way(&error) => {
                lent.discard();
                attempt += 1;
                tokio::time::sleep(Duration::from_millis(5) * attempt).await;
            }
            Err(Failure::Database(error)) if at_the_end && !got_in_the_way(&error) => {
                lent.discard();
                return stands(database, tenant, error).await;
            }
            Err(Failure::Database(error)) => {
                lent.discard();
                return Err(error.into());
            }
        }
    }
}

/// Whether a change stands whose end was not heard of.
async fn stands(
    database: &Database,
    tenant: &TenantRow,
    error: sqlx::Error,
) -> Result<(), DirectoryError> {
    if let Ok(rows) = database.rows(statements::TENANTS, &[]).await {
        let mut rows = rows.iter().filter_map(|row| read(row).ok());
        if rows.any(|row| row == *tenant) {
            return Ok(());
        }
    }
    Err(DirectoryError::NotKnown(error.into()))
}

/// Somebody else did the same at the same time: looking again shows what.
fn got_in_the_way(error: &sqlx::Error) -> bool {
    let is_taken = |error: &dyn sqlx::error::DatabaseError| error.is_unique_violation();
    may_be_done_again(error) || error.as_database_error().is_some_and(is_taken)
}

enum Failure {
    /// What is asked cannot be.
    No(DirectoryError),
    Database(sqlx::Error),
}

impl From<sqlx::Error> for Failure {
    fn from(error: sqlx::Error) -> Self {
        Self::Database(error)
    }
}

impl From<LogError> for Failure {
    fn from(error: LogError) -> Self {
        Self::No(error.into())
    }
}

async fn transaction(
    connection: &mut Connection,
    tenant: &TenantRow,
    write: &Write<'_>,
    at_the_end: &mut bool,
) -> Result<(), Failure> {
    connection.begin_alone().await?;
    for row in connection.rows(statements::TENANTS, &[]).await? {
        let other = read(&row)?;
        if other.id != tenant.id {
            must_differ(tenant, &other).map_err(Failure::No)?;
        } else if matches!(write, Write::Change(was) if *was != other) {
            return Err(Failure::No(DirectoryError::Changed));
        }
    }
    let domains = serde_json::to_string(&tenant.domains)
        .map_err(|error| LogError::Unavailable(error.to_string()))?;
    let id = tenant.id.to_string();
    match write {
        Write::New(first) => {
            let values = [
                Value::Text(&id),
                Value::Text(&tenant.slug),
                Value::Text(&domains),
                Value::Number(tenant.created_at.as_millis()),
            ];
            connection
                .execute(statements::INSERT_TENANT, &values)
                .await?;
            let entry = Placed {
                tenant: &id,
                after: "",
                row: first.entry,
            };
            inserts::entries(connection, &[entry]).await?;
            issuers::note(connection, &id, first.issuers).await?;
            let requests = first.request.map(|done| (id.as_str(), done));
            let requests: Vec<_> = requests.into_iter().collect();
            inserts::requests(connection, &requests).await?;
        }
        Write::Change(_) => {
            let values = [
                Value::Text(&id),
                Value::Text(&tenant.slug),
                Value::Text(&domains),
            ];
            if connection
                .execute(statements::UPDATE_TENANT, &values)
                .await?
                == 0
            {
                return Err(Failure::No(DirectoryError::Unknown));
            }
        }
    }
    *at_the_end = true;
    connection.say("COMMIT").await?;
    Ok(())
}

fn must_differ(tenant: &TenantRow, other: &TenantRow) -> Result<(), DirectoryError> {
    if other.slug == tenant.slug {
        return Err(DirectoryError::Taken {
            field: "slug",
            value: tenant.slug.clone(),
        });
    }
    let domains = &mut tenant.domains.iter();
    match domains.find(|domain| other.domains.contains(domain)) {
        Some(domain) => Err(DirectoryError::Taken {
            field: "domain",
            value: domain.clone(),
        }),
        None => Ok(()),
    }
}
