//! The log in a database.

use std::path::Path;
use std::sync::Mutex;
use std::time::Instant;

use async_trait::async_trait;
use attache_core::id::{EntryId, Revision, TenantId};
use attache_core::{Entry, State, Timestamp};
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;

use super::append::Append;
use super::appender::Appender;
use super::checkpoints::{self, Rest};
use super::database::{Database, Location, Settings, Source, Value, disk};
use super::directory::{First, Write};
use super::find::Wanted;
use super::notifier::Notifier;
use super::row::{self, EntryRow};
use super::snapshot_files::SnapshotFiles;
use super::watch::Writes;
use super::{
    AppendError, DirectoryChanges, DirectoryError, DirectoryMark, DoneRequest, EntriesFound,
    EntryFilter, EntryPage, Head, Hold, IssuerRow, Log, LogError, News, Snapshot, TenantRow,
    TokenUse, directory, heads, holds, issuers, listener, migrations, snapshot, snapshot_rows,
    statements, tenant_rows, token_uses, writes,
};

/// How many appends may wait.
const WAITING: usize = 4_096;
/// Up to how many bytes of changes are parsed at once where others are served.
const LITTLE: usize = 64 * 1024;
/// How much news may wait. Whoever tells more waits; what is not told is found.
const NEWS: usize = 4_096;

/// The log in a database. What was acknowledged survives `kill -9` and power
/// loss, as far as the database was not told otherwise.
#[derive(Debug)]
pub struct SqlLog {
    database: Database,
    appends: Mutex<Option<mpsc::Sender<Append>>>,
    appender: Mutex<Option<JoinHandle<()>>>,
    /// Those who never end by themselves.
    beside: Mutex<Vec<JoinHandle<()>>>,
    news: Mutex<Option<mpsc::Receiver<News>>>,
    /// Where snapshots are; `None` where they are rows.
    snapshots: Option<SnapshotFiles>,
}

impl SqlLog {
    /// Open the log at a place, made if it is missing, with its tables up to date.
    ///
    /// # Errors
    /// If it cannot be opened, or is not a log that this attache can read.
    pub async fn open(location: &Location, settings: Settings) -> Result<Self, LogError> {
        let database = Database::new(location, settings)?;
        // In a box: what is awaited there is deep.
        let opened = Box::pin(migrations::at_opening(&database)).await;
        if let (Err(LogError::Refused(said)), Some(file)) = (&opened, location.file()) {
            let file = file.to_owned();
            if let Some(why) = blocking(move || disk::wrong_with(&file)).await? {
                return Err(LogError::Refused(format!("{said}: {why}")));
            }
        }
        opened?;
        let snapshots = match location.file().map(Path::to_owned) {
            Some(file) => Some(blocking(move || SnapshotFiles::open(&file)).await?),
            None => None,
        };
        if let Err(error) = Box::pin(directory::put_in_order(&database)).await {
            // They are found all the same, if later.
            tracing::warn!(%error, "the domains of tenants of an older attache could not be noted");
        }
        let (sender, receiver) = mpsc::channel(WAITING);
        let notifier = Notifier::of(&database);
        let rest = Rest::default();
        let appender = Appender {
            database: database.clone(),
            notifier: notifier.clone(),
            rest: rest.clone(),
            connection: None,
            used: Instant::now(),
            collided: None,
        };
        let appender = tokio::spawn(appender.run(receiver));
        let mut beside = vec![
            tokio::spawn(notifier.run(database.clone())),
            tokio::spawn(writes::probe_while_failing(database.clone())),
        ];
        let mut news = None;
        match database.source() {
            Source::Sqlite(_) => {
                beside.push(tokio::spawn(checkpoints::run(database.clone(), rest)));
            }
            Source::Postgres(_) if database.settings().listen => {
                let (teller, told) = mpsc::channel(NEWS);
                news = Some(told);
                beside.push(tokio::spawn(listen(database.clone(), teller)));
            }
            Source::Postgres(_) => {}
        }
        Ok(Self {
            database,
            appends: Mutex::new(Some(sender)),
            appender: Mutex::new(Some(appender)),
            beside: Mutex::new(beside),
            news: Mutex::new(news),
            snapshots,
        })
    }

    pub(super) fn database(&self) -> &Database {
        &self.database
    }

