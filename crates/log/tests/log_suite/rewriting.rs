//! A log of the version before is brought into the form of today.

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;

use attache_core::id::Revision;
use attache_core::{Entry, State};
use attache_log::{
    EntryReader as _, Installation as _, Location, Rewriting, SqlLog, TenantDirectory as _,
    TenantRow, rewrite_entries, to_rewrite,
};

use super::private_parts::{execute, texts};
use super::{Database, Put as _, entry, user};

/// A database that the version before made, with its demo and then a change of each kind.
const BEFORE: &[u8] = include_bytes!("../golden/version-before.db");

/// Bytes that are others each time.
fn random() -> attache_log::Random {
    Arc::new(|bytes: &mut [u8]| {
        for chunk in bytes.chunks_mut(16) {
            chunk.copy_from_slice(&uuid::Uuid::now_v7().as_bytes()[..chunk.len()]);
        }
    })
}

async fn before(folder: &Path) -> SqlLog {
    let file = folder.join("before.db");
    std::fs::write(&file, BEFORE).unwrap();
    SqlLog::open(&Location::Sqlite(file), Default::default())
        .await
        .unwrap()
}

/// The log of the version before, copied as it stands into another database.
async fn copied(database: &impl Database) -> (Arc<SqlLog>, TenantRow, Vec<Entry>) {
    let folder = tempfile::tempdir().unwrap();
    let from = before(folder.path()).await;
    let to = database.open().await;
    let row = from.tenants().await.unwrap().remove(0);
    from.copy_tenant(&to, &row, &mut |_| {}).await.unwrap();
    let entries = from.read_after(row.id, Revision(0), 10_000).await.unwrap();
    from.close().await;
    (to, row, entries)
}

fn state(row: &TenantRow, entries: &[Entry]) -> State {
    let mut state = State::empty(row.id);
    entries.iter().for_each(|entry| state.apply(entry));
    state
}

async fn read(log: &SqlLog, row: &TenantRow) -> Vec<Entry> {
    let mut entries = log.read_after(row.id, Revision(0), 10_000).await.unwrap();
    entries
        .iter_mut()
        .for_each(|entry| entry.changes.salts.clear());
    entries
}

const NAMING: &str = "SELECT id FROM entry WHERE changes LIKE '%\"name\":%' \
    AND changes NOT LIKE '%catalogue%' OR changes LIKE '%\"key\":%' OR profiles IS NOT NULL";

pub(super) async fn a_log_of_the_version_before_is_rewritten_and_says_the_same(
    database: impl Database,
) {
    let (log, row, entries) = copied(&database).await;
    assert!(entries.len() > 30);
    assert_eq!(read(&log, &row).await, entries);
    assert!(!texts(&database, NAMING).await.is_empty());
    let was = state(&row, &entries);
    let settings = attache_log::Settings::default();
    let pending = to_rewrite(&database.location(), &settings).await.unwrap();
    assert_eq!((pending.len(), pending[0].at), (1, 0));
    // A server is open meanwhile, and writes.
    let mut told = 0;
    let mut hear = |_: &Rewriting| told += 1;
    let done = rewrite_entries(&database.location(), &settings, random(), &mut hear).await;
    let done = done.unwrap();
    assert!(done[0].error.is_none() && told > 1, "{done:?}");
    assert!(
        done[0].changed > 20 && done[0].at == entries.len() as u64,
        "{done:?}"
    );
    let none = texts(&database, NAMING).await;
    assert_eq!(none, <[String; 0]>::default());
    assert_eq!(read(&log, &row).await, entries);
    assert!(state(&row, &read(&log, &row).await) == was);
    assert!(
        to_rewrite(&database.location(), &settings)
            .await
            .unwrap()
            .is_empty()
    );
    // It goes on, and is found complete by who opens it anew.
    let (next, _) = entry(&was, &user("Zoë"));
    log.put(row.id, &[next], &[]).await.unwrap();
    log.close().await;
    let log = database.open().await;
    assert_eq!(read(&log, &row).await[..entries.len()], entries[..]);
}

