//! How tenants are opened: ahead, once each, and without holding callers up.
//! Time is simulated: nothing here waits for real.

use std::sync::Arc;
use std::time::Duration;

use attache_ambient::Ambient;
use attache_core::Command;
use attache_core::id::{IssuerId, TenantId, UserId};
use attache_core::model::{FindsBy, KeySource, Trust};
use attache_tenants::{OpeningBudget, Settings, Tenants};
use tokio::time::Instant;
use uuid::Uuid;

use crate::faulty::FaultyLog;
use crate::{add_user, create, operator};

const SECOND: Duration = Duration::from_secs(1);

/// How many tenants are opened at the same time.
const AT_ONCE: usize = 4;

fn process(log: &Arc<FaultyLog>) -> Tenants {
    Tenants::new(log.log(), Ambient::of_the_machine(), Settings::default())
}

fn budget(within: Duration) -> OpeningBudget {
    OpeningBudget {
        within,
        memory: u64::MAX,
    }
}

/// A log with tenants, the last one written to last.
async fn some_tenants(count: usize) -> (Arc<FaultyLog>, Vec<TenantId>) {
    let log = Arc::new(FaultyLog::new(0));
    let tenants = process(&log);
    let mut ids = Vec::new();
    for _ in 0..count {
        ids.push(create(&tenants).await);
    }
    // In another order than they were made.
    ids.rotate_left(count / 2);
    for id in &ids {
        let user = add_user(UserId(Uuid::now_v7()), "ada");
        tenants
            .write(operator(*id), "a test", &[user])
            .await
            .unwrap();
    }
    tenants.close().await;
    let after_that = log.loaded().len();
    assert_eq!(after_that, count);
    (log, ids)
}

#[tokio::test(start_paused = true)]
async fn tenants_written_to_last_are_opened_first_and_then_it_is_ready() {
    let (log, ids) = some_tenants(10).await;
    log.open_within(SECOND);
    let tenants = process(&log);
    tenants.refresh().await.unwrap();
    assert!(tenants.is_ready(), "nothing is opened ahead yet");
    tenants.open_ahead(budget(60 * SECOND));
    assert!(!tenants.is_ready());
    tokio::time::sleep(SECOND * 3 / 2).await;
    let ahead = tenants.opened_ahead();
    assert_eq!((ahead.opened, ahead.tenants), (AT_ONCE, 10));
    assert!(ahead.under_way && !tenants.is_ready());
    tenants.ahead_is_done().await;
    let ahead = tenants.opened_ahead();
    assert_eq!((ahead.opened, ahead.failed, ahead.tenants), (10, 0, 10));
    assert!(tenants.is_ready());
    let last_first: Vec<TenantId> = ids.iter().rev().copied().collect();
    assert_eq!(log.loaded()[10..], last_first);
    // All of them are open: nobody waits.
    for id in ids {
        let asked = Instant::now();
        tenants.open(id).await.unwrap().unwrap();
        assert_eq!(asked.elapsed(), Duration::ZERO);
    }
}

#[tokio::test(start_paused = true)]
async fn it_is_ready_when_the_time_for_opening_is_over() {
    let (log, _) = some_tenants(10).await;
    log.open_within(SECOND);
    let tenants = process(&log);
    tenants.open_ahead(budget(SECOND * 3 / 2));
    let began = Instant::now();
    tenants.ahead_is_done().await;
    assert_eq!(began.elapsed(), SECOND * 3 / 2);
    assert!(tenants.is_ready());
    let ahead = tenants.opened_ahead();
    assert_eq!((ahead.opened, ahead.tenants), (AT_ONCE, 10));
    // What was begun is finished, and nothing more is begun.
    tokio::time::sleep(10 * SECOND).await;
    assert_eq!(tenants.lag().open, 2 * AT_ONCE);
}

#[tokio::test(start_paused = true)]
async fn it_is_ready_when_the_memory_for_opening_is_used_up() {
    let (log, _) = some_tenants(3).await;
    let tenants = process(&log);
    tenants.open_ahead(OpeningBudget {
        within: 60 * SECOND,
        memory: 1,
    });
    tenants.ahead_is_done().await;
    let ahead = tenants.opened_ahead();
    assert!(tenants.is_ready());
    assert_eq!(ahead.tenants, 3);
    // Where the system does not say how much it holds, there is no bound.
    assert_eq!(ahead.opened == 0, cfg!(target_os = "linux"));
}

