//! One transaction for all who are waiting to write.

use std::future::Future;
use std::time::{Duration, Instant};

use attache_core::id::{Revision, TenantId};
use tokio::sync::{mpsc, oneshot};

use super::checkpoints::Rest;
use super::database::{Connection, Database, Source, did_nothing, may_be_done_again, too_late};
use super::notifier::Notifier;
use super::row::EntryRow;
use super::{AppendError, DoneRequest, heads, inserts, issuers, statements};

/// The most appends that one transaction takes.
const MOST_APPENDS: usize = 1_024;

/// How often a transaction is tried of which it is known that nothing came.
const ATTEMPTS: usize = 3;

/// After how long without use a connection is tried first. One that broke
/// meanwhile would leave in doubt what was said to it.
const IDLE: Duration = Duration::from_secs(1);

/// Entries of one tenant that follow one another.
#[derive(Debug)]
pub(super) struct Append {
    pub(super) tenant: TenantId,
    pub(super) tenant_text: String,
    /// The id of the entry that they follow, which must be there; "" for none.
    pub(super) after: String,
    pub(super) rows: Vec<EntryRow>,
    /// The issuers that the entries name.
    pub(super) issuers: Vec<String>,
    pub(super) requests: Vec<DoneRequest>,
    pub(super) done: oneshot::Sender<Result<(), AppendError>>,
}

impl Append {
    /// Its rows, each with the tenant and the entry that must be there before it.
    fn rows(&self) -> impl Iterator<Item = inserts::Placed<'_>> {
        let before = std::iter::once(self.after.as_str()).chain(std::iter::repeat(""));
        let tenant = self.tenant_text.as_str();
        let rows = self.rows.iter().zip(before);
        rows.map(move |(row, after)| inserts::Placed { tenant, after, row })
    }

    fn last(&self) -> Revision {
        let last = self.rows.last().map_or(0, |row| row.revision);
        Revision(last.unsigned_abs())
    }
}

/// Why nothing came of a transaction, or why it is not known.
enum Failure {
    Before(sqlx::Error),
    AtTheEnd(sqlx::Error),
}

/// What has the only connection that appends.
pub(super) struct Appender {
    pub(super) database: Database,
    pub(super) notifier: Notifier,
    pub(super) rest: Rest,
    pub(super) connection: Option<Connection>,
    /// When the connection was last found to be good.
    pub(super) used: Instant,
}

