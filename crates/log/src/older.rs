//! Entries in the form of an older attache: found, and brought into the form of today.

use attache_core::cause::Cause;
use attache_core::id::TenantId;

use super::blocking::blocking;
use super::database::{Database, Value};
use super::row::{self, EntryRow};
use super::{LogError, statements};

/// How many entries are looked at, at once.
const AT_ONCE: i64 = 64;

/// Among how many entries these are looked for, at once.
const AMONG: i64 = 16_384;

/// The first entry after a revision and up to another that is in an older form. These may stand
/// behind entries of today: an older server wrote them, or a copy brought them.
pub(super) async fn first_older(
    database: &Database,
    tenant: TenantId,
    mut after: i64,
    last: i64,
) -> Result<Option<i64>, LogError> {
    let id = tenant.to_string();
    while after < last {
        let end = last.min(after.saturating_add(AMONG));
        let rows = may_be_older(database, &id, after, end, AT_ONCE).await?;
        after = match rows.last() {
            Some(row) if rows.len() as i64 == AT_ONCE => row.revision,
            _ => end,
        };
        if rows.is_empty() {
            continue;
        }
        let found = blocking(move || first(tenant, rows)).await??;
        if found.is_some() {
            return Ok(found);
        }
    }
    Ok(None)
}

/// Entries that are not known to be in the form of today, large ones without their content.
pub(super) async fn may_be_older(
    database: &Database,
    tenant: &str,
    after: i64,
    up_to: i64,
    most: i64,
) -> Result<Vec<EntryRow>, LogError> {
    let values = [
        Value::Text(tenant),
        Value::Number(after),
        Value::Number(up_to),
        Value::Number(most),
    ];
    let rows = database
        .large_rows(statements::MAY_BE_OLDER, &values)
        .await?;
    rows.iter().map(row::copy).collect()
}

/// The first one in an older form.
fn first(tenant: TenantId, rows: Vec<EntryRow>) -> Result<Option<i64>, LogError> {
    for row in rows {
        let revision = row.revision;
        // A large one of today is packed. Salts do not matter here.
        if row.is_left_out() || renewed(tenant, row, &|_| {})?.is_some() {
            return Ok(Some(revision));
        }
    }
    Ok(None)
}

/// The rows in the form of today, of those that are in an older one.
pub(super) fn all_renewed(
    tenant: TenantId,
    rows: Vec<EntryRow>,
    random: &dyn Fn(&mut [u8]),
) -> Result<Vec<EntryRow>, LogError> {
    let may_be_older = |row: &EntryRow| row.commitments.is_none() && row.packed.is_none();
    let rows = rows.into_iter().filter(may_be_older);
    rows.filter_map(|row| renewed(tenant, row, random).transpose())
        .collect()
}

/// A row in the form of today. `None` where it is in that form.
fn renewed(
    tenant: TenantId,
    row: EntryRow,
    random: &dyn Fn(&mut [u8]),
) -> Result<Option<EntryRow>, LogError> {
    let (was, had_profiles) = (row.changes.clone(), row.profiles.is_some());
    let entry = row::parse(tenant, row)?;
    let revision = entry.revision;
    let salted = entry.clone().salted(&mut |bytes| random(bytes));
    let row = EntryRow::new(&salted)?;
    let is_plain = row.packed.is_none() && row.commitments.is_none();
    if is_plain && !had_profiles && row.changes == was {
        return Ok(None);
    }
    // What is written says what was written before.
    let mut back = row::parse(tenant, row.clone())?;
    back.changes.salts.clear();
    match back == entry {
        true => Ok(Some(row)),
        false => Err(LogError::Unreadable {
            tenant,
            revision,
            cause: Cause::text("it would not be the same in the form of today"),
        }),
    }
}
