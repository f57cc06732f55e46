//! Durable writes a second: attache and pgbench take turns.

use std::sync::Arc;
use std::time::{Duration, Instant};

use serde::Serialize;

use super::Bench;
use super::activity::Activity;
use super::house::House;
use super::statements::{self, Statement};
use crate::attache::Wishes;
use crate::clients::Clients;
use crate::connection::Caller;
use crate::pgbench::{Pgbench, Row};
use crate::processor::{Processes, Used};
use crate::records::Tally;
use crate::{Failure, new_users, table};

/// After how long PostgreSQL has seen that its sessions ended: until then the
/// time that they took is nowhere.
const BURIED: Duration = Duration::from_millis(100);

/// How long clients write before it counts.
const WARM_UP: Duration = Duration::from_secs(1);

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
    /// The statements that took most of its time, if they are counted.
    pub(super) statements: Vec<Statement>,
    pub(super) seconds: f64,
}

/// All rounds, in the order in which they were measured.
pub(super) async fn measure(bench: &Bench) -> Result<Vec<Measured>, Failure> {
    let postgres = &bench.postgres;
    let operator = bench.program.operator_token()?;
    let alone = House::build(bench, &operator, 1, true).await?;
    let three = House::build(bench, &operator, 3, true).await?;
    let deaf = House::build(bench, &operator, 3, false).await?;
    let row = Row::last_of(postgres, &alone.database);
    table::note(&format!("the texts of a row: {} bytes", row.bytes()));
    let empty = postgres.fresh_name();
    let wishes = Wishes::Postgres {
        url: postgres.url(&empty),
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
            ("one tenant, three servers, listen off", &deaf, &deaf.one),
            ("100 tenants, three servers, listen off", &deaf, &deaf.many),
        ];
        for (what, house, tenants) in turns {
            all.push(ours(bench, what, house, tenants, clients).await?);
        }
        all.push(rival(bench, &mut pgbench, 1)?);
        all.push(ours(bench, "one tenant, one server", &alone, &alone.one, 1).await?);
    }
    Ok(all)
}

/// PostgreSQL as it was before something was measured.
struct Looked(Activity);

impl Looked {
    fn at(bench: &Bench) -> Result<Self, Failure> {
        if bench.part.statements {
            statements::reset(&bench.postgres);
        }
        Ok(Self(Activity::of(&bench.postgres)?))
    }

    /// What it did since, for each of so many writes.
    fn since(self, bench: &Bench, writes: usize) -> Result<(Activity, Vec<Statement>), Failure> {
        let did = Activity::of(&bench.postgres)? - self.0;
        let statements = match bench.part.statements {
            true => statements::since(&bench.postgres, writes)?,
            false => Vec::new(),
        };
        Ok((did.for_each(writes), statements))
    }
}

/// What pgbench is called.
pub(super) const RIVAL: &str = "pgbench";

fn rival(bench: &Bench, pgbench: &mut Pgbench<'_>, clients: usize) -> Result<Measured, Failure> {
    let processes = Processes {
        attache: Vec::new(),
        postgres: bench.first,
    };
    let did = Looked::at(bench)?;
    let used = processes.used()?;
    let began = Instant::now();
    let tally = pgbench.write(clients, Duration::from_secs(bench.part.seconds))?;
    let seconds = began.elapsed().as_secs_f64();
    std::thread::sleep(BURIED);
    let used = processes.used()? - used;
    let (each, statements) = did.since(bench, tally.written())?;
    Ok(Measured {
        what: RIVAL,
        clients,
        tally,
        used,
        each,
        statements,
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
    house.resume()?;
    let processes = house.processes(bench);
    let addresses = house.addresses();
    let did = Looked::at(bench)?;
    let work = new_users::work();
    let working = Clients::start(clients, &addresses, tenants, &work);
    tokio::time::sleep(WARM_UP).await;
    let used = processes.used()?;
    let from = Instant::now();
    tokio::time::sleep(Duration::from_secs(bench.part.seconds)).await;
    let to = Instant::now();
    let used = processes.used()? - used;
    let records = working.stop().await?;
    house.pause()?;
    let written = records.iter().filter(|record| record.is_done());
    let (each, statements) = did.since(bench, written.count())?;
    Ok(Measured {
        what,
        clients,
        tally: Tally::of(&records, addresses.len(), from, to),
        used,
        each,
        statements,
        seconds: (to - from).as_secs_f64(),
    })
}
