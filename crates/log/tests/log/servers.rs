//! What servers over one database share: order, notifications, holds, the time.

use std::time::Duration;

use attache_core::id::{Revision, TenantId};
use attache_log::{
    AppendError, EntryReader as _, Hold, Holds as _, Installation as _, Location, Notification,
    SqlLog, TenantDirectory as _,
};
use uuid::Uuid;

use super::{Database, Put as _, beginning, done, entry, tenant, user};

pub(super) async fn two_logs_over_one_database_order_what_both_write(database: impl Database) {
    let logs = [database.open().await, database.open().await];
    let mut tenants = Vec::new();
    for number in 0..24 {
        let row = tenant(&format!("t{number}"));
        let (first, state) = beginning(&row);
        logs[0]
            .create_tenant(row.clone(), first, None)
            .await
            .unwrap();
        tenants.push((row.id, state));
    }
    let mut writers = Vec::new();
    for (place, log) in logs.iter().enumerate() {
        // In another order each: what both wait for must not be crossed.
        let mut order: Vec<_> = tenants.iter().enumerate().collect();
        if place == 1 {
            order.reverse();
        }
        for (number, (id, state)) in order {
            let (one, after) = entry(state, &user("Ada"));
            let (other, _) = entry(&after, &user("Ben"));
            let requests = match number % 3 {
                0 => vec![done("both want it", "this", 2, 1_000, 0)],
                _ => Vec::new(),
            };
            let (log, id) = (log.clone(), *id);
            writers.push(tokio::spawn(async move {
                let entries = [one, other];
                let answer = log.put(id, &entries, &requests).await;
                (id, entries, answer)
            }));
        }
    }
    let (mut written, mut collided) = (0, 0);
    for writer in writers {
        let (id, entries, answer) = writer.await.unwrap();
        let is_there = logs[1].read_after(id, Revision(1), 9).await.unwrap() == entries;
        match answer {
            Ok(()) => written += usize::from(is_there),
            Err(AppendError::Collision) => collided += usize::from(!is_there),
            Err(other) => panic!("{other}"),
        }
    }
    assert_eq!((written, collided), (24, 24));
}

pub(super) async fn what_is_written_elsewhere_is_heard_where_it_can_be(database: impl Database) {
    let (one, other) = (database.open().await, database.open().await);
    let Some(mut notifications) = other.notifications() else {
        // A file tells nobody. Whoever asks first is the only one who hears.
        assert!(database.location().file().is_some());
        return;
    };
    assert!(other.notifications().is_none());
    assert_eq!(notifications.recv().await, Some(Notification::Missed));
    let row = tenant("lantern");
    let (first, state) = beginning(&row);
    one.create_tenant(row.clone(), first, None).await.unwrap();
    let (second, _) = entry(&state, &user("Ada"));
    one.put(row.id, &[second], &[]).await.unwrap();
    let heard = Notification::Written(row.id, Revision(2));
    assert_eq!(notifications.recv().await, Some(heard));
}

pub(super) async fn a_hold_is_seen_until_it_is_released(database: impl Database) {
    let (one, other) = (database.open().await, database.open().await);
    assert_eq!(other.holds().await.unwrap(), []);
    let hold = |tenant: u128, id: u128| Hold {
        tenant: TenantId(Uuid::from_u128(tenant)),
        id: Uuid::from_u128(id),
        lasts: Duration::from_secs(20),
    };
    for hold in [hold(1, 1), hold(2, 2), hold(1, 3)] {
        one.hold(&hold).await.unwrap();
    }
    // The newer one has the tenant, and the older one cannot be released any more.
    other.release(&hold(1, 1)).await.unwrap();
    let mut holds = other.holds().await.unwrap();
    holds.sort_by_key(|hold| hold.id);
    assert_eq!(holds, [hold(2, 2), hold(1, 3)]);
    other.release(&hold(1, 3)).await.unwrap();
    assert_eq!(one.holds().await.unwrap(), [hold(2, 2)]);
}

pub(super) async fn the_database_says_its_time_where_it_has_one(database: impl Database) {
    let log = database.open().await;
    let time = log.time().await.unwrap();
    assert_eq!(time.is_some(), database.location().file().is_none());
    if let Some(time) = time {
        let own = std::time::SystemTime::UNIX_EPOCH.elapsed().unwrap();
        let own = i64::try_from(own.as_millis()).unwrap();
        assert!((time.as_millis() - own).abs() < 60_000);
    }
}

pub(super) async fn a_password_is_in_no_error(database: impl Database) {
    if database.location().file().is_some() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let host = folder.path().display().to_string().replace('/', "%2F");
    let url = format!("postgres://me:hidden@{host}/nothing");
    let nowhere = Location::parse(&url).unwrap();
    let error = SqlLog::open(&nowhere, Default::default())
        .await
        .unwrap_err();
    assert!(!format!("{error} {error:?} {nowhere}").contains("hidden"));
}
