//! Reading while others write to the same tenant.
//!
//! Reads alone would have the whole machine, and writers take from it also what
//! has nothing to do with writing: their requests are received, their
//! credentials checked, their answers sent, and they themselves run beside it.
//! So the reads alone have company as well: as many clients, which ask as often
//! a second as the writers did in the same round, for constant bytes of the same
//! length, with the same credential. What is left between the two is writing
//! itself: deciding, publishing, the log, and what it holds up. Its processor
//! time is not made up for.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use clap::Args;
use tempfile::TempDir;

use crate::asking::Asking;
use crate::clients::Clients;
use crate::comparison::{Comparison, Figures, Goal};
use crate::connection::{Caller, Connection};
use crate::figure_names::P99;
use crate::lists::LISTS;
use crate::records::Tally;
use crate::report::Measured;
use crate::served::Served;
use crate::work::{Wish, Work};
use crate::world::{Shape, World};
use crate::writes::kinds::Kind;
use crate::writes::stock::Stock;
use crate::wrk::Asks;
use crate::{Failure, copied, table};

/// How long clients write before it counts.
const WARM_UP: Duration = Duration::from_millis(500);

/// By how many digits the revision may become longer while it is measured.
const MORE_DIGITS: u64 = 4;

/// What is there to be written to, beside what is read.
const STOCK: Stock = Stock {
    users: 1_000,
    joined: 10_000,
    synced: 0,
    granted: 0,
};

/// Lists of 25 users while others write to the same tenant, beside the same
/// lists while as many others ask for constant bytes.
#[derive(Debug, Args)]
pub(crate) struct Part {
    /// How often each measurement is made; they take turns.
    #[arg(long, default_value_t = 5)]
    rounds: usize,
    /// How long each takes, in seconds.
    #[arg(long, default_value_t = 5)]
    seconds: u64,
    /// Over how many connections is read.
    #[arg(long, default_value_t = 32)]
    connections: usize,
    /// How many clients write.
    #[arg(long, default_value_t = 64)]
    clients: usize,
    /// A tenant a hundredth as large.
    #[arg(long)]
    small: bool,
    /// Keep the tenant that is made in this folder, or take the one that is
    /// there. It is not written to.
    #[arg(long, value_name = "DIR")]
    folder: Option<PathBuf>,
    /// Put the results into the report in this folder.
    #[arg(long, value_name = "DIR")]
    docs: Option<PathBuf>,
}

const ABOUT: &str = "\
The lists of 25 users are those of the first part, and the writers add members to the tenant that is read, \
each as fast as it is answered. Beside it stand the same lists while as many others ask, as often a second as \
was written, for constant bytes.";

impl Part {
    pub(crate) async fn run(self) -> Result<(), Failure> {
        let comparisons = self.measure().await?;
        let measured = Measured {
            part: "mixed",
            about: ABOUT.to_owned(),
            rounds: self.rounds,
            seconds: Some(self.seconds),
            small: self.small,
            postgres: None,
            comparisons,
        };
        measured.keep(self.docs.as_deref()).await
    }

    pub(crate) async fn measure(&self) -> Result<Vec<Comparison>, Failure> {
        let shape = match self.small {
            true => Shape::SMALL,
            false => Shape::LARGE,
        };
        let (own, data) = (tempfile::tempdir()?, tempfile::tempdir()?);
        let folder = self.folder.as_deref().unwrap_or(TempDir::path(&own));
        std::fs::create_dir_all(folder)?;
        let world = World::of(folder, shape).await?;
        copied::copy(folder, data.path()).await?;
        let server = Served::start(data.path())?;
        let asking = Asking::new(server, self.connections, self.seconds)?;
        let mut mixed = Mixed::prepare(asking, &world, self.clients).await?;
        let mut comparison = Comparison::new(
            &format!("list 25 users while {} clients write", self.clients),
            "the same, while as many clients ask as often for constant bytes",
            Goal::at_most(3.0, "p99 ÷ limit's"),
        );
        for round in 1..=self.rounds {
            table::note(&format!("round {round}"));
            let (ours, rate) = mixed.while_written().await?;
            table::note(&format!("{rate:.0} writes a second"));
            let limit = mixed.while_asked(rate).await?;
            comparison.divided(P99, ours, limit);
        }
        Ok(vec![comparison])
    }
}

struct Mixed {
    asking: Asking,
    lists: Asks,
    clients: usize,
    callers: Arc<Vec<Caller>>,
    writes: Arc<dyn Work>,
    beside: Arc<dyn Work>,
}

impl Mixed {
    async fn prepare(asking: Asking, world: &World, clients: usize) -> Result<Self, Failure> {
        let [list, ..] = LISTS;
        let token = world.tokens.first().ok_or("there is no token")?;
        let caller = Caller {
            token: token.clone(),
            tenant: None,
        };
        let mut connection = Connection::new(asking.server.address);
        STOCK.make(&mut connection, &caller).await?;
        let writes = Kind::AddMember.work(STOCK, 1);
        let wish = writes.next(0);
        let answer = connection.ask(wish.method, &caller, &wish.path, wish.body);
        let answer = answer.await?;
        must_be_done(answer.status)?;
        let (lists, _) = list.asks(&asking, world, std::slice::from_ref(token), "mixed")?;
        Ok(Self {
            asking,
            lists: lists.growing_by(MORE_DIGITS),
            clients,
            callers: Arc::new(vec![caller]),
            writes,
            beside: Arc::new(ConstantBytes(answer.body_bytes())),
        })
    }

    /// What reading was like, and how often a second was written.
    async fn while_written(&mut self) -> Result<(Figures, f64), Failure> {
        let server = [self.asking.server.address];
        let writing = Clients::start(self.clients, &server, &self.callers, &self.writes);
        let (mut figures, tally) = self.read_beside(writing).await?;
        let rate = tally.per_second;
        figures.insert("writes/s".to_owned(), rate);
        figures.insert("writes' p99 ms".to_owned(), tally.p99_millis);
        Ok((figures, rate))
    }

    async fn while_asked(&mut self, rate: f64) -> Result<Figures, Failure> {
        let server = self.asking.server.address;
        let others =
            Clients::start_at_a_pace(self.clients, server, &self.callers, &self.beside, rate);
        let (mut figures, tally) = self.read_beside(others).await?;
        figures.insert("constant bytes/s".to_owned(), tally.per_second);
        Ok(figures)
    }

    async fn read_beside(&self, others: Clients) -> Result<(Figures, Tally), Failure> {
        tokio::time::sleep(WARM_UP).await;
        let from = Instant::now();
        let figures = self.asking.ask(&self.lists)?;
        let to = Instant::now();
        let records = others.stop().await?;
        for record in &records {
            must_be_done(record.status)?;
        }
        Ok((figures, Tally::of(&records, 1, from, to)))
    }
}

fn must_be_done(status: u16) -> Result<(), Failure> {
    match status {
        200 | 201 => Ok(()),
        other => Err(format!("one of those who write was answered {other}").into()),
    }
}

/// Bytes that are there already, so many at once.
#[derive(Debug)]
struct ConstantBytes(usize);

impl Work for ConstantBytes {
    fn next(&self, _: usize) -> Wish {
        Wish {
            method: "POST",
            path: format!("/limit/decision/{}", self.0),
            body: String::new(),
            shows: None,
        }
    }
}
