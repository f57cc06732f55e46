//! A tenant at an earlier moment is what its entries up to then make, however it is found.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use attache_ambient::{Ambient, Scripted};
use attache_core::ask::{Field, MemberQuery};
use attache_core::id::{ResourceId, Revision, TenantId, UserId};
use attache_core::model::Name;
use attache_core::{Command, Locator, Ref, State, Timestamp};
use attache_log::{EntryReader as _, Histories as _, Location, SegmentSizes, SqlLog};
use attache_tenants::{FocusOn, Moment, NoPast, PastSettings, Settings, Tenants, replay_to};
use uuid::Uuid;

use crate::{add_user, create, operator};

const BEGIN: Timestamp = Timestamp::from_millis(1_790_000_000_000);
/// How many users are added, a second apart, two of them within the same one.
const USERS: u64 = 30;

async fn open(file: &Path, source: Arc<Scripted>, settings: Settings) -> (Arc<SqlLog>, Tenants) {
    let log = SqlLog::open(&Location::Sqlite(file.to_owned()), Default::default()).await;
    let log = Arc::new(log.unwrap());
    let tenants = Tenants::new(log.clone(), Ambient::new(source), settings);
    (log, tenants)
}

async fn present(tenants: &Tenants, tenant: TenantId) -> Arc<State> {
    let open = tenants.open(tenant).await.unwrap();
    open.unwrap().state().unwrap()
}

async fn write(tenants: &Tenants, tenant: TenantId, key: &str) {
    let user = add_user(UserId(Uuid::now_v7()), key);
    let written = tenants.write(operator(tenant), key, &[user]).await;
    written.unwrap();
}

async fn filled(tenants: &Tenants, source: &Scripted) -> TenantId {
    let tenant = create(tenants).await;
    for n in 0..USERS {
        source.pass(if n % 3 == 1 { 0 } else { 1_000 });
        write(tenants, tenant, &format!("user-{n}")).await;
    }
    source.pass(1_000);
    tenant
}

