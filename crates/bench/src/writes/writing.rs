//! A server over a data folder of its own, and clients that write to it.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tempfile::TempDir;

use super::alone::Alone;
use super::entries::{Entries, EntryRow};
use super::stock::Stock;
use crate::attache::{Program, Server, Wishes};
use crate::clients::Clients;
use crate::comparison::Figures;
use crate::connection::{Caller, Connection};
use crate::figure_names::{LONGEST, P50, P99, PER_SECOND, PROCESSOR};
use crate::processor::Times;
use crate::records::Tally;
use crate::work::Work;
use crate::{Failure, disk, table, tenant};

/// What the clients themselves take.
pub(crate) const CLIENTS_PROCESSOR: &str = "clients' processor µs/request";

/// How many tenants are many.
const MANY: usize = 100;

/// How many of the writes must have become entries: a sync that overtakes another
/// to the same customer finds it so already. Such a one is not counted.
const BECAME_ENTRIES: f64 = 0.99;

/// How long clients write before it counts.
const WARM_UP: Duration = Duration::from_millis(500);

/// How long a server that stood still may take until it answers again, and how
/// long until it is asked once more.
const PATIENCE: Duration = Duration::from_secs(10);
const WAIT: Duration = Duration::from_millis(20);

/// Tenants that are written to, and what they had before.
#[derive(Clone, Debug)]
pub(super) struct Tenants {
    pub(super) name: &'static str,
    /// What the first is called.
    slug: &'static str,
    pub(super) stock: Stock,
    pub(super) count: usize,
}

impl Tenants {
    pub(super) const ALL: [Self; 2] = [
        Self {
            name: "one tenant",
            slug: "lantern",
            stock: Stock::ONE,
            count: 1,
        },
        Self {
            name: "100 tenants",
            slug: "harbour",
            stock: Stock::OF_MANY,
            count: MANY,
        },
    ];

    async fn make(
        &self,
        server: &Server,
        operator: &crate::attache::OperatorToken,
    ) -> Result<Arc<Vec<Caller>>, Failure> {
        let callers = tenant::create_many(server, operator, self.slug, self.count).await?;
        let mut connection = Connection::new(server.address);
        for caller in &callers {
            self.stock.make(&mut connection, caller).await?;
        }
        Ok(Arc::new(callers))
    }
}

/// All that the measurements share. The server stands still while it is not
/// measured.
#[derive(Debug)]
pub(super) struct House {
    server: Server,
    /// Of each of the tenants.
    callers: Vec<Arc<Vec<Caller>>>,
    entries: Entries,
    alone: Alone,
    time: Duration,
    /// Goes when this goes.
    folder: TempDir,
}

impl House {
    pub(super) async fn build(
        program: &Program,
        folder: TempDir,
        time: Duration,
    ) -> Result<Self, Failure> {
        let data = folder.path().join("data");
        let operator = program.operator_token()?;
        let server = program.serve(&Wishes::Folder(data.clone()), &operator)?;
        let mut callers = Vec::new();
        for tenants in Tenants::ALL {
            table::note(&format!("making {}", tenants.name));
            callers.push(tenants.make(&server, &operator).await?);
        }
        let alone = Alone::open(folder.path()).await?;
        server.pause()?;
        Ok(Self {
            server,
            callers,
            entries: Entries::of(&data),
            alone,
            time,
            folder,
        })
    }

    fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// The disk alone.
    pub(super) fn sync(&self) -> Result<Figures, Failure> {
        disk::measure(self.folder(), self.time)
    }

    /// SQLite alone, with rows like the last that was written.
    pub(super) async fn insert(&mut self, tenants: &Tenants) -> Result<Figures, Failure> {
        let row = self.last_of(tenants).await?;
        let mut figures = self.alone.write(&row, tenants.count, self.time).await?;
        figures.insert("bytes/row".to_owned(), row.bytes() as f64);
        Ok(figures)
    }

    async fn last_of(&self, tenants: &Tenants) -> Result<EntryRow, Failure> {
        let slug = format!("{}-0", tenants.slug);
        self.entries.last_of(&slug).await
    }

    /// Let clients write.
    pub(super) async fn write(
        &self,
        place: usize,
        work: &Arc<dyn Work>,
        clients: usize,
    ) -> Result<Figures, Failure> {
        let callers = &self.callers[place];
        let before = self.entries.count().await?;
        self.server.resume()?;
        self.wait_until_it_answers(callers).await?;
        let working = Clients::start(clients, &[self.server.address], callers, work);
        tokio::time::sleep(WARM_UP).await;
        let used = self.used()?;
        let from = Instant::now();
        tokio::time::sleep(self.time).await;
        let to = Instant::now();
        let (server, own) = self.used()?;
        let records = working.stop().await?;
        self.server.pause()?;
        let written = records.iter().filter(|record| record.is_done()).count();
        let there = self.entries.count().await? - before;
        let share = there as f64 / written as f64;
        if written != records.len() || !(BECAME_ENTRIES..=1.0).contains(&share) {
            let asked = records.len();
            return Err(format!(
                "{asked} writes were asked for, {written} were said to be done, and there are {there} entries"
            )
            .into());
        }
        let tally = Tally::of(&records, 1, from, to);
        let each = 1e6 / (tally.written() as f64 * share);
        Ok([
            (PER_SECOND, tally.per_second * share),
            (P50, tally.p50_millis),
            (P99, tally.p99_millis),
            (LONGEST, tally.longest_millis),
            (PROCESSOR, (server - used.0) * each),
            (CLIENTS_PROCESSOR, (own - used.1) * each),
        ]
        .map(|(name, value)| (name.to_owned(), value))
        .into())
    }

    /// Who stood still cannot know what others wrote meanwhile, and says so
    /// until it has looked.
    async fn wait_until_it_answers(&self, callers: &[Caller]) -> Result<(), Failure> {
        let mut connection = Connection::new(self.server.address);
        for caller in callers {
            let began = Instant::now();
            loop {
                let path = "/api/v1/resources?page_size=1";
                let answer = connection.get(caller, path).await?;
                match answer.status {
                    200 => break,
                    503 if began.elapsed() < PATIENCE => tokio::time::sleep(WAIT).await,
                    other => return Err(format!("a server that goes on answers {other}").into()),
                }
            }
        }
        Ok(())
    }

    /// Processor seconds of the server and of the clients.
    fn used(&self) -> Result<(f64, f64), Failure> {
        let server = Times::of(self.server.process())?;
        let own = Times::of(std::process::id())?;
        Ok((server.own, own.own))
    }
}
