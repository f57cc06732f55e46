//! Reading and changing a database behind the log's back.

use attache_log::Location;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions as _, Connection as _, PgConnection, Row as _};

use super::Database;

/// Changes the database behind the log's back. Says how many rows that touched.
pub(super) async fn execute(database: &impl Database, statement: &'static str) -> u64 {
    match database.location() {
        Location::Sqlite(path) => {
            let options = SqliteConnectOptions::new().filename(path);
            let mut connection = options.connect().await.unwrap();
            let done = sqlx::query(statement).execute(&mut connection).await;
            done.unwrap().rows_affected()
        }
        Location::Postgres(_) => {
            let url = database.url().unwrap();
            let mut connection = PgConnection::connect(&url).await.unwrap();
            let done = sqlx::query(statement).execute(&mut connection).await;
            done.unwrap().rows_affected()
        }
    }
}

/// The first column of what a statement finds, as bytes.
pub(super) async fn bytes(database: &impl Database, statement: &'static str) -> Vec<Vec<u8>> {
    match database.location() {
        Location::Sqlite(path) => {
            let options = SqliteConnectOptions::new().filename(path);
            let mut connection = options.connect().await.unwrap();
            let rows = sqlx::query(statement).fetch_all(&mut connection).await;
            rows.unwrap()
                .iter()
                .map(|row| row.get_unchecked(0))
                .collect()
        }
        Location::Postgres(_) => {
            let url = database.url().unwrap();
            let mut connection = PgConnection::connect(&url).await.unwrap();
            let rows = sqlx::query(statement).fetch_all(&mut connection).await;
            rows.unwrap()
                .iter()
                .map(|row| row.get_unchecked(0))
                .collect()
        }
    }
}

/// The texts of a column.
pub(super) async fn texts(database: &impl Database, statement: &'static str) -> Vec<String> {
    let found = bytes(database, statement).await.into_iter();
    found
        .map(|bytes| String::from_utf8(bytes).unwrap())
        .collect()
}

/// The changes of all entries as JSON: those that are text, and then those that are packed.
pub(super) async fn all_changes(database: &impl Database) -> Vec<String> {
    let plain = "SELECT changes FROM entry WHERE packed IS NULL ORDER BY revision";
    let packed = "SELECT packed FROM entry WHERE packed IS NOT NULL ORDER BY revision";
    let mut all = texts(database, plain).await;
    for bytes in bytes(database, packed).await {
        assert_eq!(bytes[0], 1);
        let json = zstd::decode_all(&bytes[1..]).unwrap();
        all.push(String::from_utf8(json).unwrap());
    }
    all
}
