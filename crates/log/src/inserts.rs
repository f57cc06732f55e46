//! Many rows with one statement: each statement is a journey to the database.

use std::sync::LazyLock;

use attache_core::Timestamp;

use super::database::{Connection, Database, Row, Value, breaks_a_rule};
use super::row::EntryRow;
use super::{DoneRequest, LogError, statements};

/// The most rows of one statement. There is a text for each number of rows.
pub(super) const MOST_ROWS: usize = 32;

/// The most bytes of changes of one statement, roughly: an import's entries
/// are large.
const MOST_BYTES: usize = 1 << 20;

/// How many values an entry has here, and a request.
const ENTRY: usize = 14;
const REQUEST: usize = 5;

/// A statement's texts, for each number of rows.
pub(super) struct Texts {
    numbered: Vec<String>,
    /// For SQLite, where a value that has a number is looked for among all the
    /// others: with hundreds of them that is a good part of an insert.
    in_order: Vec<String>,
}

impl Texts {
    pub(super) fn of(
        head: &str,
        columns: usize,
        tail: &str,
        sizes: impl Iterator<Item = usize> + Clone,
    ) -> Self {
        Self {
            numbered: texts(head, columns, tail, sizes.clone(), |at| format!("${at}")),
            in_order: texts(head, columns, tail, sizes, |_| "?".to_owned()),
        }
    }

    pub(super) fn on(&self, connection: &Connection) -> &[String] {
        match connection {
            Connection::Sqlite(_) => &self.in_order,
            Connection::Postgres(_) => &self.numbered,
        }
    }
}

/// 1, 2, 3… rows.
pub(super) fn each_number() -> impl Iterator<Item = usize> + Clone {
    1..=MOST_ROWS
}

static ENTRIES: LazyLock<Texts> = LazyLock::new(|| {
    let (head, tail) = (statements::INSERT_ENTRIES, statements::UNLESS_IT_IS_TAKEN);
    Texts::of(head, ENTRY, tail, each_number())
});
static ALL_OR_NONE: LazyLock<Texts> = LazyLock::new(|| {
    let head = statements::INSERT_ALL_OR_NONE;
    Texts::of(head, ENTRY, ") AS new", each_number())
});
/// One value comes before those of the rows.
static REQUESTS: LazyLock<Vec<String>> = LazyLock::new(|| {
    let tail = statements::UNLESS_IT_IS_REMEMBERED;
    let head = statements::INSERT_REQUESTS;
    texts(head, REQUEST, tail, each_number(), |at| {
        format!("${}", at + 1)
    })
});

/// The texts for so many rows each, where `value` says how the first, second, third… value
/// is written.
pub(super) fn texts(
    head: &str,
    columns: usize,
    tail: &str,
    sizes: impl Iterator<Item = usize>,
    value: impl Fn(usize) -> String,
) -> Vec<String> {
    let row = |row: usize| {
        let values = (1..=columns).map(|column| value(row * columns + column));
        format!("({})", values.collect::<Vec<_>>().join(", "))
    };
    let text = |rows: usize| {
        let rows: Vec<String> = (0..rows).map(row).collect();
        format!("{head} {} {tail}", rows.join(", "))
    };
    sizes.map(text).collect()
}

/// The text of a question for entries at so many revisions, which stand behind other values.
pub(super) fn listing(head: &str, values: usize, revisions: usize) -> String {
    let places = (values + 1..=values + revisions).map(|at| format!("${at}"));
    format!("{head} ({})", places.collect::<Vec<_>>().join(", "))
}

/// The revisions of such a question. Asked for twice, an entry comes once.
pub(super) fn listed<'v>(revisions: &[i64], of: usize) -> impl Iterator<Item = Value<'v>> {
    let last = revisions.last().copied().unwrap_or_default();
    let padded = revisions.iter().copied().chain(std::iter::repeat(last));
    padded.take(of).map(Value::Number)
}

/// The rows of a question for entries of a tenant at revisions, whose text is for so many.
pub(super) async fn rows_at(
    database: &Database,
    text: &'static str,
    of: usize,
    tenant: &str,
    revisions: &[i64],
) -> Result<Vec<Row>, LogError> {
    let mut found = Vec::new();
    for chunk in revisions.chunks(of) {
        let values = std::iter::once(Value::Text(tenant)).chain(listed(chunk, of));
        let values: Vec<_> = values.collect();
        found.extend(database.large_rows(text, &values).await?);
    }
    Ok(found)
}

/// An entry, and where it is to stand.
#[derive(Clone, Copy)]
pub(super) struct Placed<'a> {
    pub(super) tenant: &'a str,
    /// The id of the entry before it, which must be there; "" for one that has
    /// none, or comes with it.
    pub(super) after: &'a str,
    pub(super) row: &'a EntryRow,
}

/// Insert entries. Says whether all of them found their places; those that did
/// not are not there.
pub(super) async fn entries(
    connection: &mut Connection,
    rows: &[Placed<'_>],
) -> Result<bool, sqlx::Error> {
    let mut rest = rows;
    while !rest.is_empty() {
        let (chunk, more) = rest.split_at(fitting(rest.iter().map(|placed| placed.row)));
        rest = more;
        let texts = ENTRIES.on(connection);
        if !inserted(connection, texts, chunk.len(), &values_of(chunk)).await? {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Insert entries with one statement that is a transaction of its own. Says
/// whether they are there, all of them; `None` where that cannot be done.
pub(super) async fn all_or_none(
    connection: &mut Connection,
    rows: &[Placed<'_>],
) -> Result<Option<bool>, sqlx::Error> {
    if rows.is_empty() || fitting(rows.iter().map(|placed| placed.row)) < rows.len() {
        return Ok(None);
    }
    let texts = ALL_OR_NONE.on(connection);
    match inserted(connection, texts, rows.len(), &values_of(rows)).await {
        Err(error) if breaks_a_rule(&error) => Ok(Some(false)),
        inserted => inserted.map(Some),
    }
}

fn values_of<'a>(rows: &[Placed<'a>]) -> Vec<Value<'a>> {
    let values = rows.iter().flat_map(|Placed { tenant, after, row }| {
        [
            Value::Text(tenant),
            Value::Number(row.revision),
            Value::Text(&row.id),
            Value::Number(row.at),
            Value::Text(&row.actor),
            Value::Text(&row.correlation_id),
            Value::Text(&row.changes),
            Value::MaybeText(row.profiles.as_deref()),
            Value::MaybeBytes(row.packed.as_deref()),
            Value::MaybeBytes(row.commitments.as_deref()),
            Value::MaybeText(row.origin.as_deref()),
            Value::MaybeText(row.on_behalf_of.as_deref()),
            Value::MaybeText(row.approved_by.as_deref()),
            Value::Text(after),
        ]
    });
    values.collect()
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

/// Do a statement that has a text for each number of rows. Says whether it touched so many.
pub(super) async fn inserted(
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
pub(super) fn fitting<'a>(rows: impl Iterator<Item = &'a EntryRow>) -> usize {
    let mut bytes = 0;
    let fits = rows.take(MOST_ROWS).take_while(|row| {
        bytes += row.bytes();
        bytes <= MOST_BYTES
    });
    fits.count().max(1)
}
