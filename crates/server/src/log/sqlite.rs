//! The log in a SQLite file.

use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use attache_core::id::{Revision, TenantId};
use attache_core::{Entry, State, Timestamp};
use sqlx::ConnectOptions as _;
use sqlx::sqlite::{
    SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous,
};
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;

use super::appender::{self, Append};
use super::find::Wanted;
use super::row::{self, EntryRow, ReadRow};
use super::{
    AppendError, DirectoryError, DoneRequest, EntryFilter, EntryPage, IssuerRow, Log, LogError,
    TenantRow, issuers, snapshot, statements,
};

/// How many readers may read at the same time.
const READERS: u32 = 4;
/// How long to wait for another process that is writing.
const BUSY: Duration = Duration::from_secs(10);
/// How often what was appended is moved from the write-ahead log into the file.
const CHECKPOINT_EVERY: Duration = Duration::from_secs(2);
/// How long the write-ahead log may stay on disk after a checkpoint, in bytes.
const WAL_LIMIT: &str = "67108864";
/// How many appends may wait.
const WAITING: usize = 4_096;

/// The log in a SQLite file. What was acknowledged survives `kill -9` and
/// power loss: write-ahead log, synced on every commit.
#[derive(Debug)]
pub struct SqliteLog {
    pool: SqlitePool,
    appends: Mutex<Option<mpsc::Sender<Append>>>,
    tasks: Mutex<Vec<JoinHandle<()>>>,
}

impl SqliteLog {
    /// Open a file, or make it, and bring its tables up to date.
    ///
    /// # Errors
    /// If it cannot be opened, or is not a log of attache's.
    pub async fn open(file: &Path) -> Result<Self, LogError> {
        for_its_owner(file)
            .map_err(|error| LogError::Unavailable(format!("{}: {error}", file.display())))?;
        let options = SqliteConnectOptions::new()
            .filename(file)
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .busy_timeout(BUSY)
            .pragma("journal_size_limit", WAL_LIMIT)
            // The statements hold what callers wrote.
            .disable_statement_logging();
        let pool = SqlitePoolOptions::new()
            .max_connections(READERS)
            .connect_with(options.clone())
            .await?;
        sqlx::migrate!("./migrations")
            .run(&pool)
            .await
            .map_err(|error| LogError::Unavailable(error.to_string()))?;
        let (sender, receiver) = mpsc::channel(WAITING);
        // Checkpoints by the appender would hold up whoever is waiting for it.
        let appender = tokio::spawn(appender::run(
            options.pragma("wal_autocheckpoint", "0"),
            receiver,
        ));
        let checkpoints = tokio::spawn(checkpoint(pool.clone()));
        Ok(Self {
            pool,
            appends: Mutex::new(Some(sender)),
            tasks: Mutex::new(vec![checkpoints, appender]),
        })
    }

    fn sender(&self) -> Option<mpsc::Sender<Append>> {
        // A poisoned lock only means that somebody panicked while holding it;
        // the sender behind it is as good as before.
        self.appends
            .lock()
            .unwrap_or_else(|lock| lock.into_inner())
            .clone()
    }

    async fn directory(
        &self,
        tenant: &TenantRow,
        first: Option<(&Entry, Option<DoneRequest>)>,
    ) -> Result<(), DirectoryError> {
        let mut transaction = self.pool.begin_with("BEGIN IMMEDIATE").await?;
        let others = sqlx::query_as(statements::TENANTS)
            .fetch_all(&mut *transaction)
            .await?;
        for other in others {
            let other = tenant_row(other)?;
            if other.id != tenant.id {
                must_differ(tenant, &other)?;
            }
        }
        let domains = serde_json::to_string(&tenant.domains)
            .map_err(|error| LogError::Unavailable(error.to_string()))?;
        let (id, slug) = (tenant.id.to_string(), tenant.slug.as_str());
        if let Some((first, request)) = first {
            sqlx::query(statements::INSERT_TENANT)
                .bind(&id)
                .bind(slug)
                .bind(domains)
                .bind(tenant.created_at.as_millis())
                .execute(&mut *transaction)
                .await?;
            let row = EntryRow::new(first)?;
            sqlx::query(statements::INSERT_ENTRY)
                .bind(&id)
                .bind(row.revision)
                .bind(row.id)
                .bind(row.at)
                .bind(row.actor)
                .bind(row.correlation_id)
                .bind(row.changes)
                .bind(row.profiles)
                .execute(&mut *transaction)
                .await?;
            let named = issuers::named(std::slice::from_ref(first));
            issuers::note(&mut transaction, &id, &named).await?;
            let requests: Vec<DoneRequest> = request.into_iter().collect();
            appender::insert_requests(&mut transaction, &id, &requests).await?;
        } else {
            let done = sqlx::query(statements::UPDATE_TENANT)
                .bind(&id)
                .bind(slug)
                .bind(domains)
                .execute(&mut *transaction)
                .await?;
            if done.rows_affected() == 0 {
                return Err(DirectoryError::Unknown);
            }
        }
        transaction.commit().await?;
        Ok(())
    }
}

