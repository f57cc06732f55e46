//! What every log must do, whatever the database.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test that cannot go on fails"
)]

#[path = "log_suite/domains.rs"]
mod domains;
#[path = "log_suite/entry_times.rs"]
mod entry_times;
#[path = "log_suite/histories.rs"]
mod histories;
#[path = "log_suite/index.rs"]
mod index;
#[path = "log_suite/kept_snapshots.rs"]
mod kept_snapshots;
#[path = "log_suite/older_file.rs"]
mod older_file;
#[path = "log_suite/private_parts.rs"]
mod private_parts;
#[path = "log_suite/refusing.rs"]
mod refusing;
#[path = "log_suite/rewriting.rs"]
mod rewriting;
#[path = "log_suite/snapshots.rs"]
mod snapshots;
#[path = "log_suite/token_uses.rs"]
mod token_uses;

use std::sync::Arc;
use std::time::Duration;

use attache_core::catalogue::Catalogue;
use attache_core::id::{EntryId, IssuerId, ResourceId, Revision, TenantId, TokenId, UserId};
use attache_core::model::{FindsBy, KeySource, Name, Profile, Reason, Status, Trust, UserFacts};
use attache_core::{Actor, Caller, Command, Draft, Entry, Origin, State, Timestamp};
use attache_log::{
    AppendError, DirectoryError, DirectoryMark, DoneRequest, EntryFilter, EntryPage, EntryReader,
    EntrySearch as _, EntryWriter, Head, Hold, Holds as _, Installation as _, IssuerRow, Location,
    Notification, Request, Requests as _, Snapshot, Snapshots as _, SqlLog, TenantDirectory as _,
    TenantRow, TokenUsage as _, TokenUse,
};
use domains::a_domain_is_the_tenants_that_lists_it;
use entry_times::{
    the_last_entry_by_an_instant_is_found_without_reading_the_others,
    the_revision_of_a_snapshot_is_told_without_the_state,
};
use histories::{
    a_merge_that_is_killed_hides_nothing, histories_say_what_the_entries_say,
    what_is_erased_is_named_in_no_history,
};
use index::{
    an_entry_of_ten_thousand_changes_is_found_by_each_thing,
    the_index_finds_what_looking_through_finds,
};
use kept_snapshots::{
    a_save_that_was_killed_before_it_dropped_is_made_up_for,
    a_snapshot_of_a_newer_version_is_neither_used_nor_dropped,
    a_snapshot_of_lost_entries_takes_no_place, servers_that_save_at_the_same_time_keep_the_newest,
    the_newest_snapshot_and_the_one_before_it_are_kept,
    where_the_newest_snapshot_is_damaged_the_one_before_it_is_used,
};
use private_parts::{
    a_row_changed_by_hand_is_not_believed, a_row_deleted_by_hand_names_nobody_and_the_tenant_opens,
    long_changes_are_packed_and_found_all_the_same, what_names_somebody_stands_in_rows_of_its_own,
};
use rewriting::{
    a_log_of_the_version_before_is_rewritten_and_says_the_same,
    a_rewriting_that_is_killed_goes_on_and_loses_nothing,
    a_tenant_that_cannot_be_read_stops_the_rewriting_of_no_other,
    older_entries_behind_rewritten_ones_are_rewritten,
    two_who_rewrite_at_the_same_time_do_each_entry_once,
    what_is_deleted_while_a_batch_is_rewritten_stays_deleted,
    what_is_erased_after_rewriting_names_nobody,
};
use snapshots::{
    a_damaged_snapshot_is_thrown_away_and_made_anew, a_snapshot_of_another_tenant_is_thrown_away,
};
use sqlx::PgConnection;
use tempfile::TempDir;
use token_uses::the_last_use_of_each_token_is_kept;
use tokio::sync::{Mutex, OnceCell};
use uuid::Uuid;

