//! What names people and companies, as it stands in the database.

use attache_core::catalogue::Catalogue;
use attache_core::id::EntryId;
use attache_core::id::{Key, ResourceId, Revision, UserId, UserNumber};
use attache_core::model::{Email, ExternalId, Name, Profile, Status, UserFacts};
use attache_core::record::Commitments;
use attache_core::{Actor, Caller, Command, Draft, Entry, Locator, Ref, State};
use attache_log::{
    EntryFilter, EntryPage, EntryReader as _, EntrySearch as _, LogError, SqlLog,
    TenantDirectory as _, TenantRow,
};
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

use super::by_hand::{all_changes, bytes, execute, texts};
use super::{Database, Put as _, beginning, entry, later, tenant};

/// A user with everything that names it.
fn named(name: &str) -> Command {
    Command::AddUser {
        id: UserId(Uuid::now_v7()),
        number: None,
        key: Some(Key::new(&format!("key-of-{name}")).unwrap()),
        profile: Box::new(Profile {
            first_name: Some(Name::new(name).unwrap()),
            last_name: Some(Name::new("Byrne").unwrap()),
            email: Some(Email::new(&format!("{name}@mail.example")).unwrap()),
            phone: None,
        }),
        status: Status::Active,
        facts: UserFacts {
            external_auth_id: Some(ExternalId::new(&format!("auth0|{name}")).unwrap()),
            ..UserFacts::default()
        },
    }
}

fn customer(name: &str) -> Command {
    Command::AddResource {
        id: ResourceId(Uuid::now_v7()),
        kind: "customer".into(),
        parent: Locator::root(),
        number: None,
        key: Some(Key::new(&format!("key-of-{name}")).unwrap()),
        name: Name::new(name).unwrap(),
    }
}

/// A tenant `Lantern` with Ada, Ben and the customer Harbour: a text of each is in one place.
pub(super) async fn lantern(log: &SqlLog) -> (TenantRow, Vec<Entry>, State) {
    let row = tenant("lantern");
    let create = Command::CreateTenant {
        root: ResourceId(Uuid::now_v7()),
        name: Name::new("Lantern").unwrap(),
        catalogue: Box::new(Catalogue::starting().unwrap()),
    };
    let (first, mut state) = entry(&State::empty(row.id), &create);
    log.create_tenant(row.clone(), first.clone(), None)
        .await
        .unwrap();
    let mut entries = vec![first];
    for command in [named("ada"), named("ben"), customer("Harbour")] {
        let (next, after) = entry(&state, &command);
        log.put(row.id, std::slice::from_ref(&next), &[])
            .await
            .unwrap();
        entries.push(next);
        state = after;
    }
    (row, entries, state)
}

