//! Servers, writers, readers and trouble, for a while; then all that was
//! answered is held against the log.

use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::time::{Duration, Instant, SystemTime};

use crate::check::{Reads, check};
use crate::client::Client;
use crate::dice::Dice;
use crate::history::History;
use crate::installation::Installation;
use crate::postgres::Postgres;
use crate::question::Question;
use crate::replay::Replay;
use crate::traffic::{self, Counts, Person};
use crate::trouble;

const SERVERS: usize = 3;
/// How many write and how many read in each tenant.
const WRITERS: usize = 3;
const READERS: usize = 2;
/// How long they wait for an answer: writers less than a server may have to,
/// so that what they wanted is done behind their back.
const WRITES_WAIT: Duration = Duration::from_millis(700);
const READS_WAIT: Duration = Duration::from_secs(4);
/// How long a run is troubled.
const LENGTH: Duration = Duration::from_secs(12);
/// How long the servers may take to be well afterwards.
const PATIENCE: Duration = Duration::from_secs(60);
/// How many runs there are by default: one of each way to read.
const RUNS: u64 = 2;

fn setting(name: &str) -> Option<u64> {
    std::env::var(name).ok()?.parse().ok()
}

/// What was done to one tenant.
struct Told {
    history: History,
    person: Person,
}

/// Let writers and readers work while there is trouble.
async fn go(
    installation: &Arc<Installation>,
    postgres: &'static Postgres,
    dice: &mut Dice,
    counts: &mut Counts,
) -> Vec<Told> {
    let began = Instant::now();
    let people = (0..installation.tenants.len()).map(|tenant| Person {
        installation: installation.clone(),
        client: Client::new(began, READS_WAIT),
        tenant,
        told: Arc::new(AtomicU64::new(0)),
        until: LENGTH,
    });
    let mut at_work = Vec::new();
    for person in people {
        let writer = Person {
            client: Client::new(began, WRITES_WAIT),
            ..person.clone()
        };
        let writers = (0..WRITERS).map(|place| {
            let called = format!("write-{}-{place}", person.tenant);
            tokio::spawn(writer.clone().write(dice.other(), called))
        });
        let writers: Vec<_> = writers.collect();
        let readers = (0..READERS).map(|_| tokio::spawn(person.clone().read(dice.other())));
        let readers: Vec<_> = readers.collect();
        at_work.push((person, writers, readers));
    }
    let database = trouble::of_the_database(postgres, dice.other(), LENGTH);
    let mut troubles = vec![tokio::spawn(database)];
    for place in 0..SERVERS {
        let server = trouble::of_a_server(installation.clone(), place, dice.other(), LENGTH);
        troubles.push(tokio::spawn(server));
    }
    let mut told = Vec::new();
    for (person, writers, readers) in at_work {
        let mut history = History {
            begins_at: person.installation.tenants[person.tenant].begins_at,
            writes: Vec::new(),
            reads: Vec::new(),
        };
        for writer in writers {
            history.writes.extend(writer.await.unwrap());
        }
        for reader in readers {
            let (reads, unanswered) = reader.await.unwrap();
            history.reads.extend(reads);
            *counts.entry("reads that were not answered").or_default() += unanswered;
        }
        told.push(Told { history, person });
    }
    for trouble in troubles {
        for (what, count) in trouble.await.unwrap() {
            *counts.entry(what).or_default() += count;
        }
    }
    told
}

/// Once all is well, every server comes by itself to where the log is, and
/// says what the log says. Nothing, if the log went on in the meantime.
async fn all_agree(person: &Person, replay: &Replay) -> Option<()> {
    let end = Instant::now() + PATIENCE;
    for server in 0..SERVERS {
        for question in Question::all() {
            let read = loop {
                let read = person.one_read(server, question, None).await;
                let read = read.filter(|read| read.answer.revision >= replay.last());
                match read {
                    Some(read) => break read,
                    None => assert!(Instant::now() < end, "server {server} is not well again"),
                }
            };
            // What nobody waited for any more can have arrived.
            let state = replay.at(read.answer.revision)?;
            let status = read.answer.status;
            let shown = (status, question.shown(status, &read.answer.body));
            assert_eq!(shown, question.on(state), "server {server} says otherwise");
        }
    }
    Some(())
}

/// The log, when all servers are where it is.
async fn settled(installation: &Installation, person: &Person) -> Replay {
    let tenant = installation.tenants[person.tenant].id;
    loop {
        let replay = installation.records.replay(tenant).await;
        if all_agree(person, &replay).await.is_some() {
            return replay;
        }
    }
}

async fn run(postgres: &'static Postgres, seed: u64, reads: Reads, counts: &mut Counts) {
    let mut dice = Dice::new(seed);
    let installation = Arc::new(Installation::start(postgres, reads, SERVERS).await);
    let told = go(&installation, postgres, &mut dice, counts).await;
    for Told { history, person } in told {
        let replay = settled(&installation, &person).await;
        let faults = check(&history, &replay, reads);
        for fault in faults.iter().take(10) {
            eprintln!("{fault}");
        }
        assert!(faults.is_empty(), "seed {seed}: {} faults", faults.len());
        traffic::count(&history.writes, counts);
        *counts.entry("reads").or_default() += history.reads.len();
        *counts.entry("entries").or_default() += replay.last() as usize;
        *counts.entry("histories").or_default() += 1;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn what_several_servers_answer_one_correct_server_could_have_answered() {
    let Some(postgres) = Postgres::shared() else {
        return;
    };
    let clock = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
    let first = setting("ATTACHE_CLUSTER_SEED").unwrap_or(clock.unwrap().as_millis() as u64);
    let runs = setting("ATTACHE_CLUSTER_RUNS").unwrap_or(RUNS);
    println!("the first seed is {first}");
    let mut counts = Counts::new();
    for seed in first..first + runs {
        let reads = match seed % 2 {
            0 => Reads::Latest,
            _ => Reads::Local {
                silent: Duration::from_secs(1),
            },
        };
        run(postgres, seed, reads, &mut counts).await;
    }
    println!("{runs} runs: {counts:#?}");
}