impl Appender {
    /// Write what arrives until nobody can send any more.
    pub(super) async fn run(mut self, mut appends: mpsc::Receiver<Append>) {
        let mut waiting = Vec::new();
        while appends.recv_many(&mut waiting, MOST_APPENDS).await > 0 {
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
        let not_written = |error: sqlx::Error| AppendError::NotWritten(error.into());
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
            match transaction(&mut connection, waiting, &patience).await {
                Ok(collided) => {
                    self.connection = Some(connection);
                    self.used = Instant::now();
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

/// How long an answer may take. A file may take as long as it needs.
struct Patience {
    small: Option<Duration>,
    large: Option<Duration>,
}

impl Patience {
    fn of(database: &Database) -> Self {
        let settings = database.settings();
        match database.source() {
            Source::Sqlite(_) => Self {
                small: None,
                large: None,
            },
            Source::Postgres(_) => Self {
                small: Some(settings.answer_within),
                large: Some(settings.large_within()),
            },
        }
    }
}

async fn within<T>(
    patience: Option<Duration>,
    work: impl Future<Output = Result<T, sqlx::Error>>,
) -> Result<T, sqlx::Error> {
    match patience {
        None => work.await,
        Some(patience) => tokio::time::timeout(patience, work)
            .await
            .unwrap_or_else(|_| Err(too_late())),
    }
}

async fn transaction(
    connection: &mut Connection,
    waiting: &[Append],
    patience: &Patience,
) -> Result<Vec<bool>, Failure> {
    if let [only] = waiting
        && only.rows.len() == 1
        && only.issuers.is_empty()
        && only.requests.is_empty()
    {
        // A statement is a transaction of its own.
        let row: Vec<_> = only.rows().collect();
        let inserted = within(patience.small, inserts::entries(connection, &row)).await;
        return match inserted {
            Ok(inserted) => Ok(vec![!inserted]),
            Err(error) if did_nothing(&error) => Err(Failure::Before(error)),
            Err(error) => Err(Failure::AtTheEnd(error)),
        };
    }
    let bytes = waiting.iter().flat_map(|append| &append.rows);
    let is_large = bytes.map(|row| row.changes.len()).sum::<usize>() > 1 << 20;
    let to_insert = match is_large {
        true => patience.large,
        false => patience.small,
    };
    let small = patience.small;
    let before = Failure::Before;
    let mut collided = vec![false; waiting.len()];
    loop {
        let still: Vec<&Append> = waiting
            .iter()
            .zip(&collided)
            .filter_map(|(append, collided)| (!collided).then_some(append))
            .collect();
        if still.is_empty() {
            return Ok(collided);
        }
        within(small, connection.begin_to_add())
            .await
            .map_err(before)?;
        let all = within(to_insert, insert_all(connection, &still)).await;
        if all.map_err(before)? {
            break;
        }
        within(small, connection.say("ROLLBACK"))
            .await
            .map_err(before)?;
        if let [_] = still.as_slice() {
            collided = vec![true; waiting.len()];
            return Ok(collided);
        }
        let taken = within(small, taken(connection, waiting))
            .await
            .map_err(before)?;
        if taken == collided {
            // It was a request that was done already. Which one, is found out
            // one after the other.
            within(small, connection.begin_to_add())
                .await
                .map_err(before)?;
            let each = within(to_insert, insert_each(connection, waiting)).await;
            collided = each.map_err(before)?;
            break;
        }
        collided = taken;
    }
    within(small, connection.say("COMMIT"))
        .await
        .map_err(Failure::AtTheEnd)?;
    Ok(collided)
}

/// Which of the appends come too late: their tenants have such an entry already.
async fn taken(connection: &mut Connection, waiting: &[Append]) -> Result<Vec<bool>, sqlx::Error> {
    let ids: Vec<&str> = waiting
        .iter()
        .map(|append| append.tenant_text.as_str())
        .collect();
    let heads = heads::revisions(connection, &ids).await?;
    let is_taken = |append: &Append| {
        let head = heads.get(&append.tenant_text).copied().unwrap_or_default();
        append.rows.first().is_some_and(|row| row.revision <= head)
    };
    Ok(waiting.iter().map(is_taken).collect())
}

/// Insert all that is waiting. Says whether all of it could be.
async fn insert_all(connection: &mut Connection, waiting: &[&Append]) -> Result<bool, sqlx::Error> {
    let rows = waiting.iter().flat_map(|append| append.rows());
    if !inserts::entries(connection, &rows.collect::<Vec<_>>()).await? {
        return Ok(false);
    }
    for append in waiting {
        issuers::note(connection, &append.tenant_text, &append.issuers).await?;
    }
    let requests = waiting.iter().flat_map(|append| {
        let tenant = append.tenant_text.as_str();
        append.requests.iter().map(move |done| (tenant, done))
    });
    inserts::requests(connection, &requests.collect::<Vec<_>>()).await
}

/// Insert what can be, one append after the other. Says of each whether it
/// collided.
async fn insert_each(
    connection: &mut Connection,
    waiting: &[Append],
) -> Result<Vec<bool>, sqlx::Error> {
    let mut collided = Vec::with_capacity(waiting.len());
    for append in waiting {
        connection.say("SAVEPOINT part").await?;
        let inserted = insert_all(connection, &[append]).await?;
        if !inserted {
            connection.say("ROLLBACK TO SAVEPOINT part").await?;
        }
        connection.say("RELEASE SAVEPOINT part").await?;
        collided.push(!inserted);
    }
    Ok(collided)
}
