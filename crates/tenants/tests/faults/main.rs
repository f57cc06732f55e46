//! A log that fails in every way that a log can fail, and writers over it: no
//! acknowledged write is lost, no refused or failed write appears, and no
//! answer claims what is not so.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test that cannot go on fails, and says what it counted"
)]

mod clock;
mod damaged;
mod each;
mod faulty;
mod following;
mod held;
mod opening;
mod past;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use attache_ambient::Ambient;
use attache_core::catalogue::Catalogue;
use attache_core::id::{Key, ResourceId, TenantId, UserId};
use attache_core::model::{Name, Profile, Status, UserFacts};
use attache_core::{Actor, Caller, Change, Command, Entry, HeadRequest, Ref, State};
use attache_log::{EntryReader as _, Request, Snapshots as _, TenantRow};
use attache_tenants::{Settings, Tenants, Write, WriteError};
use faulty::{Dice, FaultyLog};
use uuid::Uuid;

/// How many runs there are by default, each with its own faults.
const RUNS: u64 = 400;
/// How many processes write in one run.
const PROCESSES: usize = 2;
/// How many clients write in one process, and how often each.
const CLIENTS: u64 = 4;
const WRITES: u64 = 6;

/// What a client was told about the user that it wanted to add.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Told {
    Written,
    Refused,
    NotWritten,
    Unknown,
}

fn operator(tenant: TenantId) -> Caller {
    Caller {
        tenant,
        actor: Actor::Operator,
    }
}

fn add_user(id: UserId, key: &str) -> Command {
    Command::AddUser {
        id,
        number: None,
        key: Some(Key::new(key).unwrap()),
        profile: Box::new(Profile::default()),
        status: Status::Active,
        facts: UserFacts::default(),
    }
}

async fn create(tenants: &Tenants) -> TenantId {
    let row = TenantRow {
        id: TenantId(Uuid::now_v7()),
        slug: "lantern".to_owned(),
        domains: Vec::new(),
        created_at: tenants.ambient().now(),
    };
    let first = Command::CreateTenant {
        root: ResourceId(Uuid::now_v7()),
        name: Name::new("Lantern Talk").unwrap(),
        catalogue: Box::new(Catalogue::starting().unwrap()),
    };
    tenants
        .create(
            row.clone(),
            operator(row.id),
            "begin",
            &HeadRequest::default(),
            &[first],
            None,
        )
        .await
        .unwrap();
    row.id
}

fn replay<'a>(tenant: TenantId, entries: impl IntoIterator<Item = &'a Entry>) -> State {
    let mut state = State::empty(tenant);
    for entry in entries {
        state.apply(entry);
    }
    state
}

/// One client: adds users, some of them with a key that is taken.
async fn client(
    tenants: Tenants,
    tenant: TenantId,
    mut dice: Dice,
    name: String,
) -> Vec<(UserId, Told)> {
    let mut told = Vec::new();
    for write in 0..WRITES {
        let id = UserId(Uuid::now_v7());
        // Every client tries a key that all want: one gets it.
        let key = if dice.one_in(4) {
            "wanted".to_owned()
        } else {
            format!("{name}-{write}")
        };
        let answer = tenants
            .write(operator(tenant), "a test", &[add_user(id, &key)])
            .await;
        told.push((
            id,
            match answer {
                Ok(written) => {
                    // Whoever was told so finds it there.
                    assert!(written.state.find_user(&id.into()).is_some());
                    Told::Written
                }
                Err(WriteError::Refused { .. }) => Told::Refused,
                Err(WriteError::Unavailable(_)) => Told::NotWritten,
                Err(WriteError::Unknown(_)) => Told::Unknown,
                Err(other) => panic!("{other}"),
            },
        ));
    }
    told
}

/// One client that asks again, of any process, until it is told what became of
/// its request. Says how its requests are called.
async fn stubborn(
    processes: Vec<Tenants>,
    tenant: TenantId,
    mut dice: Dice,
    name: String,
) -> Vec<String> {
    let mut done = Vec::new();
    for write in 0..WRITES {
        let called = format!("{name}-{write}");
        loop {
            let tenants = &processes[dice.below(processes.len() as u64) as usize];
            // Each time it is another user: only the first may be added.
            let id = UserId(Uuid::now_v7());
            let mut asked = Write::new(operator(tenant), &called, vec![add_user(id, &called)]);
            asked.request = Some(Request::new(&name, &called, &[b"add a user"]));
            match tenants.write_on(&asked).await {
                Ok(written) => {
                    let user = written.state.find_user(&Ref::text(&called));
                    assert!(user.is_some(), "what was done is not there");
                    let added = written.changes.list.len();
                    assert_eq!(added, 1, "the changes are not those of the request");
                    break;
                }
                Err(WriteError::Refused { refusal, .. }) => {
                    panic!("{called} was done twice: {refusal}")
                }
                Err(_) => {}
            }
        }
        done.push(called);
    }
    done
}

