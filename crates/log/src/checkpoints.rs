//! Moving what was appended from the write-ahead log of a file into the file.
//!
//! It is done beside the work, so that nobody waits for it. While others append,
//! something is always left to move, and only a log that was moved to its end is
//! begun anew: else it grows, a look into it takes the longer the longer it is,
//! and so does every append whose file has to grow. So whoever appends moves the
//! rest, between two transactions, while that is little.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use attache_core::cause::chain;

use super::database::{Connection, Database, Row, Source};
use super::statements;

/// How often it is done.
const EVERY: Duration = Duration::from_millis(500);

/// From how many pages on the log shall begin anew: 8 MB.
const LONG: i64 = 2_048;

/// Asks whoever appends to move the rest.
#[derive(Clone, Debug, Default)]
pub(super) struct Rest(Arc<AtomicBool>);

impl Rest {
    /// Move it, if that was asked for.
    pub(super) async fn moved(&self, connection: &mut Connection) {
        if self.0.swap(false, Ordering::Relaxed)
            && let Err(error) = connection.rows(statements::CHECKPOINT, &[]).await
        {
            report(&error);
        }
    }
}

/// Do it again and again, without blocking anybody.
pub(super) async fn run(database: Database, rest: Rest) {
    let mut ticks = tokio::time::interval(EVERY);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        match database.large_rows(statements::CHECKPOINT, &[]).await {
            Ok(rows) => rest.0.store(is_long(&rows), Ordering::Relaxed),
            Err(error) => report(&error),
        }
    }
}

/// How long, at the end, one try waits for others who read or write the file. They wait
/// too. Whoever only read has nobody wait for it.
const PATIENCE: &str = "PRAGMA busy_timeout = 500";
const NO_PATIENCE: &str = "PRAGMA busy_timeout = 0";

/// How often all of the log is tried to be moved at the end.
const TRIES: u32 = 10;

/// Move all of the log, so that the file alone is whole. Where another process works
/// on the file, what is moved is most of it, and that process moves the rest.
pub(super) async fn move_all(database: &Database) {
    let Source::Sqlite(file) = database.source() else {
        return;
    };
    let tries = match database.watch().has_written() {
        true => TRIES,
        false => 1,
    };
    for attempt in 1..=tries {
        if file.log_length() == 0 {
            return;
        }
        match move_once(database).await {
            Ok(true) => return,
            Ok(false) => {}
            Err(error) if attempt == tries => return report(&error),
            Err(error) => {
                tracing::debug!(error = %chain(&error), "the write-ahead log could not be moved yet");
            }
        }
        // Own connections may just be ending.
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// Says whether all of it was moved.
async fn move_once(database: &Database) -> Result<bool, sqlx::Error> {
    let mut connection = database.connect_to_append().await?;
    let patience = match database.watch().has_written() {
        true => PATIENCE,
        false => NO_PATIENCE,
    };
    connection.say(patience).await?;
    // First what can be moved while others go on.
    connection.rows(statements::CHECKPOINT, &[]).await?;
    let said = connection.rows(statements::CHECKPOINT_ALL, &[]).await?;
    connection.close().await;
    let was_held_up = said.first().map(|row| row.number(0)).transpose()?;
    Ok(was_held_up == Some(0))
}

/// Whether the log is long, by what a checkpoint says: whether it was held up,
/// how many pages the log has, and how many of them were moved.
fn is_long(said: &[Row]) -> bool {
    let pages = said.first().and_then(|row| row.number(1).ok());
    pages.is_some_and(|pages| pages > LONG)
}

fn report(error: &(dyn std::error::Error + 'static)) {
    tracing::warn!(error = %chain(error), "the write-ahead log could not be checkpointed");
}
