//! One transaction for all who are waiting to write.

use std::time::{Duration, Instant};

use tokio::sync::mpsc;

use super::about::Counter;
use super::append::Append;
use super::checkpoints::Rest;
use super::database::{Connection, Database, Source, may_be_done_again};
use super::group_commit::GroupCommit;
use super::notifier::Notifier;
use super::transaction::{Failure, Patience, transaction, within};
use super::{AppendError, statements};

/// The most appends that one transaction takes.
const MOST_APPENDS: usize = 1_024;

/// How often a transaction is tried of which it is known that nothing came.
const ATTEMPTS: usize = 3;

/// After how long without use a connection is tried first. One that broke
/// meanwhile would leave in doubt what was said to it.
const IDLE: Duration = Duration::from_secs(1);

/// For how long after a collision each batch is looked at before it is written.
/// Written in one go, one that collides would be noted by PostgreSQL as a failure.
const CAREFUL: Duration = Duration::from_secs(60);

/// What has the only connection that appends.
pub(super) struct Appender {
    pub(super) database: Database,
    pub(super) notifier: Notifier,
    pub(super) counter: Counter,
    pub(super) rest: Rest,
    pub(super) connection: Option<Connection>,
    /// When the connection was last found to be good.
    pub(super) used: Instant,
    /// When somebody else was last found to write to the same tenants.
    pub(super) collided: Option<Instant>,
}

impl Appender {
    /// Write what arrives until nobody can send any more.
    pub(super) async fn run(mut self, mut appends: mpsc::Receiver<Append>) {
        let mut waiting = Vec::new();
        let mut group_commit = GroupCommit::default();
        while appends.recv_many(&mut waiting, MOST_APPENDS).await > 0 {
            group_commit.wait_for_more(&mut waiting, &mut appends).await;
            let (together, began) = (waiting.len(), Instant::now());
            // In the same order everywhere: two servers that wait for each
            // other's places would wait for ever.
            waiting.sort_by_key(|append| append.tenant);
            match self.write(&waiting).await {
                Ok(collided) => {
                    let written = waiting.iter().zip(&collided);
                    let written = written.filter(|(_, collided)| !**collided);
                    self.notifier
                        .tell(written.map(|(append, _)| (append.tenant, append.last())));
                    for (append, collided) in waiting.drain(..).zip(collided) {
                        if !collided {
                            self.counter.written(append.tenant, &append.rows);
                        }
                        let answer = match collided {
                            true => Err(AppendError::Collision),
                            false => Ok(()),
                        };
                        // Whoever asked may be gone; the entry stands all the same.
                        let _ = append.done.send(answer);
                    }
                }
                Err(error) => {
                    for append in waiting.drain(..) {
                        let _ = append.done.send(Err(error.clone()));
                    }
                }
            }
            group_commit.answered(together, began.elapsed(), appends.len());
            // Now that everybody is answered.
            if let Some(connection) = &mut self.connection {
                self.rest.moved(connection).await;
            }
        }
        if let Some(connection) = self.connection {
            connection.close().await;
        }
    }

    /// Write all that is waiting in one transaction. Says of each whether it
    /// collided; one that did leaves nothing, and does not disturb the others.
    async fn write(&mut self, waiting: &[Append]) -> Result<Vec<bool>, AppendError> {
        let watch = self.database.watch().clone();
        let not_written = |error: sqlx::Error| {
            watch.failed(&error);
            AppendError::NotWritten(error.into())
        };
        let mut attempt = 1;
        loop {
            let (mut connection, is_new) = match self.connection.take() {
                Some(connection) => (connection, false),
                None => {
                    let new = self.database.connect_to_append().await;
                    (new.map_err(not_written)?, true)
                }
            };
            let patience = Patience::of(&self.database);
            if !is_new && self.used.elapsed() > IDLE {
                let tried = within(patience.small, connection.rows(statements::PING, &[]));
                if tried.await.is_err() {
                    continue;
                }
            }
            // Nothing was begun: the connection stays, also where the file comes back.
            if let Source::Sqlite(file) = self.database.source() {
                if is_new {
                    file.forget_log();
                }
                if let Err(error) = file.must_be_there() {
                    self.connection = Some(connection);
                    return Err(not_written(error));
                }
            }
            let in_one_go = self.collided.is_none_or(|at| at.elapsed() > CAREFUL);
            match transaction(&mut connection, waiting, in_one_go, &patience).await {
                Ok(collided) => {
                    if collided.contains(&true) {
                        self.collided = Some(Instant::now());
                    }
                    self.connection = Some(connection);
                    self.used = Instant::now();
                    if let Source::Sqlite(file) = self.database.source() {
                        file.note_log();
                    }
                    watch.succeeded();
                    return Ok(collided);
                }
                // A connection in doubt is not used again.
                Err(Failure::Before(error)) => {
                    // One that broke while nobody used it says nothing about
                    // the database.
                    let is_worth_it = may_be_done_again(&error)
                        || (!is_new && error.as_database_error().is_none());
                    if attempt == ATTEMPTS || !is_worth_it {
                        return Err(not_written(error));
                    }
                    attempt += 1;
                }
                Err(Failure::AtTheEnd(error)) => {
                    if !may_be_done_again(&error) {
                        watch.failed(&error);
                        return Err(AppendError::Unknown(error.into()));
                    }
                    if attempt == ATTEMPTS {
                        return Err(not_written(error));
                    }
                    attempt += 1;
                }
            }
        }
    }
}
