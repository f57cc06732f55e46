//! A file that an older attache made is brought up to date with all that is in it.

use std::borrow::Cow;
use std::path::Path;

use attache_core::Entry;
use attache_core::id::{Revision, TenantId};
use attache_log::{
    DirectoryError, DirectoryMark, EntryReader as _, Installation as _, Location, Snapshots as _,
    SqlLog, TenantDirectory as _,
};
use sqlx::migrate::Migrator;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions as _, Connection as _, SqliteConnection};

use super::{Put as _, beginning, done, entry, tenant, user};

/// The last migration before entries were ordered by their key alone.
const OLDER: i64 = 3;

async fn open(file: &Path) -> SqlLog {
    let location = Location::Sqlite(file.to_owned());
    SqlLog::open(&location, Default::default()).await.unwrap()
}

async fn connect(file: &Path) -> SqliteConnection {
    let options = SqliteConnectOptions::new().filename(file);
    options.create_if_missing(true).connect().await.unwrap()
}

/// A file with the tables of an older attache and the rows of a newer one, the entries as an
/// older one wrote them.
async fn make_older(file: &Path, rows_of: &Path, entries: &[(TenantId, Vec<Entry>)]) {
    let mut connection = connect(file).await;
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations");
    let all = Migrator::new(folder).await.unwrap();
    let older = all.iter().filter(|it| it.version <= OLDER).cloned();
    let older = Migrator {
        migrations: Cow::Owned(older.collect()),
        ..Migrator::DEFAULT
    };
    older
        .run_direct(None, &mut connection, false)
        .await
        .unwrap();
    let attach = sqlx::query("ATTACH $1 AS newer").bind(rows_of.to_str().unwrap());
    attach.execute(&mut connection).await.unwrap();
    for copy in [
        "INSERT INTO tenant (id, slug, domains, created_at) \
         SELECT id, slug, domains, created_at FROM newer.tenant",
        "INSERT INTO request SELECT * FROM newer.request",
        "INSERT INTO snapshot SELECT id, 1, 4, x'00' FROM tenant",
    ] {
        sqlx::query(copy).execute(&mut connection).await.unwrap();
    }
    for (tenant, entries) in entries {
        for entry in entries {
            let insert = sqlx::query(
                "INSERT INTO entry (tenant_id, revision, id, at, actor, correlation_id, changes, profiles) \
                 VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
            );
            let profiles = &entry.changes.profiles;
            let profiles = (!profiles.is_empty()).then(|| serde_json::to_string(profiles).unwrap());
            insert
                .bind(tenant.to_string())
                .bind(i64::try_from(entry.revision.0).unwrap())
                .bind(entry.id.to_string())
                .bind(entry.at.as_millis())
                .bind(entry.actor.to_string())
                .bind(&*entry.correlation_id)
                .bind(serde_json::to_string(&entry.changes.list).unwrap())
                .bind(profiles)
                .execute(&mut connection)
                .await
                .unwrap();
        }
    }
    connection.close().await.unwrap();
}

/// An entry of an older attache has no salts.
fn unsalted(entries: &[Entry]) -> Vec<Entry> {
    let mut entries = entries.to_vec();
    entries
        .iter_mut()
        .for_each(|entry| entry.changes.salts.clear());
    entries
}

