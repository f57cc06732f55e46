//! Which snapshots of a tenant stay, and which one is used.

use std::sync::Arc;

use attache_core::State;
use attache_core::id::Revision;
use attache_log::{Snapshot, Snapshots as _, SqlLog, TenantDirectory as _, TenantRow};
use sha2::{Digest as _, Sha256};

use super::by_hand::execute;
use super::snapshots::{Snapshots, Stored, damages};
use super::{Database, Postgres, Put as _, beginning, entry, save, tenant, user};

/// A tenant, and its states at the revisions from 1 on.
async fn states(log: &SqlLog) -> (TenantRow, Vec<State>) {
    let row = tenant("lantern");
    let (first, state) = beginning(&row);
    log.create_tenant(row.clone(), first, None).await.unwrap();
    let mut states = vec![state];
    for name in ["Ada", "Ben", "Cleo", "Dora", "Emil", "Fay", "Gus"] {
        let (next, after) = entry(&states[states.len() - 1], &user(name));
        log.put(row.id, &[next], &[]).await.unwrap();
        states.push(after);
    }
    (row, states)
}

async fn kept(database: &impl Snapshots, row: &TenantRow) -> Vec<i64> {
    let stored = database.stored(row.id).await.into_iter();
    stored.map(|it| it.revision).collect()
}

/// The revision of what is loaded up to a revision.
async fn up_to(log: &SqlLog, row: &TenantRow, revision: u64) -> Option<u64> {
    let loaded = log.load_snapshot_up_to(row.id, Revision(revision)).await;
    loaded.unwrap().map(|state| state.revision().0)
}

pub(super) async fn the_newest_snapshot_and_the_one_before_it_are_kept(
    database: impl Database + Snapshots,
) {
    let log = database.open().await;
    let (row, states) = states(&log).await;
    for (revision, expected) in [
        (2, vec![2]),
        (4, vec![4, 2]),
        (7, vec![7, 4]),
        // Two newer ones are there, one is, and it is there itself.
        (3, vec![7, 4]),
        (5, vec![7, 5]),
        (7, vec![7, 5]),
    ] {
        save(&log, states[revision - 1].clone()).await;
        assert_eq!(kept(&database, &row).await, expected, "{revision}");
    }
    assert!(log.load_snapshot(row.id).await.unwrap().as_ref() == Some(&states[6]));
    let before = log.load_snapshot_up_to(row.id, Revision(6)).await.unwrap();
    assert!(before.as_ref() == Some(&states[4]));
    let each = [
        (u64::MAX, Some(7)),
        (7, Some(7)),
        (5, Some(5)),
        (4, None),
        (0, None),
    ];
    for (revision, expected) in each {
        assert_eq!(up_to(&log, &row, revision).await, expected, "{revision}");
    }
    // Another tenant's are its own.
    assert_eq!(up_to(&log, &tenant("other"), 7).await, None);
    log.remove_snapshot(row.id, Revision(7)).await.unwrap();
    assert_eq!(kept(&database, &row).await, [5]);
}

pub(super) async fn where_the_newest_snapshot_is_damaged_the_one_before_it_is_used(
    database: impl Database + Snapshots,
) {
    let log = database.open().await;
    let (row, states) = states(&log).await;
    for revision in [4, 7] {
        save(&log, states[revision - 1].clone()).await;
    }
    let [newest, before] = database.stored(row.id).await.try_into().unwrap();
    for (damage, damaged) in damages(&newest).iter().step_by(5) {
        log.remove_snapshot(row.id, Revision(7)).await.unwrap();
        // Flips of the revision may name the other one.
        if damaged.revision != before.revision {
            database.store(row.id, damaged).await;
        }
        let loaded = log.load_snapshot(row.id).await.unwrap();
        assert!(loaded.as_ref() == Some(&states[3]), "{damage}");
        // Nor does what was newer than this one disturb a question about the past.
        assert_eq!(up_to(&log, &row, 4).await, Some(4), "{damage}");
        if damaged.revision > before.revision {
            let left = database.stored(row.id).await;
            assert_eq!(left, std::slice::from_ref(&before), "{damage}: it stays");
        }
    }
    // The next save makes both anew.
    save(&log, states[7].clone()).await;
    assert_eq!(kept(&database, &row).await, [8, 4]);
    database
        .store(
            row.id,
            &Stored {
                revision: 8,
                ..newest
            },
        )
        .await;
    save(&log, states[6].clone()).await;
    assert_eq!(up_to(&log, &row, 9).await, Some(7));
}

