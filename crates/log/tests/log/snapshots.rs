//! Snapshots that are not as they were written, or not of these entries.

use std::path::Path;
use std::sync::Arc;

use attache_core::State;
use attache_core::id::{Revision, TenantId};
use attache_log::{
    EntryReader as _, Installation as _, Location, Snapshots as _, SqlLog, TenantDirectory as _,
    TenantRow, snapshots_beside,
};
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions as _, Connection as _, PgConnection, Row as _};
use tokio::sync::{Mutex, MutexGuard};

use super::{Database, Postgres, Put as _, Sqlite, beginning, entry, save, tenant, user};

/// How many bits are flipped and how many times it is cut, spread evenly over
/// the snapshot.
const FLIPS: usize = 400;
const CUTS: usize = 60;

/// A snapshot as it lies in the database or beside it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Stored {
    /// The revision by which it is found.
    pub(super) revision: i64,
    pub(super) bytes: Vec<u8>,
    /// The format, where it stands in a column of its own.
    pub(super) format: Option<i64>,
}

/// Reading and writing snapshots behind the log's back.
pub(super) trait Snapshots {
    /// All of a tenant, the newest first.
    async fn stored(&self, tenant: TenantId) -> Vec<Stored>;

    async fn store(&self, tenant: TenantId, snapshot: &Stored);
}

impl Snapshots for Sqlite {
    async fn stored(&self, tenant: TenantId) -> Vec<Stored> {
        let folder = snapshots_beside(self.location().file().unwrap());
        let Ok(files) = std::fs::read_dir(folder.join(tenant.to_string())) else {
            return Vec::new();
        };
        let stored = |path: std::path::PathBuf| Stored {
            revision: path.file_stem().unwrap().to_str().unwrap().parse().unwrap(),
            bytes: std::fs::read(path).unwrap(),
            format: None,
        };
        let mut all: Vec<_> = files.map(|file| stored(file.unwrap().path())).collect();
        all.sort_by_key(|it| -it.revision);
        all
    }

    async fn store(&self, tenant: TenantId, snapshot: &Stored) {
        let folder = snapshots_beside(self.location().file().unwrap()).join(tenant.to_string());
        std::fs::create_dir_all(&folder).unwrap();
        let file = folder.join(format!("{}.snapshot", snapshot.revision));
        std::fs::write(file, &snapshot.bytes).unwrap();
    }
}

impl Postgres {
    /// A connection of the test's own.
    pub(super) async fn connection(&self) -> MutexGuard<'_, PgConnection> {
        let connect = async || Mutex::new(PgConnection::connect(&self.1).await.unwrap());
        self.2.get_or_init(connect).await.lock().await
    }
}

impl Snapshots for Postgres {
    async fn stored(&self, tenant: TenantId) -> Vec<Stored> {
        let select = "SELECT revision, state, format FROM snapshot WHERE tenant_id = $1 \
            ORDER BY revision DESC";
        let mut connection = self.connection().await;
        let select = sqlx::query(select).bind(tenant.to_string());
        let rows = select.fetch_all(&mut *connection).await.unwrap();
        let stored = |row: &sqlx::postgres::PgRow| Stored {
            revision: row.get(0),
            bytes: row.get(1),
            format: Some(row.get(2)),
        };
        rows.iter().map(stored).collect()
    }

    async fn store(&self, tenant: TenantId, snapshot: &Stored) {
        let insert = "INSERT INTO snapshot (tenant_id, state, revision, format) VALUES ($1, $2, $3, $4) \
            ON CONFLICT (tenant_id, revision) DO UPDATE SET state = $2, format = $4";
        let insert = sqlx::query(insert).bind(tenant.to_string());
        let insert = insert.bind(&snapshot.bytes).bind(snapshot.revision);
        let insert = insert.bind(snapshot.format.unwrap());
        let mut connection = self.connection().await;
        insert.execute(&mut *connection).await.unwrap();
    }
}

/// A tenant with some users, and its state.
pub(super) async fn some_users(log: &SqlLog) -> (TenantRow, State) {
    let row = tenant("lantern");
    let (first, mut state) = beginning(&row);
    log.create_tenant(row.clone(), first, None).await.unwrap();
    for name in ["Ada", "Ben", "Cleo", "Zoë 李"] {
        let (next, after) = entry(&state, &user(name));
        log.put(row.id, &[next], &[]).await.unwrap();
        state = after;
    }
    (row, state)
}

pub(super) async fn a_snapshot_comes_back_and_the_newer_one_stays(database: impl Database) {
    let log = database.open().await;
    let row = tenant("lantern");
    let (first, old) = beginning(&row);
    log.create_tenant(row.clone(), first, None).await.unwrap();
    assert!(log.load_snapshot(row.id).await.unwrap().is_none());
    let (second, new) = entry(&old, &user("Ada"));
    log.put(row.id, &[second], &[]).await.unwrap();
    save(&log, new.clone()).await;
    save(&log, old).await;
    let read = log.load_snapshot(row.id).await.unwrap().unwrap();
    assert_eq!(read.revision(), new.revision());
    assert_eq!(read, new);
}

pub(super) async fn a_snapshot_that_the_entries_do_not_lead_to_is_not_saved(
    database: impl Database,
) {
    let log = database.open().await;
    let row = tenant("lantern");
    let (first, state) = beginning(&row);
    log.create_tenant(row.clone(), first, None).await.unwrap();
    let (ours, _) = entry(&state, &user("Ada"));
    let (_, theirs) = entry(&state, &user("Ben"));
    save(&log, theirs.clone()).await;
    log.put(row.id, &[ours], &[]).await.unwrap();
    save(&log, theirs).await;
    assert!(log.load_snapshot(row.id).await.unwrap().is_none());
    save(&log, state.clone()).await;
    assert!(log.load_snapshot(row.id).await.unwrap() == Some(state));
}