#[tokio::test(flavor = "multi_thread")]
async fn entries_of_an_older_file_stand_as_they_stood() {
    let folder = tempfile::tempdir().unwrap();
    let (newer, older) = (
        folder.path().join("newer.db"),
        folder.path().join("older.db"),
    );
    let log = open(&newer).await;
    let rows = [tenant("lantern"), tenant("harbour")];
    let mut written = Vec::new();
    for row in &rows {
        let (first, state) = beginning(row);
        let created = log.create_tenant(row.clone(), first.clone(), None);
        created.await.unwrap();
        let (mut second, state) = entry(&state, &user("Zoë 李"));
        // Larger than a page.
        second.correlation_id = "x".repeat(100_000).into();
        let (third, state) = entry(&state, &user("Ada"));
        let request = done("r", "asked", 2, 1_790_000_000_000, 0);
        let entries = [second.clone(), third.clone()];
        log.put(row.id, &entries, &[request]).await.unwrap();
        written.push((vec![first, second, third], state));
    }
    log.close().await;
    let entries = rows.iter().zip(&written);
    let entries: Vec<_> = entries
        .map(|(row, (entries, _))| (row.id, entries.clone()))
        .collect();
    make_older(&older, &newer, &entries).await;

    let log = open(&older).await;
    // What stands in the rows of tenants is found without looking at all of them.
    let mut other = tenant("other");
    other.domains.clone_from(&rows[1].domains);
    let taken = log.create_tenant(other.clone(), beginning(&other).0, None);
    let taken = taken.await;
    assert!(
        matches!(
            taken,
            Err(DirectoryError::Taken {
                field: "domain",
                ..
            })
        ),
        "{taken:?}"
    );
    let all = log.directory_since(DirectoryMark::default()).await.unwrap();
    assert_eq!(all.tenants.len(), 2);
    let new = log.directory_since(all.mark).await.unwrap();
    assert_eq!(new.tenants, []);
    for (row, (entries, state)) in rows.iter().zip(&written) {
        assert!(log.load_snapshot(row.id).await.unwrap().is_none());
        let read = log.read_after(row.id, Revision(0), 100).await.unwrap();
        assert_eq!(read, unsalted(entries));
        // It goes on from there, and a place is taken once.
        let (next, _) = entry(state, &user("Ben"));
        let (other, _) = entry(state, &user("Cleo"));
        log.put(row.id, &[next], &[]).await.unwrap();
        assert!(log.put(row.id, &[other], &[]).await.is_err());
    }
    log.close().await;
    // Only a table that has row ids has one to ask for.
    let mut connection = connect(&older).await;
    let count = sqlx::query_scalar::<_, i64>("SELECT count(rowid) FROM entry");
    assert_eq!(count.fetch_one(&mut connection).await.unwrap(), 8);
    let tables = "SELECT count(*) FROM sqlite_master WHERE name = 'snapshot'";
    let tables = sqlx::query_scalar::<_, i64>(tables);
    assert_eq!(tables.fetch_one(&mut connection).await.unwrap(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_row_of_a_tenant_that_cannot_be_read_stops_nobody_else() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("attache.db");
    let log = open(&file).await;
    let rows = [tenant("lantern"), tenant("harbour")];
    for row in &rows {
        let created = log.create_tenant(row.clone(), beginning(row).0, None);
        created.await.unwrap();
    }
    log.close().await;
    let mut connection = connect(&file).await;
    for damage in [
        "UPDATE tenant SET domains = 'no list' WHERE slug = 'lantern'",
        "INSERT INTO tenant (id, slug, domains, created_at) VALUES ('no id', 'x', '[]', 0)",
        "INSERT INTO tenant (id, slug, domains, created_at) VALUES (X'00', 'y', X'00', 'z')",
        "INSERT INTO issuer (tenant_id, issuer) VALUES ('no id', 'https://a.example')",
    ] {
        sqlx::query(damage).execute(&mut connection).await.unwrap();
    }
    connection.close().await.unwrap();
    let log = open(&file).await;
    let all = log.directory_since(DirectoryMark::default()).await.unwrap();
    assert_eq!(all.tenants, std::slice::from_ref(&rows[1]));
    let broken: Vec<_> = all.broken.iter().map(|broken| broken.id).collect();
    assert_eq!(broken.len(), 3, "{:?}", all.broken);
    assert!(broken.contains(&Some(rows[0].id)));
    assert_eq!(all.issuers, []);
    // Others are created and changed.
    let row = tenant("new");
    let created = log.create_tenant(row.clone(), beginning(&row).0, None);
    created.await.unwrap();
    let mut renamed = rows[1].clone();
    renamed.slug = "harbour-eu".to_owned();
    let changed = log.change_tenant(rows[1].clone(), renamed.clone()).await;
    changed.unwrap();
    let new = log.directory_since(all.mark).await.unwrap();
    assert_eq!(new.tenants, [row, renamed]);
}