/// Sees what readers see, and keeps one state of each revision.
async fn reader(
    tenants: Tenants,
    tenant: TenantId,
    until: tokio_util::sync::CancellationToken,
) -> Vec<Arc<State>> {
    let mut seen: Vec<Arc<State>> = Vec::new();
    while !until.is_cancelled() {
        if let Ok(Some(open)) = tenants.open(tenant).await
            && let Ok(state) = open.state()
        {
            let last = seen.last().map(|state| state.revision());
            assert!(
                last <= Some(state.revision()),
                "a reader was sent back in time"
            );
            if last != Some(state.revision()) {
                seen.push(state);
            }
        }
        tokio::time::sleep(Duration::from_millis(3)).await;
    }
    seen
}

async fn run(seed: u64) -> BTreeMap<Told, usize> {
    let log = Arc::new(FaultyLog::new(seed));
    let settings = Settings {
        poll_every: Duration::from_millis(20),
        snapshot_after_changes: 7,
        attempts: 6,
        // It finds out of most, and not of all.
        settle_within: Duration::from_millis(60),
        ..Settings::default()
    };
    let processes: Vec<Tenants> = (0..PROCESSES)
        .map(|_| Tenants::new(log.log(), Ambient::of_the_machine(), settings.clone()))
        .collect();
    let tenant = create(&processes[0]).await;
    log.begin_to_fail();
    let end = tokio_util::sync::CancellationToken::new();
    let mut clients = Vec::new();
    let mut readers = Vec::new();
    for (number, tenants) in processes.iter().enumerate() {
        readers.push(tokio::spawn(reader(tenants.clone(), tenant, end.clone())));
        for client_number in 0..CLIENTS {
            let name = format!("{number}-{client_number}");
            let dice = Dice::new(seed ^ (client_number << 32) ^ ((number as u64) << 40));
            clients.push(tokio::spawn(client(tenants.clone(), tenant, dice, name)));
        }
    }
    let asking_again = (0..2).map(|number| {
        let name = format!("stubborn-{number}");
        let dice = Dice::new(seed ^ (number << 48));
        tokio::spawn(stubborn(processes.clone(), tenant, dice, name))
    });
    let asking_again: Vec<_> = asking_again.collect();
    let mut told = Vec::new();
    for client in clients {
        told.extend(client.await.unwrap());
    }
    let mut done_once = Vec::new();
    for client in asking_again {
        done_once.extend(client.await.unwrap());
    }
    end.cancel();
    log.heal().await;
    let entries = log
        .read_after(tenant, Default::default(), usize::MAX)
        .await
        .unwrap();
    let added = |id: UserId| {
        let changes = entries.iter().flat_map(|entry| &entry.changes.list);
        changes
            .filter(|change| matches!(change, Change::UserAdded { user, .. } if *user == id))
            .count()
    };
    for (id, told) in &told {
        let times = added(*id);
        match told {
            Told::Written => assert_eq!(
                times, 1,
                "seed {seed}: an acknowledged write stands {times} times"
            ),
            Told::Refused | Told::NotWritten => {
                assert_eq!(times, 0, "seed {seed}: a failed write appears");
            }
            Told::Unknown => assert!(times <= 1, "seed {seed}: a write is repeated"),
        }
    }
    for called in &done_once {
        let times = entries
            .iter()
            .filter(|entry| *entry.correlation_id == **called);
        assert_eq!(times.count(), 1, "seed {seed}: {called} was not done once");
    }
    for (position, entry) in entries.iter().enumerate() {
        assert_eq!(entry.revision.0, position as u64 + 1, "seed {seed}: a gap");
    }
    for reader in readers {
        for state in reader.await.unwrap() {
            let prefix = entries
                .iter()
                .take_while(|entry| entry.revision <= state.revision());
            assert!(
                *state == replay(tenant, prefix),
                "seed {seed}: a reader saw what is not in the log"
            );
        }
    }
    let whole = replay(tenant, &entries);
    for tenants in processes {
        // A write that is refused still settles what was not known.
        let _ = tenants
            .write(
                operator(tenant),
                "settle",
                &[Command::RevokeToken {
                    token: Uuid::now_v7().into(),
                }],
            )
            .await;
        tokio::time::sleep(Duration::from_millis(100)).await;
        let open = tenants.open(tenant).await.unwrap().unwrap();
        assert!(
            *open.state().unwrap() == whole,
            "seed {seed}: a process does not end where the log does"
        );
        tenants.close().await;
    }
    if let Some(snapshot) = log.load_snapshot(tenant).await.unwrap() {
        let prefix = entries
            .iter()
            .take_while(|entry| entry.revision <= snapshot.revision());
        assert!(
            snapshot == replay(tenant, prefix),
            "seed {seed}: a snapshot of what never was"
        );
    }
    let mut counts = BTreeMap::new();
    for (_, told) in told {
        *counts.entry(told).or_default() += 1;
    }
    counts
}

