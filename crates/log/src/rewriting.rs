//! Entries that an older attache wrote, brought into the form of today: what names people and
//! companies moves into private parts, and long changes are compressed.
//!
//! A batch of entries is one transaction, together with how far the tenant's entries are
//! rewritten. So a run that was killed has lost nothing, and the next one goes on.

use std::sync::LazyLock;

use attache_core::cause::{Cause, chain};
use attache_core::id::TenantId;

use super::batch::entries_after;
use super::blocking::blocking;
use super::database::{Connection, Database, Location, Row, Settings, Source, Value};
use super::inserts::{self, Texts};
use super::row::{self, EntryRow};
use super::{LogError, blocks, checkpoints, heads, private, statements, tenant_rows};

/// A source of randomness, for salts.
pub type Random = std::sync::Arc<dyn Fn(&mut [u8]) + Send + Sync>;

/// How far the entries of a tenant are rewritten.
#[derive(Clone, Debug)]
pub struct Rewriting {
    /// The tenant's slug.
    pub tenant: String,
    /// Entries up to this revision are in the form of today.
    pub at: u64,
    /// The tenant's last revision.
    pub last: u64,
    /// How many entries were changed.
    pub changed: u64,
    /// Why the rest is not rewritten, where something is wrong with the tenant.
    pub error: Option<LogError>,
}

/// The tenants with entries that an older attache wrote, and how far these are rewritten. Changes
/// nothing.
///
/// # Errors
/// If the database does not answer, or lacks its tables.
pub async fn to_rewrite(
    location: &Location,
    settings: &Settings,
) -> Result<Vec<Rewriting>, LogError> {
    let database = Database::new(location, settings.clone())?;
    let found = lacking(&database).await;
    database.close();
    Ok(found?.into_iter().map(|(_, rewriting)| rewriting).collect())
}

/// Bring all entries into the form of today, and index them by what they speak of. `told`
/// hears of each batch. Returns what was done for each tenant.
///
/// # Errors
/// If the database does not answer. What was rewritten before stays.
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
    let mut done = Vec::new();
    for (tenant, mut rewriting) in lacking(database).await? {
        let rewritten = rewrite_tenant(database, tenant, &mut rewriting, random, told).await;
        // Others go on.
        rewriting.error = rewritten.err();
        done.push(rewriting);
    }
    if let (false, Source::Sqlite(_)) = (done.is_empty(), database.source()) {
        // What was rewritten still stands in pages that nothing uses.
        if let Err(error) = compact(database).await {
            tracing::warn!(error = %chain(&error), "the file was not compacted: `VACUUM` of sqlite3 does so");
        }
    }
    Ok(done)
}

async fn compact(database: &Database) -> Result<(), LogError> {
    let mut checked_out = database.check_out_good().await?;
    checked_out.connection()?.say("VACUUM").await?;
    checked_out.return_to_pool();
    Ok(())
}

/// The tenants whose first entry is in an older form, or whose entries are being rewritten.
async fn lacking(database: &Database) -> Result<Vec<(TenantId, Rewriting)>, LogError> {
    let rows = database.large_rows(statements::TO_REWRITE, &[]).await?;
    let read = |row: &Row| -> Result<_, LogError> {
        let tenant = tenant_rows::read(row)?;
        Ok((tenant.id, tenant.slug, row.number(4)?))
    };
    let rows: Vec<_> = rows.iter().map(read).collect::<Result<_, _>>()?;
    let ids: Vec<TenantId> = rows.iter().map(|(id, _, _)| *id).collect();
    let heads = heads::read(database, &ids).await?;
    let rewriting = |((id, tenant, at), head): ((TenantId, String, i64), Option<super::Head>)| {
        let last = head.map_or(0, |head| head.revision.0);
        let rewriting = Rewriting {
            tenant,
            at: at.unsigned_abs(),
            last,
            changed: 0,
            error: None,
        };
        (id, rewriting)
    };
    Ok(rows.into_iter().zip(heads).map(rewriting).collect())
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
        let at = i64::try_from(rewriting.at).unwrap_or(i64::MAX);
        let rows = entries_after(database, &id, at).await?;
        let Some(last) = rows.last().map(|row| row.revision) else {
            blocks::make_blocks(database, tenant, false).await?;
            let values = [Value::Text(&id)];
            database.execute(statements::ALL_REWRITTEN, &values).await?;
            return Ok(());
        };
        let random = random.clone();
        let rows = blocking(move || rewritten(tenant, rows, &random)).await??;
        write(database, &id, &rows, last).await?;
        rewriting.at = last.unsigned_abs();
        rewriting.last = rewriting.last.max(rewriting.at);
        rewriting.changed += rows.len() as u64;
        told(rewriting);
    }
}