/// Every test of the suite, against a log that begins empty.
macro_rules! suite {
    ($($database:ident: $open:expr;)*) => {$(
        mod $database {
            suite!(@tests $open;
                entries_come_back_as_they_were_written
                a_place_that_is_taken_is_a_collision_and_leaves_nothing
                tenants_do_not_see_each_other
                many_writers_at_once_each_get_their_own_answer
                entries_are_read_in_pages
                a_tenant_is_created_with_its_first_entry_or_not_at_all
                a_slug_and_a_domain_are_one_tenants_only
                an_issuer_is_noted_with_the_entry_that_names_it
                a_snapshot_comes_back_and_the_newer_one_stays
                what_was_appended_is_there_after_closing
                a_request_is_found_until_it_is_forgotten
                a_request_that_was_done_already_leaves_no_entry
                a_name_that_is_forgotten_can_be_used_again
                entries_are_found_by_each_filter
                entries_are_found_the_newest_first_in_pages
                heads_are_the_last_entries_of_many_tenants
                the_very_same_entries_stand_once
                what_follows_an_entry_that_is_not_there_is_not_written
                a_snapshot_that_the_entries_do_not_lead_to_is_not_saved
                two_logs_over_one_database_order_what_both_write
                two_who_create_the_same_tenant_do_not_both_succeed
                what_cannot_be_stored_is_refused_and_disturbs_nobody
                what_is_written_elsewhere_is_heard_where_it_can_be
                a_password_is_in_no_error
                a_tenant_is_copied_as_it_stands
                a_damaged_snapshot_is_thrown_away_and_made_anew
                a_snapshot_of_another_tenant_is_thrown_away
                the_newest_snapshot_and_the_one_before_it_are_kept
                where_the_newest_snapshot_is_damaged_the_one_before_it_is_used
                a_save_that_was_killed_before_it_dropped_is_made_up_for
                servers_that_save_at_the_same_time_keep_the_newest
                a_snapshot_of_lost_entries_takes_no_place
                a_snapshot_of_a_newer_version_is_neither_used_nor_dropped
                a_hold_is_seen_until_it_is_released
                the_database_says_its_time_where_it_has_one
                what_is_new_in_the_directory_is_found_without_the_rest
                the_last_use_of_each_token_is_kept
                a_domain_is_the_tenants_that_lists_it
                what_names_somebody_stands_in_rows_of_its_own
                a_row_deleted_by_hand_names_nobody_and_the_tenant_opens
                a_row_changed_by_hand_is_not_believed
                long_changes_are_packed_and_found_all_the_same
                the_index_finds_what_looking_through_finds
                an_entry_of_ten_thousand_changes_is_found_by_each_thing
                a_log_of_the_version_before_is_rewritten_and_says_the_same
                two_who_rewrite_at_the_same_time_do_each_entry_once
                what_is_deleted_while_a_batch_is_rewritten_stays_deleted
                older_entries_behind_rewritten_ones_are_rewritten
                a_tenant_that_cannot_be_read_stops_the_rewriting_of_no_other
                what_is_erased_after_rewriting_names_nobody
                a_rewriting_that_is_killed_goes_on_and_loses_nothing
                histories_say_what_the_entries_say
                a_merge_that_is_killed_hides_nothing
                what_is_erased_is_named_in_no_history
                the_last_entry_by_an_instant_is_found_without_reading_the_others
                the_revision_of_a_snapshot_is_told_without_the_state
            );
        }
    )*};
    (@tests $open:expr; $($test:ident)*) => {$(
        #[tokio::test(flavor = "multi_thread")]
        async fn $test() {
            // Where there is no such database, that was said.
            if let Some(database) = $open {
                super::$test(database).await;
            }
        }
    )*};
}

suite! {
    over_sqlite: Some(super::Sqlite(tempfile::tempdir().unwrap()));
    over_postgres: super::Postgres::fresh();
}

/// Writing what follows the entry that stands before it.
#[async_trait::async_trait]
trait Put {
    async fn put(
        &self,
        tenant: TenantId,
        entries: &[Entry],
        requests: &[DoneRequest],
    ) -> Result<(), AppendError>;
}

