//! Entries that an older attache wrote, brought into the form of today: what names people and
//! companies moves into private parts, and long changes are compressed.
//!
//! A batch of entries is one transaction, together with a row of the tenant in `rewriting`,
//! which goes when all is done. So a run that was killed has lost nothing, and the next one goes
//! on. Two runs at once do each entry once.

use std::sync::LazyLock;

use attache_core::cause::Cause;
use attache_core::id::TenantId;

use super::batch::entries_after;
use super::blocking::blocking;
use super::compacting::compact;
use super::database::{Connection, Database, Location, Row, Settings, Value};
use super::inserts::{self, Texts};
use super::older::{all_renewed, first_older, may_be_older};
use super::row::EntryRow;
use super::{LogError, blocks, checkpoints, heads, private, statements};

/// How many entries are rewritten at once.
const AT_ONCE: i64 = 32;

/// A source of random bytes for salts. Fills the slice.
pub type Random = std::sync::Arc<dyn Fn(&mut [u8]) + Send + Sync>;

/// How far the entries of a tenant are rewritten in the form of this version.
#[derive(Clone, Debug)]
pub struct Rewriting {
    /// The tenant's slug.
    pub tenant: String,
    /// The revision up to which all entries are in the form of this version.
    pub at: u64,
    /// The tenant's last revision.
    pub last: u64,
    /// How many entries this run rewrote.
    pub changed: u64,
    /// Why the entries after `at` are not rewritten, if the tenant or an entry cannot be
    /// read.
    pub error: Option<LogError>,
}

/// Returns the tenants with entries in the form of an older version, each with how far its
/// entries are rewritten. Changes nothing.
///
/// # Errors
/// If the database does not answer, or lacks migrations.
pub async fn to_rewrite(
    location: &Location,
    settings: &Settings,
) -> Result<Vec<Rewriting>, LogError> {
    let database = Database::new(location, settings.clone())?;
    let found = lacking(&database).await;
    database.close();
    Ok(found?
        .into_iter()
        .map(|lacking| lacking.rewriting)
        .collect())
}

/// Rewrites all entries in the form of this version, indexes them by what they speak of,
/// and compacts a SQLite file. `told` is called after each batch. Returns the result for
/// each tenant: one that cannot be read does not stop the others. Servers of this version
/// may run meanwhile.
///
/// # Errors
/// If the database does not answer. What was rewritten before the error stays.
pub async fn rewrite_entries(
    location: &Location,
    settings: &Settings,
    random: Random,
    told: &mut (dyn FnMut(&Rewriting) + Send),
) -> Result<Vec<Rewriting>, LogError> {
    let database = Database::new(location, settings.clone())?;
    let done = rewrite_all(&database, &random, told).await;
    database.close();
    checkpoints::move_all(&database).await;
    done
}

async fn rewrite_all(
    database: &Database,
    random: &Random,
    told: &mut (dyn FnMut(&Rewriting) + Send),
) -> Result<Vec<Rewriting>, LogError> {
    let mut all = lacking(database).await?;
    for lacking in &mut all {
        let rewriting = &mut lacking.rewriting;
        if let (Some(tenant), None) = (lacking.tenant, &rewriting.error) {
            let rewritten = rewrite_tenant(database, tenant, rewriting, random, told).await;
            // Others go on.
            rewriting.error = rewritten.err();
        }
    }
    let is_due = |it: &Lacking| it.is_begun || it.rewriting.changed > 0;
    if all.iter().any(is_due) {
        // What was rewritten still stands in pages that nothing uses.
        let compacted = compact(database).await;
        for lacking in all.iter_mut().filter(|it| it.rewriting.error.is_none()) {
            let done = match &compacted {
                Ok(()) => finish(database, lacking.tenant).await,
                Err(error) => Err(not_compacted(error)),
            };
            lacking.rewriting.error = done.err();
        }
    }
    Ok(all.into_iter().map(|lacking| lacking.rewriting).collect())
}

async fn finish(database: &Database, tenant: Option<TenantId>) -> Result<(), LogError> {
    if let Some(tenant) = tenant {
        let id = tenant.to_string();
        let values = [Value::Text(&id)];
        database.execute(statements::ALL_REWRITTEN, &values).await?;
    }
    Ok(())
}

fn not_compacted(error: &LogError) -> LogError {
    let said =
        "the file was not compacted (`VACUUM`): names still stand in pages that nothing uses";
    LogError::Unavailable(Cause::text(said).because(Cause::new(error.clone())))
}

/// A tenant whose entries are to be rewritten.
struct Lacking {
    /// `None` where its id cannot be read.
    tenant: Option<TenantId>,
    /// Whether a run began with it, and did not end.
    is_begun: bool,
    rewriting: Rewriting,
}

/// The tenants with entries in an older form, or whose entries are being rewritten.
async fn lacking(database: &Database) -> Result<Vec<Lacking>, LogError> {
    let rows = database
        .large_rows(statements::TENANTS_TO_REWRITE, &[])
        .await?;
    let mut all = Vec::new();
    for row in &rows {
        // Nothing stands under an id that is no text.
        let Ok(id) = row.text(0) else { continue };
        all.extend(lacking_of(database, &id, row).await?);
    }
    Ok(all)
}

