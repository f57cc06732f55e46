//! One connection, to whichever database it is: the one place where the two
//! part, below the statements that they share.

use sqlx::postgres::{PgConnection, PgRow};
use sqlx::sqlite::{SqliteConnection, SqliteError, SqliteRow};
use sqlx::{Connection as _, Executor as _, Row as _};

use crate::fault;

/// A connection to one of the two databases.
#[derive(Debug)]
pub(crate) enum Connection {
    Sqlite(SqliteConnection),
    Postgres(PgConnection),
}

/// A value of a parameter of a statement.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Value<'a> {
    Text(&'a str),
    MaybeText(Option<&'a str>),
    Number(i64),
    Bytes(&'a [u8]),
    MaybeBytes(Option<&'a [u8]>),
}

/// A row that a statement returned.
#[derive(Debug)]
pub(crate) enum Row {
    Sqlite(SqliteRow),
    Postgres(PgRow),
}

/// The same for each database; only the types differ.
macro_rules! on_each {
    ($self:expr, $inner:ident => $done:expr) => {
        match $self {
            Self::Sqlite($inner) => $done,
            Self::Postgres($inner) => $done,
        }
    };
}

macro_rules! asked {
    ($statement:expr, $values:expr) => {{
        let mut query = sqlx::query($statement);
        for value in $values {
            query = match *value {
                Value::Text(text) => query.bind(text),
                Value::MaybeText(text) => query.bind(text),
                Value::Number(number) => query.bind(number),
                Value::Bytes(bytes) => query.bind(bytes),
                Value::MaybeBytes(bytes) => query.bind(bytes),
            };
        }
        query
    }};
}

impl Connection {
    /// Runs a statement. Returns the number of rows that it changed.
    pub(crate) async fn execute(
        &mut self,
        statement: &'static str,
        values: &[Value<'_>],
    ) -> Result<u64, sqlx::Error> {
        on_each!(self, inner => {
            let done = asked!(statement, values).execute(&mut *inner).await?;
            Ok(done.rows_affected())
        })
    }

    /// Runs a query and returns all of its rows.
    pub(crate) async fn rows(
        &mut self,
        statement: &'static str,
        values: &[Value<'_>],
    ) -> Result<Vec<Row>, sqlx::Error> {
        match self {
            Self::Sqlite(inner) => {
                let rows = asked!(statement, values).fetch_all(&mut *inner).await?;
                Ok(rows.into_iter().map(Row::Sqlite).collect())
            }
            Self::Postgres(inner) => {
                let rows = asked!(statement, values).fetch_all(&mut *inner).await?;
                Ok(rows.into_iter().map(Row::Postgres).collect())
            }
        }
    }

    /// Runs a statement without parameters and result, such as `COMMIT`.
    pub(crate) async fn say(&mut self, words: &'static str) -> Result<(), sqlx::Error> {
        on_each!(self, inner => inner.execute(sqlx::raw_sql(words)).await.map(drop))
    }

    /// Begins a transaction in which all reads stay true until its end. A concurrent
    /// transaction that would change them waits, or one of the two fails.
    pub(crate) async fn begin_alone(&mut self) -> Result<(), sqlx::Error> {
        let words = match self {
            Self::Sqlite(_) => "BEGIN IMMEDIATE",
            Self::Postgres(_) => "BEGIN ISOLATION LEVEL SERIALIZABLE",
        };
        self.say(words).await
    }

    /// Begins a transaction that only inserts rows, where the keys decide which rows fit.
    pub(crate) async fn begin_to_add(&mut self) -> Result<(), sqlx::Error> {
        let words = match self {
            // The lock is taken at once: two who both wait to write could not go on.
            Self::Sqlite(_) => "BEGIN IMMEDIATE",
            Self::Postgres(_) => "BEGIN ISOLATION LEVEL READ COMMITTED",
        };
        self.say(words).await
    }

    /// Closes the connection, ignoring errors.
    pub(crate) async fn close(self) {
        // It is of no use any more, however it ends.
        match self {
            Self::Sqlite(inner) => drop(inner.close().await),
            Self::Postgres(inner) => drop(inner.close().await),
        }
    }
}

impl Row {
    /// Returns a column, counted from 0, as text.
    pub(crate) fn text(&self, column: usize) -> Result<String, sqlx::Error> {
        on_each!(self, inner => inner.try_get(column))
    }

    /// Returns a column, counted from 0, as text, or `None` for NULL.
    pub(crate) fn maybe_text(&self, column: usize) -> Result<Option<String>, sqlx::Error> {
        on_each!(self, inner => inner.try_get(column))
    }

    /// Returns a column, counted from 0, as a number of 64 bits.
    pub(crate) fn number(&self, column: usize) -> Result<i64, sqlx::Error> {
        on_each!(self, inner => inner.try_get(column))
    }

    /// Returns a column, counted from 0, as bytes.
    pub(crate) fn bytes(&self, column: usize) -> Result<Vec<u8>, sqlx::Error> {
        on_each!(self, inner => inner.try_get(column))
    }

    /// Returns a column, counted from 0, as bytes, or `None` for NULL.
    pub(crate) fn maybe_bytes(&self, column: usize) -> Result<Option<Vec<u8>>, sqlx::Error> {
        on_each!(self, inner => inner.try_get(column))
    }
}

/// Whether the database itself said no: then it is known what stands, and the
/// connection is as good as before.
pub(super) fn was_said_by_the_database(error: &sqlx::Error) -> bool {
    error
        .as_database_error()
        .is_some_and(|error| !ends_the_session(error.code().as_deref()))
}

/// Returns whether a statement failed since it names a table that does not exist.
pub(crate) fn is_no_such_table(error: &sqlx::Error) -> bool {
    error.as_database_error().is_some_and(|error| {
        error.code().as_deref() == Some("42P01") || error.message().starts_with("no such table")
    })
}

/// Returns whether a row was refused: its key is taken, or a required value is missing.
pub(crate) fn breaks_a_rule(error: &sqlx::Error) -> bool {
    use sqlx::error::ErrorKind::{NotNullViolation, UniqueViolation};
    let error = error.as_database_error();
    error.is_some_and(|error| matches!(error.kind(), NotNullViolation | UniqueViolation))
}

/// Returns whether it is certain that a single statement or a `COMMIT` changed nothing,
/// since the database refused it. PostgreSQL answers a `COMMIT` with an error only after a
/// rollback; for SQLite see [`fault`].
pub(crate) fn did_nothing(error: &sqlx::Error) -> bool {
    let Some(error) = error.as_database_error() else {
        return false;
    };
    let code = error.code();
    let code = code.as_deref().unwrap_or_default();
    match error.try_downcast_ref::<SqliteError>() {
        Some(_) => code.parse().is_ok_and(fault::sqlite_did_nothing),
        None => code == "25006" || !ends_the_session(Some(code)),
    }
}

/// Returns whether a transaction failed only because of a concurrent one (a serialization
/// failure or a deadlock), so that repeating it suffices.
pub(crate) fn may_be_done_again(error: &sqlx::Error) -> bool {
    let code = error.as_database_error().and_then(|error| error.code());
    matches!(code.as_deref(), Some("40001" | "40P01"))
}

/// Errors after which this connection is of no use: the server ends it
/// (class 57P: it shuts down, starts, or an operator ended the session; 25P03:
/// it was idle in a transaction), or it can no longer be written to (25006).
fn ends_the_session(code: Option<&str>) -> bool {
    code.is_some_and(|code| {
        code.starts_with("57P") || code.starts_with("08") || matches!(code, "25P03" | "25006")
    })
}
