//! Whether writers wait while the state of their tenant is saved.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use clap::Args;
use tempfile::TempDir;

use crate::clients::Clients;
use crate::comparison::{Comparison, Figures, Goal};
use crate::connection::{Caller, Connection};
use crate::figure_names::{LONGEST, P50, P99, PER_SECOND};
use crate::records::Tally;
use crate::report::Measured;
use crate::served::Served;
use crate::work::Work;
use crate::world::{Shape, World};
use crate::writes::kinds::Kind;
use crate::writes::stock::Stock;
use crate::{Failure, copied, table};

const ABOUT: &str = "\
Clients add members, each as fast as it is answered, until a snapshot of the tenant was saved. What counts are the \
last seconds before that and one second after it, in which the snapshot was made, compressed and written. Beside the \
large tenant stands a small one, which is saved as well, in a server of its own.";

/// How many times as long as in the small tenant an add may take.
const MOST: f64 = 2.0;

/// How long clients go on after the snapshot was saved.
const AFTERWARDS: Duration = Duration::from_secs(1);

/// How long to wait for a snapshot: it is made after many changes only.
const PATIENCE: Duration = Duration::from_secs(900);

/// How often is looked whether it was saved.
const LOOK_EVERY: Duration = Duration::from_millis(50);

/// What is there to be written to, beside what the tenant holds.
const STOCK: Stock = Stock {
    users: 1_000,
    joined: 10_000,
    synced: 0,
    granted: 0,
};

/// Adds of members while a snapshot of 3 million memberships is saved, beside
/// those to a small tenant.
#[derive(Debug, Args)]
pub(crate) struct Part {
    /// How often each measurement is made; they take turns.
    #[arg(long, default_value_t = 3)]
    rounds: usize,
    /// How many seconds count, up to the end of a snapshot.
    #[arg(long, default_value_t = 20)]
    seconds: u64,
    /// How many clients write.
    #[arg(long, default_value_t = 32)]
    clients: usize,
    /// A tenant a hundredth as large.
    #[arg(long)]
    small: bool,
    /// Keep the tenants that are made in this folder, or take those that are
    /// there. They are not written to.
    #[arg(long, value_name = "DIR")]
    folder: Option<PathBuf>,
    /// Put the results into the report in this folder.
    #[arg(long, value_name = "DIR")]
    docs: Option<PathBuf>,
}

impl Part {
    pub(crate) async fn run(self) -> Result<(), Failure> {
        let shape = match self.small {
            true => Shape::SMALL,
            false => Shape::LARGE,
        };
        let own = tempfile::tempdir()?;
        let folder = self.folder.as_deref().unwrap_or(TempDir::path(&own));
        let large = Tenant::prepare(&folder.join("large"), shape).await?;
        let small = Tenant::prepare(&folder.join("small"), Shape::growing(1_000)).await?;
        let mut comparison = Comparison::new(
            &format!(
                "add member, {} clients, while {} memberships are saved",
                self.clients,
                shape.memberships()
            ),
            "the same in a tenant of 1 thousand memberships",
            Goal::at_most(MOST, "p99 ÷ the small tenant's"),
        );
        for round in 1..=self.rounds {
            table::note(&format!("round {round}"));
            let beside = small.write(self.clients, self.seconds).await?;
            let ours = large.write(self.clients, self.seconds).await?;
            comparison.divided(P99, ours, beside);
        }
        let measured = Measured {
            part: "saving",
            about: ABOUT.to_owned(),
            rounds: self.rounds,
            seconds: Some(self.seconds),
            small: self.small,
            postgres: None,
            comparisons: vec![comparison],
        };
        measured.keep(self.docs.as_deref()).await
    }
}

/// A tenant that is written to, served.
struct Tenant {
    server: Served,
    callers: Arc<Vec<Caller>>,
    work: Arc<dyn Work>,
    data: TempDir,
}

impl Tenant {
    async fn prepare(folder: &Path, shape: Shape) -> Result<Self, Failure> {
        std::fs::create_dir_all(folder)?;
        let world = World::of(folder, shape).await?;
        let data = tempfile::tempdir()?;
        copied::copy(folder, data.path()).await?;
        let server = Served::start(data.path())?;
        let token = world.tokens.first().ok_or("there is no token")?.clone();
        let caller = Caller {
            token,
            tenant: None,
        };
        STOCK
            .make(&mut Connection::new(server.address), &caller)
            .await?;
        Ok(Self {
            server,
            callers: Arc::new(vec![caller]),
            work: Kind::AddMember.work(STOCK, 1),
            data,
        })
    }

    /// When the snapshot was saved last, and how large it is.
    fn saved(&self) -> Result<(SystemTime, u64), Failure> {
        let newest = copied::snapshots(self.data.path())?.pop();
        let about = newest.ok_or("there is no snapshot")?.metadata()?;
        Ok((about.modified()?, about.len()))
    }

    /// Let clients write until a snapshot was saved, and for so long at least.
    async fn write(&self, clients: usize, seconds: u64) -> Result<Figures, Failure> {
        let counted = Duration::from_secs(seconds);
        let (before, _) = self.saved()?;
        let address = [self.server.address];
        let began = Instant::now();
        let writing = Clients::start(clients, &address, &self.callers, &self.work);
        let bytes = loop {
            tokio::time::sleep(LOOK_EVERY).await;
            let (now, bytes) = self.saved()?;
            if now != before && began.elapsed() >= counted {
                break bytes;
            }
            if began.elapsed() > PATIENCE {
                return Err("no snapshot was saved".into());
            }
        };
        tokio::time::sleep(AFTERWARDS).await;
        let to = Instant::now();
        let from = to.checked_sub(counted).unwrap_or(began).max(began);
        let records = writing.stop().await?;
        if let Some(other) = records.iter().find(|record| !record.is_done()) {
            return Err(format!("a writer was answered {}", other.status).into());
        }
        let tally = Tally::of(&records, 1, from, to);
        Ok([
            (PER_SECOND, tally.per_second),
            (P50, tally.p50_millis),
            (P99, tally.p99_millis),
            (LONGEST, tally.longest_millis),
            ("bytes of the snapshot", bytes as f64),
        ]
        .map(|(name, value)| (name.to_owned(), value))
        .into())
    }
}
