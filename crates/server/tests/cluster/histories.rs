//! Servers, writers, readers and trouble, for a while; then all that was
//! answered is held against the log.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use crate::check::Reads;
use crate::crowd::Crowd;
use crate::dice::Dice;
use crate::installation::{Installation, settings};
use crate::line::Line;
use crate::traffic::Counts;
use crate::trouble;
use attache_own_postgres::Postgres;

const SERVERS: usize = 3;
/// How long a run is troubled.
const LENGTH: Duration = Duration::from_secs(9);
/// How many runs there are by default: one of each way to read.
const RUNS: u64 = 2;

fn setting(name: &str) -> Option<u64> {
    std::env::var(name).ok()?.parse().ok()
}

async fn run(postgres: &'static Postgres, seed: u64, reads: Reads, counts: &mut Counts) {
    let mut dice = Dice::new(seed);
    let name = postgres.fresh_name();
    let lines = (0..SERVERS).map(|_| Line::to(&postgres.socket()));
    let lines: Arc<Vec<Line>> = Arc::new(lines.collect());
    let urls: Vec<String> = lines.iter().map(|line| line.url(&name)).collect();
    let installation = Arc::new(Installation::start(&urls, &settings(reads)).await);
    let crowd = Crowd::begin(&installation, &mut dice);
    let database = trouble::of_the_database(postgres, dice.other(), LENGTH);
    let mut troubles = vec![tokio::spawn(database)];
    for place in 0..SERVERS {
        let (installation, lines) = (installation.clone(), lines.clone());
        let server = trouble::of_a_server(installation, lines, place, dice.other(), LENGTH);
        troubles.push(tokio::spawn(server));
    }
    for trouble in troubles {
        for (what, count) in trouble.await.unwrap() {
            *counts.entry(what).or_default() += count;
        }
    }
    crowd.end(reads, counts).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn what_several_servers_answer_one_correct_server_could_have_answered() {
    // Of its own: it is made to fail.
    static POSTGRES: std::sync::OnceLock<Option<Postgres>> = std::sync::OnceLock::new();
    let Some(postgres) = POSTGRES.get_or_init(Postgres::start) else {
        return;
    };
    let clock = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
    let first = setting("ATTACHE_CLUSTER_SEED").unwrap_or(clock.unwrap().as_millis() as u64);
    let runs = setting("ATTACHE_CLUSTER_RUNS").unwrap_or(RUNS);
    let mut counts = Counts::new();
    for seed in first..first + runs {
        // A failure is of the seed that was said last.
        println!("ATTACHE_CLUSTER_SEED={seed} ATTACHE_CLUSTER_RUNS=1");
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
