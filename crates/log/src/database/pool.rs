//! Connections that are checked out of a pool and returned.

use std::sync::Arc;
use std::time::Duration;

use attache_core::cause::Cause;
use deadpool::managed::{self, Metrics, Object, PoolError, RecycleResult};
use sqlx::ConnectOptions as _;

use super::connection::{Connection, Row, Value, was_said_by_the_database};
use super::sqlite::File;
use super::{Hosts, Location, Settings, disk, sqlite};
use crate::watch::Watch;
use crate::{LogError, statements};

/// How many readers of a file may read at the same time.
const READERS: usize = 4;
/// How many connections there are for what is asked quickly.
const QUICK: usize = 2;
/// How long to wait for what nobody wants any more.
const AFTERWARDS: Duration = Duration::from_secs(30);

/// What new connections are made from.
pub(crate) enum Source {
    Sqlite(File),
    Postgres(Hosts),
}

impl Source {
    async fn connect(&self) -> Result<Connection, sqlx::Error> {
        Ok(match self {
            Self::Sqlite(file) => {
                file.must_be_there()?;
                Connection::Sqlite(sqlite::options(file.path()).connect().await?)
            }
            Self::Postgres(hosts) => Connection::Postgres(hosts.connect().await?),
        })
    }
}

/// What makes connections for the pool.
struct Connections(Arc<Source>);

impl managed::Manager for Connections {
    type Type = Connection;
    type Error = sqlx::Error;

    async fn create(&self) -> Result<Connection, sqlx::Error> {
        // In a box: what is awaited there is deep.
        Box::pin(self.0.connect()).await
    }

    /// What was in doubt did not come back, so nothing is asked of it: who
    /// reads with one that broke in the meantime reads again with a new one.
    async fn recycle(&self, _: &mut Connection, _: &Metrics) -> RecycleResult<sqlx::Error> {
        Ok(())
    }
}

/// The pools of connections for all reads and for occasional writes. Appends have a
/// connection of their own. Cloning is cheap.
#[derive(Clone)]
pub(crate) struct Database {
    source: Arc<Source>,
    /// For what may take long.
    pool: managed::Pool<Connections>,
    /// For what reads of all tenants depend on: nothing else holds it up.
    quick: managed::Pool<Connections>,
    settings: Settings,
    watch: Watch,
}

/// A connection that is checked out of a pool. Dropping it without
/// [`return_to_pool`](Self::return_to_pool) closes it, since a statement may still be
/// running.
pub(crate) struct CheckedOut(Option<Object<Connections>>);

impl CheckedOut {
    /// Returns the connection.
    ///
    /// # Errors
    /// Never, before the connection is returned or discarded.
    pub(crate) fn connection(&mut self) -> Result<&mut Connection, LogError> {
        let gone = || LogError::unavailable("the connection was returned");
        self.0.as_deref_mut().ok_or_else(gone)
    }

    /// Returns the connection to its pool. No transaction may be open.
    pub(crate) fn return_to_pool(mut self) {
        drop(self.0.take());
    }

    /// Closes the connection, instead of returning it to its pool.
    pub(crate) fn discard(mut self) {
        if let Some(object) = self.0.take() {
            drop(Object::take(object));
        }
    }

    fn was_used_before(&self) -> bool {
        let object = self.0.as_ref();
        object.is_some_and(|object| Object::metrics(object).recycle_count > 0)
    }
}

impl Drop for CheckedOut {
    fn drop(&mut self) {
        let Some(mut object) = self.0.take() else {
            return;
        };
        // Whoever asked went away, and the database may still be at it: its
        // place stays taken until it is done, or whoever asks and goes away
        // again and again would have all of its connections.
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            runtime.spawn(async move {
                let rest = object.rows(statements::PING, &[]);
                let _ = tokio::time::timeout(AFTERWARDS, rest).await;
                drop(Object::take(object));
            });
        }
    }
}

