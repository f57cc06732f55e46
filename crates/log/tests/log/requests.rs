//! Requests that were done, and are not done again.

use attache_core::id::Revision;
use attache_log::{AppendError, EntryReader as _, Requests as _, TenantDirectory as _};

use super::{Database, Put as _, beginning, done, entry, later, tenant, user};

pub(super) async fn a_request_is_found_until_it_is_forgotten(database: impl Database) {
    let log = database.open().await;
    let (row, other) = (tenant("lantern"), tenant("other"));
    let (first, state) = beginning(&row);
    log.create_tenant(row.clone(), first, None).await.unwrap();
    let (second, _) = entry(&state, &user("Ada"));
    let request = done("one", "this", 2, 1_000, 0);
    log.put(row.id, &[second], std::slice::from_ref(&request))
        .await
        .unwrap();
    let key = &request.request.key;
    let found = Some((request.request.fingerprint.clone(), Revision(2)));
    for (id, since, expected) in [
        (row.id, 0, found.clone()),
        (row.id, 1_000, found.clone()),
        (row.id, 1_001, None),
        (other.id, 0, None),
    ] {
        let answer = log.find_request(id, key, later(since)).await.unwrap();
        assert_eq!(answer, expected, "{since}");
    }
    for (before, expected) in [(1_000, found), (1_001, None)] {
        log.forget_requests(later(before)).await.unwrap();
        let answer = log.find_request(row.id, key, later(0)).await.unwrap();
        assert_eq!(answer, expected, "{before}");
    }
}

pub(super) async fn a_request_that_was_done_already_leaves_no_entry(database: impl Database) {
    let log = database.open().await;
    let row = tenant("lantern");
    let (first, state) = beginning(&row);
    log.create_tenant(row.clone(), first, None).await.unwrap();
    let (second, state) = entry(&state, &user("Ada"));
    let one = done("one", "this", 2, 0, -1_000);
    log.put(row.id, std::slice::from_ref(&second), &[one])
        .await
        .unwrap();
    let (third, state) = entry(&state, &user("Ben"));
    let (fourth, _) = entry(&state, &user("Cleo"));
    let again = done("one", "that", 4, 1_000, 0);
    let new = done("new", "that", 3, 1_000, 0);
    let both = vec![third.clone(), fourth];
    let answer = log.put(row.id, &both, &[new.clone(), again]).await;
    assert!(matches!(answer, Err(AppendError::Collision)), "{answer:?}");
    let read = log.read_after(row.id, Revision(1), 9).await.unwrap();
    assert_eq!(read, [second]);
    let key = &new.request.key;
    let found = log.find_request(row.id, key, later(0)).await.unwrap();
    assert_eq!(found, None, "the other one was not done either");
    log.put(row.id, &[third], &[new]).await.unwrap();
}

pub(super) async fn a_name_that_is_forgotten_can_be_used_again(database: impl Database) {
    let log = database.open().await;
    let row = tenant("lantern");
    let (first, state) = beginning(&row);
    log.create_tenant(row.clone(), first, None).await.unwrap();
    let (second, state) = entry(&state, &user("Ada"));
    let one = done("one", "this", 2, 0, -1_000);
    log.put(row.id, &[second], &[one]).await.unwrap();
    let (third, _) = entry(&state, &user("Ben"));
    // To the millisecond.
    let again = done("one", "that", 3, 1_000, 0);
    let answer = log
        .put(row.id, std::slice::from_ref(&third), &[again])
        .await;
    assert!(matches!(answer, Err(AppendError::Collision)), "{answer:?}");
    let again = done("one", "that", 3, 1_001, 1);
    let expected = Some((again.request.fingerprint.clone(), Revision(3)));
    let key = again.request.key.clone();
    log.put(row.id, &[third], &[again]).await.unwrap();
    let found = log.find_request(row.id, &key, later(1)).await.unwrap();
    assert_eq!(found, expected);
}
