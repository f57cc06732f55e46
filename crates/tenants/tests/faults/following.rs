//! How a server follows a log that others write to, is away, or loses entries.
//! Time is simulated: nothing here waits for real.

use std::sync::Arc;
use std::time::Duration;

use attache_ambient::Ambient;
use attache_core::id::{Revision, TenantId, UserId};
use attache_log::{EntryReader as _, Snapshots as _};
use attache_tenants::{Reads, Settings, Tenant, Tenants};
use uuid::Uuid;

use crate::faulty::FaultyLog;
use crate::{add_user, create, operator, replay};

/// For how long nothing may be heard.
const SILENT_FOR: Duration = Duration::from_secs(5);

fn process(log: &Arc<FaultyLog>, settings: Settings) -> Tenants {
    Tenants::new(log.log(), Ambient::of_the_machine(), settings)
}

/// Hears of nothing by itself.
fn deaf() -> Settings {
    Settings {
        poll_every: Duration::from_secs(1_000_000),
        silent_for: Duration::from_secs(1_000_000),
        close_after_idle: Duration::from_secs(10_000_000),
        ..Settings::default()
    }
}

async fn add(tenants: &Tenants, tenant: TenantId, key: &str) -> u64 {
    let command = add_user(UserId(Uuid::now_v7()), key);
    let written = tenants.write(operator(tenant), key, &[command]).await;
    written.unwrap().state.revision().0
}

async fn open(tenants: &Tenants, tenant: TenantId) -> Tenant {
    tenants.open(tenant).await.unwrap().unwrap()
}

async fn revision(tenants: &Tenants, tenant: TenantId) -> u64 {
    let open = open(tenants, tenant).await;
    open.state().unwrap().revision().0
}

#[tokio::test(start_paused = true)]
async fn reads_are_refused_when_the_log_was_silent_for_too_long() {
    let log = Arc::new(FaultyLog::new(0));
    let tenants = process(&log, Settings::default());
    let tenant = create(&tenants).await;
    let open = open(&tenants, tenant).await;
    // However long it goes on, as long as the log answers.
    tokio::time::sleep(SILENT_FOR * 10).await;
    assert!(open.state().is_ok() && tenants.is_ready());
    log.go_away();
    tokio::time::sleep(SILENT_FOR - Duration::from_secs(1)).await;
    assert!(open.state().is_ok() && tenants.is_ready());
    tokio::time::sleep(Duration::from_millis(1_300)).await;
    let refused = open.state().unwrap_err().to_string();
    assert!(refused.contains("nothing was heard"), "{refused}");
    assert!(!tenants.is_ready());
    assert!(tenants.lag().staleness > SILENT_FOR);
    log.come_back();
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert!(open.state().is_ok() && tenants.is_ready());
}

#[tokio::test(start_paused = true)]
async fn what_others_wrote_is_found_and_how_far_behind_it_was_is_known() {
    let log = Arc::new(FaultyLog::new(0));
    let (one, other) = (
        process(&log, Settings::default()),
        process(&log, Settings::default()),
    );
    let tenant = create(&one).await;
    let before = revision(&other, tenant).await;
    for key in ["ada", "ben", "cleo"] {
        add(&one, tenant, key).await;
    }
    assert_eq!(revision(&other, tenant).await, before);
    tokio::time::sleep(Duration::from_millis(600)).await;
    assert_eq!(revision(&other, tenant).await, before + 3);
    let lag = other.lag();
    assert_eq!((lag.open, lag.stale, lag.entries), (1, 0, 0));
}

#[tokio::test(start_paused = true)]
async fn the_latest_is_read_if_that_is_set() {
    let log = Arc::new(FaultyLog::new(0));
    let one = process(&log, deaf());
    let tenant = create(&one).await;
    let local = process(&log, deaf());
    let latest = process(
        &log,
        Settings {
            reads: Reads::Latest,
            ..deaf()
        },
    );
    let before = revision(&local, tenant).await;
    for number in 0..20 {
        let written = add(&one, tenant, &format!("user-{number}")).await;
        let read = latest.read(tenant, Revision(0)).await.unwrap().unwrap();
        assert_eq!(read.state().unwrap().revision().0, written);
        let read = local.read(tenant, Revision(0)).await.unwrap().unwrap();
        assert_eq!(read.state().unwrap().revision().0, before);
    }
    let read = local.read(tenant, Revision(before + 7)).await;
    let state = read.unwrap().unwrap().state().unwrap();
    assert_eq!(state.revision().0, before + 20);
    // Without the log nobody knows what is the latest.
    log.go_away();
    assert!(latest.read(tenant, Revision(0)).await.is_err());
    assert!(local.read(tenant, Revision(0)).await.is_ok());
    assert!(local.read(tenant, Revision(99)).await.is_err());
}

#[tokio::test(start_paused = true)]
async fn where_the_last_entries_were_lost_the_snapshot_before_them_is_used() {
    let log = Arc::new(FaultyLog::new(0));
    let first = process(&log, deaf());
    let tenant = create(&first).await;
    first.close().await;
    // Each process saves a snapshot of what it wrote as it closes.
    for key in ["ada", "ben", "cleo"] {
        let process = process(&log, deaf());
        add(&process, tenant, key).await;
        process.close().await;
    }
    assert_eq!(log.snapshots(tenant), [2, 3, 4]);
    log.lose(tenant, 2);
    let last = process(&log, deaf());
    assert_eq!(revision(&last, tenant).await, 2);
    assert_eq!(log.snapshots(tenant), [2]);
    let entries = log.read_after(tenant, Revision(0), 99).await.unwrap();
    let open = open(&last, tenant).await;
    assert!(*open.state().unwrap() == replay(tenant, &entries));
}

#[tokio::test(start_paused = true)]
async fn a_log_that_lost_its_last_entries_is_believed() {
    let log = Arc::new(FaultyLog::new(0));
    let settings = Settings {
        snapshot_after_changes: 1,
        ..Settings::default()
    };
    let processes = [process(&log, settings.clone()), process(&log, settings)];
    let tenant = create(&processes[0]).await;
    for key in ["ada", "ben", "cleo"] {
        add(&processes[0], tenant, key).await;
    }
    tokio::time::sleep(Duration::from_secs(1)).await;
    for tenants in &processes {
        assert_eq!(revision(tenants, tenant).await, 4);
    }
    // Two are lost, and another comes to where the first of them was.
    log.lose(tenant, 2);
    tokio::time::sleep(Duration::from_secs(1)).await;
    for tenants in &processes {
        assert_eq!(revision(tenants, tenant).await, 2);
    }
    add(&processes[1], tenant, "dora").await;
    tokio::time::sleep(Duration::from_secs(1)).await;
    log.lose(tenant, 1);
    // Nobody has looked yet: what is decided on a state that is no more collides.
    add(&processes[0], tenant, "eve").await;
    add(&processes[0], tenant, "finn").await;
    tokio::time::sleep(Duration::from_secs(1)).await;
    let entries = log.read_after(tenant, Revision(0), 99).await.unwrap();
    let whole = replay(tenant, &entries);
    for tenants in &processes {
        let open = open(tenants, tenant).await;
        assert!(*open.state().unwrap() == whole);
        tenants.close().await;
    }
    if let Some(snapshot) = log.load_snapshot(tenant).await.unwrap() {
        let until = |entry: &&attache_core::Entry| entry.revision <= snapshot.revision();
        assert!(snapshot == replay(tenant, entries.iter().take_while(until)));
    }
}
