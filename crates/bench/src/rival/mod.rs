//! What a team would write instead: the same list, as SQL behind the same web
//! framework, over SQLite and over PostgreSQL.
//!
//! It is made as good as it can be, and does less: it knows customers and their
//! members only, serves the first page only, writes no log lines, and a token
//! either may list the users of every customer or may not.

mod load;
mod record;
mod serve;
mod statements;
mod tables;

pub(crate) use serve::Serve;

use std::path::{Path, PathBuf};

use attache_core::State;
use attache_log::{Installation as _, Snapshots as _, TenantDirectory as _};
use clap::Args;
use tempfile::TempDir;

use crate::asking::Asking;
use crate::comparison::{Comparison, Figures, Goal};
use crate::figure_names::PER_SECOND;
use crate::lists::{LISTS, List};
use crate::processor::{Processes, first_of_postgres};
use crate::raw::Wire;
use crate::report::Measured;
use crate::served::Served;
use crate::world::{self, Shape, World};
use crate::wrk::Asks;
use crate::{Failure, table};
use attache_own_postgres::Postgres;

const ABOUT: &str = "\
What a team would write instead, over the same data: axum and sqlx, prepared statements, the credential \
looked up by its SHA-256 in a table of tokens, the list as one query over indexed tables, the answer \
the same JSON (both are compared). SQLite: WAL, several reading connections, the file mapped into \
memory. PostgreSQL: on the same machine, over a Unix socket, 16 connections, 1 GB of shared buffers, all \
of it warm. It does less than attache: no filters, no other kinds of resources, no log lines.";

/// How many times as many lists as the rival.
const GOAL: f64 = 8.0;

/// PostgreSQL's own.
const SETTINGS: [(&str, &str); 4] = [
    ("shared_buffers", "1GB"),
    ("effective_cache_size", "4GB"),
    ("random_page_cost", "1.1"),
    ("max_wal_size", "8GB"),
];

/// Lists beside what a team would write instead, over SQLite and over PostgreSQL.
#[derive(Debug, Args)]
pub(crate) struct Part {
    /// How often each measurement is made; they take turns.
    #[arg(long, default_value_t = 5)]
    rounds: usize,
    /// How long each takes, in seconds.
    #[arg(long, default_value_t = 3)]
    seconds: u64,
    /// Over how many connections.
    #[arg(long, default_value_t = 32)]
    connections: usize,
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
            true => Shape::SMALL,
            false => Shape::LARGE,
        };
        let own = tempfile::tempdir()?;
        let folder = self.folder.as_deref().unwrap_or(TempDir::path(&own));
        std::fs::create_dir_all(folder)?;
        let world = World::of(folder, shape).await?;
        let postgres = own_postgres()?;
        let database = postgres.fresh_name();
        let files = tempfile::tempdir()?;
        let file = files.path().join("rival.db");
        let state = state(folder).await?;
        load::sqlite(&file, &state, &world.tokens).await?;
        load::postgres(&postgres.url(&database), &state, &world.tokens).await?;
        drop(state);
        // What will be asked next is not to be disturbed by what was written.
        postgres.sql(&database, "VACUUM ANALYZE");
        postgres.sql("postgres", "CHECKPOINT");

        let first = first_of_postgres(&postgres.socket_folder().join("data"))?;
        let rivals = [
            ("SQLite", format!("sqlite://{}", file.display()), None),
            ("PostgreSQL", postgres.url(&database), Some(first)),
        ];
        let comparisons = self.measure(folder, &world, files.path(), rivals)?;
        let measured = Measured {
            part: "rivals",
            about: ABOUT.to_owned(),
            rounds: self.rounds,
            seconds: Some(self.seconds),
            small: self.small,
            postgres: Some(postgres.sql("postgres", "SHOW server_version")),
            comparisons,
        };
        measured.keep(self.docs.as_deref()).await
    }

    /// attache beside each rival, in turns. A rival is a name, where its data
    /// is, and its PostgreSQL's first process.
    fn measure(
        &self,
        folder: &Path,
        world: &World,
        logs: &Path,
        rivals: [(&str, String, Option<u32>); 2],
    ) -> Result<Vec<Comparison>, Failure> {
        let list = LISTS.iter().find(|list| list.name == "Worth");
        let list = list.ok_or("there is no such list")?;
        let ours = self.side(Served::start(folder)?, list, world)?;
        let mut all = Vec::new();
        for (name, url, postgres) in rivals {
            let serve = ["serve-rival".as_ref(), url.as_ref()];
            let server = Served::run(&serve, &logs.join(name))?;
            let side = self.side(server, list, world)?;
            same(list, world, &ours.asking, &side.asking)?;
            let comparison = Comparison::new(
                &format!("list 25 users, Worth, beside SQL over {name}"),
                &format!("axum, sqlx and {name}"),
                Goal::at_least(GOAL, "requests/s ÷ the rival's"),
            );
            all.push((comparison, side, postgres));
        }
        for round in 1..=self.rounds {
            table::note(&format!("round {round}"));
            for (comparison, side, postgres) in &mut all {
                let figures = ours.ask(None)?;
                comparison.divided(PER_SECOND, figures, side.ask(*postgres)?);
            }
        }
        Ok(all.into_iter().map(|(comparison, ..)| comparison).collect())
    }

    fn side(&self, server: Served, list: &List, world: &World) -> Result<Side, Failure> {
        table::note("looking at the answers");
        let asking = Asking::new(server, self.connections, self.seconds)?;
        let token = world.tokens.get(..1).unwrap_or_default();
        let (asks, _) = list.asks(&asking, world, token, "list")?;
        Ok(Side { asking, asks })
    }
}

