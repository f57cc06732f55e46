//! The primary is lost, its standby takes over, and the servers go on by
//! themselves.

use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::check::Reads;
use crate::client::Client;
use crate::crowd::Crowd;
use crate::dice::Dice;
use crate::history::Told;
use crate::installation::{Installation, blocking, settings};
use crate::traffic::Counts;
use attache_own_postgres::{self, Postgres};

const SERVERS: usize = 2;
/// How often the primary is lost by default.
const ROUNDS: usize = 1;
/// How long a server may take to find the new primary.
const PATIENCE: Duration = Duration::from_secs(60);

/// Wait until every server answers for every tenant, without being started
/// again.
async fn all_serve(installation: &Installation) {
    let client = Client::new(Instant::now(), PATIENCE);
    let end = Instant::now() + PATIENCE;
    for server in 0..SERVERS {
        for tenant in 0..installation.tenants.len() {
            while !matches!(
                installation.get(&client, server, tenant).await,
                Told::Answered(_)
            ) {
                assert!(Instant::now() < end, "server {server} finds no primary");
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn servers_go_on_with_the_standby_and_nothing_acknowledged_is_lost() {
    let Some(first) = Postgres::start() else {
        return;
    };
    let name = first.fresh_name();
    let second = first.standby();
    let folders = [first.socket_folder(), second.socket_folder()];
    let url = attache_own_postgres::url(&folders, &name) + "?target_session_attrs=read-write";
    let databases = [Arc::new(first), Arc::new(second)];
    let reads = Reads::Local {
        silent: Duration::from_secs(2),
    };
    let urls = vec![url; SERVERS];
    let installation = Arc::new(Installation::start(&urls, &settings(reads)).await);
    let crowd = Crowd::begin(&installation, &mut Dice::new(0));
    let rounds = std::env::var("ATTACHE_FAILOVERS").ok();
    let rounds = rounds
        .and_then(|rounds| rounds.parse().ok())
        .unwrap_or(ROUNDS);
    for round in 0..rounds {
        tokio::time::sleep(Duration::from_secs(1)).await;
        let primary = databases[round % 2].clone();
        let standby = databases[(round + 1) % 2].clone();
        blocking({
            let (primary, standby) = (primary.clone(), standby.clone());
            move || {
                primary.kill();
                standby.promote();
            }
        })
        .await;
        all_serve(&installation).await;
        blocking(move || primary.follow(&standby)).await;
    }
    let mut counts = Counts::new();
    crowd.end(reads, &mut counts).await;
    println!("{rounds} failovers: {counts:#?}");
}
