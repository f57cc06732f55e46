//! The databases that the tests run over.

use std::sync::Arc;

use attache_log::{Location, SqlLog};
use sqlx::PgConnection;
use tempfile::TempDir;
use tokio::sync::{Mutex, OnceCell};

/// A database that can be opened more than once.
pub(super) trait Database {
    fn location(&self) -> Location;

    /// Its URL, where it has one.
    fn url(&self) -> Option<String> {
        None
    }

    async fn open(&self) -> Arc<SqlLog> {
        let log = SqlLog::open(&self.location(), Default::default()).await;
        Arc::new(log.unwrap())
    }
}

pub(super) struct Sqlite(pub(super) TempDir);

impl Database for Sqlite {
    fn location(&self) -> Location {
        Location::Sqlite(self.0.path().join("attache.db"))
    }
}

/// A database of its own in the PostgreSQL of the tests, and its URL.
pub(super) struct Postgres(
    pub(super) Location,
    pub(super) String,
    pub(super) OnceCell<Mutex<PgConnection>>,
);

impl Postgres {
    pub(super) fn fresh() -> Option<Self> {
        let url = attache_own_postgres::Postgres::shared()?.fresh_database();
        Some(Self(Location::parse(&url).unwrap(), url, OnceCell::new()))
    }
}

impl Database for Postgres {
    fn location(&self) -> Location {
        self.0.clone()
    }

    fn url(&self) -> Option<String> {
        Some(self.1.clone())
    }
}