/// A server, and what it is asked.
struct Side {
    asking: Asking,
    asks: Asks,
}

impl Side {
    /// Ask for a while. Where there is a PostgreSQL, its processor time is a
    /// figure too.
    fn ask(&self, postgres: Option<u32>) -> Result<Figures, Failure> {
        let used = || -> Result<Option<f64>, Failure> {
            let Some(postgres) = postgres else {
                return Ok(None);
            };
            let attache = Vec::new();
            let used = Processes { attache, postgres }.used()?;
            Ok(Some(used.postgres))
        };
        let before = used()?;
        let mut figures = self.asking.ask(&self.asks)?;
        if let (Some(before), Some(after)) = (before, used()?) {
            let requests = figures.get(PER_SECOND).copied().unwrap_or(f64::NAN);
            let micros = (after - before) * 1e6 / (requests * self.asking.seconds() as f64);
            figures.insert("PostgreSQL's processor µs/request".to_owned(), micros);
        }
        Ok(figures)
    }
}

/// How many answers are compared.
const COMPARED: u32 = 100;

/// Both say the same.
fn same(list: &List, world: &World, ours: &Asking, rival: &Asking) -> Result<(), Failure> {
    let token = world.tokens.first().ok_or("there is no token")?;
    let mut wires = [
        Wire::open(ours.server.address)?,
        Wire::open(rival.server.address)?,
    ];
    for number in (1..=world.shape.customers).rev().take(COMPARED as usize) {
        let request = list.request(world, number, token, &[]);
        let [ours, rival] = &mut wires;
        let ours = ours.ask(&request)?.expect(200)?.json()?;
        let rival = rival.ask(&request)?.expect(200)?.json()?;
        if ours != rival {
            return Err(format!("they differ:\n{ours}\n{rival}").into());
        }
    }
    Ok(())
}

/// One for a database that fits into its memory.
fn own_postgres() -> Result<Postgres, Failure> {
    let postgres = Postgres::start().ok_or("there is no PostgreSQL 15 or later")?;
    for (setting, value) in SETTINGS {
        let alter = format!("ALTER SYSTEM SET {setting} = '{value}'");
        postgres.sql("postgres", &alter);
    }
    postgres.restart();
    Ok(postgres)
}

/// What the tenant in a folder is.
async fn state(folder: &Path) -> Result<State, Failure> {
    let log = world::open(folder).await?;
    let tenants = log.tenants().await?;
    let tenant = tenants.first().ok_or("there is no tenant")?;
    let state = log.load_snapshot(tenant.id).await?;
    log.close().await;
    Ok(state.ok_or("there is no snapshot")?)
}