/// Runs one after another, each in a simulated time of its own.
fn drive(seeds: impl Iterator<Item = u64>) -> BTreeMap<Told, usize> {
    let mut counts: BTreeMap<Told, usize> = BTreeMap::new();
    for seed in seeds {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .start_paused(true)
            .build()
            .unwrap();
        for (told, count) in runtime.block_on(run(seed)) {
            *counts.entry(told).or_default() += count;
        }
    }
    counts
}

/// Time is simulated: nothing here waits for real.
#[test]
fn nothing_acknowledged_is_lost_and_nothing_else_appears() {
    let runs = std::env::var("ATTACHE_FAULT_RUNS")
        .ok()
        .and_then(|runs| runs.parse().ok())
        .unwrap_or(RUNS);
    let cores = std::thread::available_parallelism().map_or(1, |cores| cores.get() as u64);
    let mut counts: BTreeMap<Told, usize> = BTreeMap::new();
    std::thread::scope(|scope| {
        let parts: Vec<_> = (0..cores)
            .map(|part| scope.spawn(move || drive((part..runs).step_by(cores as usize))))
            .collect();
        for part in parts {
            for (told, count) in part.join().unwrap() {
                *counts.entry(told).or_default() += count;
            }
        }
    });
    println!("{runs} runs, writes by what was answered: {counts:?}");
    for told in [
        Told::Written,
        Told::Refused,
        Told::NotWritten,
        Told::Unknown,
    ] {
        assert!(
            counts.get(&told).copied().unwrap_or_default() > 0,
            "no write was {told:?}: the faults prove nothing"
        );
    }
}

/// What changes nothing is answered from what the log holds, not from what
/// this process has heard of.
#[tokio::test(start_paused = true)]
async fn what_another_process_wrote_counts_before_anything_is_called_unchanged() {
    let log = Arc::new(FaultyLog::new(0));
    let settings = Settings {
        // It hears of nothing by itself.
        poll_every: Duration::from_secs(1_000_000),
        silent_for: Duration::from_secs(1_000_000),
        close_after_idle: Duration::from_secs(1_000_000),
        ..Settings::default()
    };
    let process = || Tenants::new(log.log(), Ambient::of_the_machine(), settings.clone());
    let (one, other) = (process(), process());
    let tenant = create(&one).await;
    let state = async |tenants: &Tenants| {
        tenants
            .open(tenant)
            .await
            .unwrap()
            .unwrap()
            .state()
            .unwrap()
    };
    let before = state(&other).await;
    let id = UserId(Uuid::now_v7());
    one.write(operator(tenant), "one", &[add_user(id, "ada")])
        .await
        .unwrap();
    assert_eq!(
        state(&other).await.revision(),
        before.revision(),
        "it has heard of it"
    );
    // Refused or unchanged on the old state, and neither on the new one.
    let again = other
        .write(operator(tenant), "other", &[add_user(id, "ada")])
        .await;
    assert!(
        matches!(again, Err(WriteError::Refused { .. })),
        "{again:?}"
    );
    let remove = Command::RemoveUser { user: id.into() };
    let removed = other
        .write(operator(tenant), "other", std::slice::from_ref(&remove))
        .await
        .unwrap();
    assert!(!removed.changes.is_empty());
    let nobody = one.write(operator(tenant), "one", &[remove]).await;
    assert!(
        matches!(nobody, Err(WriteError::Refused { .. })),
        "{nobody:?}"
    );
    assert_eq!(state(&one).await.revision(), state(&other).await.revision());
}
