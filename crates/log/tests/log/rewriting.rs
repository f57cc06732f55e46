//! A log of the version before is brought into the form of today.

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::{Arc, OnceLock};

use attache_core::id::Revision;
use attache_core::{Entry, State};
use attache_log::{
    EntryReader as _, Installation as _, Location, Rewriting, SqlLog, TenantDirectory as _,
    TenantRow, rewrite_entries, to_rewrite,
};

use super::by_hand::{all_changes, execute, texts};
use super::{Database, Put as _, Sqlite, entry, user};

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
pub(super) async fn copied(database: &impl Database) -> (Arc<SqlLog>, TenantRow, Vec<Entry>) {
    let to = database.open().await;
    let folder = tempfile::tempdir().unwrap();
    let from = before(folder.path()).await;
    let row = from.tenants().await.unwrap().remove(0);
    from.copy_tenant(&to, &row, &mut |_| {}).await.unwrap();
    let entries = from.read_after(row.id, Revision(0), 10_000).await.unwrap();
    from.close().await;
    (to, row, entries)
}

/// Rewrites all entries. Returns what was done.
pub(super) async fn rewrite(location: &Location) -> Vec<Rewriting> {
    rewrite_and_hear(location, &mut |_| {}).await
}

pub(super) async fn rewrite_and_hear(
    location: &Location,
    hear: &mut (dyn FnMut(&Rewriting) + Send),
) -> Vec<Rewriting> {
    let settings = attache_log::Settings::default();
    let done = rewrite_entries(location, &settings, random(), hear).await;
    let done = done.unwrap();
    assert!(done.iter().all(|it| it.error.is_none()), "{done:?}");
    done
}

/// What there is to rewrite.
pub(super) async fn pending(location: &Location) -> Vec<Rewriting> {
    let settings = attache_log::Settings::default();
    to_rewrite(location, &settings).await.unwrap()
}

/// Does something between two batches, where nothing else goes on.
pub(super) fn now<T>(work: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Handle::current();
    tokio::task::block_in_place(|| runtime.block_on(work))
}

/// The changes of entries that name something, and entries that have profiles.
async fn naming(database: &impl Database) -> Vec<String> {
    let mut naming = texts(
        database,
        "SELECT id FROM entry WHERE profiles IS NOT NULL AND profiles <> '{}'",
    )
    .await;
    for json in all_changes(database).await {
        let mut changes: Vec<serde_json::Value> = serde_json::from_str(&json).unwrap();
        for change in &mut changes {
            // Kinds and permissions have names too.
            change.as_object_mut().unwrap().remove("catalogue");
            let json = change.to_string();
            if json.contains("\"name\":") || json.contains("\"key\":") {
                naming.push(json);
            }
        }
    }
    naming
}

pub(super) fn state(row: &TenantRow, entries: &[Entry]) -> State {
    let mut state = State::empty(row.id);
    entries.iter().for_each(|entry| state.apply(entry));
    state
}

pub(super) async fn read(log: &SqlLog, row: &TenantRow) -> Vec<Entry> {
    let mut entries = log.read_after(row.id, Revision(0), 10_000).await.unwrap();
    entries
        .iter_mut()
        .for_each(|entry| entry.changes.salts.clear());
    entries
}