pub(super) async fn a_save_that_was_killed_before_it_dropped_is_made_up_for(
    database: impl Database + Snapshots,
) {
    let log = database.open().await;
    let (row, states) = states(&log).await;
    let mut all = Vec::new();
    for revision in [1, 3, 4, 6] {
        save(&log, states[revision - 1].clone()).await;
        all.push(database.stored(row.id).await.remove(0));
    }
    // As it lies after kills: what was to be dropped is there beside the newest.
    for snapshot in &all {
        database.store(row.id, snapshot).await;
    }
    assert_eq!(kept(&database, &row).await, [6, 4, 3, 1]);
    let log = database.open().await;
    assert_eq!(up_to(&log, &row, 9).await, Some(6));
    // The same one again: nothing is written, and the others are dropped.
    save(&log, states[5].clone()).await;
    assert_eq!(kept(&database, &row).await, [6, 4]);
}

pub(super) async fn servers_that_save_at_the_same_time_keep_the_newest(
    database: impl Database + Snapshots,
) {
    let log = database.open().await;
    let (row, states) = states(&log).await;
    let mut snapshots = Vec::new();
    for state in &states {
        snapshots.push(Snapshot::of(Arc::new(state.clone())).await.unwrap());
    }
    let logs = [log.clone(), database.open().await];
    for round in 0..10 {
        let saves = snapshots.iter().enumerate().map(|(nth, snapshot)| {
            let (log, snapshot) = (logs[(nth + round) % 2].clone(), snapshot.clone());
            tokio::spawn(async move { log.save_snapshot(&snapshot).await })
        });
        for save in saves.collect::<Vec<_>>() {
            save.await.unwrap().unwrap();
        }
        assert_eq!(kept(&database, &row).await, [8, 7], "round {round}");
        assert!(log.load_snapshot(row.id).await.unwrap().as_ref() == Some(&states[7]));
        for revision in [8, 7] {
            log.remove_snapshot(row.id, Revision(revision))
                .await
                .unwrap();
        }
    }
}

pub(super) async fn a_snapshot_of_lost_entries_takes_no_place(database: impl Database + Snapshots) {
    let log = database.open().await;
    let (row, states) = states(&log).await;
    for revision in [4, 6] {
        save(&log, states[revision - 1].clone()).await;
    }
    let lost = database.stored(row.id).await.remove(0);
    save(&log, states[7].clone()).await;
    database.store(row.id, &lost).await;
    assert_eq!(kept(&database, &row).await, [8, 6]);
    execute(&database, "DELETE FROM entry WHERE revision > 4").await;
    // Others come to their places.
    let (next, ours) = entry(&states[3], &user("Zoe"));
    log.put(row.id, &[next], &[]).await.unwrap();
    save(&log, states[3].clone()).await;
    assert_eq!(kept(&database, &row).await, [4]);
    database.store(row.id, &lost).await;
    save(&log, ours.clone()).await;
    assert_eq!(kept(&database, &row).await, [5, 4]);
    assert!(log.load_snapshot(row.id).await.unwrap() == Some(ours));
    // What leads to it is not there: it is not saved.
    save(&log, states[6].clone()).await;
    assert_eq!(kept(&database, &row).await, [5, 4]);
}