/// Make the file, if it is missing, so that nobody else can read it. SQLite
/// gives its other files the same rights.
fn for_its_owner(file: &Path) -> std::io::Result<()> {
    let mut options = std::fs::OpenOptions::new();
    options.append(true).create(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(file).map(drop)
}

fn must_differ(tenant: &TenantRow, other: &TenantRow) -> Result<(), DirectoryError> {
    if other.slug == tenant.slug {
        return Err(DirectoryError::Taken {
            field: "slug",
            value: tenant.slug.clone(),
        });
    }
    match tenant
        .domains
        .iter()
        .find(|domain| other.domains.contains(domain))
    {
        Some(domain) => Err(DirectoryError::Taken {
            field: "domain",
            value: domain.clone(),
        }),
        None => Ok(()),
    }
}

fn tenant_row(row: (String, String, String, i64)) -> Result<TenantRow, LogError> {
    let (id, slug, domains, created_at) = row;
    let broken = |what: &str| LogError::Unavailable(format!("tenant {slug}: its {what} is broken"));
    Ok(TenantRow {
        id: id.parse().map_err(|_| broken("id"))?,
        domains: serde_json::from_str(&domains).map_err(|_| broken("list of domains"))?,
        created_at: Timestamp::from_millis(created_at),
        slug,
    })
}

/// Move what was appended into the file, in the background and without
/// blocking anybody, for as long as the pool is open.
async fn checkpoint(pool: SqlitePool) {
    let mut ticks = tokio::time::interval(CHECKPOINT_EVERY);
    loop {
        ticks.tick().await;
        if let Err(error) = sqlx::query("PRAGMA wal_checkpoint(PASSIVE)")
            .execute(&pool)
            .await
        {
            if pool.is_closed() {
                return;
            }
            tracing::warn!(%error, "the write-ahead log could not be checkpointed");
        }
    }
}

#[async_trait]
impl Log for SqliteLog {
    async fn append(
        &self,
        tenant: TenantId,
        entries: Vec<Entry>,
        requests: Vec<DoneRequest>,
    ) -> Result<(), AppendError> {
        if entries.is_empty() {
            return Ok(());
        }
        let closed = || AppendError::NotWritten(LogError::Unavailable("it was closed".to_owned()));
        let rows = entries.iter().map(EntryRow::new).collect::<Result<_, _>>();
        let (done, answer) = oneshot::channel();
        let append = Append {
            tenant,
            rows: rows.map_err(AppendError::NotWritten)?,
            issuers: issuers::named(&entries),
            requests,
            done,
        };
        let sender = self.sender().ok_or_else(closed)?;
        sender.send(append).await.map_err(|_| closed())?;
        drop(sender);
        answer.await.unwrap_or_else(|_| {
            let reason = "the appender stopped".to_owned();
            Err(AppendError::Unknown(LogError::Unavailable(reason)))
        })
    }

    async fn read_after(
        &self,
        tenant: TenantId,
        revision: Revision,
        most: usize,
    ) -> Result<Vec<Entry>, LogError> {
        let rows: Vec<ReadRow> = sqlx::query_as(statements::READ_AFTER)
            .bind(tenant.to_string())
            .bind(i64::try_from(revision.0).unwrap_or(i64::MAX))
            .bind(i64::try_from(most).unwrap_or(i64::MAX))
            .fetch_all(&self.pool)
            .await?;
        rows.into_iter().map(|row| row::read(tenant, row)).collect()
    }

    async fn find_request(
        &self,
        tenant: TenantId,
        key: &str,
        since: Timestamp,
    ) -> Result<Option<(String, Revision)>, LogError> {
        let row: Option<(String, i64)> = sqlx::query_as(statements::FIND_REQUEST)
            .bind(tenant.to_string())
            .bind(key)
            .bind(since.as_millis())
            .fetch_optional(&self.pool)
            .await?;
        Ok(row.map(|(fingerprint, revision)| (fingerprint, Revision(revision.unsigned_abs()))))
    }

    async fn forget_requests(&self, before: Timestamp) -> Result<(), LogError> {
        loop {
            let done = sqlx::query(statements::FORGET_REQUESTS)
                .bind(before.as_millis())
                .execute(&self.pool)
                .await?;
            if done.rows_affected() == 0 {
                return Ok(());
            }
        }
    }

    async fn find_entries(
        &self,
        tenant: TenantId,
        filter: &EntryFilter,
        page: &EntryPage,
    ) -> Result<Vec<Entry>, LogError> {
        let before = i64::try_from(page.before.0).unwrap_or(i64::MAX);
        let wanted = Wanted::of(filter);
        let rows: Vec<ReadRow> = sqlx::query_as(statements::FIND_ENTRIES)
            .bind(tenant.to_string())
            .bind(before)
            .bind(wanted.from)
            .bind(wanted.to)
            .bind(wanted.actor)
            .bind(wanted.correlation_id)
            .bind(&wanted.about[0])
            .bind(&wanted.about[1])
            .bind(i64::try_from(page.most).unwrap_or(i64::MAX))
            .fetch_all(&self.pool)
            .await?;
        rows.into_iter().map(|row| row::read(tenant, row)).collect()
    }

    async fn count_entries(
        &self,
        tenant: TenantId,
        filter: &EntryFilter,
        up_to: Revision,
    ) -> Result<u64, LogError> {
        let wanted = Wanted::of(filter);
        let count: i64 = sqlx::query_scalar(statements::COUNT_ENTRIES)
            .bind(tenant.to_string())
            .bind(i64::try_from(up_to.next().0).unwrap_or(i64::MAX))
            .bind(wanted.from)
            .bind(wanted.to)
            .bind(wanted.actor)
            .bind(wanted.correlation_id)
            .bind(&wanted.about[0])
            .bind(&wanted.about[1])
            .fetch_one(&self.pool)
            .await?;
        Ok(count.unsigned_abs())
    }

    async fn load_snapshot(&self, tenant: TenantId) -> Result<Option<State>, LogError> {
        let row: Option<(i64, i64, Vec<u8>)> = sqlx::query_as(statements::LOAD_SNAPSHOT)
            .bind(tenant.to_string())
            .fetch_optional(&self.pool)
            .await?;
        let Some((revision, format, bytes)) = row else {
            return Ok(None);
        };
        if format != snapshot::FORMAT {
            tracing::info!(%tenant, format, "the snapshot is of another form and is not used");
            return Ok(None);
        }
        let read = tokio::task::spawn_blocking(move || snapshot::read(&bytes)).await;
        match read {
            Ok(Ok(state))
                if state.tenant() == tenant && state.revision().0 == revision.unsigned_abs() =>
            {
                Ok(Some(state))
            }
            Ok(Ok(_)) => {
                tracing::warn!(%tenant, "the snapshot is of something else and is not used");
                Ok(None)
            }
            Ok(Err(reason)) => {
                tracing::warn!(%tenant, reason, "the snapshot is broken and is not used");
                Ok(None)
            }
            Err(error) => Err(LogError::Unavailable(error.to_string())),
        }
    }

    async fn save_snapshot(&self, state: Arc<State>) -> Result<(), LogError> {
        let tenant = state.tenant().to_string();
        let revision = i64::try_from(state.revision().0).unwrap_or(i64::MAX);
        let bytes = tokio::task::spawn_blocking(move || snapshot::write(&state))
            .await
            .map_err(|error| LogError::Unavailable(error.to_string()))?
            .map_err(LogError::Unavailable)?;
        sqlx::query(statements::SAVE_SNAPSHOT)
            .bind(tenant)
            .bind(revision)
            .bind(snapshot::FORMAT)
            .bind(bytes)
            .execute(&self.pool)
            .await?;
        Ok(())
    }

    async fn tenants(&self) -> Result<Vec<TenantRow>, LogError> {
        let rows = sqlx::query_as(statements::TENANTS)
            .fetch_all(&self.pool)
            .await?;
        rows.into_iter().map(tenant_row).collect()
    }

    async fn issuers(&self) -> Result<Vec<IssuerRow>, LogError> {
        let rows = sqlx::query_as(statements::ISSUERS)
            .fetch_all(&self.pool)
            .await?;
        rows.into_iter().map(issuers::read).collect()
    }

    async fn create_tenant(
        &self,
        tenant: TenantRow,
        first: Entry,
        request: Option<DoneRequest>,
    ) -> Result<(), DirectoryError> {
        self.directory(&tenant, Some((&first, request))).await
    }

    async fn change_tenant(&self, tenant: TenantRow) -> Result<(), DirectoryError> {
        self.directory(&tenant, None).await
    }

    async fn close(&self) {
        drop(
            self.appends
                .lock()
                .unwrap_or_else(|lock| lock.into_inner())
                .take(),
        );
        let tasks =
            std::mem::take(&mut *self.tasks.lock().unwrap_or_else(|lock| lock.into_inner()));
        for (position, task) in tasks.into_iter().enumerate() {
            // The first one never ends by itself; the appender ends when it has
            // written what was handed to it.
            if position == 0 {
                task.abort();
            }
            let _ = task.await;
        }
        self.pool.close().await;
    }
}