pub(super) async fn a_log_of_the_version_before_is_rewritten_and_says_the_same(
    database: impl Database,
) {
    let (log, row, entries) = copied(&database).await;
    assert!(entries.len() > 30);
    assert_eq!(read(&log, &row).await, entries);
    assert!(!naming(&database).await.is_empty());
    let was = state(&row, &entries);
    let to_do = pending(&database.location()).await;
    assert_eq!((to_do.len(), to_do[0].at), (1, 0));
    // A server is open meanwhile, and writes.
    let (mut told, mut after) = (0, was.clone());
    let mut written = Vec::new();
    let mut hear = |_: &Rewriting| {
        told += 1;
        let (next, state) = entry(&after, &user("Zoë"));
        now(log.put(row.id, std::slice::from_ref(&next), &[])).unwrap();
        after = state;
        written.push(next);
    };
    let done = rewrite_and_hear(&database.location(), &mut hear).await;
    assert!(told > 1 && written.len() == told);
    let all = entries.len() + written.len();
    assert!(done[0].changed > 20 && done[0].at == all as u64, "{done:?}");
    assert_eq!(naming(&database).await, <[String; 0]>::default());
    let left = log.read_after(row.id, Revision(0), 10_000).await.unwrap();
    assert_eq!(left[entries.len()..], written);
    assert_eq!(read(&log, &row).await[..entries.len()], entries);
    assert!(state(&row, &left[..entries.len()]) == was);
    assert!(pending(&database.location()).await.is_empty());
    // It goes on, and is found complete by who opens it anew.
    let (next, _) = entry(&after, &user("Zoë"));
    log.put(row.id, &[next], &[]).await.unwrap();
    log.close().await;
    let log = database.open().await;
    assert_eq!(read(&log, &row).await[..entries.len()], entries[..]);
}

pub(super) async fn two_who_rewrite_at_the_same_time_do_each_entry_once(database: impl Database) {
    let (log, row, entries) = copied(&database).await;
    let location = database.location();
    let (one, other) = tokio::join!(rewrite(&location), rewrite(&location));
    let changed = |done: &[Rewriting]| done.iter().map(|it| it.changed).sum::<u64>();
    let both = changed(&one) + changed(&other);
    assert_eq!(read(&log, &row).await, entries);
    assert_eq!(naming(&database).await, <[String; 0]>::default());
    assert!(pending(&location).await.is_empty());
    // As many as one alone rewrites.
    let folder = tempfile::tempdir().unwrap();
    before(folder.path()).await.close().await;
    let alone = rewrite(&Location::Sqlite(folder.path().join("before.db"))).await;
    assert_eq!(both, changed(&alone));
}

pub(super) async fn what_is_deleted_while_a_batch_is_rewritten_stays_deleted(
    database: impl Database + Send + Sync + 'static,
) {
    let (log, row, entries) = copied(&database).await;
    let (database, deleted) = (Arc::new(database), Arc::new(OnceLock::new()));
    let settings = attache_log::Settings::default();
    // Behind the reading of a batch, and before its writing.
    let meanwhile = {
        let (database, deleted) = (database.clone(), deleted.clone());
        Arc::new(move |bytes: &mut [u8]| {
            deleted.get_or_init(|| {
                let others = now(rewrite(&database.location()));
                assert!(others[0].changed > 20, "{others:?}");
                let delete = "DELETE FROM private WHERE revision BETWEEN 10 AND 50";
                now(execute(&*database, delete))
            });
            random()(bytes);
        })
    };
    let location = database.location();
    let done = rewrite_entries(&location, &settings, meanwhile, &mut |_| {}).await;
    let done = done.unwrap();
    assert!(done[0].error.is_none() && done[0].changed == 0, "{done:?}");
    assert!(deleted.get().is_some_and(|rows: &u64| *rows > 10));
    let left = "SELECT about FROM private WHERE revision BETWEEN 10 AND 50";
    assert_eq!(texts(&*database, left).await, <[String; 0]>::default());
    assert_eq!(read(&log, &row).await.len(), entries.len());
    assert!(pending(&location).await.is_empty());
}

pub(super) async fn older_entries_behind_rewritten_ones_are_rewritten(database: impl Database) {
    let (log, row, entries) = copied(&database).await;
    let location = database.location();
    // As where a copy brought them, or an older server wrote after all was rewritten.
    let folder = tempfile::tempdir().unwrap();
    let from = before(folder.path()).await;
    let begin = "DELETE FROM entry WHERE revision > 40";
    assert!(execute(&database, begin).await > 20);
    rewrite(&location).await;
    assert!(pending(&location).await.is_empty());
    from.copy_tenant(&log, &row, &mut |_| {}).await.unwrap();
    assert_eq!(read(&log, &row).await, entries);
    assert!(!naming(&database).await.is_empty());
    let to_do = pending(&location).await;
    assert!(
        (40..entries.len() as u64).contains(&to_do[0].at),
        "{to_do:?}"
    );
    assert!(rewrite(&location).await[0].changed > 10);
    assert_eq!(naming(&database).await, <[String; 0]>::default());
    assert_eq!(read(&log, &row).await, entries);
    assert!(pending(&location).await.is_empty());
}

