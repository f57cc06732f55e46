//! Entries that are appended, or are not.

use attache_core::id::{Revision, TenantId};
use attache_log::{
    AppendError, EntryFilter, EntryPage, EntryReader as _, EntrySearch as _, EntryWriter as _,
    Installation as _, TenantDirectory as _,
};
use uuid::Uuid;

use super::{Database, Put as _, beginning, done, entry, tenant, user};

pub(super) async fn entries_come_back_as_they_were_written(database: impl Database) {
    let log = database.open().await;
    let row = tenant("lantern");
    let (first, state) = beginning(&row);
    log.create_tenant(row.clone(), first.clone(), None)
        .await
        .unwrap();
    let (second, state) = entry(&state, &user("Zoë 李"));
    let (third, _) = entry(&state, &user("O'Brien \"; DROP TABLE entry; --"));
    log.put(row.id, &[second.clone(), third.clone()], &[])
        .await
        .unwrap();
    let read = log.read_after(row.id, Revision(0), 100).await.unwrap();
    assert_eq!(read, [first, second, third]);
}

pub(super) async fn a_place_that_is_taken_is_a_collision_and_leaves_nothing(
    database: impl Database,
) {
    let log = database.open().await;
    let row = tenant("lantern");
    let (first, state) = beginning(&row);
    log.create_tenant(row.clone(), first, None).await.unwrap();
    let (ours, _) = entry(&state, &user("Ada"));
    let (theirs, after) = entry(&state, &user("Ben"));
    let (more, _) = entry(&after, &user("Cleo"));
    log.put(row.id, std::slice::from_ref(&ours), &[])
        .await
        .unwrap();
    let answer = log.put(row.id, &[theirs, more], &[]).await;
    assert!(matches!(answer, Err(AppendError::Collision)), "{answer:?}");
    assert_eq!(
        log.read_after(row.id, Revision(1), 100).await.unwrap(),
        [ours]
    );
}

pub(super) async fn tenants_do_not_see_each_other(database: impl Database) {
    let log = database.open().await;
    let (one, other) = (tenant("one"), tenant("other"));
    let (first, state) = beginning(&one);
    log.create_tenant(one.clone(), first, None).await.unwrap();
    let (first, _) = beginning(&other);
    log.create_tenant(other.clone(), first.clone(), None)
        .await
        .unwrap();
    let (second, _) = entry(&state, &user("Ada"));
    log.put(one.id, &[second], &[]).await.unwrap();
    assert_eq!(
        log.read_after(other.id, Revision(0), 100).await.unwrap(),
        [first]
    );
    assert_eq!(
        log.read_after(TenantId(Uuid::now_v7()), Revision(0), 100)
            .await
            .unwrap(),
        []
    );
}

pub(super) async fn many_writers_at_once_each_get_their_own_answer(database: impl Database) {
    let log = database.open().await;
    let mut writers = Vec::new();
    for number in 0..32 {
        let row = tenant(&format!("t{number}"));
        let (first, state) = beginning(&row);
        log.create_tenant(row.clone(), first, None).await.unwrap();
        // Two for every place: one of them must lose.
        for name in ["Ada", "Ben"] {
            let (log, id) = (log.clone(), row.id);
            let (entry, _) = entry(&state, &user(name));
            writers.push(tokio::spawn(async move {
                let answer = log.put(id, std::slice::from_ref(&entry), &[]).await;
                (id, entry, answer)
            }));
        }
    }
    let (mut written, mut collided) = (0, 0);
    for writer in writers {
        let (id, entry, answer) = writer.await.unwrap();
        let is_there = log.read_after(id, Revision(1), 9).await.unwrap() == [entry];
        match answer {
            Ok(()) => written += usize::from(is_there),
            Err(AppendError::Collision) => collided += usize::from(!is_there),
            Err(other) => panic!("{other}"),
        }
    }
    assert_eq!((written, collided), (32, 32));
}

pub(super) async fn what_was_appended_is_there_after_closing(database: impl Database) {
    let log = database.open().await;
    let row = tenant("lantern");
    let (first, state) = beginning(&row);
    log.create_tenant(row.clone(), first.clone(), None)
        .await
        .unwrap();
    let (second, _) = entry(&state, &user("Ada"));
    log.put(row.id, std::slice::from_ref(&second), &[])
        .await
        .unwrap();
    log.close().await;
    let refused = log
        .append(row.id, Some(first.id), std::slice::from_ref(&second), &[])
        .await;
    assert!(
        matches!(refused, Err(AppendError::NotWritten(_))),
        "{refused:?}"
    );
    let log = database.open().await;
    assert_eq!(
        log.read_after(row.id, Revision(0), 9).await.unwrap(),
        [first, second]
    );
    assert_eq!(log.tenants().await.unwrap(), [row]);
}