#[async_trait::async_trait]
impl<L: EntryReader + EntryWriter> Put for L {
    async fn put(
        &self,
        tenant: TenantId,
        entries: &[Entry],
        requests: &[DoneRequest],
    ) -> Result<(), AppendError> {
        let two_before = Revision(entries[0].revision.0.saturating_sub(2));
        let before = self.read_after(tenant, two_before, 1).await.unwrap();
        let after = before.first().map(|entry| entry.id);
        self.append(tenant, after, entries, requests).await
    }
}

/// A database that can be opened more than once.
trait Database {
    fn location(&self) -> Location;

    /// Its URL, where it has one.
    fn url(&self) -> Option<String> {
        None
    }

    async fn open(&self) -> Arc<SqlLog> {
        let log = SqlLog::open(&self.location(), Default::default()).await;
        Arc::new(log.unwrap())
    }
}

struct Sqlite(TempDir);

impl Database for Sqlite {
    fn location(&self) -> Location {
        Location::Sqlite(self.0.path().join("attache.db"))
    }
}

/// A database of its own in the PostgreSQL of the tests, and its URL.
struct Postgres(Location, String, OnceCell<Mutex<PgConnection>>);

impl Postgres {
    fn fresh() -> Option<Self> {
        let url = attache_own_postgres::Postgres::shared()?.fresh_database();
        Some(Self(Location::parse(&url).unwrap(), url, OnceCell::new()))
    }
}

impl Database for Postgres {
    fn location(&self) -> Location {
        self.0.clone()
    }

    fn url(&self) -> Option<String> {
        Some(self.1.clone())
    }
}

fn tenant(name: &str) -> TenantRow {
    TenantRow {
        id: TenantId(Uuid::now_v7()),
        slug: name.to_owned(),
        domains: vec![format!("{name}.example")],
        created_at: Timestamp::from_millis(1_790_000_000_000),
    }
}

/// The entry that a command would write on a state, and the state after it.
fn entry(state: &State, command: &Command) -> (Entry, State) {
    entry_at(Timestamp::from_millis(1_790_000_000_000), state, command)
}

/// The same, with the clock at an instant.
fn entry_at(now: Timestamp, state: &State, command: &Command) -> (Entry, State) {
    let caller = Caller {
        tenant: state.tenant(),
        actor: Actor::Operator,
    };
    let mut draft = Draft::new(state.clone(), caller, now);
    draft.run(command).unwrap();
    let (changes, mut after, at) = draft.finish();
    let entry = Entry {
        id: EntryId(Uuid::now_v7()),
        revision: state.revision().next(),
        at,
        actor: Actor::Operator,
        correlation_id: "a test".into(),
        head: attache_core::EntryHead::default(),
        changes,
    };
    // Other bytes each time, as a random source gives.
    let entry = entry.salted(&mut |bytes| {
        for chunk in bytes.chunks_mut(16) {
            chunk.copy_from_slice(&Uuid::now_v7().as_bytes()[..chunk.len()]);
        }
    });
    after.advance(&entry);
    (entry, after)
}

fn beginning(tenant: &TenantRow) -> (Entry, State) {
    let command = Command::CreateTenant {
        root: ResourceId(Uuid::now_v7()),
        name: Name::new("Lantern Talk").unwrap(),
        catalogue: Box::new(Catalogue::starting().unwrap()),
    };
    entry(&State::empty(tenant.id), &command)
}

fn user(first_name: &str) -> Command {
    Command::AddUser {
        id: UserId(Uuid::now_v7()),
        number: None,
        key: None,
        profile: Box::new(Profile {
            first_name: Some(Name::new(first_name).unwrap()),
            ..Profile::default()
        }),
        status: Status::Active,
        facts: UserFacts::default(),
    }
}

