//! Entries that are found by their content.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use async_trait::async_trait;
use attache_core::id::{Revision, TenantId};

use super::blocking::blocking;
use super::database::{Row, Value};
use super::find::{VALUES, Wanted};
use super::row::{self, EntryRow};
use super::sql_log::number;
use super::{
    EntriesFound, EntryFilter, EntryPage, EntrySearch, LogError, SqlLog, about, packing, statements,
};

/// How many entries are looked through at once.
const AT_ONCE: usize = 32;

/// The values of a filter stand before the revisions.
static FIND_LISTED: LazyLock<String> = LazyLock::new(|| {
    let places: Vec<String> = (VALUES + 1..=VALUES + AT_ONCE)
        .map(|at| format!("${at}"))
        .collect();
    let places = places.join(", ");
    let (head, tail) = (statements::FIND_LISTED, statements::NEWEST_FIRST);
    format!("{head} ({places}){tail}")
});

#[async_trait]
impl EntrySearch for SqlLog {
    async fn find_entries(
        &self,
        tenant: TenantId,
        filter: &EntryFilter,
        page: &EntryPage,
    ) -> Result<EntriesFound, LogError> {
        if filter.wants_nothing() || page.most == 0 {
            return Ok(EntriesFound::default());
        }
        let (rows, more) = match filter.about.is_empty() {
            true => self.page(tenant, filter, page).await?,
            false => self.page_about(tenant, filter, page).await?,
        };
        Ok(EntriesFound {
            entries: self.entries_of(tenant, rows).await?,
            more,
        })
    }

    async fn count_entries(
        &self,
        tenant: TenantId,
        filter: &EntryFilter,
        up_to: Revision,
    ) -> Result<u64, LogError> {
        if filter.wants_nothing() {
            return Ok(0);
        }
        let before = as_number(up_to.next());
        if filter.about.is_empty() {
            let (id, wanted) = (tenant.to_string(), Wanted::of(filter));
            let values = wanted.values(&id, before, 0);
            let rows = self.database.large_rows(statements::COUNT_ENTRIES, &values);
            return match rows.await?.first() {
                Some(row) => Ok(row.number(0)?.unsigned_abs()),
                None => Ok(0),
            };
        }
        let mut walk = Walk::new(self, tenant, filter, before).await?;
        let mut count = 0;
        while let Some(rows) = walk.next().await? {
            count += rows.len() as u64;
        }
        Ok(count)
    }
}

impl SqlLog {
    /// The rows of a page, and whether older ones are wanted too.
    async fn page(
        &self,
        tenant: TenantId,
        filter: &EntryFilter,
        page: &EntryPage,
    ) -> Result<(Vec<EntryRow>, bool), LogError> {
        let (id, wanted) = (tenant.to_string(), Wanted::of(filter));
        let mut values = wanted.values(&id, as_number(page.before), 0);
        // One more tells whether there are older ones.
        values.push(number(page.most as u64 + 1));
        let sizes = self
            .database
            .large_rows(statements::SIZES_OF_ENTRIES, &values);
        let sizes = sizes.await?;
        let mut room = Room::of(page);
        for row in &sizes {
            if !room.takes(size(row)?) {
                break;
            }
        }
        if room.taken == 0 {
            return Ok((Vec::new(), false));
        }
        values.pop();
        values.push(number(room.taken as u64));
        let rows = self.database.large_rows(statements::FIND_ENTRIES, &values);
        let rows = rows.await?;
        let rows = rows.iter().map(row::copy).collect::<Result<_, _>>()?;
        Ok((rows, sizes.len() > room.taken))
    }

    /// The same, of entries that speak of certain things.
    async fn page_about(
        &self,
        tenant: TenantId,
        filter: &EntryFilter,
        page: &EntryPage,
    ) -> Result<(Vec<EntryRow>, bool), LogError> {
        let mut walk = Walk::new(self, tenant, filter, as_number(page.before)).await?;
        let (mut found, mut room) = (Vec::new(), Room::of(page));
        while let Some(rows) = walk.next().await? {
            for row in rows {
                let size = match &row.packed {
                    Some(packed) => packing::length(packed).map_err(LogError::Unavailable)?,
                    None => row.changes.len() as u64,
                };
                let beside = row.profiles.as_ref().map_or(0, String::len)
                    + 8 * row.commitments.as_ref().map_or(0, Vec::len);
                if !room.takes(size + beside as u64) {
                    return Ok((found, true));
                }
                found.push(row);
            }
        }
        Ok((found, false))
    }
}

/// What a page has room for.
struct Room {
    most: usize,
    left: u64,
    taken: usize,
}

