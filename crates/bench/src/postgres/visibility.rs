//! How soon another server shows what one has written.

use std::sync::Arc;
use std::time::{Duration, Instant};

use serde::Serialize;

use super::Bench;
use crate::attache::{OperatorToken, Wishes};
use crate::clients::Clients;
use crate::connection::{Caller, Connection};
use crate::new_users::NewUser;
use crate::{Failure, new_users, spread, table, tenant};

/// How many clients write beside it, where some do.
const LOAD: usize = 16;

/// How often servers look where they do not hear (`tenants.poll_every`).
const POLL: Duration = Duration::from_millis(250);

/// After how long a write that is not shown is a failure.
const PATIENCE: Duration = Duration::from_secs(30);

/// One way, measured.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Seen {
    pub(super) listen: bool,
    pub(super) load: usize,
    /// From the answer to the write until the other server shows it, each, in
    /// milliseconds, the shortest first.
    pub(super) millis: Vec<f64>,
    /// How long one look takes there, in milliseconds: it cannot be told more
    /// exactly.
    pub(super) look_millis: f64,
    /// What the clients beside it wrote, a second.
    pub(super) load_per_second: f64,
}

pub(super) async fn measure(bench: &Bench) -> Result<Vec<Seen>, Failure> {
    let operator = bench.program.operator_token()?;
    let mut all = Vec::new();
    for listen in [true, false] {
        for load in [0, LOAD] {
            table::note(&format!("seen by another: listen {listen}, load {load}"));
            all.push(one_way(bench, &operator, listen, load).await?);
        }
    }
    Ok(all)
}

/// Two servers over a database: one is written to, the other is looked at.
async fn one_way(
    bench: &Bench,
    operator: &OperatorToken,
    listen: bool,
    load: usize,
) -> Result<Seen, Failure> {
    let wishes = Wishes::Postgres {
        url: bench.postgres.fresh_database(),
        listen,
    };
    let here = bench.program.serve(&wishes, operator)?;
    let there = bench.program.serve(&wishes, operator)?;
    let caller = tenant::create(&here, operator, "lantern").await?;
    let mut pair = Pair {
        here: Connection::new(here.address),
        there: Connection::new(there.address),
        caller: caller.clone(),
        looks: 0,
        looked: Duration::ZERO,
    };
    // The tenant is open on both from here on.
    pair.write_and_see().await?;
    let tenants = Arc::new(vec![caller]);
    let began = Instant::now();
    let work = new_users::work();
    let clients = (load > 0).then(|| Clients::start(load, &[here.address], &tenants, &work));
    let mut millis = Vec::with_capacity(bench.part.seen);
    for pause in pauses().take(bench.part.seen) {
        tokio::time::sleep(pause).await;
        millis.push(pair.write_and_see().await?.as_secs_f64() * 1e3);
    }
    let took = began.elapsed().as_secs_f64();
    let written = match clients {
        Some(clients) => clients.stop().await?.len(),
        None => 0,
    };
    millis.sort_by(f64::total_cmp);
    table::note(&format!("p50 {:.2} ms", spread::quantile(&millis, 0.5)));
    Ok(Seen {
        listen,
        load,
        millis,
        look_millis: pair.looked.as_secs_f64() * 1e3 / f64::from(pair.looks),
        load_per_second: written as f64 / took,
    })
}

/// Who waits until something is shown is in step with who looks for it: pauses
/// that fill the time between two looks evenly put them out of step.
fn pauses() -> impl Iterator<Item = Duration> {
    let golden = (5.0_f64.sqrt() - 1.0) / 2.0;
    (1..).map(move |number| POLL.mul_f64((f64::from(number) * golden).fract()))
}

struct Pair {
    here: Connection,
    there: Connection,
    caller: Caller,
    looks: u32,
    looked: Duration,
}

impl Pair {
    /// How long it takes from the answer of one server until the other shows
    /// what was written.
    async fn write_and_see(&mut self) -> Result<Duration, Failure> {
        let user = NewUser::next();
        let written = user.add(&mut self.here, &self.caller).await?;
        let answered = Instant::now();
        written.expect(201)?;
        let path = format!("/api/v1/users/{}", user.key);
        while answered.elapsed() < PATIENCE {
            let asked = Instant::now();
            let found = self.there.get(&self.caller, &path).await?;
            self.looks += 1;
            self.looked += asked.elapsed();
            match found.status {
                404 | 401 => {}
                _ => {
                    let shown = found.expect(200)?;
                    let is_the_same = shown["key"] == user.key.as_str();
                    return is_the_same
                        .then(|| answered.elapsed())
                        .ok_or_else(|| format!("another was shown: {shown}").into());
                }
            }
        }
        Err(format!("{} is not shown by the other server", user.key).into())
    }
}
