//! Entries of a log in a database: appended and read.

use async_trait::async_trait;
use attache_core::id::{EntryId, Revision, TenantId};
use attache_core::{Entry, Timestamp};
use tokio::sync::mpsc;

use super::blocking::blocking;
use super::database::Value;
use super::row::{self, EntryRow};
use super::sql_log::{number, of};
use super::{
    AppendError, DoneRequest, EntryReader, EntryTime, EntryWriter, Head, LogError, Notification,
    SqlLog, entry_times, heads, issuers, private, statements,
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
        let rows = rows.await?;
        let rows = rows.iter().map(row::copy).collect::<Result<_, _>>()?;
        self.entries_of(tenant, rows).await
    }

    async fn time_of(
        &self,
        tenant: TenantId,
        revision: Revision,
    ) -> Result<Option<EntryTime>, LogError> {
        entry_times::of(&self.database, tenant, revision).await
    }

    async fn last_by(
        &self,
        tenant: TenantId,
        at: Timestamp,
        up_to: Revision,
    ) -> Result<Option<EntryTime>, LogError> {
        entry_times::last_by(&self.database, tenant, at, up_to).await
    }
}

impl SqlLog {
    /// The entries of rows, with the private parts that are there.
    pub(super) async fn entries_of(
        &self,
        tenant: TenantId,
        mut rows: Vec<EntryRow>,
    ) -> Result<Vec<Entry>, LogError> {
        private::fill(&self.database, tenant, &mut rows).await?;
        let bytes = rows.iter().map(|row| row.bytes() + row.private_bytes());
        let is_much = bytes.sum::<usize>() > LITTLE;
        let all = move || rows.into_iter().map(move |row| row::parse(tenant, row));
        match is_much {
            false => all().collect(),
            true => blocking(move || all().collect()).await?,
        }
    }
}