/// Everything that may happen to a snapshot.
pub(super) fn damages(whole: &Stored) -> Vec<(String, Stored)> {
    let bits = whole.bytes.len() * 8;
    let flip = |nth: usize| {
        let bit = nth * bits / FLIPS;
        let mut damaged = whole.clone();
        damaged.bytes[bit / 8] ^= 1 << (bit % 8);
        (format!("bit {bit} flipped"), damaged)
    };
    let cut = |nth: usize| {
        let length = nth * whole.bytes.len() / CUTS;
        let mut damaged = whole.clone();
        damaged.bytes.truncate(length);
        (format!("cut after {length} bytes"), damaged)
    };
    let column = |bit: u32| {
        let format = whole.format?;
        let flipped = 1_i64.rotate_left(bit % 64);
        let mut damaged = whole.clone();
        match bit / 64 {
            0 => damaged.revision ^= flipped,
            _ => damaged.format = Some(format ^ flipped),
        }
        let columns = (damaged.revision, damaged.format);
        Some((format!("columns are {columns:?}"), damaged))
    };
    let longer = Stored {
        bytes: [whole.bytes.as_slice(), &[0]].concat(),
        ..whole.clone()
    };
    (0..FLIPS)
        .map(flip)
        .chain((0..CUTS).map(cut))
        .chain((0..128).filter_map(column))
        .chain([("longer".to_owned(), longer)])
        .collect()
}

pub(super) async fn a_damaged_snapshot_is_thrown_away_and_made_anew(
    database: impl Database + Snapshots,
) {
    let log = database.open().await;
    let (row, state) = some_users(&log).await;
    save(&log, state.clone()).await;
    let whole = database.stored(row.id).await.remove(0);
    for (damage, damaged) in damages(&whole) {
        log.remove_snapshot(row.id, state.revision()).await.unwrap();
        database.store(row.id, &damaged).await;
        let loaded = log.load_snapshot(row.id).await.unwrap();
        assert!(loaded.is_none(), "{damage}: it is believed");
        let left = database.stored(row.id).await;
        assert!(left.is_empty(), "{damage}: it was not thrown away");
    }
    save(&log, state.clone()).await;
    assert!(log.load_snapshot(row.id).await.unwrap() == Some(state));
    assert_eq!(database.stored(row.id).await, [whole]);
}

pub(super) async fn a_snapshot_of_another_tenant_is_thrown_away(
    database: impl Database + Snapshots,
) {
    let log = database.open().await;
    let (row, state) = some_users(&log).await;
    save(&log, state).await;
    let whole = database.stored(row.id).await.remove(0);
    let other = tenant("other");
    let (first, begun) = beginning(&other);
    log.create_tenant(other.clone(), first, None).await.unwrap();
    database.store(other.id, &whole).await;
    assert!(log.load_snapshot(other.id).await.unwrap().is_none());
    assert!(database.stored(other.id).await.is_empty());
    save(&log, begun.clone()).await;
    assert!(log.load_snapshot(other.id).await.unwrap() == Some(begun));
}

async fn open(file: &Path) -> Arc<SqlLog> {
    let location = Location::Sqlite(file.to_owned());
    Arc::new(SqlLog::open(&location, Default::default()).await.unwrap())
}

/// A backup of the database alone, as SQLite makes it.
async fn back_up(file: &Path, backup: &Path) {
    let options = SqliteConnectOptions::new().filename(file);
    let mut connection = options.connect().await.unwrap();
    let text = backup.to_str().unwrap();
    let copy = sqlx::query("VACUUM INTO $1").bind(text);
    copy.execute(&mut connection).await.unwrap();
    connection.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_of_the_file_alone_holds_everything() {
    let folder = tempfile::tempdir().unwrap();
    let (file, backup) = (folder.path().join("a.db"), folder.path().join("b.db"));
    let log = open(&file).await;
    let (row, state) = some_users(&log).await;
    save(&log, state.clone()).await;
    log.close().await;
    back_up(&file, &backup).await;
    let log = open(&backup).await;
    assert!(log.load_snapshot(row.id).await.unwrap().is_none());
    let entries = log.read_after(row.id, Revision(0), 99).await.unwrap();
    let mut replayed = State::empty(row.id);
    entries.iter().for_each(|entry| replayed.apply(entry));
    assert!(replayed == state);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_snapshot_newer_than_a_restored_backup_is_replaced() {
    let folder = tempfile::tempdir().unwrap();
    let (file, backup) = (folder.path().join("a.db"), folder.path().join("b.db"));
    let log = open(&file).await;
    let (row, state) = some_users(&log).await;
    back_up(&file, &backup).await;
    let (lost, after) = entry(&state, &user("Dora"));
    let (more, theirs) = entry(&after, &user("Emil"));
    log.put(row.id, &[lost, more], &[]).await.unwrap();
    save(&log, theirs).await;
    log.close().await;
    // As docs/backup.md says.
    for of_sqlite in ["-wal", "-shm"] {
        let _ = std::fs::remove_file(folder.path().join(format!("a.db{of_sqlite}")));
    }
    std::fs::rename(&backup, &file).unwrap();
    let log = open(&file).await;
    let (next, ours) = entry(&state, &user("Fay"));
    log.put(row.id, &[next], &[]).await.unwrap();
    save(&log, ours.clone()).await;
    assert!(log.load_snapshot(row.id).await.unwrap() == Some(ours));
}