    pub(super) async fn append_rows(
        &self,
        tenant: TenantId,
        after: String,
        rows: Vec<EntryRow>,
        issuers: Vec<String>,
        requests: Vec<DoneRequest>,
    ) -> Result<(), AppendError> {
        let closed = || AppendError::NotWritten(LogError::Unavailable("it was closed".to_owned()));
        let (done, answer) = oneshot::channel();
        let append = Append {
            tenant,
            tenant_text: tenant.to_string(),
            after,
            rows,
            issuers,
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

    /// Whether an entry stands at its place.
    async fn stands(
        &self,
        tenant: TenantId,
        revision: Revision,
        entry: EntryId,
    ) -> Result<bool, LogError> {
        let (tenant, entry) = (tenant.to_string(), entry.to_string());
        let values = [
            Value::Text(&tenant),
            number(revision.0),
            Value::Text(&entry),
        ];
        let rows = self.database.rows(statements::STANDS, &values).await?;
        Ok(!rows.is_empty())
    }

    fn sender(&self) -> Option<mpsc::Sender<Append>> {
        of(&self.appends).clone()
    }
}

/// What stands behind a lock. A poisoned one only means that somebody panicked
/// while holding it; what is behind it is as good as before.
fn of<T>(lock: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    lock.lock().unwrap_or_else(|lock| lock.into_inner())
}

/// What blocks or takes long, on a thread for that.
async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, LogError> {
    let done = tokio::task::spawn_blocking(work).await;
    done.map_err(|error| LogError::Unavailable(error.to_string()))
}

async fn listen(database: Database, teller: mpsc::Sender<News>) {
    if let Source::Postgres(hosts) = database.source() {
        listener::run(database.clone(), hosts, teller).await;
    }
}

/// A number as databases know it.
fn number(number: u64) -> Value<'static> {
    Value::Number(i64::try_from(number).unwrap_or(i64::MAX))
}

#[async_trait]
impl Log for SqlLog {
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

    async fn heads(&self, tenants: &[TenantId]) -> Result<Vec<Option<Head>>, LogError> {
        heads::read(&self.database, tenants).await
    }

    fn news(&self) -> Option<mpsc::Receiver<News>> {
        of(&self.news).take()
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

    async fn load_snapshot(&self, tenant: TenantId) -> Result<Option<State>, LogError> {
        match self.snapshots.clone() {
            Some(files) => blocking(move || files.load(tenant)).await,
            None => snapshot_rows::load(&self.database, tenant).await,
        }
    }

    async fn save_snapshot(&self, snapshot: &Snapshot) -> Result<(), LogError> {
        let Some(files) = self.snapshots.clone() else {
            return snapshot_rows::save(&self.database, snapshot).await;
        };
        let (tenant, revision) = (snapshot.tenant, snapshot.revision);
        if !self.stands(tenant, revision, snapshot.last_entry).await? {
            return Ok(());
        }
        // Two processes may save at the same time. Where both look before either
        // has saved, an older one may stay: it is as good, and opens slower.
        let there = files.clone();
        let there = blocking(move || there.head(tenant)).await?;
        if let Some(there) = there
            && there.revision >= revision
            && self
                .stands(tenant, there.revision, there.last_entry)
                .await?
        {
            return Ok(());
        }
        let bytes = snapshot.bytes.clone();
        let saved = blocking(move || files.save(tenant, &bytes)).await?;
        saved.map_err(|error| LogError::Unavailable(error.to_string()))
    }

    async fn remove_snapshot(&self, tenant: TenantId, revision: Revision) -> Result<(), LogError> {
        let Some(files) = self.snapshots.clone() else {
            let revision = i64::try_from(revision.0).unwrap_or(i64::MAX);
            let format = snapshot::FORMAT.into();
            return snapshot_rows::remove(&self.database, tenant, revision, format).await;
        };
        blocking(move || {
            if files.head(tenant).is_none_or(|it| it.revision == revision) {
                files.remove(tenant);
            }
        })
        .await
    }

    async fn tenants(&self) -> Result<Vec<TenantRow>, LogError> {
        let rows = self.database.rows(statements::TENANTS, &[]).await?;
        rows.iter().map(tenant_rows::read).collect()
    }

    async fn issuers(&self) -> Result<Vec<IssuerRow>, LogError> {
        let rows = self.database.rows(statements::ISSUERS, &[]).await?;
        rows.iter().map(issuers::read).collect()
    }

    async fn note_issuers(&self, tenant: TenantId, issuers: &[String]) -> Result<(), LogError> {
        let mut lent = self.database.lend_good().await?;
        let connection = lent.connection()?;
        connection.begin_to_add().await?;
        issuers::note(connection, &tenant.to_string(), issuers).await?;
        connection.say("COMMIT").await?;
        lent.give_back();
        Ok(())
    }

    async fn directory_since(&self, mark: DirectoryMark) -> Result<DirectoryChanges, LogError> {
        directory::since(&self.database, mark).await
    }

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
            None => Err(LogError::Unavailable(format!("it keeps no secret {name}"))),
        }
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

    async fn hold(&self, hold: &Hold) -> Result<(), LogError> {
        holds::place(&self.database, hold).await
    }

    async fn release(&self, hold: &Hold) -> Result<(), LogError> {
        holds::release(&self.database, hold).await
    }

    async fn holds(&self) -> Result<Vec<Hold>, LogError> {
        holds::all(&self.database).await
    }

    async fn note_token_uses(&self, uses: &[TokenUse]) -> Result<(), LogError> {
        token_uses::note(&self.database, uses).await
    }

    async fn token_uses(&self, tenant: TenantId) -> Result<Vec<TokenUse>, LogError> {
        token_uses::of(&self.database, tenant).await
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
