//! The log in a database.

use std::path::Path;
use std::sync::Mutex;
use std::time::Instant;

use attache_core::cause::{Cause, chain};
use attache_core::id::{EntryId, Revision, TenantId};
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;

use super::about::Counter;
use super::append::Append;
use super::appender::Appender;
use super::blocking::blocking;
use super::checkpoints::{self, Rest};
use super::database::{Database, Location, Settings, Source, Value, disk};
use super::notifier::Notifier;
use super::row::EntryRow;
use super::snapshot_files::SnapshotFiles;
use super::{
    AppendError, DoneRequest, LogError, Notification, blocks, directory, histories, indexing,
    listener, migrations, statements, writes,
};

/// How many appends may wait.
const WAITING: usize = 4_096;
/// How many notifications may wait. Whoever tells more waits; what is not told is found.
const NOTIFICATIONS: usize = 4_096;

/// The log in a SQLite file or a PostgreSQL database. What was acknowledged survives `kill
/// -9` and a loss of power, unless the database is configured otherwise.
#[derive(Debug)]
pub struct SqlLog {
    pub(super) database: Database,
    pub(super) appends: Mutex<Option<mpsc::Sender<Append>>>,
    pub(super) appender: Mutex<Option<JoinHandle<()>>>,
    /// Those who never end by themselves.
    pub(super) beside: Mutex<Vec<JoinHandle<()>>>,
    pub(super) notifications: Mutex<Option<mpsc::Receiver<Notification>>>,
    /// Counts what is written, for the index.
    pub(super) counter: Counter,
    /// Where snapshots are; `None` where they are rows.
    pub(super) snapshots: Option<SnapshotFiles>,
}

impl SqlLog {
    /// Opens the log at a location. A missing SQLite file is made, and the tables are
    /// migrated if the settings allow that.
    ///
    /// # Errors
    /// If the database cannot be opened or migrated, or a newer version made its tables.
    pub async fn open(location: &Location, settings: Settings) -> Result<Self, LogError> {
        let database = Database::new(location, settings)?;
        // In a box: what is awaited there is deep.
        let opened = Box::pin(migrations::at_opening(&database)).await;
        if let (Err(LogError::Refused(said)), Some(file)) = (&opened, location.file()) {
            let file = file.to_owned();
            if let Some(why) = blocking(move || disk::wrong_with(&file)).await? {
                return Err(LogError::Refused(said.clone().because(Cause::text(why))));
            }
        }
        opened?;
        let snapshots = match location.file().map(Path::to_owned) {
            Some(file) => Some(blocking(move || SnapshotFiles::open(&file)).await?),
            None => None,
        };
        if let Err(error) = Box::pin(directory::put_in_order(&database)).await {
            // They are found all the same, if later.
            tracing::warn!(error = %chain(&error), "the domains of tenants of an older attache could not be noted");
        }
        let (sender, receiver) = mpsc::channel(WAITING);
        let notifier = Notifier::of(&database);
        let rest = Rest::default();
        let (counter, counted) = Counter::new();
        let (teller, told) = mpsc::channel(WAITING);
        let appender = Appender {
            database: database.clone(),
            notifier: notifier.clone(),
            counter: counter.clone(),
            rest: rest.clone(),
            connection: None,
            used: Instant::now(),
            collided: None,
        };
        let appender = tokio::spawn(appender.run(receiver));
        let mut beside = vec![
            tokio::spawn(notifier.run(database.clone())),
            tokio::spawn(writes::probe_while_failing(database.clone())),
            tokio::spawn(indexing::run(database.clone(), counted, teller)),
            tokio::spawn(histories::run(database.clone(), told)),
        ];
        let mut notifications = None;
        match database.source() {
            Source::Sqlite(_) => {
                beside.push(tokio::spawn(checkpoints::run(database.clone(), rest)));
            }
            Source::Postgres(_) if database.settings().listen => {
                let (teller, told) = mpsc::channel(NOTIFICATIONS);
                notifications = Some(told);
                beside.push(tokio::spawn(listen(database.clone(), teller)));
            }
            Source::Postgres(_) => {}
        }
        Ok(Self {
            database,
            appends: Mutex::new(Some(sender)),
            appender: Mutex::new(Some(appender)),
            beside: Mutex::new(beside),
            notifications: Mutex::new(notifications),
            counter,
            snapshots,
        })
    }

    /// Indexes a tenant's entries by what they speak of, except the newest entries, which
    /// do not fill a block. The log also does this by itself, after enough writes.
    ///
    /// # Errors
    /// If the entries cannot be read, or the database does not answer.
    pub async fn index_entries(&self, tenant: TenantId) -> Result<(), LogError> {
        blocks::make_blocks(&self.database, tenant, false).await
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
        let closed = || AppendError::NotWritten(LogError::unavailable("it was closed"));
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
            let reason = LogError::unavailable("the appender stopped");
            Err(AppendError::Unknown(reason))
        })
    }

    /// Whether an entry stands at its place.
    pub(super) async fn stands(
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
pub(super) fn of<T>(lock: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    lock.lock().unwrap_or_else(|lock| lock.into_inner())
}

async fn listen(database: Database, teller: mpsc::Sender<Notification>) {
    if let Source::Postgres(hosts) = database.source() {
        listener::run(database.clone(), hosts, teller).await;
    }
}

/// A number as databases know it.
pub(super) fn number(number: u64) -> Value<'static> {
    Value::Number(i64::try_from(number).unwrap_or(i64::MAX))
}
