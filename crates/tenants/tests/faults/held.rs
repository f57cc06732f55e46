//! Large work beside a server that writes to the same tenant all the time.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use attache_ambient::Ambient;
use attache_core::id::UserId;
use attache_core::{Changes, Draft, HeadRequest, Refusal};
use attache_log::{EntryReader as _, Hold, Holds as _};
use attache_tenants::{BulkError, BulkWrite, Plan, Settings, Tenants, WriteError};
use tokio::time::Instant;
use uuid::Uuid;

use crate::faulty::FaultyLog;
use crate::{add_user, create, operator};

/// Adds users, and takes longer for it than others leave the tenant alone.
struct Slow {
    users: usize,
    takes: Duration,
    planned: usize,
}

impl Plan for Slow {
    type Error = Refusal;

    fn plan(&mut self, draft: &mut Draft, room: &mut dyn FnMut(&mut Draft)) -> Result<(), Refusal> {
        self.planned += 1;
        std::thread::sleep(self.takes);
        for user in 0..self.users {
            let key = format!("imported-{user}");
            draft.run(&add_user(UserId(Uuid::now_v7()), &key))?;
            room(draft);
        }
        Ok(())
    }

    fn planned(&mut self, _: &[Changes], _: bool) {}
}

fn process(log: &Arc<FaultyLog>, settings: Settings) -> Tenants {
    Tenants::new(log.log(), Ambient::of_the_machine(), settings)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn an_import_goes_through_beside_a_server_that_writes_all_the_time() {
    let log = Arc::new(FaultyLog::new(0));
    let (server, import) = (
        process(&log, Settings::default()),
        process(&log, Settings::default()),
    );
    let tenant = create(&server).await;
    let (stop, written) = (
        Arc::new(AtomicBool::new(false)),
        Arc::new(AtomicU64::new(0)),
    );
    let client = tokio::spawn({
        let (server, stop, written) = (server.clone(), stop.clone(), written.clone());
        async move {
            let mut longest = Duration::ZERO;
            while !stop.load(Ordering::SeqCst) {
                let began = Instant::now();
                let add = add_user(UserId(Uuid::now_v7()), &Uuid::now_v7().to_string());
                let answer = server.write(operator(tenant), "a client", &[add]).await;
                answer.expect("no client is refused");
                longest = longest.max(began.elapsed());
                written.fetch_add(1, Ordering::SeqCst);
            }
            longest
        }
    });
    while written.load(Ordering::SeqCst) < 10 {
        tokio::task::yield_now().await;
    }
    let mut work = Slow {
        users: 50,
        takes: Duration::from_millis(100),
        planned: 0,
    };
    let write = BulkWrite {
        caller: operator(tenant),
        credential: None,
        correlation_id: "an import".to_owned(),
        head: HeadRequest::default(),
        dry: false,
    };
    let done = import.write_all(&write, &mut work).await;
    assert_eq!(done.expect("it goes through").changes, 50);
    assert!(work.planned > 1, "nobody was in its way");
    assert_eq!(log.holds().await.unwrap(), []);
    // They go on, and have what was imported.
    let before = written.load(Ordering::SeqCst);
    while written.load(Ordering::SeqCst) < before + 10 {
        tokio::task::yield_now().await;
    }
    stop.store(true, Ordering::SeqCst);
    let longest = client.await.unwrap();
    assert!(longest < Duration::from_secs(8), "{longest:?}");
    let open = server.open(tenant).await.unwrap().unwrap();
    let state = open.state().unwrap();
    let imported = attache_core::Ref::text("imported-49");
    assert!(state.find_user(&imported).is_some());
}

#[tokio::test]
async fn work_whose_credential_stopped_counting_is_not_written() {
    let log = Arc::new(FaultyLog::new(0));
    let tenants = process(&log, Settings::default());
    let tenant = create(&tenants).await;
    let mut work = Slow {
        users: 1,
        takes: Duration::ZERO,
        planned: 0,
    };
    let write = BulkWrite {
        caller: operator(tenant),
        credential: Some(Arc::new(|_, _| None)),
        correlation_id: "an import".to_owned(),
        head: HeadRequest::default(),
        dry: false,
    };
    let refused = tenants.write_all(&write, &mut work).await;
    assert!(matches!(refused, Err(BulkError::Revoked)), "{refused:?}");
    assert_eq!(work.planned, 0);
    let entries = log.read_after(tenant, Default::default(), 9).await;
    assert_eq!(entries.unwrap().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_write_waits_for_an_import_no_longer_than_it_may_and_nothing_was_written() {
    let log = Arc::new(FaultyLog::new(0));
    let settings = Settings::default();
    let tenants = process(&log, settings.clone());
    let tenant = create(&tenants).await;
    tenants.open(tenant).await.unwrap();
    let hold = Hold {
        tenant,
        id: Uuid::now_v7(),
        lasts: Duration::from_secs(1_000_000),
    };
    log.hold(&hold).await.unwrap();
    tokio::time::sleep(Duration::from_secs(1)).await;
    let began = Instant::now();
    let write = async || {
        let add = add_user(UserId(Uuid::now_v7()), &Uuid::now_v7().to_string());
        tenants.write(operator(tenant), "a client", &[add]).await
    };
    for waits in [settings.held_write_for, Duration::ZERO] {
        let refused = write().await;
        assert!(
            matches!(refused, Err(WriteError::Unavailable(_))),
            "{refused:?}"
        );
        assert!(began.elapsed() <= settings.held_write_for, "{waits:?}");
    }
    // Who imported is gone: the writers go on by themselves, and its hold is removed.
    tokio::time::sleep(settings.hold_for).await;
    assert!(write().await.is_ok());
    assert_eq!(log.holds().await.unwrap(), []);
    let entries = log.read_after(tenant, Default::default(), 9).await;
    assert_eq!(entries.unwrap().len(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_hold_whose_holder_is_gone_delays_a_write_by_its_lease_and_no_restart_begins_it_again() {
    let log = Arc::new(FaultyLog::new(0));
    let server = process(&log, Settings::default());
    let tenant = create(&server).await;
    server.open(tenant).await.unwrap();
    // What an import leaves that is killed.
    let hold = Hold {
        tenant,
        id: Uuid::now_v7(),
        lasts: Duration::from_secs(5),
    };
    log.hold(&hold).await.unwrap();
    tokio::time::sleep(Duration::from_secs(1)).await;
    let write = async |server: &Tenants| {
        let began = Instant::now();
        let add = add_user(UserId(Uuid::now_v7()), &Uuid::now_v7().to_string());
        let answer = server.write(operator(tenant), "a client", &[add]).await;
        answer.expect("nobody is there who holds it");
        began.elapsed()
    };
    let waited = write(&server).await;
    assert!(waited <= Duration::from_secs(5), "{waited:?}");
    // Another one, and a server that starts after it.
    let hold = Hold {
        id: Uuid::now_v7(),
        lasts: Duration::from_secs(1_000),
        ..hold
    };
    log.hold(&hold).await.unwrap();
    server.close().await;
    let server = process(&log, Settings::default());
    server.open(tenant).await.unwrap();
    tokio::time::sleep(Duration::from_secs(1)).await;
    let waited = write(&server).await;
    assert!(waited < Duration::from_millis(100), "{waited:?}");
    // Its holder is there after all: it renews it.
    let renewed = Hold {
        lasts: hold.lasts + Duration::from_millis(1),
        ..hold
    };
    log.hold(&renewed).await.unwrap();
    tokio::time::sleep(Duration::from_secs(1)).await;
    let add = add_user(UserId(Uuid::now_v7()), &Uuid::now_v7().to_string());
    let answer = server.write(operator(tenant), "a client", &[add]).await;
    assert!(matches!(answer, Err(WriteError::Unavailable(_))));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_import_renews_its_hold_while_it_plans_and_releases_it() {
    let log = Arc::new(FaultyLog::new(0));
    let (server, import) = (
        process(&log, Settings::default()),
        process(&log, Settings::default()),
    );
    let tenant = create(&server).await;
    let mut work = Beside {
        server: server.clone(),
        tenant,
        log: log.clone(),
        seen: Vec::new(),
    };
    let write = BulkWrite {
        caller: operator(tenant),
        credential: None,
        correlation_id: "an import".to_owned(),
        head: HeadRequest::default(),
        dry: false,
    };
    let done = import.write_all(&write, &mut work).await;
    assert_eq!(done.expect("it goes through").changes, 1);
    assert!(work.seen.len() > 1, "{:?}", work.seen);
    let lease = Duration::from_secs(5);
    assert!(
        work.seen
            .iter()
            .all(|lasts| *lasts >= lease && *lasts < 2 * lease)
    );
    assert_eq!(log.holds().await.unwrap(), []);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 3)]
async fn an_import_that_is_stopped_releases_its_hold() {
    let log = Arc::new(FaultyLog::new(0));
    let (server, import) = (
        process(&log, Settings::default()),
        process(&log, Settings::default()),
    );
    let tenant = create(&server).await;
    let mut work = Beside {
        server: server.clone(),
        tenant,
        log: log.clone(),
        seen: Vec::new(),
    };
    let write = BulkWrite {
        caller: operator(tenant),
        credential: None,
        correlation_id: "an import".to_owned(),
        head: HeadRequest::default(),
        dry: false,
    };
    let stopped = import.clone();
    let working = tokio::spawn(async move { import.write_all(&write, &mut work).await.is_ok() });
    while log.holds().await.unwrap().is_empty() {
        tokio::task::yield_now().await;
    }
    stopped.close().await;
    assert_eq!(log.holds().await.unwrap(), []);
    let _ = working.await;
}

/// Somebody writes while it plans first; then it looks until its hold was renewed.
struct Beside {
    server: Tenants,
    tenant: attache_core::id::TenantId,
    log: Arc<FaultyLog>,
    seen: Vec<Duration>,
}

impl Plan for Beside {
    type Error = Refusal;

    fn plan(&mut self, draft: &mut Draft, _: &mut dyn FnMut(&mut Draft)) -> Result<(), Refusal> {
        let (server, tenant, log) = (self.server.clone(), self.tenant, self.log.clone());
        let runtime = tokio::runtime::Handle::current();
        let seen = tokio::task::block_in_place(|| {
            runtime.block_on(async {
                let mut seen: Vec<Duration> = Vec::new();
                let is_held = !log.holds().await.unwrap().is_empty();
                if !is_held {
                    let add = add_user(UserId(Uuid::now_v7()), "beside");
                    let written = server.write(operator(tenant), "a client", &[add]).await;
                    written.unwrap();
                }
                while is_held && seen.len() < 2 {
                    let held = log.holds().await.unwrap();
                    let Some(lasts) = held.first().map(|held| held.lasts) else {
                        break;
                    };
                    if seen.last() != Some(&lasts) {
                        seen.push(lasts);
                    }
                    tokio::task::yield_now().await;
                }
                seen
            })
        });
        self.seen = seen;
        draft.run(&add_user(UserId(Uuid::now_v7()), "imported"))
    }

    fn planned(&mut self, _: &[Changes], _: bool) {}
}