/// The rows in the form of today, of those that are in an older one.
fn rewritten(
    tenant: TenantId,
    rows: Vec<EntryRow>,
    random: &Random,
) -> Result<Vec<EntryRow>, LogError> {
    let mut rewritten = Vec::new();
    for row in rows.into_iter().filter(may_be_older) {
        let (was, had_profiles) = (row.changes.clone(), row.profiles.is_some());
        let entry = row::parse(tenant, row)?;
        let revision = entry.revision;
        let salted = entry.clone().salted(&mut |bytes| random(bytes));
        let row = EntryRow::new(&salted)?;
        let is_plain = row.packed.is_none() && row.commitments.is_none();
        if is_plain && !had_profiles && row.changes == was {
            continue;
        }
        // What is written says what was written before.
        let mut back = row::parse(tenant, row.clone())?;
        back.changes.salts.clear();
        if back != entry {
            return Err(LogError::Unreadable {
                tenant,
                revision,
                cause: Cause::text("it would not be the same in the form of today"),
            });
        }
        rewritten.push(row);
    }
    Ok(rewritten)
}

/// Whether a row may be in an older form. Rows of today have commitments, where they name
/// anything, and are packed, where they are long.
fn may_be_older(row: &EntryRow) -> bool {
    row.commitments.is_none() && row.packed.is_none()
}

/// How many values an entry has here.
const ENTRY: usize = 6;

static UPDATE: LazyLock<Texts> = LazyLock::new(|| {
    let (head, tail) = (statements::UPDATE_ENTRIES, statements::WHERE_THEY_STAND);
    Texts::of(head, ENTRY, tail, inserts::each_number())
});

async fn write(
    database: &Database,
    tenant: &str,
    rows: &[EntryRow],
    at: i64,
) -> Result<(), LogError> {
    let mut checked_out = database.check_out_good().await?;
    let connection = checked_out.connection()?;
    connection.begin_to_add().await?;
    for chunk in rows.chunks(inserts::MOST_ROWS) {
        update(connection, tenant, chunk).await?;
    }
    let parts: Vec<_> = private::parts_of(tenant, rows).collect();
    private::insert(connection, &parts).await?;
    let values = [Value::Text(tenant), Value::Number(at)];
    connection
        .execute(statements::REWRITTEN_UP_TO, &values)
        .await?;
    connection.say("COMMIT").await?;
    checked_out.return_to_pool();
    Ok(())
}

async fn update(
    connection: &mut Connection,
    tenant: &str,
    rows: &[EntryRow],
) -> Result<(), LogError> {
    let values: Vec<Value<'_>> = rows
        .iter()
        .flat_map(|row| {
            [
                Value::Text(tenant),
                Value::Number(row.revision),
                Value::Text(&row.id),
                Value::Text(&row.changes),
                Value::MaybeBytes(row.packed.as_deref()),
                Value::MaybeBytes(row.commitments.as_deref()),
            ]
        })
        .collect();
    let texts = UPDATE.on(connection);
    let text = rows.len().checked_sub(1).and_then(|at| texts.get(at));
    if let Some(text) = text
        && connection.execute(text, &values).await? != rows.len() as u64
    {
        return Err(LogError::unavailable(
            "entries were lost while they were rewritten",
        ));
    }
    Ok(())
}