pub(super) async fn what_is_erased_after_rewriting_names_nobody(database: impl Database) {
    let (log, row, entries) = copied(&database).await;
    let settings = attache_log::Settings::default();
    let done = rewrite_entries(&database.location(), &settings, random(), &mut |_| {}).await;
    assert!(done.unwrap()[0].error.is_none());
    let freya = "Holm";
    assert!(format!("{:?}", read(&log, &row).await).contains(freya));
    let erase = "DELETE FROM private WHERE about IN \
        (SELECT about FROM private WHERE data LIKE '%Holm%')";
    assert!(execute(&database, erase).await > 0);
    let left = read(&log, &row).await;
    assert!(!format!("{left:?}").contains(freya));
    assert_eq!(left.len(), entries.len());
    // A copy that was made before loses it too.
    let folder = tempfile::tempdir().unwrap();
    let to = before(folder.path()).await;
    to.close().await;
    let to = before_rewritten(folder.path()).await;
    assert!(format!("{:?}", read(&to, &row).await).contains(freya));
    log.copy_tenant(&to, &row, &mut |_| {}).await.unwrap();
    assert_eq!(read(&to, &row).await, left);
}

async fn before_rewritten(folder: &Path) -> SqlLog {
    let location = Location::Sqlite(folder.join("before.db"));
    let settings = attache_log::Settings::default();
    let done = rewrite_entries(&location, &settings, random(), &mut |_| {}).await;
    assert!(done.unwrap()[0].error.is_none());
    SqlLog::open(&location, settings).await.unwrap()
}

/// Where a process of this test finds what it is to rewrite.
const DATABASE: &str = "ATTACHE_TEST_REWRITES";

/// What the next test kills.
#[tokio::test(flavor = "multi_thread")]
async fn rewrites_the_database_that_the_environment_names() {
    let Ok(database) = std::env::var(DATABASE) else {
        return;
    };
    let location = Location::parse(&database).unwrap();
    let settings = attache_log::Settings::default();
    let mut hear = |at: &Rewriting| println!("rewritten {}", at.at);
    rewrite_entries(&location, &settings, random(), &mut hear)
        .await
        .unwrap();
}

pub(super) async fn a_rewriting_that_is_killed_goes_on_and_loses_nothing(database: impl Database) {
    let (log, row, entries) = copied(&database).await;
    let was = state(&row, &entries);
    let place = match database.url() {
        Some(url) => url,
        None => format!("sqlite:{}", database.location().file().unwrap().display()),
    };
    let settings = attache_log::Settings::default();
    let mut kills = 0;
    for batches in 1.. {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args([
                "rewriting::rewrites_the_database_that_the_environment_names",
                "--exact",
                "--nocapture",
            ])
            .env(DATABASE, &place)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let told = lines
            .map_while(Result::ok)
            .filter(|line| line.contains("rewritten "));
        // Killed after one batch, after two…: in the midst of the next one.
        let heard = told.take(batches % 3 + 1).count();
        let _ = child.kill();
        child.wait().unwrap();
        kills += 1;
        // Between two runs, everybody reads all of it.
        assert_eq!(read(&log, &row).await, entries);
        if heard == 0
            || to_rewrite(&database.location(), &settings)
                .await
                .unwrap()
                .is_empty()
        {
            break;
        }
    }
    assert!(kills > 1);
    let done = rewrite_entries(&database.location(), &settings, random(), &mut |_| {}).await;
    assert!(done.unwrap().iter().all(|one| one.error.is_none()));
    assert!(
        to_rewrite(&database.location(), &settings)
            .await
            .unwrap()
            .is_empty()
    );
    assert_eq!(texts(&database, NAMING).await, <[String; 0]>::default());
    assert!(state(&row, &read(&log, &row).await) == was);
}
