//! One transaction for all who are waiting to write.

use attache_core::id::TenantId;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{Connection, SqliteConnection};
use tokio::sync::{mpsc, oneshot};

use super::row::EntryRow;
use super::{AppendError, DoneRequest, LogError, issuers, statements};

/// The most appends that one transaction takes.
const MOST_APPENDS: usize = 1_024;

/// Entries of one tenant that follow one another.
#[derive(Debug)]
pub(super) struct Append {
    pub(super) tenant: TenantId,
    pub(super) rows: Vec<EntryRow>,
    /// The issuers that the entries name.
    pub(super) issuers: Vec<String>,
    pub(super) requests: Vec<DoneRequest>,
    pub(super) done: oneshot::Sender<Result<(), AppendError>>,
}

/// Write what arrives until nobody can send any more. Owns the only
/// connection that appends.
pub(super) async fn run(options: SqliteConnectOptions, mut appends: mpsc::Receiver<Append>) {
    let mut connection = None;
    let mut waiting = Vec::new();
    while appends.recv_many(&mut waiting, MOST_APPENDS).await > 0 {
        let result = write(&options, &mut connection, &waiting).await;
        match result {
            Ok(collided) => {
                for (append, collided) in waiting.drain(..).zip(collided) {
                    let answer = if collided {
                        Err(AppendError::Collision)
                    } else {
                        Ok(())
                    };
                    // Whoever asked may be gone; the entry stands all the same.
                    let _ = append.done.send(answer);
                }
            }
            Err(error) => {
                // A connection in doubt is not used again.
                connection = None;
                for append in waiting.drain(..) {
                    let _ = append.done.send(Err(error.clone()));
                }
            }
        }
    }
    if let Some(connection) = connection {
        let _ = SqliteConnection::close(connection).await;
    }
}

/// Write all that is waiting in one transaction. Says of each whether it
/// collided; one that did leaves nothing, and does not disturb the others.
async fn write(
    options: &SqliteConnectOptions,
    connection: &mut Option<SqliteConnection>,
    waiting: &[Append],
) -> Result<Vec<bool>, AppendError> {
    let not_written = |error: sqlx::Error| AppendError::NotWritten(error.into());
    let connection = match connection {
        Some(connection) => connection,
        None => {
            let new = SqliteConnection::connect_with(options).await;
            connection.insert(new.map_err(not_written)?)
        }
    };
    // The lock is taken at once, so that nothing read in between can be stale.
    let mut transaction = connection
        .begin_with("BEGIN IMMEDIATE")
        .await
        .map_err(not_written)?;
    let mut collided = Vec::with_capacity(waiting.len());
    for append in waiting {
        collided.push(
            insert(&mut transaction, append)
                .await
                .map_err(not_written)?,
        );
    }
    transaction
        .commit()
        .await
        .map_err(|error| AppendError::Unknown(LogError::from(error)))?;
    Ok(collided)
}

/// Says whether it collided. Entries follow one another without a gap: if the
/// first one's place is free, so are the others'. A request can collide after
/// them, and then they must not stay.
async fn insert(connection: &mut SqliteConnection, append: &Append) -> Result<bool, sqlx::Error> {
    if append.requests.is_empty() {
        return insert_entries(connection, append).await;
    }
    let tenant = append.tenant.to_string();
    let mut part = connection.begin().await?;
    let collided = insert_entries(&mut part, append).await?
        || insert_requests(&mut part, &tenant, &append.requests).await?;
    match collided {
        true => part.rollback().await?,
        false => part.commit().await?,
    }
    Ok(collided)
}

async fn insert_entries(
    connection: &mut SqliteConnection,
    append: &Append,
) -> Result<bool, sqlx::Error> {
    let tenant = append.tenant.to_string();
    for row in &append.rows {
        let done = sqlx::query(statements::INSERT_ENTRY)
            .bind(&tenant)
            .bind(row.revision)
            .bind(&row.id)
            .bind(row.at)
            .bind(&row.actor)
            .bind(&row.correlation_id)
            .bind(&row.changes)
            .bind(&row.profiles)
            .execute(&mut *connection)
            .await?;
        if done.rows_affected() == 0 {
            return Ok(true);
        }
    }
    issuers::note(connection, &tenant, &append.issuers).await?;
    Ok(false)
}

/// Says whether one of them was done already.
pub(super) async fn insert_requests(
    connection: &mut SqliteConnection,
    tenant: &str,
    requests: &[DoneRequest],
) -> Result<bool, sqlx::Error> {
    for done in requests {
        let inserted = sqlx::query(statements::INSERT_REQUEST)
            .bind(tenant)
            .bind(&done.request.key)
            .bind(&done.request.fingerprint)
            .bind(i64::try_from(done.revision.0).unwrap_or(i64::MAX))
            .bind(done.at.as_millis())
            .bind(done.forgotten_before.as_millis())
            .execute(&mut *connection)
            .await?;
        if inserted.rows_affected() == 0 {
            return Ok(true);
        }
    }
    Ok(false)
}
