//! What is written in one transaction: all of it, except what collides.

use std::future::Future;
use std::time::Duration;

use super::append::Append;
use super::database::{Connection, Database, Source, did_nothing, too_late};
use super::{heads, inserts, issuers, private};

/// Why nothing came of a transaction, or why it is not known.
pub(super) enum Failure {
    Before(sqlx::Error),
    AtTheEnd(sqlx::Error),
}

/// How long an answer may take. A file may take as long as it needs.
pub(super) struct Patience {
    pub(super) small: Option<Duration>,
    pub(super) large: Option<Duration>,
}

impl Patience {
    pub(super) fn of(database: &Database) -> Self {
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

/// What comes in time.
pub(super) async fn within<T>(
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

/// Write all that is waiting in one transaction. Says of each whether it
/// collided; one that did leaves nothing, and does not disturb the others. What
/// can be written `in_one_go`, because nobody is expected to collide, is.
pub(super) async fn transaction(
    connection: &mut Connection,
    waiting: &[Append],
    in_one_go: bool,
    patience: &Patience,
) -> Result<Vec<bool>, Failure> {
    let is_plain = |append: &Append| {
        append.issuers.is_empty() && append.requests.is_empty() && !append.has_private()
    };
    let is_one_row = waiting.len() == 1 && waiting.iter().all(|append| append.rows.len() == 1);
    if (in_one_go || is_one_row) && waiting.iter().all(is_plain) {
        let inserted = within(patience.small, at_once(connection, waiting)).await;
        match inserted {
            Ok(Some(true)) => return Ok(vec![false; waiting.len()]),
            Ok(Some(false)) if waiting.len() == 1 => return Ok(vec![true]),
            // Which of them collided, is found out below.
            Ok(_) => {}
            Err(error) if did_nothing(&error) => return Err(Failure::Before(error)),
            Err(error) => return Err(Failure::AtTheEnd(error)),
        }
    }
    let rows = waiting.iter().flat_map(|append| &append.rows);
    let bytes = rows.map(|row| row.bytes() + row.private_bytes());
    let is_large = bytes.sum::<usize>() > 1 << 20;
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
    let committed = within(small, connection.say("COMMIT")).await;
    committed.map_err(|error| match did_nothing(&error) {
        true => Failure::Before(error),
        false => Failure::AtTheEnd(error),
    })?;
    Ok(collided)
}

/// Write all that is waiting with one statement: it is a transaction of its own,
/// and whoever waits for it waits once. Says whether all of it is there, or else
/// nothing; `None` where that cannot be said with one.
async fn at_once(
    connection: &mut Connection,
    waiting: &[Append],
) -> Result<Option<bool>, sqlx::Error> {
    let rows: Vec<_> = waiting.iter().flat_map(Append::rows).collect();
    match rows.as_slice() {
        [_] => inserts::entries(connection, &rows).await.map(Some),
        rows => inserts::all_or_none(connection, rows).await,
    }
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
    let parts = waiting.iter().flat_map(|append| append.private());
    private::insert(connection, &parts.collect::<Vec<_>>()).await?;
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
