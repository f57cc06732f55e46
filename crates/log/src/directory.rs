//! Which tenants there are: read, and changed one after the other.

use std::time::Duration;

use attache_core::cause::chain;
use attache_core::id::TenantId;

use super::database::{
    Connection, Database, Source, Value, did_nothing, may_be_done_again, too_late,
};
use super::inserts::Placed;
use super::row::EntryRow;
use super::tenant_rows::{note_domains, read};
use super::{
    DirectoryError, DoneRequest, IssuerRow, LogError, TenantRow, domains, inserts, issuers,
    private, statements,
};

/// How many rows are read, or put in order, at once.
const AT_ONCE: i64 = 1_000;

/// How many places back issuers are read again: transactions that got their places one
/// after the other may end the other way round.
const ISSUERS_BACK: i64 = 1_000;

/// A position in the changes of the directory. The default is the beginning.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DirectoryMark {
    tenants: i64,
    issuers: i64,
}

/// The changes of the directory since a [`DirectoryMark`].
#[derive(Clone, Debug, Default)]
pub struct DirectoryChanges {
    /// Whether this is the whole directory, which replaces everything read before.
    pub is_all: bool,
    /// New and changed tenants, in the order of their changes.
    pub tenants: Vec<TenantRow>,
    /// New and changed tenants whose rows cannot be read.
    pub broken: Vec<BrokenTenant>,
    /// New issuers, and possibly some that were read before.
    pub issuers: Vec<IssuerRow>,
    /// The position after these changes.
    pub mark: DirectoryMark,
}

/// A tenant whose row in the directory cannot be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BrokenTenant {
    /// The tenant's id, if at least the id can be read.
    pub id: Option<TenantId>,
    /// Why the row cannot be read, for the operator.
    pub reason: String,
}

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

/// The tenant of an id.
pub(super) async fn find(database: &Database, id: TenantId) -> Result<Option<TenantRow>, LogError> {
    let id = id.to_string();
    let values = [Value::Text(&id)];
    let rows = database.rows(statements::TENANT_OF, &values).await?;
    rows.first().map(read).transpose()
}

/// What is new since the directory was read so far. Where the database has lost its
/// last changes, all of it.
pub(super) async fn since(
    database: &Database,
    mark: DirectoryMark,
) -> Result<DirectoryChanges, LogError> {
    let last = database.rows(statements::TENANTS_LAST, &[]).await?;
    let last = last.first().map_or(Ok(0), |row| row.number(0))?;
    let has_lost = last < mark.tenants;
    let mark = if has_lost {
        DirectoryMark::default()
    } else {
        mark
    };
    let mut new = DirectoryChanges {
        is_all: mark == DirectoryMark::default(),
        mark,
        ..DirectoryChanges::default()
    };
    loop {
        let values = [Value::Number(new.mark.tenants), Value::Number(AT_ONCE)];
        let rows = database.rows(statements::TENANTS_SINCE, &values).await?;
        let before = new.mark.tenants;
        for row in &rows {
            match read(row) {
                Ok(row) => new.tenants.push(row),
                Err(error) => new.broken.push(BrokenTenant {
                    id: row.text(0).ok().and_then(|id| id.parse().ok()),
                    reason: chain(&error).to_string(),
                }),
            }
            new.mark.tenants = new.mark.tenants.max(row.number(4).unwrap_or_default());
        }
        // Those without a place come again each time.
        let is_full = i64::try_from(rows.len()).unwrap_or(i64::MAX) >= AT_ONCE;
        if !is_full || new.mark.tenants == before {
            break;
        }
    }
    if new.is_all {
        let unread = new.broken.iter().filter_map(|it| it.id);
        let unread = unread.map(|id| id.to_string()).collect();
        let checked = domains::check(database, &new.tenants, &unread);
        // In a box: what is awaited there is deep.
        if let Err(error) = Box::pin(checked).await {
            tracing::error!(error = %chain(&error), "the table of domains could not be held against the tenants");
        }
    }
    let from = (new.mark.issuers - ISSUERS_BACK).max(0);
    let values = [Value::Number(from)];
    for row in &database.rows(statements::ISSUERS_SINCE, &values).await? {
        match issuers::read(row) {
            Ok(row) => new.issuers.push(row),
            // It names no tenant: nobody can be let in by it.
            Err(error) => tracing::error!(error = %chain(&error), "an issuer cannot be read"),
        }
        new.mark.issuers = new.mark.issuers.max(row.number(2).unwrap_or_default());
    }
    Ok(new)
}

