//! A clock that leaps, and what ends within the leap.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use attache_ambient::{Ambient, Clock, ClockSettings, ClockState, Clocks, Source};
use attache_core::catalogue::ADMIN_ROLE;
use attache_core::command::{GrantRef, SubjectRef};
use attache_core::id::UserId;
use attache_core::model::Parameters;
use attache_core::{Actor, Command, Locator, Timestamp};
use attache_log::EntryReader as _;
use attache_tenants::{Settings, Tenants};
use uuid::Uuid;

use crate::faulty::FaultyLog;
use crate::{add_user, create, operator};

const SECOND: i64 = 1_000_000;
const DAY: i64 = 86_400 * SECOND;

/// The clocks of a machine whose wall clock is set as the test likes. The steady one
/// is tokio's, which is simulated.
#[derive(Clone)]
struct Set {
    began: tokio::time::Instant,
    wall_ahead: Arc<AtomicI64>,
}

impl Clocks for Set {
    fn wall(&self) -> i64 {
        1_790_000_000 * SECOND + self.steady() + self.wall_ahead.load(Ordering::SeqCst)
    }

    fn steady(&self) -> i64 {
        i64::try_from(self.began.elapsed().as_micros()).unwrap()
    }
}

struct Machine(Clock<Set>);

impl Source for Machine {
    fn now(&self) -> Timestamp {
        self.0.now()
    }

    fn fill(&self, bytes: &mut [u8]) {
        Ambient::of_the_machine().fill(bytes);
    }

    fn clock(&self) -> ClockState {
        self.0.state()
    }
}

#[tokio::test(start_paused = true)]
async fn what_ends_within_a_leap_of_the_clock_is_not_swept_and_no_entry_is_of_the_future() {
    let wall_ahead = Arc::new(AtomicI64::new(0));
    let clocks = Set {
        began: tokio::time::Instant::now(),
        wall_ahead: wall_ahead.clone(),
    };
    let clock = Clock::new(clocks, ClockSettings::default());
    let ambient = Ambient::new(Arc::new(Machine(clock)));
    let log = Arc::new(FaultyLog::new(0));
    let tenants = Tenants::new(log.log(), ambient.clone(), Settings::default());
    let tenant = create(&tenants).await;
    let id = UserId(Uuid::now_v7());
    let in_days =
        |days: i64| Timestamp::from_millis(ambient.now().as_millis() + days * DAY / 1_000);
    let grant = Command::Grant {
        grant: GrantRef {
            resource: Locator::root(),
            subject: SubjectRef::User(id.into()),
            role: ADMIN_ROLE.into(),
            parameters: Parameters::none(),
        },
        expires_at: Some(in_days(30)),
    };
    let commands = [add_user(id, "ada"), grant];
    let added = tenants.write(operator(tenant), "a test", &commands).await;
    added.unwrap();
    // It is confirmed by time: it was so for long enough.
    tokio::time::sleep(Duration::from_secs(100)).await;
    assert!(ambient.clock().is_confirmed);
    for leap in [60 * DAY, -60 * DAY] {
        wall_ahead.store(leap, Ordering::SeqCst);
        tokio::time::sleep(Duration::from_secs(1)).await;
        assert!(!ambient.clock().is_sound);
        let key = Uuid::now_v7().to_string();
        let add = add_user(UserId(Uuid::now_v7()), &key);
        let written = tenants.write(operator(tenant), "in the leap", &[add]).await;
        let at = written.unwrap().state.at();
        assert!(at <= in_days(0) && at >= in_days(-1), "{at}");
        wall_ahead.store(0, Ordering::SeqCst);
        tokio::time::sleep(Duration::from_secs(100)).await;
        assert!(ambient.clock().is_confirmed);
    }
    let by_attache = async || {
        let entries = log
            .read_after(tenant, Default::default(), 99)
            .await
            .unwrap();
        let by_attache = entries.iter().filter(|entry| entry.actor == Actor::Attache);
        by_attache.count()
    };
    assert_eq!(by_attache().await, 0, "something was swept");
    // A leap that stays is believed after a while, and what has ended is written down.
    wall_ahead.store(60 * DAY, Ordering::SeqCst);
    tokio::time::sleep(Duration::from_secs(50)).await;
    assert_eq!(by_attache().await, 0);
    for _ in 0..1_000 {
        if by_attache().await > 0 {
            break;
        }
        // By the new time nobody has used it for two months: it may have been closed.
        tenants.open(tenant).await.unwrap();
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
    assert_eq!(by_attache().await, 1);
}

#[tokio::test(start_paused = true)]
async fn a_server_that_began_ahead_sweeps_nothing_when_its_clock_is_set_right() {
    for look in 0..8 {
        let wall_ahead = Arc::new(AtomicI64::new(60 * DAY));
        let clocks = Set {
            began: tokio::time::Instant::now(),
            wall_ahead: wall_ahead.clone(),
        };
        let clock = Clock::new(clocks, ClockSettings::default());
        let ambient = Ambient::new(Arc::new(Machine(clock)));
        let log = Arc::new(FaultyLog::new(look));
        let settings = Settings {
            // It looks at another moment around the one when the clock is believed.
            poll_every: Duration::from_millis(90 + 17 * look),
            ..Settings::default()
        };
        let tenants = Tenants::new(log.log(), ambient.clone(), settings);
        let tenant = create(&tenants).await;
        let id = UserId(Uuid::now_v7());
        let now = ambient.now().as_millis() - 60 * DAY / 1_000;
        let grant = Command::Grant {
            grant: GrantRef {
                resource: Locator::root(),
                subject: SubjectRef::User(id.into()),
                role: ADMIN_ROLE.into(),
                parameters: Parameters::none(),
            },
            // It ends in a day beyond the leap.
            expires_at: Some(Timestamp::from_millis(now + 61 * DAY / 1_000)),
        };
        let commands = [add_user(id, "ada"), grant];
        let added = tenants.write(operator(tenant), "a test", &commands).await;
        added.unwrap();
        wall_ahead.store(0, Ordering::SeqCst);
        for _ in 0..120 {
            tenants.open(tenant).await.unwrap();
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
        assert!(ambient.clock().is_confirmed);
        // Writes go on by the time as it is.
        let soon = Timestamp::from_millis(ambient.now().as_millis() + DAY / 1_000);
        let grant = Command::Grant {
            grant: GrantRef {
                resource: Locator::root(),
                subject: SubjectRef::User(id.into()),
                role: "auditor".into(),
                parameters: Parameters::none(),
            },
            expires_at: Some(soon),
        };
        let written = tenants.write(operator(tenant), "a test", &[grant]).await;
        written.unwrap();
        let entries = log.read_after(tenant, Default::default(), 99).await;
        let entries = entries.unwrap();
        let is_sweep = |entry: &&attache_core::Entry| entry.actor == Actor::Attache;
        assert_eq!(entries.iter().filter(is_sweep).count(), 0, "{look}");
    }
}