#[tokio::test(start_paused = true)]
async fn a_budget_without_time_opens_nothing_ahead() {
    let (log, _) = some_tenants(3).await;
    let tenants = process(&log);
    tenants.refresh().await.unwrap();
    tenants.open_ahead(budget(Duration::ZERO));
    assert!(tenants.is_ready());
    tokio::time::sleep(SECOND).await;
    assert_eq!(tenants.lag().open, 0);
}

#[tokio::test(start_paused = true)]
async fn a_database_that_is_away_is_asked_again_until_the_time_is_over() {
    let (log, _) = some_tenants(3).await;
    log.go_away();
    let tenants = process(&log);
    tenants.open_ahead(budget(60 * SECOND));
    tokio::time::sleep(10 * SECOND).await;
    assert!(!tenants.is_ready());
    log.come_back();
    tenants.ahead_is_done().await;
    assert_eq!(tenants.opened_ahead().opened, 3);
    assert!(tenants.is_ready());
}

#[tokio::test(start_paused = true)]
async fn what_seals_cursors_is_read_before_it_is_ready() {
    for within in [60 * SECOND, Duration::ZERO] {
        let (log, _) = some_tenants(1).await;
        let tenants = process(&log);
        tenants.refresh().await.unwrap();
        tenants.open_ahead(budget(within));
        tenants.ahead_is_done().await;
        tokio::time::sleep(SECOND).await;
        log.go_away();
        assert!(tenants.cursor_secret().await.is_ok());
        assert!(process(&log).cursor_secret().await.is_err());
    }
}

#[tokio::test(start_paused = true)]
async fn a_tenant_that_cannot_be_opened_is_counted_and_keeps_nobody_waiting() {
    let (log, ids) = some_tenants(3).await;
    log.break_entries_of(ids[1]);
    let tenants = process(&log);
    tenants.open_ahead(budget(60 * SECOND));
    tenants.ahead_is_done().await;
    let ahead = tenants.opened_ahead();
    assert_eq!((ahead.opened, ahead.failed, ahead.tenants), (2, 1, 3));
    assert!(tenants.is_ready());
    assert!(tenants.open(ids[1]).await.is_err());
}

#[tokio::test(start_paused = true)]
async fn a_caller_of_a_tenant_that_is_still_opening_is_answered_in_time() {
    let (log, ids) = some_tenants(1).await;
    log.open_within(10 * SECOND);
    let tenants = process(&log);
    let within = Settings::default().open_within;
    let callers = (0..32).map(|_| {
        let (tenants, id) = (tenants.clone(), ids[0]);
        tokio::spawn(async move {
            let asked = Instant::now();
            let refused = tenants.open(id).await.unwrap_err().to_string();
            (asked.elapsed(), refused)
        })
    });
    for caller in callers.collect::<Vec<_>>() {
        let (took, refused) = caller.await.unwrap();
        assert_eq!(took, within);
        assert!(refused.contains("still being opened"), "{refused}");
    }
    // It goes on all the same, once for all of them.
    tokio::time::sleep(10 * SECOND - within).await;
    assert!(tenants.open(ids[0]).await.unwrap().is_some());
    assert_eq!(log.loaded().len(), 2, "it was opened once");
}

#[tokio::test(start_paused = true)]
async fn closing_does_not_wait_for_what_is_being_opened() {
    let (log, ids) = some_tenants(1).await;
    log.open_within(1_000 * SECOND);
    let tenants = process(&log);
    tenants.open_ahead(budget(2_000 * SECOND));
    assert!(tenants.open(ids[0]).await.is_err());
    let asked = Instant::now();
    tenants.close().await;
    assert!(asked.elapsed() < SECOND);
}

#[tokio::test(start_paused = true)]
async fn an_issuer_that_the_index_lost_is_noted_again() {
    let (log, ids) = some_tenants(2).await;
    let one = process(&log);
    let issuer = "https://id.example";
    let add = Command::AddIssuer {
        id: IssuerId(Uuid::now_v7()),
        trust: Box::new(Trust {
            issuer: issuer.into(),
            keys: KeySource::Discovery,
            audience: "attache".into(),
            subject_claim: "sub".into(),
            finds_by: FindsBy::Key,
            tenant_claim: None,
            token_type: None,
            accepts_invitations: false,
        }),
    };
    one.write(operator(ids[0]), "a test", &[add]).await.unwrap();
    let other = process(&log);
    other.refresh().await.unwrap();
    assert!(other.directory().by_issuer(issuer).is_empty());
    for id in &ids {
        other.open(*id).await.unwrap().unwrap();
    }
    assert_eq!(other.directory().by_issuer(issuer), &ids[..1]);
}
