//! When entries were written, and the revision of a snapshot, without the rest.

use std::sync::Arc;

use attache_core::id::{Revision, TenantId};
use attache_core::{State, Timestamp};
use attache_log::{
    EntryReader as _, EntryTime, LogError, Snapshot, Snapshots as _, TenantDirectory as _,
};
use uuid::Uuid;

use super::{Database, Put as _, beginning, entry_at, tenant, user};

const BEGIN: i64 = 1_790_000_000_000;

pub(crate) async fn the_last_entry_by_an_instant_is_found_without_reading_the_others(
    database: impl Database,
) {
    let log = database.open().await;
    let (row, other) = (tenant("lantern"), tenant("other"));
    for row in [&row, &other] {
        let (first, _) = beginning(row);
        log.create_tenant(row.clone(), first, None).await.unwrap();
    }
    let first = log.read_after(row.id, Revision(0), 1).await.unwrap();
    let mut state = State::empty(row.id);
    first.iter().for_each(|entry| state.apply(entry));
    let mut all = first;
    // Many at one instant, and a clock that goes back, which no entry follows.
    for millis in [0, 5, 5, 5, 3, 9, 20, 20, 21, 60, 60, 60, 61, 100] {
        let at = Timestamp::from_millis(BEGIN + millis);
        let (next, after) = entry_at(at, &state, &user("Ada"));
        all.push(next);
        state = after;
    }
    log.put(row.id, &all[1..], &[]).await.unwrap();
    let times = all.iter().map(|entry| EntryTime {
        revision: entry.revision,
        entry: entry.id,
        at: entry.at,
    });
    let times: Vec<EntryTime> = times.collect();
    assert!(times.is_sorted_by_key(|time| time.at));
    for time in &times {
        let found = log.time_of(row.id, time.revision).await.unwrap();
        assert_eq!(found.as_ref(), Some(time));
    }
    for missing in [0, 16, u64::MAX] {
        assert_eq!(log.time_of(row.id, Revision(missing)).await.unwrap(), None);
    }
    let up_to = Revision(all.len() as u64);
    for millis in -2..=102 {
        let at = Timestamp::from_millis(BEGIN + millis);
        for up_to in [up_to, Revision(7), Revision(1)] {
            let by = times.iter();
            let by = by.take_while(|it| it.at <= at && it.revision <= up_to);
            let found = log.last_by(row.id, at, up_to).await.unwrap();
            assert_eq!(found, by.last().copied(), "{millis} up to {up_to}");
        }
    }
    // More entries than there are.
    let missing = log.last_by(row.id, Timestamp::MAX, up_to.next()).await;
    assert!(
        matches!(missing, Err(LogError::Unreadable { .. })),
        "{missing:?}"
    );
    let nobody = TenantId(Uuid::now_v7());
    let nothing = log.last_by(nobody, Timestamp::MAX, Revision(0)).await;
    assert_eq!(nothing.unwrap(), None);
}

pub(crate) async fn the_revision_of_a_snapshot_is_told_without_the_state(database: impl Database) {
    let log = database.open().await;
    let row = tenant("lantern");
    let (first, state) = beginning(&row);
    log.create_tenant(row.clone(), first, None).await.unwrap();
    assert_eq!(
        log.snapshot_revision(row.id, state.revision())
            .await
            .unwrap(),
        None
    );
    let snapshot = Snapshot::of(Arc::new(state.clone())).await.unwrap();
    log.save_snapshot(&snapshot).await.unwrap();
    for (up_to, expected) in [(99, Some(state.revision())), (0, None)] {
        let revision = log.snapshot_revision(row.id, Revision(up_to)).await;
        assert_eq!(revision.unwrap(), expected);
    }
}
