//! SQLite alone: it commits rows like attache's, and nothing is around it.

use std::path::Path;
use std::time::{Duration, Instant};

use sqlx::{AssertSqlSafe, SqliteConnection};

use super::entries::EntryRow;
use crate::comparison::Figures;
use crate::figure_names::{LONGEST, P50, P99, PER_SECOND, PROCESSOR};
use crate::processor::Times;
use crate::spread::quantile;
use crate::{Failure, sqlite};

/// attache's own table, and what became of it.
const TABLES: [&str; 2] = [
    include_str!("../../../log/migrations/0001_log.sql"),
    include_str!("../../../log/migrations/0004_entry_by_its_key.sql"),
];

/// How many rows a transaction has.
const ROWS: i64 = 32;

#[derive(Debug)]
pub(super) struct Alone {
    connection: SqliteConnection,
    insert: String,
    /// No place is taken twice.
    revision: i64,
}

impl Alone {
    /// With a file of its own in a folder.
    pub(super) async fn open(folder: &Path) -> Result<Self, Failure> {
        let mut connection = sqlite::open(&folder.join("alone.db")).await?;
        for tables in TABLES {
            sqlx::raw_sql(tables).execute(&mut connection).await?;
        }
        // One statement is one transaction: SQLite is at its best.
        let places = sqlite::places(ROWS as usize, 8);
        let insert = format!(
            "INSERT INTO entry (tenant_id, revision, id, at, actor, correlation_id, changes, profiles) VALUES {places}"
        );
        Ok(Self {
            connection,
            insert,
            revision: 0,
        })
    }

    /// Commit for so long, spread over tenants. The times are a transaction's.
    pub(super) async fn write(
        &mut self,
        row: &EntryRow,
        tenants: usize,
        time: Duration,
    ) -> Result<Figures, Failure> {
        let tenants: Vec<String> = (0..tenants)
            .map(|tenant| format!("{}{tenant:04}", &row.tenant[..row.tenant.len() - 4]))
            .collect();
        let mut took = Vec::new();
        let used = Times::of(std::process::id())?.own;
        let began = Instant::now();
        while began.elapsed() < time {
            let asked = Instant::now();
            let mut insert = sqlx::query(AssertSqlSafe(self.insert.as_str()));
            for _ in 0..ROWS {
                let tenant = &tenants[self.revision as usize % tenants.len()];
                insert = insert
                    .bind(tenant)
                    .bind(self.revision)
                    .bind(&row.id)
                    .bind(row.at)
                    .bind(&row.actor)
                    .bind(&row.correlation_id)
                    .bind(&row.changes)
                    .bind(&row.profiles);
                self.revision += 1;
            }
            insert.execute(&mut self.connection).await?;
            took.push(asked.elapsed().as_secs_f64() * 1e3);
        }
        let seconds = began.elapsed().as_secs_f64();
        let used = Times::of(std::process::id())?.own - used;
        let rows = (took.len() as i64 * ROWS) as f64;
        took.sort_by(f64::total_cmp);
        Ok([
            (PER_SECOND, rows / seconds),
            (PROCESSOR, used * 1e6 / rows),
            (P50, quantile(&took, 0.5)),
            (P99, quantile(&took, 0.99)),
            (LONGEST, quantile(&took, 1.0)),
        ]
        .map(|(name, value)| (name.to_owned(), value))
        .into())
    }
}