fn settings(past: PastSettings) -> Settings {
    Settings {
        past,
        silent_for: Duration::from_secs(3_600),
        ..Settings::default()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn state_of_each_revision_is_what_the_entries_up_to_it_make() {
    let folder = tempfile::tempdir().unwrap();
    let source = Arc::new(Scripted::at(BEGIN));
    let few = PastSettings {
        // Room for some states, so that replays begin at kept ones, and some are made twice.
        memory: 300_000,
        ..PastSettings::default()
    };
    let settings = Settings {
        snapshot_after_changes: 12,
        ..settings(few)
    };
    let (log, tenants) = open(&folder.path().join("attache.db"), source.clone(), settings).await;
    let tenant = filled(&tenants, &source).await;
    let now = present(&tenants, tenant).await;
    let entries = log.read_after(tenant, Revision(0), 99).await.unwrap();
    assert_eq!(entries.len() as u64, now.revision().0);
    for (n, entry) in (0..2 * USERS).map(|n| (n, &entries[(n * 7 % (USERS + 1)) as usize])) {
        let expected = replay_to(&*log, tenant, entry.revision).await.unwrap();
        let by_revision = Moment::Revision(entry.revision);
        let past = tenants.past(&now, by_revision).await.unwrap();
        assert_eq!(past.at, entry.at);
        assert!(*past.state == expected, "revision {}", entry.revision);
        // Just before the next entry, or at its instant.
        let at = Timestamp::from_millis(entry.at.as_millis() + (n as i64 % 3) * 500);
        let by = entries.iter().take_while(|entry| entry.at <= at).last();
        let expected = replay_to(&*log, tenant, by.unwrap().revision);
        let past = tenants.past(&now, Moment::At(at)).await.unwrap();
        assert_eq!(past.at, at);
        assert!(*past.state == expected.await.unwrap(), "at {at}");
    }
    tenants.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn many_who_ask_about_one_moment_share_one_replay() {
    let folder = tempfile::tempdir().unwrap();
    let source = Arc::new(Scripted::at(BEGIN));
    let settings = settings(PastSettings::default());
    let (_, tenants) = open(&folder.path().join("attache.db"), source.clone(), settings).await;
    let tenant = filled(&tenants, &source).await;
    let now = present(&tenants, tenant).await;
    let ask = |_| {
        let (tenants, now) = (tenants.clone(), now.clone());
        tokio::spawn(async move {
            let moment = Moment::Revision(Revision(9));
            tenants.past(&now, moment).await.unwrap().state
        })
    };
    let asked: Vec<_> = (0..50).map(ask).collect();
    let mut states = Vec::new();
    for asked in asked {
        states.push(asked.await.unwrap());
    }
    assert!(states.iter().all(|it| Arc::ptr_eq(it, &states[0])));
    // Of the present there is no other state.
    for moment in [
        Moment::Revision(now.revision()),
        Moment::At(now.at()),
        Moment::At(tenants.ambient().now()),
    ] {
        let past = tenants.past(&now, moment).await.unwrap();
        assert!(Arc::ptr_eq(&past.state, &now), "{moment:?}");
    }
    tenants.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_replay_goes_on_after_its_caller_has_given_up() {
    let folder = tempfile::tempdir().unwrap();
    let source = Arc::new(Scripted::at(BEGIN));
    let hasty = PastSettings {
        wait: Duration::ZERO,
        ..PastSettings::default()
    };
    let (_, tenants) = open(
        &folder.path().join("attache.db"),
        source.clone(),
        settings(hasty),
    )
    .await;
    let tenant = filled(&tenants, &source).await;
    let now = present(&tenants, tenant).await;
    let mut refused = 0;
    let past = loop {
        match tenants.past(&now, Moment::Revision(Revision(5))).await {
            Ok(past) => break past,
            Err(NoPast::NotYet) => refused += 1,
            Err(other) => panic!("{other}"),
        }
        tokio::task::yield_now().await;
    };
    assert!(refused > 0);
    assert_eq!(past.state.revision(), Revision(5));
    tenants.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn moments_that_a_tenant_does_not_have_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let source = Arc::new(Scripted::at(BEGIN));
    let settings = settings(PastSettings::default());
    let (log, tenants) = open(&folder.path().join("attache.db"), source.clone(), settings).await;
    let tenant = filled(&tenants, &source).await;
    let now = present(&tenants, tenant).await;
    let began = log.time_of(tenant, Revision(1)).await.unwrap().unwrap().at;
    let before = Timestamp::from_millis(began.as_millis() - 1);
    for moment in [Moment::At(before), Moment::Revision(Revision(0))] {
        let refused = tenants.past(&now, moment).await;
        let is_so = matches!(refused, Err(NoPast::BeforeTheFirst(at)) if at == began);
        assert!(is_so, "{moment:?}: {refused:?}");
    }
    let later = Timestamp::from_millis(tenants.ambient().now().as_millis() + 1);
    let refused = tenants.past(&now, Moment::At(later)).await;
    assert!(matches!(refused, Err(NoPast::Future(_))), "{refused:?}");
    let next = Moment::Revision(now.revision().next());
    let refused = tenants.past(&now, next).await;
    let is_so = matches!(refused, Err(NoPast::AfterTheLast(last)) if last == now.revision());
    assert!(is_so, "{refused:?}");
    let first = tenants.past(&now, Moment::At(began)).await.unwrap();
    assert_eq!(first.state.revision(), Revision(1));
    tenants.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn question_about_one_resource_needs_few_of_the_entries() {
    let folder = tempfile::tempdir().unwrap();
    let source = Arc::new(Scripted::at(BEGIN));
    let settings = settings(PastSettings::default());
    let (log, tenants) = open(&folder.path().join("attache.db"), source.clone(), settings).await;
    let tenant = filled(&tenants, &source).await;
    let customer = ResourceId(Uuid::now_v7());
    let on = || Locator::id(customer);
    let mut commands = vec![Command::AddResource {
        id: customer,
        kind: "customer".into(),
        parent: Locator::root(),
        number: None,
        key: None,
        name: Name::new("Mill").unwrap(),
    }];
    commands.extend((3..7).map(|n| Command::AddMember {
        resource: on(),
        user: Ref::Text(format!("user-{n}").into()),
        expires_at: None,
    }));
    for command in commands {
        source.pass(1_000);
        let written = tenants.write(operator(tenant), "c", &[command]).await;
        written.unwrap();
    }
    write(&tenants, tenant, "last").await;
    let sizes = SegmentSizes {
        changes: 20,
        merged: 3,
    };
    let mut few = 0;
    for _ in 0..2 {
        let now = present(&tenants, tenant).await;
        for revision in (1..now.revision().0).map(Revision) {
            let moment = Moment::Revision(revision);
            let about = FocusOn::users_of(on());
            let past = tenants.past_on(&now, moment, Some(&about)).await.unwrap();
            let whole = replay_to(&*log, tenant, revision).await.unwrap();
            let members = |state: &State| -> Option<Vec<UserId>> {
                let node = state.find(&on())?;
                let view = state.view(past.at);
                let list = view.list(node, &MemberQuery::all(Field::Added)).items;
                Some(list.iter().map(|it| it.user().id).collect())
            };
            assert_eq!(members(&past.state), members(&whole), "{revision}");
            assert_eq!(past.state.revision(), revision);
            if members(&whole).is_some() {
                assert!(past.state.user_count() <= 5, "{revision}");
                few += 1;
            }
        }
        // From the newest entries, and then from the histories too.
        log.make_histories(tenant, sizes).await.unwrap();
        assert!(log.segments(tenant).await.unwrap().last() > Revision(9));
    }
    assert!(few > 6, "{few}");
    tenants.close().await;
}
