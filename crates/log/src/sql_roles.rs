//! What a log in a database keeps beside entries.

use std::sync::Arc;

use async_trait::async_trait;
use attache_core::id::{Revision, TenantId};
use attache_core::{Entry, State, Timestamp};

use super::blocking::blocking;
use super::database::{Source, Value};
use super::directory::{First, Write};
use super::row::EntryRow;
use super::sql_log::of;
use super::{
    DirectoryChanges, DirectoryError, DirectoryMark, DoneRequest, Hold, Holds, Installation,
    IssuerRow, Log, LogError, Requests, Snapshot, Snapshots, SqlLog, TenantDirectory, TenantRow,
    TokenUsage, TokenUse, Writes, checkpoints, directory, holds, issuers, snapshot, snapshot_rows,
    statements, tenant_rows, token_uses,
};

impl From<Arc<SqlLog>> for Log {
    fn from(log: Arc<SqlLog>) -> Self {
        Self {
            entries: log.clone(),
            search: log.clone(),
            histories: log.clone(),
            writer: log.clone(),
            directory: log.clone(),
            requests: log.clone(),
            snapshots: log.clone(),
            holds: log.clone(),
            token_usage: log.clone(),
            installation: log,
        }
    }
}

#[async_trait]
impl TenantDirectory for SqlLog {
    async fn tenants(&self) -> Result<Vec<TenantRow>, LogError> {
        let rows = self.database.rows(statements::TENANTS, &[]).await?;
        rows.iter().map(tenant_rows::read).collect()
    }

    async fn issuers(&self) -> Result<Vec<IssuerRow>, LogError> {
        let rows = self.database.rows(statements::ISSUERS, &[]).await?;
        rows.iter().map(issuers::read).collect()
    }

    async fn note_issuers(&self, tenant: TenantId, issuers: &[String]) -> Result<(), LogError> {
        let mut checked_out = self.database.check_out_good().await?;
        let connection = checked_out.connection()?;
        connection.begin_to_add().await?;
        issuers::note(connection, &tenant.to_string(), issuers).await?;
        connection.say("COMMIT").await?;
        checked_out.return_to_pool();
        Ok(())
    }

    async fn directory_since(&self, mark: DirectoryMark) -> Result<DirectoryChanges, LogError> {
        directory::since(&self.database, mark).await
    }

    async fn create_tenant(
        &self,
        tenant: TenantRow,
        first: Entry,
        request: Option<DoneRequest>,
    ) -> Result<(), DirectoryError> {
        let named = issuers::named(std::slice::from_ref(&first));
        let first = First {
            entry: &EntryRow::new(&first)?,
            issuers: &named,
            request: request.as_ref(),
        };
        directory::write(&self.database, &tenant, &Write::New(first)).await
    }

    async fn change_tenant(&self, was: TenantRow, tenant: TenantRow) -> Result<(), DirectoryError> {
        directory::write(&self.database, &tenant, &Write::Change(was)).await
    }
}

#[async_trait]
impl Requests for SqlLog {
    async fn find_request(
        &self,
        tenant: TenantId,
        key: &str,
        since: Timestamp,
    ) -> Result<Option<(String, Revision)>, LogError> {
        let id = tenant.to_string();
        let since = Value::Number(since.as_millis());
        let values = [Value::Text(&id), Value::Text(key), since];
        let rows = self
            .database
            .rows(statements::FIND_REQUEST, &values)
            .await?;
        let Some(row) = rows.first() else {
            return Ok(None);
        };
        let revision = Revision(row.number(1)?.unsigned_abs());
        Ok(Some((row.text(0)?, revision)))
    }

    async fn forget_requests(&self, before: Timestamp) -> Result<(), LogError> {
        let values = [Value::Number(before.as_millis())];
        while self
            .database
            .execute(statements::FORGET_REQUESTS, &values)
            .await?
            > 0
        {}
        Ok(())
    }
}

#[async_trait]
impl Snapshots for SqlLog {
    async fn load_snapshot_up_to(
        &self,
        tenant: TenantId,
        revision: Revision,
    ) -> Result<Option<State>, LogError> {
        match self.snapshots.clone() {
            Some(files) => blocking(move || files.load(tenant, revision)).await,
            None => snapshot_rows::load(&self.database, tenant, revision).await,
        }
    }

    async fn snapshot_revision(
        &self,
        tenant: TenantId,
        up_to: Revision,
    ) -> Result<Option<Revision>, LogError> {
        match self.snapshots.clone() {
            Some(files) => blocking(move || files.revision(tenant, up_to)).await,
            None => snapshot_rows::revision(&self.database, tenant, up_to).await,
        }
    }

    async fn save_snapshot(&self, snapshot: &Snapshot) -> Result<(), LogError> {
        self.store_snapshot(snapshot).await
    }

    async fn remove_snapshot(&self, tenant: TenantId, revision: Revision) -> Result<(), LogError> {
        let Some(files) = self.snapshots.clone() else {
            let revision = i64::try_from(revision.0).unwrap_or(i64::MAX);
            let format = snapshot::FORMAT.into();
            return snapshot_rows::remove(&self.database, tenant, revision, format).await;
        };
        blocking(move || files.remove(tenant, revision)).await
    }
}

#[async_trait]
impl Holds for SqlLog {
    async fn hold(&self, hold: &Hold) -> Result<(), LogError> {
        holds::place(&self.database, hold).await
    }

    async fn release(&self, hold: &Hold) -> Result<(), LogError> {
        holds::release(&self.database, hold).await
    }

    async fn holds(&self) -> Result<Vec<Hold>, LogError> {
        holds::all(&self.database).await
    }
}

#[async_trait]
impl TokenUsage for SqlLog {
    async fn note_token_uses(&self, uses: &[TokenUse]) -> Result<(), LogError> {
        token_uses::note(&self.database, uses).await
    }

    async fn token_uses(&self, tenant: TenantId) -> Result<Vec<TokenUse>, LogError> {
        token_uses::of(&self.database, tenant).await
    }
}

#[async_trait]
impl Installation for SqlLog {
    async fn secret(&self, name: &str, fresh: &[u8]) -> Result<Vec<u8>, LogError> {
        let named = [Value::Text(name)];
        let find = || self.database.rows(statements::FIND_SECRET, &named);
        if let Some(row) = find().await?.first() {
            return Ok(row.bytes(0)?);
        }
        let values = [Value::Text(name), Value::Bytes(fresh)];
        self.database
            .execute(statements::KEEP_SECRET, &values)
            .await?;
        match find().await?.first() {
            Some(row) => Ok(row.bytes(0)?),
            None => Err(LogError::unavailable(format!("it keeps no secret {name}"))),
        }
    }

    async fn time(&self) -> Result<Option<Timestamp>, LogError> {
        match self.database.source() {
            // It is this machine's own.
            Source::Sqlite(_) => Ok(None),
            Source::Postgres(_) => {
                let rows = self.database.rows_soon(statements::TIME, &[]).await?;
                let millis = rows.first().map(|row| row.number(0)).transpose()?;
                Ok(millis.map(Timestamp::from_millis))
            }
        }
    }

    fn writes(&self) -> Writes {
        self.database.watch().writes()
    }

    async fn close(&self) {
        drop(of(&self.appends).take());
        let beside = std::mem::take(&mut *of(&self.beside));
        for task in beside {
            task.abort();
            let _ = task.await;
        }
        // It ends when it has written what was handed to it.
        let appender = of(&self.appender).take();
        if let Some(appender) = appender {
            let _ = appender.await;
        }
        self.database.close();
        checkpoints::move_all(&self.database).await;
    }
}