pub(super) async fn the_very_same_entries_stand_once(database: impl Database) {
    let log = database.open().await;
    let row = tenant("lantern");
    let (first, state) = beginning(&row);
    log.create_tenant(row.clone(), first.clone(), None)
        .await
        .unwrap();
    let (second, after) = entry(&state, &user("Ada"));
    let (third, _) = entry(&after, &user("Ben"));
    let both = [second, third];
    let request = done("one", "this", 2, 1_000, 0);
    for requests in [vec![], vec![request]] {
        // The first time and the second time, with and without a name.
        let _ = log.put(row.id, &both, &requests).await;
        let again = log.put(row.id, &both, &requests).await;
        assert!(matches!(again, Err(AppendError::Collision)), "{again:?}");
        let read = log.read_after(row.id, Revision(1), 9).await.unwrap();
        assert_eq!(read, both);
    }
}

pub(super) async fn what_follows_an_entry_that_is_not_there_is_not_written(
    database: impl Database,
) {
    let log = database.open().await;
    let (row, other) = (tenant("lantern"), tenant("other"));
    let (first, state) = beginning(&row);
    log.create_tenant(row.clone(), first.clone(), None)
        .await
        .unwrap();
    let (begun, apart) = beginning(&other);
    log.create_tenant(other.clone(), begun.clone(), None)
        .await
        .unwrap();
    let (second, after) = entry(&state, &user("Ada"));
    let (third, _) = entry(&after, &user("Ben"));
    // Its place is free. But the one before it never came, is another, or is
    // another tenant's.
    for (follows, entries) in [
        (second.id, vec![third.clone()]),
        (second.id, vec![second.clone()]),
        (second.id, vec![second.clone(), third.clone()]),
        (begun.id, vec![second.clone()]),
    ] {
        let answer = log.append(row.id, Some(follows), &entries, &[]).await;
        assert!(matches!(answer, Err(AppendError::Collision)), "{answer:?}");
    }
    let read = log.read_after(row.id, Revision(0), 9).await.unwrap();
    assert_eq!(read, std::slice::from_ref(&first));
    // Nor does it disturb what comes with it.
    let (fine, _) = entry(&apart, &user("Cleo"));
    let both = [
        (row.id, second.id, vec![third]),
        (
            other.id,
            begun.id,
            vec![fine.clone(), entry(&apart, &user("Dora")).0],
        ),
        (row.id, first.id, vec![second.clone()]),
    ];
    let appends = both.map(|(id, after, mut entries)| {
        let log = log.clone();
        if let [one, next] = entries.as_mut_slice() {
            next.revision = one.revision.next();
        }
        async move { log.append(id, Some(after), &entries, &[]).await.is_ok() }
    });
    let answers = futures_util::future::join_all(appends).await;
    assert_eq!(answers, [false, true, true]);
    let read = log.read_after(row.id, Revision(0), 9).await.unwrap();
    assert_eq!(read, [first, second]);
    let read = log.read_after(other.id, Revision(1), 1).await.unwrap();
    assert_eq!(read, [fine]);
}

pub(super) async fn what_cannot_be_stored_is_refused_and_disturbs_nobody(database: impl Database) {
    let log = database.open().await;
    let (one, other) = (tenant("one"), tenant("other"));
    let mut appends = Vec::new();
    for (row, correlation_id) in [(&one, "a\0b"), (&other, "fine")] {
        let (first, state) = beginning(row);
        log.create_tenant(row.clone(), first, None).await.unwrap();
        let (mut second, _) = entry(&state, &user("Ada"));
        second.correlation_id = correlation_id.into();
        let (log, id) = (log.clone(), row.id);
        appends.push(tokio::spawn(
            async move { log.put(id, &[second], &[]).await },
        ));
    }
    let answers = futures_util::future::join_all(appends).await;
    let answers: Vec<_> = answers.into_iter().map(Result::unwrap).collect();
    assert!(matches!(answers[0], Err(AppendError::NotWritten(_))));
    assert!(answers[1].is_ok());
    let filter = EntryFilter {
        correlation_id: Some("a\0b".to_owned()),
        ..EntryFilter::default()
    };
    let page = EntryPage {
        before: Revision(9),
        most: 9,
        bytes: usize::MAX,
    };
    let found = log.find_entries(one.id, &filter, &page).await.unwrap();
    assert_eq!(found.entries, []);
    let count = log.count_entries(one.id, &filter, Revision(9)).await;
    assert_eq!(count.unwrap(), 0);
}
