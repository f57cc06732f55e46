//! Entries that are found by their content.

use std::collections::{BTreeSet, VecDeque};
use std::sync::LazyLock;

use async_trait::async_trait;
use attache_core::id::{Revision, TenantId};

use super::blocking::blocking;
use super::database::Value;
use super::find::{VALUES, Wanted};
use super::row::{self, EntryRow};
use super::sql_log::number;
use super::{
    EntriesFound, EntryFilter, EntryPage, EntrySearch, LogError, SqlLog, about, inserts, statements,
};

/// How many entries are looked through at once. A large one is looked through alone.
const AT_ONCE: usize = 32;

/// The values of a filter stand before the revisions.
static LOOK_THROUGH_LISTED: LazyLock<String> = LazyLock::new(|| {
    let listing = inserts::listing(statements::LOOK_THROUGH_LISTED, VALUES, AT_ONCE);
    format!("{listing}{}", statements::NEWEST_FIRST)
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
            if !room.takes(row::size(row)?) {
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
                let size = row.unpacked_bytes().map_err(LogError::Unavailable)?;
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
    /// Those that were read, large ones without their content.
    read: VecDeque<EntryRow>,
    /// Whether these are in no block of the index.
    are_outside: bool,
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
            let mut found = about::speaking_of(&log.database, &text, *id).await?;
            found.retain(|revision| *revision <= indexed && *revision < before);
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
            read: VecDeque::new(),
            are_outside: false,
        })
    }

    /// Some that come next. `None` where there are no more.
    async fn next(&mut self) -> Result<Option<Vec<EntryRow>>, LogError> {
        if self.read.is_empty() && !self.read_more().await? {
            return Ok(None);
        }
        let small = self.read.iter().take_while(|row| !row.is_left_out());
        let rows: Vec<EntryRow> = match small.count() {
            0 => self.read_large().await?.into_iter().collect(),
            small => self.read.drain(..small).collect(),
        };
        if self.are_outside {
            self.outside += about::bytes_of(&rows);
            if self.outside >= about::ENOUGH {
                self.outside = 0;
                self.log.counter.lacking(self.tenant);
            }
        }
        let about = self.about.clone();
        blocking(move || speaking(rows, &about)).await?.map(Some)
    }

    /// Reads some. Returns whether there may be more.
    async fn read_more(&mut self) -> Result<bool, LogError> {
        let database = &self.log.database;
        let rows = if self.before > self.indexed.saturating_add(1) {
            let mut values = self.wanted.values(&self.text, self.before, self.indexed);
            values.push(number(AT_ONCE as u64));
            let rows = database.large_rows(statements::LOOK_THROUGH, &values);
            let rows = rows.await?;
            self.before = match rows.last() {
                Some(row) if rows.len() == AT_ONCE => row.number(0)?,
                _ => self.indexed,
            };
            self.are_outside = true;
            rows
        } else {
            let count = self.listed.len().min(AT_ONCE);
            let some: Vec<i64> = self.listed.drain(..count).collect();
            if some.is_empty() {
                return Ok(false);
            }
            let mut values = self.wanted.values(&self.text, i64::MAX, 0);
            values.extend(inserts::listed(&some, AT_ONCE));
            self.are_outside = false;
            database.large_rows(&LOOK_THROUGH_LISTED, &values).await?
        };
        self.read = rows.iter().map(row::copy).collect::<Result<_, _>>()?;
        Ok(true)
    }

    /// The next one that was read, with its content. `None` where it is gone.
    async fn read_large(&mut self) -> Result<Option<EntryRow>, LogError> {
        let Some(row) = self.read.pop_front() else {
            return Ok(None);
        };
        let values = [
            Value::Text(&self.text),
            Value::Number(row.revision - 1),
            Value::Number(1),
        ];
        let rows = self
            .log
            .database
            .large_rows(statements::READ_AFTER, &values);
        let rows = rows.await?;
        let whole = rows.first().map(row::copy).transpose()?;
        Ok(whole.filter(|whole| whole.revision == row.revision))
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