async fn entries_come_back_as_they_were_written(database: impl Database) {
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

async fn a_place_that_is_taken_is_a_collision_and_leaves_nothing(database: impl Database) {
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

async fn tenants_do_not_see_each_other(database: impl Database) {
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

async fn many_writers_at_once_each_get_their_own_answer(database: impl Database) {
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

async fn entries_are_read_in_pages(database: impl Database) {
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

async fn a_tenant_is_created_with_its_first_entry_or_not_at_all(database: impl Database) {
    let log = database.open().await;
    let (one, mut other) = (tenant("one"), tenant("other"));
    let (first, _) = beginning(&one);
    log.create_tenant(one.clone(), first.clone(), None)
        .await
        .unwrap();
    other.slug.clone_from(&one.slug);
    let answer = log
        .create_tenant(other.clone(), beginning(&other).0, None)
        .await;
    assert!(
        matches!(answer, Err(DirectoryError::Taken { field: "slug", .. })),
        "{answer:?}"
    );
    assert_eq!(log.tenants().await.unwrap(), [one]);
    assert_eq!(log.read_after(other.id, Revision(0), 9).await.unwrap(), []);
}

async fn a_slug_and_a_domain_are_one_tenants_only(database: impl Database) {
    let log = database.open().await;
    let (one, mut other) = (tenant("one"), tenant("other"));
    for row in [&one, &other] {
        log.create_tenant(row.clone(), beginning(row).0, None)
            .await
            .unwrap();
    }
    let was = other.clone();
    other.domains.push("one.example".to_owned());
    let answer = log.change_tenant(was.clone(), other.clone()).await;
    assert!(
        matches!(
            answer,
            Err(DirectoryError::Taken {
                field: "domain",
                ..
            })
        ),
        "{answer:?}"
    );
    other.domains = vec!["new.example".to_owned()];
    log.change_tenant(was.clone(), other.clone()).await.unwrap();
    // What was read before is not so any more.
    let late = log.change_tenant(was.clone(), was).await;
    assert!(matches!(late, Err(DirectoryError::Changed)), "{late:?}");
    assert_eq!(log.tenants().await.unwrap(), [one, other]);
    let unknown = tenant("unknown");
    let unknown = log.change_tenant(unknown.clone(), unknown).await;
    assert!(
        matches!(unknown, Err(DirectoryError::Unknown)),
        "{unknown:?}"
    );
}

fn trust(issuer: &str) -> Box<Trust> {
    Box::new(Trust {
        issuer: issuer.into(),
        keys: KeySource::Discovery,
        audience: "attache".into(),
        subject_claim: "sub".into(),
        finds_by: FindsBy::Key,
        tenant_claim: None,
        token_type: None,
        accepts_invitations: false,
    })
}

async fn an_issuer_is_noted_with_the_entry_that_names_it(database: impl Database) {
    let log = database.open().await;
    let (one, other) = (tenant("one"), tenant("other"));
    let (first, state) = beginning(&one);
    log.create_tenant(one.clone(), first, None).await.unwrap();
    let (begun, _) = beginning(&other);
    log.create_tenant(other.clone(), begun, None).await.unwrap();
    let id = IssuerId(Uuid::now_v7());
    let added = |issuer| Command::AddIssuer {
        id,
        trust: trust(issuer),
    };
    let (second, after) = entry(&state, &added("https://a.example"));
    // What collides notes nothing.
    let (lost, _) = entry(&state, &added("https://lost.example"));
    log.put(one.id, &[second], &[]).await.unwrap();
    assert!(log.put(one.id, &[lost], &[]).await.is_err());
    let (third, after) = entry(
        &after,
        &Command::ChangeIssuer {
            issuer: id,
            trust: trust("https://b.example"),
        },
    );
    let (fourth, after) = entry(&after, &Command::RemoveIssuer { issuer: id });
    let (fifth, _) = entry(&after, &added("https://a.example"));
    log.put(one.id, &[third, fourth, fifth], &[]).await.unwrap();
    let row = |issuer: &str| IssuerRow {
        tenant: one.id,
        issuer: issuer.to_owned(),
    };
    // Once each, and what was removed stays: the state decides.
    let rows = [row("https://a.example"), row("https://b.example")];
    assert_eq!(log.issuers().await.unwrap(), rows);
    // What is noted can be noted again, and what was lost is there then.
    let names = ["https://b.example", "https://c.example"].map(str::to_owned);
    for _ in 0..2 {
        log.note_issuers(one.id, &names).await.unwrap();
    }
    let rows = [&rows[..], &[row("https://c.example")]].concat();
    assert_eq!(log.issuers().await.unwrap(), rows);
    log.close().await;
    assert_eq!(database.open().await.issuers().await.unwrap(), rows);
}

async fn save(log: &SqlLog, state: State) {
    let snapshot = Snapshot::of(Arc::new(state)).await.unwrap();
    log.save_snapshot(&snapshot).await.unwrap();
}

async fn a_snapshot_comes_back_and_the_newer_one_stays(database: impl Database) {
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

async fn what_was_appended_is_there_after_closing(database: impl Database) {
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

/// When what a test does begins, in milliseconds.
const THEN: i64 = 1_790_000_000_000;

fn later(millis: i64) -> Timestamp {
    Timestamp::from_millis(THEN + millis)
}

/// A request that was done so much later, when so old ones were forgotten.
fn done(name: &str, asked: &str, revision: u64, at: i64, forgotten_before: i64) -> DoneRequest {
    DoneRequest {
        request: Request::new("somebody", name, &[asked.as_bytes()]),
        revision: Revision(revision),
        at: later(at),
        forgotten_before: later(forgotten_before),
    }
}

async fn a_request_is_found_until_it_is_forgotten(database: impl Database) {
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

async fn a_request_that_was_done_already_leaves_no_entry(database: impl Database) {
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

async fn a_name_that_is_forgotten_can_be_used_again(database: impl Database) {
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

/// A tenant with three users, each added by somebody else at another time.
async fn three_entries(log: &SqlLog) -> (TenantRow, Vec<Entry>, Vec<UserId>) {
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

async fn entries_are_found_by_each_filter(database: impl Database) {
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

async fn entries_are_found_the_newest_first_in_pages(database: impl Database) {
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

async fn heads_are_the_last_entries_of_many_tenants(database: impl Database) {
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

async fn the_very_same_entries_stand_once(database: impl Database) {
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

async fn a_snapshot_that_the_entries_do_not_lead_to_is_not_saved(database: impl Database) {
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

async fn two_logs_over_one_database_order_what_both_write(database: impl Database) {
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

async fn two_who_create_the_same_tenant_do_not_both_succeed(database: impl Database) {
    let logs = [database.open().await, database.open().await];
    for round in 0..8 {
        let creating = logs.iter().enumerate().map(|(place, log)| {
            let mut row = tenant(&format!("t{round}-{place}"));
            // The same slug, or the same domain.
            match round % 2 {
                0 => row.slug = format!("t{round}"),
                _ => row.domains = vec![format!("t{round}.example")],
            }
            async move {
                let (first, _) = beginning(&row);
                log.create_tenant(row, first, None).await
            }
        });
        let answers = futures_util::future::join_all(creating).await;
        let created = answers.iter().filter(|answer| answer.is_ok()).count();
        let taken = answers
            .iter()
            .filter(|answer| matches!(answer, Err(DirectoryError::Taken { .. })));
        assert_eq!((created, taken.count()), (1, 1), "{answers:?}");
    }
    assert_eq!(logs[0].tenants().await.unwrap().len(), 8);
}

async fn what_cannot_be_stored_is_refused_and_disturbs_nobody(database: impl Database) {
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

async fn what_is_written_elsewhere_is_heard_where_it_can_be(database: impl Database) {
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

async fn a_password_is_in_no_error(database: impl Database) {
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

async fn a_tenant_is_copied_as_it_stands(database: impl Database) {
    let folder = tempfile::tempdir().unwrap();
    let from = SqlLog::open(&database.location(), Default::default()).await;
    let file = Location::Sqlite(folder.path().join("copy.db"));
    let to = SqlLog::open(&file, Default::default()).await;
    let (from, to) = (from.unwrap(), to.unwrap());
    let row = tenant("lantern");
    let (first, state) = beginning(&row);
    let asked = done("create", "this", 1, 1_000, 0);
    let created = from.create_tenant(row.clone(), first.clone(), Some(asked.clone()));
    created.await.unwrap();
    let added = Command::AddIssuer {
        id: IssuerId(Uuid::now_v7()),
        trust: trust("https://a.example"),
    };
    let (second, state) = entry(&state, &added);
    let (third, state) = entry(&state, &user("Ada"));
    let request = done("add", "this", 3, 1_000, 0);
    let both = [second.clone(), third.clone()];
    from.put(row.id, &both, std::slice::from_ref(&request))
        .await
        .unwrap();
    let used = TokenUse {
        tenant: row.id,
        token: TokenId(Uuid::now_v7()),
        used_at: later(500),
    };
    from.note_token_uses(&[used]).await.unwrap();
    let copied = from.copy_tenant(&to, &row, &mut |_| {}).await.unwrap();
    assert_eq!(to.token_uses(row.id).await.unwrap(), [used]);
    assert_eq!((copied.there, copied.here), (Revision(0), Revision(3)));
    let read = to.read_after(row.id, Revision(0), 9).await.unwrap();
    assert_eq!(read, [first, second, third]);
    assert_eq!(to.tenants().await.unwrap(), std::slice::from_ref(&row));
    assert_eq!(to.issuers().await.unwrap(), from.issuers().await.unwrap());
    for request in [asked, request] {
        let key = &request.request.key;
        let there = to.find_request(row.id, key, later(1_000)).await.unwrap();
        assert_eq!(there, Some((request.request.fingerprint, request.revision)));
        assert_eq!(
            to.find_request(row.id, key, later(1_001)).await.unwrap(),
            None
        );
    }
    // It can go on there.
    let (fourth, _) = entry(&state, &user("Ben"));
    to.put(row.id, &[fourth], &[]).await.unwrap();
}

async fn what_follows_an_entry_that_is_not_there_is_not_written(database: impl Database) {
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

async fn a_hold_is_seen_until_it_is_released(database: impl Database) {
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

async fn the_database_says_its_time_where_it_has_one(database: impl Database) {
    let log = database.open().await;
    let time = log.time().await.unwrap();
    assert_eq!(time.is_some(), database.location().file().is_none());
    if let Some(time) = time {
        let own = std::time::SystemTime::UNIX_EPOCH.elapsed().unwrap();
        let own = i64::try_from(own.as_millis()).unwrap();
        assert!((time.as_millis() - own).abs() < 60_000);
    }
}

async fn what_is_new_in_the_directory_is_found_without_the_rest(database: impl Database) {
    let log = database.open().await;
    let rows: Vec<_> = (0..3).map(|at| tenant(&format!("t{at}"))).collect();
    for row in &rows {
        let created = log.create_tenant(row.clone(), beginning(row).0, None);
        created.await.unwrap();
    }
    let all = log.directory_since(DirectoryMark::default()).await.unwrap();
    assert!(all.is_all);
    assert_eq!(all.tenants, rows);
    let none = log.directory_since(all.mark).await.unwrap();
    assert_eq!(
        (none.is_all, none.tenants, none.broken),
        (false, vec![], vec![])
    );
    let mut renamed = rows[0].clone();
    renamed.slug = "t9".to_owned();
    let changed = log.change_tenant(rows[0].clone(), renamed.clone());
    changed.await.unwrap();
    let (_, state) = beginning(&rows[1]);
    let add = Command::AddIssuer {
        id: IssuerId(Uuid::now_v7()),
        trust: trust("https://a.example"),
    };
    log.put(rows[1].id, &[entry(&state, &add).0], &[])
        .await
        .unwrap();
    let new = log.directory_since(none.mark).await.unwrap();
    assert_eq!(new.tenants, [renamed]);
    let issuer = IssuerRow {
        tenant: rows[1].id,
        issuer: "https://a.example".to_owned(),
    };
    assert_eq!(new.issuers, [issuer]);
}