/// The same snapshot as a version writes it that has another form.
fn in_form(stored: &Stored, form: u8, revision: u64) -> Stored {
    let mut bytes = stored.bytes.clone();
    bytes[8] = form;
    bytes[28..36].copy_from_slice(&revision.to_le_bytes());
    let frames = u32::from_le_bytes(bytes[52..56].try_into().unwrap());
    let end = 56 + 36 * frames as usize;
    let sum = Sha256::digest(&bytes[..end]);
    bytes[end..end + 32].copy_from_slice(&sum);
    Stored {
        revision: i64::try_from(revision).unwrap(),
        bytes,
        format: stored.format.map(|_| i64::from(form)),
    }
}

pub(super) async fn a_snapshot_of_a_newer_version_is_neither_used_nor_dropped(
    database: impl Database + Snapshots,
) {
    let log = database.open().await;
    let (row, states) = states(&log).await;
    save(&log, states[3].clone()).await;
    let ours = database.stored(row.id).await.remove(0);
    let (newer, older) = (in_form(&ours, 77, 6), in_form(&ours, 3, 2));
    let oldest = in_form(&ours, 77, 1);
    for other in [&newer, &older, &oldest] {
        database.store(row.id, other).await;
    }
    assert_eq!(kept(&database, &row).await, [6, 4, 2, 1]);
    assert!(log.load_snapshot(row.id).await.unwrap().as_ref() == Some(&states[3]));
    assert_eq!(up_to(&log, &row, 3).await, None);
    // At its revision, that of the newer version stays; behind two of this version, that of
    // the older one goes.
    save(&log, states[5].clone()).await;
    assert_eq!(kept(&database, &row).await, [6, 4, 2, 1]);
    save(&log, states[6].clone()).await;
    assert_eq!(
        database.stored(row.id).await[1..],
        [newer.clone(), ours, oldest.clone()]
    );
    save(&log, states[7].clone()).await;
    assert_eq!(kept(&database, &row).await, [8, 7, 6, 1]);
    assert_eq!(database.stored(row.id).await[2..], [newer, oldest]);
}

/// What a server of the version before says, whose table had one row a tenant.
const SAVED_BEFORE: &str = "\
    INSERT INTO snapshot (tenant_id, revision, format, state) \
    SELECT $1, $2, $3, $4 WHERE EXISTS \
        (SELECT 1 FROM entry WHERE tenant_id = $1 AND revision = $2 AND id = $5) \
    ON CONFLICT (tenant_id) DO UPDATE SET \
        revision = excluded.revision, format = excluded.format, state = excluded.state \
    WHERE snapshot.format < excluded.format \
        OR (snapshot.format = excluded.format AND snapshot.revision < excluded.revision)";

#[tokio::test(flavor = "multi_thread")]
async fn postgres_has_snapshots_by_revision_after_the_migration() {
    let Some(database) = Postgres::fresh() else {
        return;
    };
    let log = database.open().await;
    let (row, states) = states(&log).await;
    save(&log, states[3].clone()).await;
    // As the version before left it.
    for statement in [
        "ALTER TABLE snapshot DROP CONSTRAINT snapshot_pkey",
        "ALTER TABLE snapshot ADD PRIMARY KEY (tenant_id)",
        "DELETE FROM _sqlx_migrations WHERE version = 14",
    ] {
        execute(&database, statement).await;
    }
    let log = database.open().await;
    assert!(log.load_snapshot(row.id).await.unwrap().as_ref() == Some(&states[3]));
    save(&log, states[5].clone()).await;
    assert_eq!(kept(&database, &row).await, [6, 4]);
    // A server of the version before cannot save, which it says and lives with.
    let stored = database.stored(row.id).await;
    let save = sqlx::query(SAVED_BEFORE)
        .bind(row.id.to_string())
        .bind(7_i64);
    let save = save.bind(9_i64).bind(&stored[0].bytes);
    let save = save.bind(states[6].last_entry().unwrap().to_string());
    let saved = save.execute(&mut *database.connection().await).await;
    let error = saved.unwrap_err();
    let code = error.as_database_error().unwrap().code().unwrap();
    assert_eq!(code, "42P10", "{error}");
    assert_eq!(database.stored(row.id).await, stored);
}
