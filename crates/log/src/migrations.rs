//! The tables: one sequence of migrations for both databases.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::LazyLock;

use attache_core::cause::Cause;
use sqlx::SqlSafeStr as _;
use sqlx::migrate::{Migrate as _, MigrateError, Migration, MigrationType, Migrator};

use super::database::{Connection, Database, Location, Settings, is_no_such_table};
use super::{LogError, checkpoints};

/// The files of `crates/log/migrations`: version, description, SQL. `sqlx::migrate!`
/// would list them by itself, at the price of a second build of every database
/// driver, for the macro to run in.
const FILES: [(i64, &str, &str); 14] = [
    (1, "log", include_str!("../migrations/0001_log.sql")),
    (2, "issuers", include_str!("../migrations/0002_issuers.sql")),
    (3, "request", include_str!("../migrations/0003_request.sql")),
    (
        4,
        "entry by its key",
        include_str!("../migrations/0004_entry_by_its_key.sql"),
    ),
    (
        5,
        "snapshots beside it",
        include_str!("../migrations/0005_snapshots_beside_it.sql"),
    ),
    (6, "hold", include_str!("../migrations/0006_hold.sql")),
    (
        7,
        "directory",
        include_str!("../migrations/0007_directory.sql"),
    ),
    (8, "secret", include_str!("../migrations/0008_secret.sql")),
    (
        9,
        "token use",
        include_str!("../migrations/0009_token_use.sql"),
    ),
    (
        10,
        "private",
        include_str!("../migrations/0010_private.sql"),
    ),
    (
        11,
        "entry about",
        include_str!("../migrations/0011_entry_about.sql"),
    ),
    (12, "head", include_str!("../migrations/0012_head.sql")),
    (
        13,
        "history",
        include_str!("../migrations/0013_history.sql"),
    ),
    (
        14,
        "snapshots by revision",
        include_str!("../migrations/0014_snapshots_by_revision.sql"),
    ),
];

/// The migrations as the files have them: in SQLite's SQL.
static WRITTEN: LazyLock<Migrator> = LazyLock::new(|| {
    let migrations = FILES.into_iter().map(|(version, description, sql)| {
        let sql = sqlx::AssertSqlSafe(sql).into_sql_str();
        Migration::new(
            version,
            description.into(),
            MigrationType::Simple,
            sql,
            false,
        )
    });
    Migrator {
        migrations: Cow::Owned(migrations.collect()),
        ..Migrator::DEFAULT
    }
});

/// Where migrations that were applied are noted.
const TABLE: &str = "_sqlx_migrations";

/// The words that PostgreSQL has others for. Texts are ordered by their bytes,
/// as in SQLite, whatever the database's own order is.
const WORDS: [(&str, &str); 3] = [
    (" TEXT", " TEXT COLLATE \"C\""),
    (" BLOB", " BYTEA"),
    (") WITHOUT ROWID", ")"),
];

/// How a migration begins that is about SQLite and says nothing to PostgreSQL.
const OF_SQLITE_ONLY: &str = "-- Of SQLite only";

/// How a migration begins that is about PostgreSQL and says nothing to SQLite.
const OF_POSTGRES_ONLY: &str = "-- Of PostgreSQL only";

/// A migration of the tables, and whether a database has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MigrationRow {
    /// The migration's number in the sequence, from 1.
    pub version: i64,
    /// What the migration is about, in a few words.
    pub description: String,
    /// Whether the database has the migration.
    pub applied: bool,
}

/// Returns all migrations in their order, each with whether a database has it. Changes
/// nothing.
///
/// # Errors
/// If the database does not answer, or a newer version made its tables.
pub async fn migrations(
    location: &Location,
    settings: &Settings,
) -> Result<Vec<MigrationRow>, LogError> {
    let database = Database::new(location, settings.clone())?;
    let rows = rows(&database).await;
    database.close();
    rows
}

/// Applies to a database all migrations that it lacks.
///
/// # Errors
/// If a migration fails, or a newer version made the tables.
pub async fn migrate(location: &Location, settings: &Settings) -> Result<(), LogError> {
    let database = Database::new(location, settings.clone())?;
    let done = apply(&database).await;
    database.close();
    checkpoints::move_all(&database).await;
    done
}

/// Bring the tables up to date, or look whether they are where that is not wanted.
pub(super) async fn at_opening(database: &Database) -> Result<(), LogError> {
    if database.settings().migrate {
        return apply(database).await;
    }
    let pending = rows(database).await?;
    match pending.iter().filter(|row| !row.applied).count() {
        0 => Ok(()),
        count => Err(LogError::unavailable(format!(
            "the database lacks {count} migrations: `attache migrate` applies them"
        ))),
    }
}

