//! Which statements PostgreSQL was given: each is a journey there and back.

use serde::Serialize;

use crate::Failure;
use attache_own_postgres::Postgres;

/// How many are shown, and how much of each.
const MOST: usize = 8;

/// A statement, for each write.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Statement {
    pub(crate) text: String,
    /// How often it was given.
    pub(crate) calls: f64,
    /// How long it took, in microseconds.
    pub(crate) micros: f64,
}

/// What PostgreSQL must be told at its start.
pub(crate) const SETTING: (&str, &str) = ("shared_preload_libraries", "pg_stat_statements");

/// Let it count.
pub(crate) fn install(postgres: &Postgres) {
    postgres.sql("postgres", "CREATE EXTENSION pg_stat_statements");
}

/// Count from here.
pub(crate) fn reset(postgres: &Postgres) {
    postgres.sql("postgres", "SELECT pg_stat_statements_reset()");
}

/// Those that took longest together since, for each of so many writes.
pub(crate) fn since(postgres: &Postgres, writes: usize) -> Result<Vec<Statement>, Failure> {
    let query = format!(
        "SELECT sum(calls), sum(total_exec_time + total_plan_time) * 1000, \
            left(regexp_replace(query, '\\s+', ' ', 'g'), 60) AS text \
         FROM pg_stat_statements GROUP BY text ORDER BY 2 DESC LIMIT {MOST}"
    );
    let said = postgres.sql("postgres", &query);
    let writes = writes.max(1) as f64;
    let row = |line: &str| {
        let mut fields = line.splitn(3, '|');
        let mut number = || fields.next().unwrap_or_default().parse::<f64>();
        let (calls, micros) = (number()? / writes, number()? / writes);
        let text = fields.next().unwrap_or_default().to_owned();
        Ok(Statement {
            text,
            calls,
            micros,
        })
    };
    said.lines().map(row).collect()
}
