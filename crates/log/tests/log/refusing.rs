//! A database that takes no writes: what is written is known not to be, and why; what
//! is there is read; and it goes on by itself.

use std::path::Path;
use std::time::Duration;

use attache_core::id::Revision;
use attache_core::{Entry, State};
use attache_log::{
    AppendError, DirectoryError, EntryReader as _, Fault, Installation as _, Location, SqlLog,
    TenantDirectory as _, TenantRow,
};

use super::{Database as _, Put as _, Sqlite, beginning, done, entry, tenant, user};

async fn begun(log: &SqlLog) -> (TenantRow, Entry, State) {
    let row = tenant("lantern");
    let (first, state) = beginning(&row);
    let created = log.create_tenant(row.clone(), first.clone(), None);
    created.await.unwrap();
    (row, first, state)
}

/// Nothing was written, and it is known why.
async fn refuses(log: &SqlLog, row: &TenantRow, entries: &[Entry], fault: Fault) {
    let failed = |log: &SqlLog| log.writes().failed.get(&fault).copied().unwrap_or(0);
    let before = failed(log);
    // As an append that stands alone, and as one with more beside it.
    for requests in [vec![], vec![done("one", "this", 2, 1_000, 0)]] {
        let answer = log.put(row.id, entries, &requests).await;
        assert!(
            matches!(answer, Err(AppendError::NotWritten(_))),
            "{answer:?}"
        );
    }
    let other = tenant("other");
    let created = log.create_tenant(other.clone(), beginning(&other).0, None);
    let created = created.await;
    assert!(
        matches!(created, Err(DirectoryError::Log(_))),
        "{created:?}"
    );
    let failing = log.writes().failing.expect("it says that writes fail");
    assert_eq!(failing.fault, fault, "{}", failing.reason);
    assert_eq!(failed(log), before + 3);
    // What is there is read.
    let heads = log.heads(&[row.id]).await.unwrap();
    assert_eq!(heads[0].map(|head| head.revision), Some(Revision(1)));
}

/// It goes on by itself: nobody writes meanwhile.
async fn recovers(log: &SqlLog) {
    let recovered = async {
        while log.writes().failing.is_some() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    let recovered = tokio::time::timeout(Duration::from_secs(20), recovered).await;
    assert!(recovered.is_ok(), "{:?}", log.writes());
    assert_eq!(log.tenants().await.unwrap().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_was_removed_takes_no_writes_until_it_is_back() {
    let database = Sqlite(tempfile::tempdir().unwrap());
    let log = database.open().await;
    let (row, _, state) = begun(&log).await;
    let (second, _) = entry(&state, &user("Ada"));
    let (file, away) = (
        database.0.path().join("attache.db"),
        database.0.path().join("away.db"),
    );
    std::fs::rename(&file, &away).unwrap();
    refuses(&log, &row, std::slice::from_ref(&second), Fault::FileGone).await;
    assert!(!file.exists(), "an empty one was made in its place");
    // Another file in its place is not it.
    std::fs::copy(&away, &file).unwrap();
    let answer = log.put(row.id, std::slice::from_ref(&second), &[]).await;
    assert!(
        matches!(answer, Err(AppendError::NotWritten(_))),
        "{answer:?}"
    );
    std::fs::rename(&away, &file).unwrap();
    recovers(&log).await;
    log.put(row.id, &[second], &[]).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_write_ahead_log_that_was_removed_takes_no_writes() {
    let database = Sqlite(tempfile::tempdir().unwrap());
    let log = database.open().await;
    let (row, _, state) = begun(&log).await;
    let (second, after) = entry(&state, &user("Ada"));
    let (third, _) = entry(&after, &user("Ben"));
    log.put(row.id, &[second], &[]).await.unwrap();
    std::fs::remove_file(database.0.path().join("attache.db-wal")).unwrap();
    let answer = log.put(row.id, &[third], &[]).await;
    assert!(
        matches!(answer, Err(AppendError::NotWritten(_))),
        "{answer:?}"
    );
    let failing = log.writes().failing.unwrap();
    assert_eq!(failing.fault, Fault::FileGone);
    assert!(
        failing.reason.contains("attache.db-wal"),
        "{}",
        failing.reason
    );
}

/// What the file alone holds, elsewhere.
async fn alone(file: &Path) -> usize {
    let folder = tempfile::tempdir().unwrap();
    let copy = folder.path().join("attache.db");
    std::fs::copy(file, &copy).unwrap();
    let log = SqlLog::open(&Location::Sqlite(copy), Default::default()).await;
    let log = log.unwrap();
    let tenant = log.tenants().await.unwrap()[0].id;
    log.read_after(tenant, Revision(0), 99).await.unwrap().len()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_file_alone_is_whole_after_closing() {
    let database = Sqlite(tempfile::tempdir().unwrap());
    let file = database.0.path().join("attache.db");
    let log_is_empty = || {
        let log = std::fs::metadata(file.with_file_name("attache.db-wal"));
        log.map_or(0, |log| log.len()) == 0
    };
    let log = database.open().await;
    let (row, _, mut state) = begun(&log).await;
    for count in 2..5 {
        let (next, after) = entry(&state, &user("Ada"));
        log.put(row.id, &[next], &[]).await.unwrap();
        state = after;
        if count == 3 {
            // Also where another one is open that reads the file.
            let other = database.open().await;
            let (next, _) = entry(&state, &user("Ben"));
            other.heads(&[row.id]).await.unwrap();
            drop(next);
            other.close().await;
        }
    }
    log.close().await;
    assert!(log_is_empty());
    assert_eq!(alone(&file).await, 4);
    let (one, other) = (database.open().await, database.open().await);
    let (next, _) = entry(&state, &user("Cleo"));
    one.put(row.id, &[next], &[]).await.unwrap();
    other.heads(&[row.id]).await.unwrap();
    one.close().await;
    assert!(log_is_empty(), "another one that reads is in the way");
    assert_eq!(alone(&file).await, 5);
    other.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_under_postgres_is_known_to_have_taken_nothing() {
    let Some(postgres) = attache_own_postgres::Postgres::shared() else {
        return;
    };
    let name = postgres.fresh_name();
    let location = Location::parse(&postgres.url(&name)).unwrap();
    let log = SqlLog::open(&location, Default::default()).await.unwrap();
    let (row, _, state) = begun(&log).await;
    let (second, _) = entry(&state, &user("Ada"));
    postgres.sql(
        &name,
        "CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN \
         RAISE EXCEPTION 'could not extend file' USING ERRCODE = 'disk_full'; END $$",
    );
    // While it is inserted, and only when it is committed.
    for trigger in [
        "CREATE TRIGGER full_disk BEFORE INSERT ON entry",
        "CREATE CONSTRAINT TRIGGER full_disk AFTER INSERT ON entry DEFERRABLE INITIALLY DEFERRED",
    ] {
        postgres.sql(
            &name,
            &format!("{trigger} FOR EACH ROW EXECUTE FUNCTION full_disk()"),
        );
        refuses(&log, &row, std::slice::from_ref(&second), Fault::DiskFull).await;
        postgres.sql(&name, "DROP TRIGGER full_disk ON entry");
        recovers(&log).await;
    }
    log.put(row.id, &[second], &[]).await.unwrap();
}
