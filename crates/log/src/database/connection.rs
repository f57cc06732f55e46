//! One connection, to whichever database it is: the one place where the two
//! part, below the statements that they share.

use sqlx::postgres::{PgConnection, PgRow};
use sqlx::sqlite::{SqliteConnection, SqliteError, SqliteRow};
use sqlx::{Connection as _, Executor as _, Row as _};

use crate::fault;

/// A connection.
#[derive(Debug)]
pub(crate) enum Connection {
    Sqlite(SqliteConnection),
    Postgres(PgConnection),
}

/// What a statement is given.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Value<'a> {
    Text(&'a str),
    MaybeText(Option<&'a str>),
    Number(i64),
    Bytes(&'a [u8]),
    MaybeBytes(Option<&'a [u8]>),
}

/// What a statement gives.
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
    /// Do something. Says how many rows it touched.
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

    /// Ask for rows.
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

    /// Say something that takes no values and gives no rows.
    pub(crate) async fn say(&mut self, words: &'static str) -> Result<(), sqlx::Error> {
        on_each!(self, inner => inner.execute(sqlx::raw_sql(words)).await.map(drop))
    }

    /// Begin a transaction. What it reads stays true until it ends: another
    /// one that would make it false waits, or one of the two fails.
    pub(crate) async fn begin_alone(&mut self) -> Result<(), sqlx::Error> {
        let words = match self {
            Self::Sqlite(_) => "BEGIN IMMEDIATE",
            Self::Postgres(_) => "BEGIN ISOLATION LEVEL SERIALIZABLE",
        };
        self.say(words).await
    }

    /// Begin a transaction that only adds rows, at places that the keys decide.
    pub(crate) async fn begin_to_add(&mut self) -> Result<(), sqlx::Error> {
        let words = match self {
            // The lock is taken at once: two who both wait to write could not go on.
            Self::Sqlite(_) => "BEGIN IMMEDIATE",
            Self::Postgres(_) => "BEGIN ISOLATION LEVEL READ COMMITTED",
        };
        self.say(words).await
    }

    /// End it well. Says goodbye to nobody who does not listen.
    pub(crate) async fn close(self) {
        // It is of no use any more, however it ends.
        match self {
            Self::Sqlite(inner) => drop(inner.close().await),
            Self::Postgres(inner) => drop(inner.close().await),
        }
    }
}

impl Row {
    pub(crate) fn text(&self, column: usize) -> Result<String, sqlx::Error> {
        on_each!(self, inner => inner.try_get(column))
    }

    pub(crate) fn maybe_text(&self, column: usize) -> Result<Option<String>, sqlx::Error> {
        on_each!(self, inner => inner.try_get(column))
    }

    pub(crate) fn number(&self, column: usize) -> Result<i64, sqlx::Error> {
        on_each!(self, inner => inner.try_get(column))
    }

    pub(crate) fn bytes(&self, column: usize) -> Result<Vec<u8>, sqlx::Error> {
        on_each!(self, inner => inner.try_get(column))
    }

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

/// What was asked for is not there.
pub(crate) fn is_no_such_table(error: &sqlx::Error) -> bool {
    error.as_database_error().is_some_and(|error| {
        error.code().as_deref() == Some("42P01") || error.message().starts_with("no such table")
    })
}

/// A row was refused: its place is taken, or a value is missing that must be there.
pub(crate) fn breaks_a_rule(error: &sqlx::Error) -> bool {
    use sqlx::error::ErrorKind::{NotNullViolation, UniqueViolation};
    let error = error.as_database_error();
    error.is_some_and(|error| matches!(error.kind(), NotNullViolation | UniqueViolation))
}

/// Whether it is known that nothing came of a statement that stood alone, or of a
/// `COMMIT`: the database refused it. PostgreSQL answers a `COMMIT` with an error only
/// where it rolled back; for SQLite see [`fault`].
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

/// Two did at the same time what can only be done one after the other. Doing
/// it again is all it takes: a serialization failure, a deadlock.
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
