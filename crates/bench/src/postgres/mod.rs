//! Over a PostgreSQL of its own: how many durable writes a second, beside
//! pgbench, and how soon another server shows them.

mod activity;
mod compared;
mod house;
mod report;
mod statements;
mod visibility;
mod writes;

use std::path::PathBuf;

use clap::Args;
use serde_json::{Value, json};

use crate::attache::Program;
use crate::report::Measured;
use crate::{Failure, processor, table};
use attache_own_postgres::Postgres;

/// Over PostgreSQL: durable writes a second beside pgbench, and how soon
/// another server shows what was written.
#[derive(Debug, Args)]
pub(crate) struct Part {
    /// How often each measurement is made; they take turns.
    #[arg(long, default_value_t = 5)]
    rounds: usize,
    /// How long each takes, in seconds.
    #[arg(long, default_value_t = 5)]
    seconds: u64,
    /// How many clients write at the same time.
    #[arg(long, default_value_t = 32)]
    clients: usize,
    /// How many writes another server is looked at for, each way.
    #[arg(long, default_value_t = 300)]
    seen: usize,
    /// The program `attache`; the one that was built beside this one, if left out.
    #[arg(long, value_name = "FILE")]
    attache: Option<PathBuf>,
    /// Count the statements too (pg_stat_statements), which takes its own time.
    #[arg(long)]
    statements: bool,
    /// Where to write all that was measured, as JSON.
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    /// Put the results into the report in this folder.
    #[arg(long, value_name = "DIR")]
    docs: Option<PathBuf>,
}

/// More memory than the tests take, and checkpoints that are not forced; what
/// is about durability stays as it is.
const SETTINGS: [(&str, &str); 3] = [
    ("shared_buffers", "256MB"),
    ("max_wal_size", "4GB"),
    ("max_connections", "200"),
];

impl Part {
    pub(crate) async fn run(self) -> Result<(), Failure> {
        let program = Program::find(self.attache.clone())?;
        let postgres = Postgres::start().ok_or("there is no PostgreSQL 15 or later")?;
        let counting = self.statements.then_some(statements::SETTING);
        for (setting, value) in SETTINGS.into_iter().chain(counting) {
            let alter = format!("ALTER SYSTEM SET {setting} = '{value}'");
            postgres.sql("postgres", &alter);
        }
        postgres.restart();
        if self.statements {
            statements::install(&postgres);
        }
        let bench = Bench {
            first: processor::first_of_postgres(&postgres.socket_folder().join("data"))?,
            program,
            postgres,
            part: self,
        };
        let about = bench.about()?;
        table::note(&about.to_string());
        let writes = writes::measure(&bench).await?;
        report::writes(&writes)?;
        let seen = visibility::measure(&bench).await?;
        report::visibility(&seen)?;
        if let Some(file) = &bench.part.json {
            let all = json!({"about": about, "writes": writes, "visibility": seen});
            std::fs::write(file, serde_json::to_string_pretty(&all)?)?;
        }
        let part = &bench.part;
        let measured = Measured {
            part: "postgres",
            about: compared::ABOUT.to_owned(),
            rounds: part.rounds,
            seconds: Some(part.seconds),
            small: false,
            postgres: Some(bench.postgres.sql("postgres", "SHOW server_version")),
            comparisons: compared::comparisons(&writes, &seen),
        };
        measured.keep(part.docs.as_deref()).await
    }
}

/// All that the measurements share.
#[derive(Debug)]
struct Bench {
    program: Program,
    postgres: Postgres,
    /// The first process of PostgreSQL.
    first: u32,
    part: Part,
}

impl Bench {
    fn about(&self) -> Result<Value, Failure> {
        Ok(json!({
            "attache": self.program.version()?,
            "postgres": self.postgres.sql("postgres", "SHOW server_version"),
            "processors": std::thread::available_parallelism()?.get(),
            "rounds": self.part.rounds,
            "seconds": self.part.seconds,
            "clients": self.part.clients,
        }))
    }
}