/// What is there is compared with what is written: by its checksum.
async fn rows(database: &Database) -> Result<Vec<MigrationRow>, LogError> {
    let mut checked_out = database.check_out().await?;
    let applied = match checked_out.connection()? {
        Connection::Sqlite(inner) => inner.list_applied_migrations(TABLE).await,
        Connection::Postgres(inner) => inner.list_applied_migrations(TABLE).await,
    };
    let applied: BTreeMap<i64, _> = match applied {
        Ok(applied) => {
            let each = applied.into_iter();
            each.map(|applied| (applied.version, applied.checksum))
                .collect()
        }
        // There is no such table: the database is new.
        Err(MigrateError::Execute(error)) if is_no_such_table(&error) => BTreeMap::new(),
        Err(error) => return Err(explain(error)),
    };
    checked_out.return_to_pool();
    if let Some(newer) = applied
        .keys()
        .find(|version| !WRITTEN.version_exists(**version))
    {
        return Err(explain(MigrateError::VersionMissing(*newer)));
    }
    let is_another = |migration: &&Migration| {
        let known = applied.get(&migration.version);
        known.is_some_and(|checksum| *checksum != migration.checksum)
    };
    if let Some(other) = WRITTEN.iter().find(is_another) {
        return Err(explain(MigrateError::VersionMismatch(other.version)));
    }
    let row = |migration: &Migration| MigrationRow {
        version: migration.version,
        description: migration.description.to_string(),
        applied: applied.contains_key(&migration.version),
    };
    Ok(WRITTEN.iter().map(row).collect())
}

async fn apply(database: &Database) -> Result<(), LogError> {
    // Whoever may only read and write needs no more where nothing is to do.
    if rows(database).await?.iter().all(|row| row.applied) {
        return Ok(());
    }
    let mut checked_out = database.check_out().await?;
    run(checked_out.connection()?).await.map_err(explain)?;
    database.watch().wrote();
    checked_out.return_to_pool();
    Ok(())
}

/// `Migrator::run` says the same, in words that are not `Send` with a borrowed
/// connection; this is how the library itself gets around that.
async fn run(connection: &mut Connection) -> Result<(), MigrateError> {
    match connection {
        Connection::Sqlite(inner) => for_sqlite().run_direct(None, inner, false).await,
        Connection::Postgres(inner) => for_postgres().run_direct(None, inner, false).await,
    }
}

/// The same migrations for SQLite.
fn for_sqlite() -> Migrator {
    said(OF_POSTGRES_ONLY, &[])
}

/// The same migrations in PostgreSQL's words.
fn for_postgres() -> Migrator {
    said(OF_SQLITE_ONLY, &WORDS)
}

/// The migrations in other words, without those of another database. Each keeps the
/// checksum of what is written: that is what must never change.
fn said(of_another: &str, words: &[(&str, &str)]) -> Migrator {
    let migrations = WRITTEN.iter().map(|migration| {
        let mut text = migration.sql.as_str().to_owned();
        if text.starts_with(of_another) {
            // It is noted all the same: the sequence is one.
            text = "SELECT 1".to_owned();
        }
        for (written, said) in words {
            text = text.replace(written, said);
        }
        Migration {
            sql: sqlx::AssertSqlSafe(text).into_sql_str(),
            ..migration.clone()
        }
    });
    Migrator {
        migrations: Cow::Owned(migrations.collect()),
        ..Migrator::DEFAULT
    }
}

fn explain(error: MigrateError) -> LogError {
    LogError::Unavailable(match error {
        MigrateError::VersionMissing(version) => Cause::text(format!(
            "its tables are of a newer attache (migration {version}; this one knows up to {}): \
             start that one, or restore a backup",
            WRITTEN.iter().map(|known| known.version).max().unwrap_or(0)
        )),
        error => Cause::text("its tables cannot be brought up to date").because(Cause::new(error)),
    })
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    use super::*;

    #[test]
    fn every_file_of_the_migrations_folder_is_listed() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations");
        let mut found: Vec<String> = fs::read_dir(folder)
            .unwrap()
            .map(|file| file.unwrap().file_name().into_string().unwrap())
            .collect();
        found.sort();
        let listed = FILES.map(|(version, description, _)| {
            format!("{version:04}_{}.sql", description.replace(' ', "_"))
        });
        assert_eq!(found, listed);
    }

    #[test]
    fn migrations_keep_the_checksums_that_databases_have_noted() {
        let noted: Vec<String> = WRITTEN
            .iter()
            .map(|migration| {
                let bytes = migration.checksum.iter().take(8);
                bytes.map(|byte| format!("{byte:02x}")).collect()
            })
            .collect();
        assert_eq!(
            noted,
            [
                "0af7a13d64c62367",
                "424126fb076d260b",
                "2e675574b2831dc5",
                "ded6a1bc4eb7364d",
                "20a9a3c19605e8cf",
                "fdaa72aef0df0cb5",
                "904b4350f24b8174",
                "53b4041263ac5b96",
                "0ead33accdfb62a0",
                "dc7e2ebcc5151db1",
                "33255645a665d10a",
                "328ee966410cac4b",
                "0d11e52aa783d121",
                "d7553dbe5ec0c41b",
            ]
        );
    }

    #[test]
    fn postgres_is_spoken_to_in_its_own_words() {
        let said: Vec<String> = for_postgres()
            .iter()
            .map(|migration| migration.sql.as_str().to_owned())
            .collect();
        let said = said.join("\n");
        assert!(said.contains("tenant_id TEXT COLLATE \"C\""), "{said}");
        assert!(said.contains("BYTEA"));
        for word in ["BLOB", "ROWID"] {
            let statements = said.lines().filter(|line| !line.starts_with("--"));
            assert!(
                !statements.clone().any(|line| line.contains(word)),
                "{word}"
            );
        }
    }
}
