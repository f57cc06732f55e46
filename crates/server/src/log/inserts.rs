//! Many rows with one statement: each statement is a journey to the database.

use std::sync::LazyLock;

use attache_core::Timestamp;

use super::DoneRequest;
use super::database::{Connection, Value};
use super::row::EntryRow;
use super::statements;

/// The most rows of one statement. There is a text for each number of rows.
const MOST_ROWS: usize = 32;

/// The most bytes of changes of one statement, roughly: an import's entries
/// are large.
const MOST_BYTES: usize = 1 << 20;

static ENTRIES: LazyLock<Vec<String>> = LazyLock::new(|| {
    let tail = statements::UNLESS_IT_IS_TAKEN;
    texts(statements::INSERT_ENTRIES, 0, 8, tail)
});
static REQUESTS: LazyLock<Vec<String>> = LazyLock::new(|| {
    let tail = statements::UNLESS_IT_IS_REMEMBERED;
    texts(statements::INSERT_REQUESTS, 1, 5, tail)
});

/// The texts for 1, 2, 3… rows, whose values come after some others.
fn texts(head: &str, others: usize, columns: usize, tail: &str) -> Vec<String> {
    let row = |row: usize| {
        let first = others + row * columns;
        let places = (1..=columns).map(|column| format!("${}", first + column));
        format!("({})", places.collect::<Vec<_>>().join(", "))
    };
    let text = |rows: usize| {
        let rows: Vec<String> = (0..rows).map(row).collect();
        format!("{head} {} {tail}", rows.join(", "))
    };
    (1..=MOST_ROWS).map(text).collect()
}

/// Insert entries. Says whether all of their places were free; those that were
/// not are left as they are.
pub(super) async fn entries(
    connection: &mut Connection,
    rows: &[(&str, &EntryRow)],
) -> Result<bool, sqlx::Error> {
    let mut rest = rows;
    while !rest.is_empty() {
        let (chunk, more) = rest.split_at(fitting(rest));
        rest = more;
        let values: Vec<Value<'_>> = chunk
            .iter()
            .flat_map(|(tenant, row)| {
                [
                    Value::Text(tenant),
                    Value::Number(row.revision),
                    Value::Text(&row.id),
                    Value::Number(row.at),
                    Value::Text(&row.actor),
                    Value::Text(&row.correlation_id),
                    Value::Text(&row.changes),
                    Value::MaybeText(row.profiles.as_deref()),
                ]
            })
            .collect();
        if !inserted(connection, &ENTRIES, chunk.len(), &values).await? {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Insert requests that were done. Says whether none of them was done already.
pub(super) async fn requests(
    connection: &mut Connection,
    done: &[(&str, &DoneRequest)],
) -> Result<bool, sqlx::Error> {
    for chunk in done.chunks(MOST_ROWS) {
        let forgotten_before = chunk.iter().map(|(_, done)| done.forgotten_before);
        let forgotten_before = forgotten_before
            .min()
            .map_or(i64::MIN, Timestamp::as_millis);
        let mut values = vec![Value::Number(forgotten_before)];
        for (tenant, done) in chunk {
            values.extend([
                Value::Text(tenant),
                Value::Text(&done.request.key),
                Value::Text(&done.request.fingerprint),
                Value::Number(i64::try_from(done.revision.0).unwrap_or(i64::MAX)),
                Value::Number(done.at.as_millis()),
            ]);
        }
        if !inserted(connection, &REQUESTS, chunk.len(), &values).await? {
            return Ok(false);
        }
    }
    Ok(true)
}

async fn inserted(
    connection: &mut Connection,
    texts: &'static [String],
    rows: usize,
    values: &[Value<'_>],
) -> Result<bool, sqlx::Error> {
    let Some(text) = rows.checked_sub(1).and_then(|at| texts.get(at)) else {
        return Ok(true);
    };
    Ok(connection.execute(text, values).await? == rows as u64)
}

/// How many of the rows fit into one statement.
fn fitting(rows: &[(&str, &EntryRow)]) -> usize {
    let mut bytes = 0;
    let fits = rows.iter().take(MOST_ROWS).take_while(|(_, row)| {
        bytes += row.changes.len();
        bytes <= MOST_BYTES
    });
    fits.count().max(1)
}
