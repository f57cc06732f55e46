//! Durable writes a second: attache and pgbench take turns.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use serde::Serialize;

use super::Bench;
use super::activity::Activity;
use crate::attache::{OperatorToken, Server, Wishes};
use crate::clients::Clients;
use crate::connection::Caller;
use crate::pgbench::{Pgbench, Row};
use crate::processor::{Processes, Used};
use crate::records::Tally;
use crate::{Failure, table, tenant};

/// How long clients write before it counts.
const WARM_UP: Duration = Duration::from_millis(500);

/// How many tenants are many.
const MANY: usize = 100;

/// One measurement.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Measured {
    pub(super) what: &'static str,
    pub(super) clients: usize,
    pub(super) tally: Tally,
    /// Processor time while it was measured, in seconds.
    pub(super) used: Used,
    /// What PostgreSQL did, for each write.
    pub(super) each: Activity,
    pub(super) seconds: f64,
}

/// Servers over one database, and tenants in it.
struct House {
    servers: Vec<Server>,
    one: Arc<Vec<Caller>>,
    many: Arc<Vec<Caller>>,
}

impl House {
    async fn build(
        bench: &Bench,
        operator: &OperatorToken,
        database: String,
        servers: usize,
    ) -> Result<Self, Failure> {
        let wishes = Wishes {
            database,
            listen: true,
        };
        let start = |_| bench.program.serve(&wishes, operator);
        let servers: Vec<Server> = (0..servers).map(start).collect::<Result<_, _>>()?;
        let first = servers.first().ok_or("there is no server")?;
        let one = tenant::create_many(first, operator, "lantern", 1).await?;
        let many = tenant::create_many(first, operator, "harbour", MANY).await?;
        Ok(Self {
            servers,
            one: Arc::new(one),
            many: Arc::new(many),
        })
    }

    fn addresses(&self) -> Vec<SocketAddr> {
        self.servers.iter().map(|server| server.address).collect()
    }

    fn processes(&self, bench: &Bench) -> Processes {
        Processes {
            attache: self.servers.iter().map(Server::process).collect(),
            postgres: bench.first,
        }
    }
}

/// All rounds, in the order in which they were measured.
pub(super) async fn measure(bench: &Bench) -> Result<Vec<Measured>, Failure> {
    let postgres = &bench.postgres;
    let operator = bench.program.operator_token()?;
    let name = postgres.fresh_name();
    let alone = House::build(bench, &operator, postgres.url(&name), 1).await?;
    let three = House::build(bench, &operator, postgres.fresh_database(), 3).await?;
    // What has to be opened is opened, and there is a row to copy.
    for (house, tenants) in [(&alone, &alone.one), (&three, &three.many)] {
        let warm = Clients::start(bench.part.clients, &house.addresses(), tenants);
        tokio::time::sleep(WARM_UP).await;
        warm.stop().await?;
    }
    let row = Row::last_of(postgres, &name);
    table::note(&format!("the texts of a row: {} bytes", row.bytes()));
    let empty = postgres.fresh_name();
    let wishes = Wishes {
        database: postgres.url(&empty),
        listen: false,
    };
    // A server that has started has made the tables.
    drop(bench.program.serve(&wishes, &operator)?);
    let mut pgbench = Pgbench::new(postgres, empty, row);
    let clients = bench.part.clients;
    let mut all = Vec::new();
    for round in 1..=bench.part.rounds {
        table::note(&format!("round {round}"));
        all.push(rival(bench, &mut pgbench, clients)?);
        let turns = [
            ("one tenant, one server", &alone, &alone.one),
            ("100 tenants, one server", &alone, &alone.many),
            ("one tenant, three servers", &three, &three.one),
            ("100 tenants, three servers", &three, &three.many),
        ];
        for (what, house, tenants) in turns {
            all.push(ours(bench, what, house, tenants, clients).await?);
        }
        all.push(rival(bench, &mut pgbench, 1)?);
        all.push(ours(bench, "one tenant, one server", &alone, &alone.one, 1).await?);
    }
    Ok(all)
}

/// What pgbench is called.
pub(super) const RIVAL: &str = "pgbench";

fn rival(bench: &Bench, pgbench: &mut Pgbench<'_>, clients: usize) -> Result<Measured, Failure> {
    let processes = Processes {
        attache: Vec::new(),
        postgres: bench.first,
    };
    let did = Activity::of(&bench.postgres)?;
    let used = processes.used()?;
    let began = Instant::now();
    let tally = pgbench.write(clients, Duration::from_secs(bench.part.seconds))?;
    let seconds = began.elapsed().as_secs_f64();
    let used = processes.used()? - used;
    let did = Activity::of(&bench.postgres)? - did;
    let written = tally.written();
    Ok(Measured {
        what: RIVAL,
        clients,
        tally,
        used,
        each: did.for_each(written),
        seconds,
    })
}

async fn ours(
    bench: &Bench,
    what: &'static str,
    house: &House,
    tenants: &Arc<Vec<Caller>>,
    clients: usize,
) -> Result<Measured, Failure> {
    let processes = house.processes(bench);
    let addresses = house.addresses();
    let did = Activity::of(&bench.postgres)?;
    let working = Clients::start(clients, &addresses, tenants);
    tokio::time::sleep(WARM_UP).await;
    let used = processes.used()?;
    let from = Instant::now();
    tokio::time::sleep(Duration::from_secs(bench.part.seconds)).await;
    let to = Instant::now();
    let used = processes.used()? - used;
    let records = working.stop().await?;
    let did = Activity::of(&bench.postgres)? - did;
    let written = records.iter().filter(|record| record.status == 201).count();
    Ok(Measured {
        what,
        clients,
        tally: Tally::of(&records, addresses.len(), from, to),
        used,
        each: did.for_each(written),
        seconds: (to - from).as_secs_f64(),
    })
}
