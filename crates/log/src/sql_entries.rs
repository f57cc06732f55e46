//! Entries of a log in a database: appended, read and found.

use async_trait::async_trait;
use attache_core::Entry;
use attache_core::id::{EntryId, Revision, TenantId};
use tokio::sync::mpsc;

use super::database::Value;
use super::find::Wanted;
use super::row::{self, EntryRow};
use super::sql_log::{blocking, number, of};
use super::{
    AppendError, DoneRequest, EntriesFound, EntryFilter, EntryPage, EntryReader, EntrySearch,
    EntryWriter, Head, LogError, Notification, SqlLog, heads, issuers, statements,
};

/// Up to how many bytes of changes are parsed at once where others are served.
const LITTLE: usize = 64 * 1024;

#[async_trait]
impl EntryWriter for SqlLog {
    async fn append(
        &self,
        tenant: TenantId,
        after: Option<EntryId>,
        entries: &[Entry],
        requests: &[DoneRequest],
    ) -> Result<(), AppendError> {
        if entries.is_empty() {
            return Ok(());
        }
        let rows = entries.iter().map(EntryRow::new).collect::<Result<_, _>>();
        let rows = rows.map_err(AppendError::NotWritten)?;
        let after = after.map_or_else(String::new, |after| after.to_string());
        let issuers = issuers::named(entries);
        self.append_rows(tenant, after, rows, issuers, requests.to_vec())
            .await
    }
}

#[async_trait]
impl EntryReader for SqlLog {
    async fn heads(&self, tenants: &[TenantId]) -> Result<Vec<Option<Head>>, LogError> {
        heads::read(&self.database, tenants).await
    }

    fn notifications(&self) -> Option<mpsc::Receiver<Notification>> {
        of(&self.notifications).take()
    }

    async fn read_after(
        &self,
        tenant: TenantId,
        revision: Revision,
        most: usize,
    ) -> Result<Vec<Entry>, LogError> {
        let id = tenant.to_string();
        let values = [Value::Text(&id), number(revision.0), number(most as u64)];
        let rows = self.database.large_rows(statements::READ_AFTER, &values);
        let rows: Vec<EntryRow> = rows
            .await?
            .iter()
            .map(row::copy)
            .collect::<Result<_, _>>()?;
        let bytes = rows.iter().map(|row| row.changes.len()).sum::<usize>();
        let is_much = bytes > LITTLE;
        let all = move || rows.into_iter().map(move |row| row::parse(tenant, row));
        match is_much {
            false => all().collect(),
            true => blocking(move || all().collect()).await?,
        }
    }
}

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
        let (id, wanted) = (tenant.to_string(), Wanted::of(filter));
        let mut values = wanted.values(&id, page.before);
        // One more tells whether there are older ones.
        values.push(number(page.most as u64 + 1));
        let sizes = self
            .database
            .large_rows(statements::SIZES_OF_ENTRIES, &values);
        let sizes = sizes.await?;
        let (mut most, mut left) = (0, page.bytes as u64);
        for row in sizes.iter().take(page.most) {
            let size = row.number(1)?.unsigned_abs();
            if most > 0 && size > left {
                break;
            }
            left = left.saturating_sub(size);
            most += 1;
        }
        if most == 0 {
            return Ok(EntriesFound::default());
        }
        values.pop();
        values.push(number(most));
        let rows = self.database.large_rows(statements::FIND_ENTRIES, &values);
        let rows = rows.await?;
        let entries = rows.iter().map(|row| row::read(tenant, row));
        Ok(EntriesFound {
            entries: entries.collect::<Result<_, _>>()?,
            more: sizes.len() as u64 > most,
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
        let (id, wanted) = (tenant.to_string(), Wanted::of(filter));
        let values = wanted.values(&id, up_to.next());
        let rows = self.database.large_rows(statements::COUNT_ENTRIES, &values);
        match rows.await?.first() {
            Some(row) => Ok(row.number(0)?.unsigned_abs()),
            None => Ok(0),
        }
    }
}