pub(super) async fn a_tenant_that_cannot_be_read_stops_the_rewriting_of_no_other(
    database: impl Database,
) {
    let (log, row, entries) = copied(&database).await;
    let location = database.location();
    for broken in [
        // The first one has no entries, the second one has one.
        "INSERT INTO tenant (id, slug, domains, created_at, changed) VALUES ('a', 'a', '[]', 0, 0)",
        "INSERT INTO tenant (id, slug, domains, created_at, changed) VALUES ('b', 'b', '[]', 0, 0)",
        "INSERT INTO entry (tenant_id, revision, id, at, actor, correlation_id, changes) \
            VALUES ('b', 1, '', 0, '', '', '[]')",
        "UPDATE tenant SET domains = 'no list' WHERE id <> 'a'",
    ] {
        execute(&database, broken).await;
    }
    let settings = attache_log::Settings::default();
    let done = rewrite_entries(&location, &settings, random(), &mut |_| {}).await;
    let done = done.unwrap();
    let failed: Vec<_> = done
        .iter()
        .map(|it| (&*it.tenant, it.error.is_some()))
        .collect();
    assert_eq!(failed, [("b", true), (&*row.slug, false)]);
    assert_eq!(read(&log, &row).await, entries);
    assert!(done[1].changed > 20);
    // Nor does an entry that cannot be read.
    let damage = "UPDATE entry SET changes = 'no list', commitments = NULL, packed = NULL \
        WHERE revision = 50";
    execute(&database, damage).await;
    let done = rewrite_entries(&location, &settings, random(), &mut |_| {}).await;
    let done = done.unwrap();
    assert_eq!(
        (done[1].at, done[1].error.is_some()),
        (49, true),
        "{done:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_was_not_compacted_is_compacted_by_the_next_run() {
    let folder = tempfile::tempdir().unwrap();
    before(folder.path()).await.close().await;
    let database = Sqlite(folder);
    let file = database.0.path().join("before.db");
    std::fs::rename(file, database.location().file().unwrap()).unwrap();
    let location = database.location();
    rewrite(&location).await;
    assert!(pending(&location).await.is_empty());
    // Killed before the end: all is rewritten, and names stand in pages that nothing uses.
    execute(
        &database,
        "CREATE TABLE filler AS SELECT randomblob(100000) AS bytes",
    )
    .await;
    execute(&database, "DROP TABLE filler").await;
    execute(&database, "INSERT INTO rewriting SELECT id, 1 FROM tenant").await;
    let unused = "SELECT CAST(freelist_count AS TEXT) FROM pragma_freelist_count";
    assert_ne!(texts(&database, unused).await, ["0"]);
    let to_do = pending(&location).await;
    assert_eq!((to_do.len(), to_do[0].at), (1, to_do[0].last));
    rewrite(&location).await;
    assert_eq!(texts(&database, unused).await, ["0"]);
    assert!(pending(&location).await.is_empty());
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
        let heard = told.take((batches - 1) % 3 + 1).count();
        let _ = child.kill();
        child.wait().unwrap();
        kills += 1;
        // Between two runs, everybody reads all of it.
        assert_eq!(read(&log, &row).await, entries);
        if heard == 0 || pending(&database.location()).await.is_empty() {
            break;
        }
    }
    assert!(kills > 1);
    rewrite(&database.location()).await;
    assert!(pending(&database.location()).await.is_empty());
    assert_eq!(naming(&database).await, <[String; 0]>::default());
    assert!(state(&row, &read(&log, &row).await) == was);
}
