//! Entries that are read in order, and found by their content.

use attache_core::id::{Revision, TenantId, UserId};
use attache_core::model::Reason;
use attache_core::{Actor, Command, Entry, Origin};
use attache_log::{
    EntryFilter, EntryPage, EntryReader as _, EntrySearch as _, Head, SqlLog, TenantDirectory as _,
    TenantRow,
};
use uuid::Uuid;

use super::{Database, Put as _, beginning, entry, later, tenant, user};

pub(super) async fn entries_are_read_in_pages(database: impl Database) {
    let log = database.open().await;
    let row = tenant("lantern");
    let (first, mut state) = beginning(&row);
    let mut all = vec![first.clone()];
    log.create_tenant(row.clone(), first, None).await.unwrap();
    for _ in 0..9 {
        let (next, after) = entry(&state, &user("Ada"));
        log.put(row.id, std::slice::from_ref(&next), &[])
            .await
            .unwrap();
        all.push(next);
        state = after;
    }
    for start in 0..=10 {
        let read = log.read_after(row.id, Revision(start), 4).await.unwrap();
        let start = usize::try_from(start).unwrap();
        assert_eq!(read, all[start..all.len().min(start + 4)]);
    }
}

pub(super) async fn heads_are_the_last_entries_of_many_tenants(database: impl Database) {
    let log = database.open().await;
    let (mut ids, mut expected) = (Vec::new(), Vec::new());
    for number in 0..9 {
        let row = tenant(&format!("t{number}"));
        let (mut last, state) = beginning(&row);
        log.create_tenant(row.clone(), last.clone(), None)
            .await
            .unwrap();
        if number % 2 == 0 {
            (last, _) = entry(&state, &user("Ada"));
            log.put(row.id, std::slice::from_ref(&last), &[])
                .await
                .unwrap();
        }
        ids.push(row.id);
        expected.push(Some(Head {
            revision: last.revision,
            entry: last.id,
        }));
    }
    ids.insert(4, TenantId(Uuid::now_v7()));
    expected.insert(4, None);
    for count in 0..=ids.len() {
        assert_eq!(log.heads(&ids[..count]).await.unwrap(), expected[..count]);
    }
    // More than fit into one question.
    let many: Vec<TenantId> = ids.iter().copied().cycle().take(1_100).collect();
    let heads = log.heads(&many).await.unwrap();
    let wanted: Vec<_> = expected.iter().copied().cycle().take(1_100).collect();
    assert_eq!(heads, wanted);
}

/// A tenant with three users, each added by somebody else at another time.
pub(super) async fn three_entries(log: &SqlLog) -> (TenantRow, Vec<Entry>, Vec<UserId>) {
    let row = tenant("lantern");
    let (first, mut state) = beginning(&row);
    log.create_tenant(row.clone(), first, None).await.unwrap();
    let (mut entries, mut users) = (Vec::new(), Vec::new());
    let actors = [
        Actor::Operator,
        Actor::User(UserId(Uuid::now_v7())),
        Actor::Attache,
    ];
    for (place, actor) in (0..).zip(actors) {
        let command = user("Ada");
        if let Command::AddUser { id, .. } = command {
            users.push(id);
        }
        let (mut new, after) = entry(&state, &command);
        new.at = later(place * 1_000);
        new.actor = actor;
        new.correlation_id = format!("request {place}").into();
        // The first says nothing, as an older version.
        if place > 0 {
            new.head.origin = Origin::new(["", "voicebot", "scim:entra"][place as usize]).unwrap();
            new.head.on_behalf_of = Some(users[0]);
            new.head.approved_by = (place > 1).then_some(users[1]);
            new.changes.reason = Some(Reason::new("Zo\u{eb} \"joined\"").unwrap());
            new.salt(&mut |bytes| bytes.fill(7));
        }
        log.put(row.id, std::slice::from_ref(&new), &[])
            .await
            .unwrap();
        state = after;
        entries.push(new);
    }
    (row, entries, users)
}