pub(super) async fn what_names_somebody_stands_in_rows_of_its_own(database: impl Database) {
    let log = database.open().await;
    let (row, entries, state) = lantern(&log).await;
    // The first entry is long, since it has the catalogue.
    let packed = "SELECT id FROM entry WHERE packed IS NOT NULL AND revision = 1";
    assert_eq!(texts(&database, packed).await.len(), 1);
    let changes = all_changes(&database).await;
    assert_eq!(changes.len(), 4);
    assert!(changes.iter().all(|json| json.starts_with(r#"[{"type":"#)));
    let none = texts(&database, "SELECT id FROM entry WHERE profiles IS NOT NULL").await;
    assert_eq!(none, <[String; 0]>::default());
    let naming = [
        "Lantern",
        "auth0",
        "ben",
        "Byrne",
        "mail.example",
        "Harbour",
        "key-of",
    ];
    for text in naming {
        assert!(!changes.iter().any(|it| it.contains(text)), "{text}");
    }
    // The entry holds the hash of each row.
    let about = texts(&database, "SELECT about FROM private ORDER BY revision").await;
    let salts = bytes(&database, "SELECT salt FROM private ORDER BY revision").await;
    let data = texts(&database, "SELECT data FROM private ORDER BY revision").await;
    let held = "SELECT commitments FROM entry ORDER BY revision";
    let held = bytes(&database, held).await;
    assert_eq!((about.len(), held.len()), (4, 4));
    for (at, held) in held.iter().enumerate() {
        let held = Commitments::from_bytes(held).unwrap();
        let hash = Sha256::new()
            .chain_update(&salts[at])
            .chain_update(&data[at])
            .finalize();
        let own = held.get(about[at].parse().unwrap()).unwrap();
        assert_eq!(own.0[..], hash[..], "{}", data[at]);
        assert_eq!((held.iter().count(), salts[at].len()), (1, 32));
    }
    assert!(data[1].contains("key-of-ada") && data[1].contains("ada@mail.example"));
    let read = log.read_after(row.id, Revision(0), 9).await.unwrap();
    assert_eq!(read, entries);
    // What names nobody has no row and no commitment.
    let remove = Command::RemoveUser {
        user: Ref::text("key-of-ben"),
    };
    let (next, _) = entry(&state, &remove);
    log.put(row.id, &[next], &[]).await.unwrap();
    let none = "SELECT id FROM entry WHERE commitments IS NULL";
    assert_eq!(texts(&database, none).await.len(), 1);
    assert_eq!(texts(&database, "SELECT about FROM private").await.len(), 4);
}

pub(super) async fn a_row_deleted_by_hand_names_nobody_and_the_tenant_opens(
    database: impl Database,
) {
    let log = database.open().await;
    let (row, entries, state) = lantern(&log).await;
    let erase = "DELETE FROM private WHERE data LIKE '%key-of-ada%' OR data LIKE '%Harbour%' \
        OR data LIKE '%Lantern%'";
    assert_eq!(execute(&database, erase).await, 3);
    let read = log.read_after(row.id, Revision(0), 9).await.unwrap();
    let shown = format!("{read:?}");
    for text in ["Lantern", "ada@", "key-of-ada", "auth0|ada", "Harbour"] {
        assert!(!shown.contains(text), "{text}: {shown}");
    }
    assert_eq!(read[2], entries[2]);
    let mut replayed = State::empty(row.id);
    read.iter().for_each(|entry| replayed.apply(entry));
    // The facts of access are what they were.
    for number in [UserNumber(1), UserNumber(2)] {
        let (own, was) = (replayed.user(number).unwrap(), state.user(number).unwrap());
        assert_eq!(
            (own.id, own.status, own.created_at),
            (was.id, was.status, was.created_at)
        );
    }
    let ada = replayed.user(UserNumber(1)).unwrap();
    assert_eq!(
        (ada.display_name(), ada.key.is_none()),
        (String::new(), true)
    );
    let shown = format!("{replayed:?}");
    assert!(shown.contains("key-of-ben") && !shown.contains("Harbour"));
    // It can be written to, and what was erased stays so.
    let (next, _) = entry(&replayed, &named("cleo"));
    log.put(row.id, std::slice::from_ref(&next), &[])
        .await
        .unwrap();
    let page = EntryPage {
        before: Revision(u64::MAX),
        most: 9,
        bytes: usize::MAX,
    };
    let found = log
        .find_entries(row.id, &EntryFilter::default(), &page)
        .await
        .unwrap();
    assert_eq!(found.entries[0], next);
    assert_eq!(found.entries[3], read[1]);
}

pub(super) async fn a_row_changed_by_hand_is_not_believed(database: impl Database) {
    let log = database.open().await;
    let (row, ..) = lantern(&log).await;
    let change = "UPDATE private SET data = REPLACE(data, 'key-of-ada', 'key-of-eve')";
    assert_eq!(execute(&database, change).await, 4);
    let read = log.read_after(row.id, Revision(0), 9).await;
    let Err(LogError::Unreadable { revision, .. }) = read else {
        panic!("{read:?}");
    };
    assert_eq!(revision, Revision(2));
}

/// So many users, which one entry adds.
pub(super) async fn bulk(log: &SqlLog, users: usize) -> (TenantRow, Vec<Entry>) {
    let row = tenant("bulk");
    let (first, state) = beginning(&row);
    log.create_tenant(row.clone(), first.clone(), None)
        .await
        .unwrap();
    let mut draft = Draft::new(
        state.clone(),
        Caller {
            tenant: row.id,
            actor: Actor::Operator,
        },
        later(0),
    );
    for number in 0..users {
        draft.run(&named(&format!("u{number}"))).unwrap();
    }
    let (changes, _, at) = draft.finish();
    let large = Entry {
        id: EntryId(Uuid::now_v7()),
        revision: Revision(2),
        at,
        actor: Actor::Operator,
        correlation_id: "an import".into(),
        head: attache_core::EntryHead::default(),
        changes,
    };
    let mut counter = 0_u64;
    let large = large.salted(&mut |bytes| {
        for chunk in bytes.chunks_mut(8) {
            counter = counter
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            chunk.copy_from_slice(&counter.to_le_bytes());
        }
    });
    log.put(row.id, std::slice::from_ref(&large), &[])
        .await
        .unwrap();
    (row, vec![first, large])
}

pub(super) async fn long_changes_are_packed_and_found_all_the_same(database: impl Database) {
    let log = database.open().await;
    let (row, entries) = bulk(&log, 2_000).await;
    let read = log.read_after(row.id, Revision(0), 9).await.unwrap();
    assert!(read == entries);
    let json = attache_core::record::split(&entries[1]).unwrap().changes;
    let packed = "SELECT packed FROM entry WHERE revision = 2 AND changes = ''";
    let packed = bytes(&database, packed).await;
    assert!(
        packed[0].len() < json.len() / 3,
        "{} of {}",
        packed[0].len(),
        json.len()
    );
    assert_eq!(
        texts(&database, "SELECT about FROM private WHERE revision = 2")
            .await
            .len(),
        2_000
    );
    // By a user in the middle of it.
    let user = *entries[1].changes.profiles.keys().nth(1_234).unwrap();
    let filter = EntryFilter {
        about: vec![user.0],
        ..EntryFilter::default()
    };
    // An entry is as long as it is when it is read: nothing else finds room beside it.
    let page = EntryPage {
        before: Revision(u64::MAX),
        most: 9,
        bytes: json.len(),
    };
    let found = log.find_entries(row.id, &filter, &page).await.unwrap();
    assert!(found.entries == entries[1..] && !found.more);
    let all = log
        .find_entries(row.id, &EntryFilter::default(), &page)
        .await
        .unwrap();
    assert!(all.entries == entries[1..] && all.more);
    assert_eq!(
        log.count_entries(row.id, &filter, Revision(9))
            .await
            .unwrap(),
        1
    );
    assert_eq!(
        log.count_entries(row.id, &filter, Revision(1))
            .await
            .unwrap(),
        0
    );
}
