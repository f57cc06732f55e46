//! Entries found by what they speak of, with the index and without it.

use attache_core::id::{GroupId, Revision, UserId};
use attache_core::model::Name;
use attache_core::{Command, Entry, Ref, State};
use attache_log::{
    EntryFilter, EntryPage, EntrySearch as _, SqlLog, TenantDirectory as _, TenantRow,
};
use uuid::Uuid;

use super::by_hand::{execute, texts};
use super::private_parts::bulk;
use super::{Database, Put as _, beginning, entry, tenant, user};

async fn all_about(log: &SqlLog, row: &TenantRow, about: &[Uuid]) -> Vec<u64> {
    let filter = EntryFilter {
        about: about.to_vec(),
        ..EntryFilter::default()
    };
    let (mut found, mut before) = (Vec::new(), Revision(u64::MAX));
    loop {
        let page = EntryPage {
            before,
            most: 3,
            bytes: usize::MAX,
        };
        let part = log.find_entries(row.id, &filter, &page).await.unwrap();
        let part_found: Vec<u64> = part.entries.iter().map(|entry| entry.revision.0).collect();
        found.extend(&part_found);
        match (part.more, part_found.last()) {
            (true, Some(last)) => before = Revision(*last),
            _ => break,
        }
    }
    let count = log
        .count_entries(row.id, &filter, Revision(u64::MAX))
        .await
        .unwrap();
    assert_eq!(count, found.len() as u64);
    found
}

/// A group, and entries after it that put users into it one after the other.
async fn one_after_the_other(log: &SqlLog, users: usize) -> (TenantRow, Vec<Uuid>, State) {
    let row = tenant("steps");
    let (first, mut state) = beginning(&row);
    log.create_tenant(row.clone(), first, None).await.unwrap();
    let group = GroupId(Uuid::now_v7());
    let add = Command::AddGroup {
        id: group,
        number: None,
        key: None,
        name: Name::new("Millers").unwrap(),
    };
    let mut things = vec![group.0];
    let mut entries: Vec<Entry> = Vec::new();
    let mut run = |command: &Command, entries: &mut Vec<Entry>| {
        let (next, after) = entry(&state, command);
        state = after;
        entries.push(next);
    };
    run(&add, &mut entries);
    for _ in 0..users {
        let command = user("Ada");
        let Command::AddUser { id, .. } = &command else {
            panic!()
        };
        things.push(id.0);
        run(&command, &mut entries);
        let into = Command::AddGroupUser {
            group: Ref::Id(group.0),
            user: Ref::Id(id.0),
        };
        run(&into, &mut entries);
    }
    for part in entries.chunks(512) {
        log.put(row.id, part, &[]).await.unwrap();
    }
    (row, things, state)
}

pub(super) async fn the_index_finds_what_looking_through_finds(database: impl Database) {
    let log = database.open().await;
    // A block has 8,192 places: two things are one of entries 3, 5, 7…, one of the others.
    let (row, things, state) = one_after_the_other(&log, 3_000).await;
    let [group, ada, .., last] = things.as_slice() else {
        panic!()
    };
    let asked: [&[Uuid]; 6] = [
        &[*ada],
        &[*last],
        &[*ada, *group],
        &[*ada, *last],
        &[Uuid::from_u128(9)],
        &[things[1_500]],
    ];
    let mut before = Vec::new();
    for about in asked {
        before.push(all_about(&log, &row, about).await);
    }
    assert_eq!(
        before[..5],
        [vec![4, 3], vec![6_002, 6_001], vec![4], vec![], vec![]]
    );
    log.index_entries(row.id).await.unwrap();
    let blocks = texts(
        &database,
        "SELECT CAST(revision AS TEXT) FROM entry_about WHERE about = 7",
    )
    .await;
    assert_eq!(blocks.len(), 1);
    for (about, before) in asked.iter().zip(&before) {
        assert_eq!(&all_about(&log, &row, about).await, before);
    }
    // In the index, after it, and on both sides of its end.
    let (next, _) = entry(
        &state,
        &Command::RemoveUser {
            user: Ref::Id(*ada),
        },
    );
    log.put(row.id, &[next], &[]).await.unwrap();
    assert_eq!(all_about(&log, &row, &[*ada]).await, [6_003, 4, 3]);
    assert_eq!(all_about(&log, &row, &[*ada, *group]).await, [6_003, 4]);
    // Made twice, it is the same; and made anew where it was deleted.
    log.index_entries(row.id).await.unwrap();
    // What is in a block is found in the block only, and what is after it without one.
    assert_eq!(
        execute(&database, "UPDATE entry_about SET entries = ''").await,
        64
    );
    assert_eq!(all_about(&log, &row, &[*ada]).await, [6_003]);
    assert_eq!(all_about(&log, &row, &[*last]).await, [6_002, 6_001]);
    execute(&database, "DELETE FROM entry_about").await;
    assert_eq!(all_about(&log, &row, &[*last]).await, [6_002, 6_001]);
    log.index_entries(row.id).await.unwrap();
    assert_eq!(all_about(&log, &row, &[*last]).await, [6_002, 6_001]);
}

pub(super) async fn an_entry_of_ten_thousand_changes_is_found_by_each_thing(
    database: impl Database,
) {
    let log = database.open().await;
    // Two changes a user, and a block of its own.
    let (row, entries) = bulk(&log, 9_000).await;
    // Around it are small ones.
    let mut state = State::empty(row.id);
    entries.iter().for_each(|entry| state.apply(entry));
    let (next, _) = entry(&state, &user("Ada"));
    log.put(row.id, &[next], &[]).await.unwrap();
    let root = [state.resource(state.root()).unwrap().id.0];
    let before = all_about(&log, &row, &root).await;
    let first = entries[1].changes.profiles.keys().next().unwrap().0;
    assert_eq!(all_about(&log, &row, &[first]).await, [2]);
    log.index_entries(row.id).await.unwrap();
    assert_eq!(all_about(&log, &row, &root).await, before);
    let blocks = texts(
        &database,
        "SELECT CAST(revision AS TEXT) FROM entry_about WHERE about = 7",
    )
    .await;
    assert_eq!(blocks, ["2"]);
    let users: Vec<&UserId> = entries[1].changes.profiles.keys().collect();
    for user in users.iter().step_by(1_111) {
        assert_eq!(all_about(&log, &row, &[user.0]).await, [2]);
    }
    assert_eq!(
        all_about(&log, &row, &[Uuid::from_u128(1)]).await,
        <[u64; 0]>::default()
    );
}