/// Put rows that an older attache wrote in order, and note their domains. Found without
/// looking at all.
pub(super) async fn put_in_order(database: &Database) -> Result<(), LogError> {
    // Those without a place, which come first.
    let none = [Value::Number(i64::MAX), Value::Number(AT_ONCE)];
    loop {
        let rows = database.rows(statements::TENANTS_SINCE, &none).await?;
        if rows.is_empty() {
            return Ok(());
        }
        let mut checked_out = database.check_out_good().await?;
        let connection = checked_out.connection()?;
        connection.begin_alone().await?;
        let mut ordered = 0;
        for row in connection.rows(statements::TENANTS_SINCE, &none).await? {
            // One without a text for its id keeps its place before all.
            let Ok(id) = row.text(0) else { continue };
            // One that cannot be read has no domains.
            if let Ok(tenant) = read(&row) {
                note_domains(connection, &id, &tenant.domains).await?;
            }
            ordered += connection
                .execute(statements::ORDER_TENANT, &[Value::Text(&id)])
                .await?;
        }
        connection.say("COMMIT").await?;
        checked_out.return_to_pool();
        if ordered == 0 {
            return Ok(());
        }
        database.watch().wrote();
    }
}

/// Create a tenant with its first entry, or change one.
pub(super) async fn write(
    database: &Database,
    tenant: &TenantRow,
    write: &Write<'_>,
) -> Result<(), DirectoryError> {
    let mut attempt = 1;
    loop {
        if let Source::Sqlite(file) = database.source()
            && let Err(error) = file.must_be_there()
        {
            database.watch().failed(&error);
            return Err(error.into());
        }
        let mut checked_out = database.check_out_good().await?;
        let within = database.settings().answer_within * 2;
        let mut at_the_end = false;
        let work = transaction(checked_out.connection()?, tenant, write, &mut at_the_end);
        let done = tokio::time::timeout(within, work).await;
        let done = done.unwrap_or_else(|_| Err(Failure::Database(too_late())));
        match done {
            Ok(()) => {
                checked_out.return_to_pool();
                database.watch().succeeded();
                return Ok(());
            }
            Err(Failure::No(error)) => {
                checked_out.discard();
                return Err(error);
            }
            Err(Failure::Database(error)) if attempt < ATTEMPTS && got_in_the_way(&error) => {
                checked_out.discard();
                attempt += 1;
                tokio::time::sleep(Duration::from_millis(5) * attempt).await;
            }
            Err(Failure::Database(error))
                if at_the_end && !got_in_the_way(&error) && !did_nothing(&error) =>
            {
                checked_out.discard();
                database.watch().failed(&error);
                return stands(database, tenant, error).await;
            }
            Err(Failure::Database(error)) => {
                checked_out.discard();
                database.watch().failed(&error);
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
    match find(database, tenant.id).await {
        Ok(Some(row)) if row == *tenant => Ok(()),
        _ => Err(DirectoryError::NotKnown(error.into())),
    }
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
    let id = tenant.id.to_string();
    if let Write::Change(was) = write {
        let values = [Value::Text(&id)];
        let rows = connection.rows(statements::TENANT_OF, &values).await?;
        let Some(row) = rows.first() else {
            return Err(Failure::No(DirectoryError::Unknown));
        };
        if read(row)? != *was {
            return Err(Failure::No(DirectoryError::Changed));
        }
    }
    must_be_free(connection, tenant, &id).await?;
    let domains = serde_json::to_string(&tenant.domains).map_err(LogError::caused)?;
    note_domains(connection, &id, &tenant.domains).await?;
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
            let parts = private::parts_of(&id, std::slice::from_ref(first.entry));
            private::insert(connection, &parts.collect::<Vec<_>>()).await?;
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
            connection
                .execute(statements::UPDATE_TENANT, &values)
                .await?;
        }
    }
    *at_the_end = true;
    connection.say("COMMIT").await?;
    Ok(())
}

/// Whether no other tenant has the slug or a domain. Looks these up, and not all tenants.
async fn must_be_free(
    connection: &mut Connection,
    tenant: &TenantRow,
    id: &str,
) -> Result<(), Failure> {
    let slug = ("slug", &tenant.slug, statements::TENANT_WITH_SLUG);
    let domain = |domain| ("domain", domain, statements::TENANT_WITH_DOMAIN);
    let domains = tenant.domains.iter().map(domain);
    for (field, value, statement) in std::iter::once(slug).chain(domains) {
        let rows = connection.rows(statement, &[Value::Text(value)]).await?;
        for row in rows {
            if row.text(0)? != id {
                return Err(Failure::No(DirectoryError::Taken {
                    field,
                    value: value.clone(),
                }));
            }
        }
    }
    Ok(())
}