/// What is asked with one statement, and for how long at the most.
struct Question<'a> {
    statement: &'static str,
    values: &'a [Value<'a>],
    wants_rows: bool,
    within: Duration,
}

impl std::fmt::Debug for Database {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Database")
    }
}

impl Database {
    /// Returns the pools for a location. Connects to nothing yet.
    ///
    /// # Errors
    /// If the file or a URL cannot be used.
    pub(crate) fn new(location: &Location, settings: Settings) -> Result<Self, LogError> {
        let (source, size) = match location {
            Location::Sqlite(file) => {
                let file = File::open(file).map_err(|error| {
                    let advice = disk::said_of(&error).map(Cause::text);
                    let cause = Cause::new(error);
                    let cause = match advice {
                        Some(advice) => cause.because(advice),
                        None => cause,
                    };
                    LogError::Unavailable(Cause::text(file.display().to_string()).because(cause))
                })?;
                (Source::Sqlite(file), READERS)
            }
            Location::Postgres(urls) => {
                let hosts = Hosts::new(urls, &settings)?;
                (Source::Postgres(hosts), settings.connections)
            }
        };
        let source = Arc::new(source);
        let pool = |size| {
            managed::Pool::builder(Connections(source.clone()))
                .max_size(size)
                .runtime(deadpool::Runtime::Tokio1)
                .wait_timeout(Some(settings.answer_within))
                .build()
                .map_err(LogError::caused)
        };
        let (pool, quick) = (pool(size)?, pool(QUICK)?);
        Ok(Self {
            source,
            pool,
            quick,
            settings,
            watch: Watch::default(),
        })
    }

    /// Returns the settings of the connections.
    pub(crate) fn settings(&self) -> &Settings {
        &self.settings
    }

    /// Returns the watch that records whether writes succeed.
    pub(crate) fn watch(&self) -> &Watch {
        &self.watch
    }

    /// Returns what new connections are made from.
    pub(crate) fn source(&self) -> &Source {
        &self.source
    }

    /// Returns a new connection outside of the pools, for the appender.
    pub(crate) async fn connect_to_append(&self) -> Result<Connection, sqlx::Error> {
        match &*self.source {
            Source::Sqlite(file) => {
                file.must_be_there()?;
                let options = sqlite::options_to_append(file.path());
                Ok(Connection::Sqlite(options.connect().await?))
            }
            Source::Postgres(_) => self.source.connect().await,
        }
    }

    /// Checks out a connection, which may have broken while it was unused.
    ///
    /// # Errors
    /// If no connection can be made, or none is free in time.
    pub(crate) async fn check_out(&self) -> Result<CheckedOut, LogError> {
        Self::check_out_from(&self.pool).await
    }

    /// Checks out a connection that answered a ping just now.
    ///
    /// # Errors
    /// If no connection can be made, or none is free in time.
    pub(crate) async fn check_out_good(&self) -> Result<CheckedOut, LogError> {
        loop {
            let mut checked_out = self.check_out().await?;
            let was_used_before = checked_out.was_used_before();
            let tried = checked_out.connection()?.rows(statements::PING, &[]);
            let tried = tokio::time::timeout(self.settings.answer_within, tried).await;
            match tried.unwrap_or_else(|_| Err(too_late())) {
                Ok(_) => return Ok(checked_out),
                Err(error) => {
                    checked_out.discard();
                    if !was_used_before {
                        return Err(error.into());
                    }
                }
            }
        }
    }

    async fn check_out_from(pool: &managed::Pool<Connections>) -> Result<CheckedOut, LogError> {
        match pool.get().await {
            Ok(object) => Ok(CheckedOut(Some(object))),
            Err(PoolError::Backend(error)) => Err(error.into()),
            Err(PoolError::Timeout(_)) => {
                Err(LogError::unavailable("no connection became free in time"))
            }
            Err(error) => Err(LogError::caused(error)),
        }
    }

