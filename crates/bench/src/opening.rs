//! Opening a large tenant: how long it takes beside reading its snapshot, and
//! how much memory it takes beside the facts themselves.

use std::path::{Path, PathBuf};
use std::time::Instant;

use attache_log::Snapshot;
use clap::Args;
use tempfile::TempDir;

use crate::comparison::{Comparison, Figures, Goal};
use crate::copied::snapshots;
use crate::raw::{Wire, request};
use crate::report::Measured;
use crate::served::Served;
use crate::world::{Shape, World};
use crate::{Failure, table};

const ABOUT: &str = "\
One million users, one million customers, ten users each, no roles. Every opening is a fresh process. \
The snapshot was read once before, so that it comes from the machine's memory on both sides. Beside the time \
stands reading the same snapshot and decompressing it, and nothing more; beside the \
memory stand the bytes of the facts, each id, number, instant and text once and without any index. \
Memory is what the process holds (resident): the larger of after opening and after one list was asked.";

/// How much memory it may take, in GiB.
const MOST_MEMORY: f64 = 1.5;
/// How many times as long as reading it may take.
const MOST_TIMES: f64 = 4.0;

const SECONDS: &str = "seconds";
const GIB: f64 = (1_u64 << 30) as f64;

/// Opening 10 million memberships: time beside reading, memory beside facts.
#[derive(Debug, Args)]
pub(crate) struct Part {
    /// How often each measurement is made; they take turns.
    #[arg(long, default_value_t = 5)]
    rounds: usize,
    /// A tenant a hundredth as large.
    #[arg(long)]
    small: bool,
    /// Keep the tenant that is made in this folder, or take the one that is there.
    #[arg(long, value_name = "DIR")]
    folder: Option<PathBuf>,
    /// Put the results into the report in this folder.
    #[arg(long, value_name = "DIR")]
    docs: Option<PathBuf>,
}

impl Part {
    pub(crate) async fn run(self) -> Result<(), Failure> {
        let shape = match self.small {
            true => Shape::growing(100_000),
            false => Shape::growing(10_000_000),
        };
        let own = tempfile::tempdir()?;
        let folder = self.folder.as_deref().unwrap_or(TempDir::path(&own));
        std::fs::create_dir_all(folder)?;
        let world = World::of(folder, shape).await?;
        let measured = Measured {
            part: "opening",
            about: ABOUT.to_owned(),
            rounds: self.rounds,
            seconds: None,
            small: self.small,
            postgres: None,
            comparisons: measure(folder, &world, self.rounds).await?,
        };
        measured.keep(self.docs.as_deref()).await
    }
}

async fn measure(folder: &Path, world: &World, rounds: usize) -> Result<Vec<Comparison>, Failure> {
    let count = match world.shape.memberships() {
        many if many >= 1_000_000 => format!("{} million", many / 1_000_000),
        few => format!("{} thousand", few / 1_000),
    };
    let mut time = Comparison::new(
        &format!("open a tenant of {count} memberships"),
        "reading its snapshot and decompressing it",
        Goal::at_most(MOST_TIMES, "times as long"),
    );
    let mut memory = Comparison::new(
        &format!("memory of {count} memberships"),
        "the bytes of the facts, each once",
        Goal::at_most(MOST_MEMORY, "GiB"),
    );
    let facts = figures([("bytes", world.weight()? as f64)]);
    read(folder)?;
    for round in 1..=rounds {
        table::note(&format!("round {round}"));
        let server = Served::start(folder)?;
        let opened = server.resident_bytes()? as f64;
        ask(&server, world)?;
        let asked = server.resident_bytes()? as f64;
        let took = server.opened_in.as_secs_f64();
        drop(server);
        let beside = read(folder)?;
        time.divided(SECONDS, figures([(SECONDS, took)]), beside);
        let held = [
            ("bytes", opened.max(asked)),
            ("bytes after opening", opened),
            ("bytes after a list", asked),
        ];
        let reached = opened.max(asked) / GIB;
        memory.round(reached, figures(held), Some(facts.clone()));
    }
    Ok(vec![time, memory])
}

fn figures<const N: usize>(of: [(&str, f64); N]) -> Figures {
    of.map(|(name, value)| (name.to_owned(), value)).into()
}

/// Ask for one list.
fn ask(server: &Served, world: &World) -> Result<(), Failure> {
    let customer = world.ids.customer(1 + world.shape.customers / 2);
    let path = format!("/auth/api/v1/customers/{customer}/users");
    let token = world.tokens.first().ok_or("there is no token")?;
    let bytes = request("GET", &path, token, &[], "");
    Wire::open(server.address)?.ask(&bytes)?.expect(200)?;
    Ok(())
}

/// Read the snapshot as attache does, and do nothing with it.
fn read(folder: &Path) -> Result<Figures, Failure> {
    let file = snapshots(folder)?.pop().ok_or("there is no snapshot")?;
    let began = Instant::now();
    let bytes = std::fs::read(file)?;
    let read = zstd::stream::decode_all(Snapshot::frames_of(&bytes)?)?;
    Ok(figures([
        (SECONDS, began.elapsed().as_secs_f64()),
        ("bytes in the file", bytes.len() as f64),
        ("bytes decompressed", read.len() as f64),
    ]))
}
