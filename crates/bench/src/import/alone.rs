//! SQLite alone: the same texts into one table, and nothing is checked.

use std::path::Path;
use std::time::Instant;

use sqlx::{AssertSqlSafe, Connection as _};

use super::files::Pair;
use crate::{Failure, sqlite};

/// How many rows a statement has at the most, where it is to be fast.
pub(super) const MOST: usize = 256;

/// How long it takes to insert all of them in one transaction, in seconds: the
/// file is opened before, and closed within, as a program does at its end.
pub(super) async fn insert(
    file: &Path,
    pairs: &[Pair],
    rows_at_once: usize,
) -> Result<f64, Failure> {
    let mut connection = sqlite::open(file).await?;
    let table = "CREATE TABLE membership (resource TEXT NOT NULL, user TEXT NOT NULL, \
         PRIMARY KEY (resource, user)) WITHOUT ROWID";
    sqlx::raw_sql(table).execute(&mut connection).await?;
    let insert = |rows: usize| {
        let places = sqlite::places(rows, 2);
        format!("INSERT INTO membership (resource, user) VALUES {places}")
    };
    let many = insert(rows_at_once);
    let began = Instant::now();
    let mut transaction = connection.begin().await?;
    for some in pairs.chunks(rows_at_once) {
        let rest;
        let text = match some.len() == rows_at_once {
            true => &many,
            false => {
                rest = insert(some.len());
                &rest
            }
        };
        let mut insert = sqlx::query(AssertSqlSafe(text.as_str()));
        for (resource, user) in some {
            insert = insert.bind(resource).bind(user);
        }
        insert.execute(&mut *transaction).await?;
    }
    transaction.commit().await?;
    connection.close().await?;
    Ok(began.elapsed().as_secs_f64())
}
