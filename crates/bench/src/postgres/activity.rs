//! What PostgreSQL itself did.

use std::ops::Sub;

use serde::Serialize;

use crate::Failure;
use attache_own_postgres::Postgres;

/// Transactions that wrote are counted by their ids, and the log by its length:
/// both are exact at once. Syncs come from the statistics, which each session
/// gives up to a second late.
const QUERY: &str = "\
SELECT pg_snapshot_xmax(pg_current_snapshot()), \
    pg_current_wal_insert_lsn() - '0/0'::pg_lsn, wal_sync, wal_fpi FROM pg_stat_wal";

/// How much it has done so far, or between two looks.
#[derive(Clone, Copy, Debug, Serialize)]
pub(crate) struct Activity {
    /// Transactions that wrote something: also those that told others.
    pub(crate) transactions: f64,
    /// Bytes of its write-ahead log.
    pub(crate) log_bytes: f64,
    /// How often the log was synced to the disk.
    pub(crate) syncs: f64,
    /// Whole pages that were logged, after a checkpoint.
    pub(crate) pages: f64,
}

impl Activity {
    pub(crate) fn of(postgres: &Postgres) -> Result<Self, Failure> {
        let said = postgres.sql("postgres", QUERY);
        let numbers = said.split('|').map(str::parse);
        let numbers: Vec<f64> = numbers.collect::<Result<_, _>>()?;
        match numbers.as_slice() {
            [transactions, log_bytes, syncs, pages] => Ok(Self {
                transactions: *transactions,
                log_bytes: *log_bytes,
                syncs: *syncs,
                pages: *pages,
            }),
            _ => Err(format!("PostgreSQL says {said}").into()),
        }
    }
}

impl Activity {
    /// How much of it one of so many writes took.
    pub(crate) fn for_each(self, writes: usize) -> Self {
        let writes = writes.max(1) as f64;
        Self {
            transactions: self.transactions / writes,
            log_bytes: self.log_bytes / writes,
            syncs: self.syncs / writes,
            pages: self.pages / writes,
        }
    }
}

impl Sub for Activity {
    type Output = Self;

    fn sub(self, before: Self) -> Self {
        Self {
            transactions: self.transactions - before.transactions,
            log_bytes: self.log_bytes - before.log_bytes,
            syncs: self.syncs - before.syncs,
            pages: self.pages - before.pages,
        }
    }
}