impl Room {
    fn of(page: &EntryPage) -> Self {
        Self {
            most: page.most,
            left: page.bytes as u64,
            taken: 0,
        }
    }

    /// Takes an entry, if there is room for it. There is for the first.
    fn takes(&mut self, bytes: u64) -> bool {
        let has_room = self.taken < self.most && (self.taken == 0 || bytes <= self.left);
        if has_room {
            self.left = self.left.saturating_sub(bytes);
            self.taken += 1;
        }
        has_room
    }
}

/// How many bytes an entry has when it is read: of a row of sizes.
fn size(row: &Row) -> Result<u64, LogError> {
    let packed = match row.maybe_bytes(2)? {
        Some(start) => packing::length(&start).map_err(LogError::Unavailable)?,
        None => 0,
    };
    Ok(row.number(1)?.unsigned_abs() + packed)
}

/// A way through the entries that are wanted and speak of certain things, the newest first:
/// those that are in no block of the index, and then those that the index lists.
struct Walk<'a> {
    log: &'a SqlLog,
    tenant: TenantId,
    text: String,
    wanted: Wanted,
    /// The ids of the things, as changes have them.
    about: Vec<String>,
    /// What comes next is before this revision.
    before: i64,
    /// Entries up to here are in the index.
    indexed: i64,
    /// How many bytes of changes were looked through that are not in it.
    outside: u64,
    /// Those that the index lists, the newest first.
    listed: Vec<i64>,
}

impl<'a> Walk<'a> {
    async fn new(
        log: &'a SqlLog,
        tenant: TenantId,
        filter: &EntryFilter,
        before: i64,
    ) -> Result<Self, LogError> {
        let text = tenant.to_string();
        let indexed = about::indexed(&log.database, &text).await?;
        let mut listed: Option<BTreeSet<i64>> = None;
        for id in filter.about.iter().filter(|_| indexed > 0) {
            let found = about::speaking_of(&log.database, &text, *id).await?;
            let is_before = |revision: &i64| *revision <= indexed && *revision < before;
            let mut found: BTreeSet<i64> = found.into_iter().filter(is_before).collect();
            if let Some(others) = listed {
                found.retain(|revision| others.contains(revision));
            }
            listed = Some(found);
        }
        Ok(Self {
            log,
            tenant,
            text,
            wanted: Wanted::of(filter),
            about: filter.about.iter().map(|id| format!("\"{id}\"")).collect(),
            before,
            indexed,
            outside: 0,
            listed: listed.into_iter().flatten().rev().collect(),
        })
    }

    /// Some that come next. `None` where there are no more.
    async fn next(&mut self) -> Result<Option<Vec<EntryRow>>, LogError> {
        let database = &self.log.database;
        let mut is_outside = false;
        let rows = if self.before > self.indexed.saturating_add(1) {
            let mut values = self.wanted.values(&self.text, self.before, self.indexed);
            values.push(number(AT_ONCE as u64));
            let rows = database
                .large_rows(statements::FIND_ENTRIES, &values)
                .await?;
            self.before = match rows.last() {
                Some(row) if rows.len() == AT_ONCE => row.number(0)?,
                _ => self.indexed,
            };
            is_outside = true;
            rows
        } else {
            let count = self.listed.len().min(AT_ONCE);
            let some: Vec<i64> = self.listed.drain(..count).collect();
            let Some(last) = some.last() else {
                return Ok(None);
            };
            // Asked for twice, an entry comes once.
            let padded = some.iter().chain(std::iter::repeat(last)).take(AT_ONCE);
            let mut values = self.wanted.values(&self.text, i64::MAX, 0);
            values.extend(padded.map(|revision| Value::Number(*revision)));
            database.large_rows(&FIND_LISTED, &values).await?
        };
        let rows: Vec<EntryRow> = rows.iter().map(row::copy).collect::<Result<_, _>>()?;
        if is_outside {
            self.outside += about::bytes_of(&rows);
            if self.outside >= about::ENOUGH {
                self.outside = 0;
                self.log.counter.lacking(self.tenant);
            }
        }
        let about = self.about.clone();
        blocking(move || speaking(rows, &about)).await?.map(Some)
    }
}

/// Those of the entries that speak of all of these things.
fn speaking(rows: Vec<EntryRow>, about: &[String]) -> Result<Vec<EntryRow>, LogError> {
    let mut found = Vec::new();
    for row in rows {
        let is_wanted = {
            let json = row.json().map_err(LogError::Unavailable)?;
            about.iter().all(|id| json.contains(id.as_str()))
        };
        if is_wanted {
            found.push(row);
        }
    }
    Ok(found)
}

fn as_number(revision: Revision) -> i64 {
    i64::try_from(revision.0).unwrap_or(i64::MAX)
}