    /// Runs a query and returns its rows, within `answer_within`. Repeats the query with
    /// another connection if the first one broke while it was unused.
    pub(crate) async fn rows(
        &self,
        statement: &'static str,
        values: &[Value<'_>],
    ) -> Result<Vec<Row>, LogError> {
        let within = self.settings.answer_within;
        Ok(self.quickly(statement, values, within).await?.0)
    }

    /// Runs a query that reads of all tenants wait for. A connection that does not answer
    /// within a quarter of `answer_within` is given up for another one.
    pub(crate) async fn rows_soon(
        &self,
        statement: &'static str,
        values: &[Value<'_>],
    ) -> Result<Vec<Row>, LogError> {
        let within = self.settings.answer_within / 4;
        Ok(self.quickly(statement, values, within).await?.0)
    }

    /// Runs a query with large rows or a long search, within 24 times `answer_within`.
    pub(crate) async fn large_rows(
        &self,
        statement: &'static str,
        values: &[Value<'_>],
    ) -> Result<Vec<Row>, LogError> {
        Ok(self.patiently(statement, values, true).await?.0)
    }

    /// Runs a statement that may be run twice. Returns the number of rows that it changed.
    pub(crate) async fn execute(
        &self,
        statement: &'static str,
        values: &[Value<'_>],
    ) -> Result<u64, LogError> {
        let touched = self.patiently(statement, values, false).await?.1;
        self.watch.wrote();
        Ok(touched)
    }

    async fn quickly(
        &self,
        statement: &'static str,
        values: &[Value<'_>],
        within: Duration,
    ) -> Result<(Vec<Row>, u64), LogError> {
        let question = Question {
            statement,
            values,
            wants_rows: true,
            within,
        };
        self.ask(&self.quick, &question).await
    }

    async fn patiently(
        &self,
        statement: &'static str,
        values: &[Value<'_>],
        wants_rows: bool,
    ) -> Result<(Vec<Row>, u64), LogError> {
        let question = Question {
            statement,
            values,
            wants_rows,
            within: self.settings.large_within(),
        };
        self.ask(&self.pool, &question).await
    }

    async fn ask(
        &self,
        pool: &managed::Pool<Connections>,
        question: &Question<'_>,
    ) -> Result<(Vec<Row>, u64), LogError> {
        loop {
            let mut checked_out = Self::check_out_from(pool).await?;
            let was_used_before = checked_out.was_used_before();
            let answer = question
                .put_to(checked_out.connection()?, &self.source)
                .await;
            match answer {
                Ok(answer) => {
                    checked_out.return_to_pool();
                    return Ok(answer);
                }
                Err(error) if was_said_by_the_database(&error) => {
                    checked_out.return_to_pool();
                    return Err(error.into());
                }
                Err(error) => {
                    checked_out.discard();
                    // The others broke with it, most likely.
                    pool.retain(|_, _| false);
                    if !was_used_before {
                        return Err(error.into());
                    }
                }
            }
        }
    }

    /// Closes the pools. Connections that are checked out are closed as they are returned.
    pub(crate) fn close(&self) {
        self.pool.close();
        self.quick.close();
    }
}

impl Question<'_> {
    async fn put_to(
        &self,
        connection: &mut Connection,
        source: &Source,
    ) -> Result<(Vec<Row>, u64), sqlx::Error> {
        let asked = async {
            match self.wants_rows {
                true => Ok((connection.rows(self.statement, self.values).await?, 0)),
                false => Ok((
                    Vec::new(),
                    connection.execute(self.statement, self.values).await?,
                )),
            }
        };
        match source {
            // A file answers, however long it takes.
            Source::Sqlite(_) => asked.await,
            Source::Postgres(_) => {
                let answer = tokio::time::timeout(self.within, asked).await;
                answer.unwrap_or_else(|_| Err(too_late()))
            }
        }
    }
}

/// Returns the error for an answer that did not come in time.
pub(crate) fn too_late() -> sqlx::Error {
    sqlx::Error::Io(std::io::Error::new(
        std::io::ErrorKind::TimedOut,
        "it does not answer in time",
    ))
}