pub(super) async fn entries_are_found_by_each_filter(database: impl Database) {
    let log = database.open().await;
    let (row, entries, users) = three_entries(&log).await;
    let any = EntryFilter::default;
    let all = EntryPage {
        before: Revision(u64::MAX),
        most: 9,
        bytes: usize::MAX,
    };
    for (filter, expected) in [
        (any(), vec![4, 3, 2, 1]),
        (
            EntryFilter {
                actor: Some(entries[1].actor),
                ..any()
            },
            vec![3],
        ),
        (
            EntryFilter {
                correlation_id: Some("request 2".to_owned()),
                ..any()
            },
            vec![4],
        ),
        (
            EntryFilter {
                // What means something in a pattern means nothing here.
                correlation_id: Some("request _".to_owned()),
                ..any()
            },
            vec![],
        ),
        (
            EntryFilter {
                from: Some(later(1_000)),
                ..any()
            },
            vec![4, 3],
        ),
        (
            EntryFilter {
                from: Some(later(1_000)),
                to: Some(later(2_000)),
                ..any()
            },
            vec![3],
        ),
        (
            EntryFilter {
                about: vec![users[0].0],
                ..any()
            },
            vec![2],
        ),
        (
            EntryFilter {
                about: vec![users[0].0, users[1].0],
                ..any()
            },
            vec![],
        ),
        (
            EntryFilter {
                about: vec![users[2].0],
                actor: Some(Actor::Attache),
                correlation_id: Some("request 2".to_owned()),
                from: Some(later(2_000)),
                to: Some(later(2_001)),
                origin: Some(Origin::new("scim:entra").unwrap()),
                on_behalf_of: Some(users[0]),
                approved_by: Some(users[1]),
            },
            vec![4],
        ),
        (
            EntryFilter {
                origin: Some(Origin::new("voicebot").unwrap()),
                ..any()
            },
            vec![3],
        ),
        (
            EntryFilter {
                origin: Some(Origin::UNKNOWN),
                ..any()
            },
            vec![2, 1],
        ),
        (
            EntryFilter {
                on_behalf_of: Some(users[0]),
                ..any()
            },
            vec![4, 3],
        ),
        (
            EntryFilter {
                on_behalf_of: Some(users[1]),
                ..any()
            },
            vec![],
        ),
        (
            EntryFilter {
                approved_by: Some(users[1]),
                ..any()
            },
            vec![4],
        ),
    ] {
        let found = log.find_entries(row.id, &filter, &all).await.unwrap();
        for entry in found.entries.iter().filter(|entry| entry.revision.0 > 1) {
            assert_eq!(
                *entry,
                entries[entry.revision.0 as usize - 2],
                "as it was written"
            );
        }
        let found: Vec<u64> = found.entries.iter().map(|entry| entry.revision.0).collect();
        assert_eq!(found, expected, "{filter:?}");
        let end = Revision(4);
        let count = log.count_entries(row.id, &filter, end).await.unwrap();
        assert_eq!(count, expected.len() as u64, "{filter:?}");
        let other = tenant("other").id;
        let found = log.find_entries(other, &filter, &all).await.unwrap();
        assert_eq!(found.entries, []);
        assert_eq!(log.count_entries(other, &filter, end).await.unwrap(), 0);
    }
}

pub(super) async fn entries_are_found_the_newest_first_in_pages(database: impl Database) {
    let log = database.open().await;
    let (row, entries, _) = three_entries(&log).await;
    let any = EntryFilter::default();
    let some = usize::MAX;
    for (before, most, bytes, expected, more) in [
        (5, 2, some, vec![&entries[2], &entries[1]], true),
        (4, 1, some, vec![&entries[1]], true),
        (3, 1, some, vec![&entries[0]], true),
        // Bytes end a page that their number would not, behind its first one.
        (5, 9, 1, vec![&entries[2]], true),
        (1, 9, some, vec![], false),
        (0, 9, some, vec![], false),
        (5, 0, some, vec![], false),
    ] {
        let before = Revision(before);
        let page = EntryPage {
            before,
            most,
            bytes,
        };
        let found = log.find_entries(row.id, &any, &page).await.unwrap();
        assert_eq!(
            found.entries.iter().collect::<Vec<_>>(),
            expected,
            "{page:?}"
        );
        assert_eq!(found.more, more, "{page:?}");
    }
    for (up_to, expected) in [(0, 0), (1, 1), (3, 3), (4, 4), (9, 4)] {
        let count = log.count_entries(row.id, &any, Revision(up_to)).await;
        assert_eq!(count.unwrap(), expected, "{up_to}");
    }
}