async fn lacking_of(database: &Database, id: &str, row: &Row) -> Result<Option<Lacking>, LogError> {
    let mut rewriting = Rewriting {
        tenant: row.text(1).unwrap_or_else(|_| id.to_owned()),
        at: 0,
        last: 0,
        changed: 0,
        error: None,
    };
    let Ok(tenant) = id.parse::<TenantId>() else {
        let first = may_be_older(database, id, 0, i64::MAX, 1).await?;
        rewriting.error = Some(LogError::unavailable(format!("its id is broken: {id:?}")));
        return Ok((!first.is_empty()).then_some(Lacking {
            tenant: None,
            is_begun: false,
            rewriting,
        }));
    };
    let is_begun = row.number(2)? == 1;
    let last = last_of(database, tenant).await?;
    rewriting.last = last.unsigned_abs();
    rewriting.at = match first_older(database, tenant, 0, last).await {
        Ok(Some(first)) => (first - 1).unsigned_abs(),
        Ok(None) if is_begun => rewriting.last,
        Ok(None) => return Ok(None),
        // Others go on.
        Err(LogError::Unreadable {
            tenant,
            revision,
            cause,
        }) => {
            rewriting.error = Some(LogError::Unreadable {
                tenant,
                revision,
                cause,
            });
            revision.0.saturating_sub(1)
        }
        Err(error) => return Err(error),
    };
    Ok(Some(Lacking {
        tenant: Some(tenant),
        is_begun,
        rewriting,
    }))
}

async fn last_of(database: &Database, tenant: TenantId) -> Result<i64, LogError> {
    let head = heads::read(database, &[tenant]).await?.pop().flatten();
    let last = head.map_or(0, |head| head.revision.0);
    Ok(i64::try_from(last).unwrap_or(i64::MAX))
}

async fn rewrite_tenant(
    database: &Database,
    tenant: TenantId,
    rewriting: &mut Rewriting,
    random: &Random,
    told: &mut (dyn FnMut(&Rewriting) + Send),
) -> Result<(), LogError> {
    let id = tenant.to_string();
    loop {
        let last = last_of(database, tenant).await?;
        rewriting.last = last.unsigned_abs();
        let at = i64::try_from(rewriting.at).unwrap_or(i64::MAX);
        let older = first_older(database, tenant, at, last).await?;
        let rows = match older {
            Some(older) => entries_after(database, &id, older - 1, AT_ONCE).await?,
            None => Vec::new(),
        };
        let Some(last) = rows.last().map(|row| row.revision) else {
            rewriting.at = rewriting.last;
            return blocks::make_blocks(database, tenant, false).await;
        };
        let random = random.clone();
        let rows = blocking(move || all_renewed(tenant, rows, &*random)).await??;
        // Where another run was faster, they are looked at again.
        if write(database, &id, &rows, last).await? {
            rewriting.at = last.unsigned_abs();
            rewriting.last = rewriting.last.max(rewriting.at);
            rewriting.changed += rows.len() as u64;
            told(rewriting);
        }
    }
}

/// How many values an entry has here.
const ENTRY: usize = 6;

static UPDATE: LazyLock<Texts> = LazyLock::new(|| {
    let (head, tail) = (statements::UPDATE_ENTRIES, statements::WHERE_THEY_STAND);
    Texts::of(head, ENTRY, tail, inserts::each_number())
});

/// Writes entries. Returns whether all of them stood in an older form; if not, none is written.
async fn write(
    database: &Database,
    tenant: &str,
    rows: &[EntryRow],
    at: i64,
) -> Result<bool, LogError> {
    let mut checked_out = database.check_out_good().await?;
    let connection = checked_out.connection()?;
    connection.begin_to_add().await?;
    let values = [Value::Text(tenant), Value::Number(at)];
    connection
        .execute(statements::REWRITTEN_UP_TO, &values)
        .await?;
    let all_stood = update(connection, tenant, rows).await?;
    if all_stood {
        let parts: Vec<_> = private::parts_of(tenant, rows).collect();
        private::insert(connection, &parts).await?;
    }
    let end = match all_stood {
        true => "COMMIT",
        false => "ROLLBACK",
    };
    connection.say(end).await?;
    checked_out.return_to_pool();
    database.watch().wrote();
    Ok(all_stood)
}

async fn update(
    connection: &mut Connection,
    tenant: &str,
    rows: &[EntryRow],
) -> Result<bool, LogError> {
    let mut rest = rows;
    while !rest.is_empty() {
        let (chunk, more) = rest.split_at(inserts::fitting(rest.iter()));
        rest = more;
        let values = chunk.iter().flat_map(|row| {
            [
                Value::Text(tenant),
                Value::Number(row.revision),
                Value::Text(&row.id),
                Value::Text(&row.changes),
                Value::MaybeBytes(row.packed.as_deref()),
                Value::MaybeBytes(row.commitments.as_deref()),
            ]
        });
        let values: Vec<Value<'_>> = values.collect();
        let texts = UPDATE.on(connection);
        if !inserts::inserted(connection, texts, chunk.len(), &values).await? {
            return Ok(false);
        }
    }
    Ok(true)
}
